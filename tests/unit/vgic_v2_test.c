/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The GICv2 distributor's registers (IHI 0048).
 */
#include "tests/unit/vgic_model.h"

static void set_up(unsigned vcpus)
{
    domain_make(GIC_V2, vcpus, vcpus);
    for (unsigned i = 0; i < vcpus; i++)
        load(i, i);
    fake_cpu_switch(0);
    dist_write(0, 0x000, 4, 1);
    kicked[0] = 0;
}

static void tear_down(void)
{
    for (unsigned i = 0; i < vgic.vcpus; i++)
        save(i);
    domain_free();
}

static void sgir(unsigned from, uint32_t value)
{
    fake_cpu_switch(vcpu[from].cpu);
    dist_write(from, 0xf00, 4, value);
}

/* vCPUs that have SGI `sgi` pending, acknowledged and ended in passing. */
static unsigned receivers(unsigned sgi)
{
    unsigned mask = 0;

    for (unsigned i = 0; i < vgic.vcpus; i++) {
        flush(i);
        if (guest_ack() != sgi)
            continue;
        guest_eoi(sgi);
        mask |= 1u << i;
    }
    return mask;
}

static void identification(void **state)
{
    (void)state;
    set_up(3);
    assert_int_equal(dist_read(0, 0x004, 4), 2 | 2 << 5);
    assert_int_equal(dist_read(0, 0x008, 4), 0x5000043b);
    assert_int_equal(dist_read(0, 0x008, 1), 0x3b);
    assert_int_equal(dist_read(0, 0xfe8, 4), 0x2b);
    assert_int_equal(dist_read(0, 0xff4, 4), 0xf0);
    assert_int_equal(dist_read(0, 0x000, 4), 1);
    dist_write(0, 0x004, 4, ~0u);
    dist_write(0, 0x008, 4, ~0u);
    assert_int_equal(dist_read(0, 0x004, 4), 2 | 2 << 5);
    tear_down();
}

static void bad_accesses_are_refused(void **state)
{
    static const struct { uint64_t offset; unsigned size; } bad[] = {
        { 0x1000, 4 }, { 0x100, 8 }, { 0x102, 4 }, { 0x401, 2 }, { ~3ul, 4 },
    };

    (void)state;
    set_up(1);
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        struct vgic_access a = access_make(0, bad[i].offset, bad[i].size);

        assert_false(vgic_dist_access(&vgic, &a));
    }
    tear_down();
}

static void reserved_registers_read_zero_and_ignore_writes(void **state)
{
    static const uint16_t reserved[] = { 0x00c, 0x07c, 0x08c, 0x10c, 0x460, 0x860, 0xc18, 0xd00,
                                         0xe00, 0xf00, 0xf04, 0xf30, 0xfd0 };

    (void)state;
    set_up(2);
    for (unsigned i = 0; i < ARRAY_SIZE(reserved); i++) {
        dist_write(0, reserved[i], 4, ~0u);
        assert_int_equal(dist_read(0, reserved[i], 4), 0);
    }
    tear_down();
}

static void private_targets_read_as_the_reader(void **state)
{
    (void)state;
    set_up(3);
    assert_int_equal(dist_read(0, 0x800, 4), 0x01010101);
    assert_int_equal(dist_read(2, 0x81c, 4), 0x04040404);
    assert_int_equal(dist_read(1, 0x803, 1), 0x02);
    dist_write(0, 0x800, 4, 0x07070707);
    assert_int_equal(dist_read(0, 0x800, 4), 0x01010101);
    dist_write(0, 0x820, 4, 0xff070200);
    assert_int_equal(dist_read(0, 0x820, 4), 0x07070200);
    tear_down();
}

static void a_single_cpu_has_no_targets(void **state)
{
    (void)state;
    set_up(1);
    dist_write(0, 0x820, 4, 0);
    assert_int_equal(dist_read(0, 0x820, 4), 0);
    assert_int_equal(dist_read(0, 0x800, 4), 0);
    guest_enable(0, 32);
    vgic_inject(&vgic, NULL, 32);
    assert_int_equal(guest_ack(), 32);
    tear_down();
}

static void sgis_go_where_the_filter_says(void **state)
{
    (void)state;
    set_up(4);
    sgir(1, 0x000d0002);
    assert_int_equal(receivers(2), 0xd);
    sgir(1, 0x01000002);
    assert_int_equal(receivers(2), 0xd);
    sgir(1, 0x02000002);
    assert_int_equal(receivers(2), 0x2);
    sgir(1, 0x030f0002);
    assert_int_equal(receivers(2), 0);
    sgir(1, 0x00f00002);
    assert_int_equal(receivers(2), 0);
    assert_int_equal(kicked[0], 0xd);
    tear_down();
}

static void sgi_pending_registers_tell_and_set_the_sources(void **state)
{
    unsigned source;

    (void)state;
    set_up(3);
    dist_write(0, 0x000, 4, 0);
    sgir(1, 0x00010005);
    sgir(2, 0x00010005);
    fake_cpu_switch(0);
    assert_int_equal(dist_read(0, 0xf24, 4), 0x00000600);
    assert_int_equal(dist_read(0, 0xf15, 1), 0x06);
    dist_write(0, 0xf15, 1, 0x02);
    assert_int_equal(dist_read(0, 0xf25, 1), 0x04);
    dist_write(0, 0xf24, 4, 0x00010000);
    assert_int_equal(dist_read(0, 0xf24, 4), 0x00010400);
    assert_int_equal(dist_read(0, 0x200, 4), 0x60);
    dist_write(0, 0x280, 4, ~0u);
    assert_int_equal(dist_read(0, 0x200, 4), 0x60);
    dist_write(0, 0x000, 4, 1);
    assert_int_equal(guest_ack_source(&source), 5);
    assert_int_equal(source, 2);
    assert_int_equal(guest_ack_source(&source), 6);
    assert_int_equal(source, 0);
    tear_down();
}

static void a_source_is_taken_out_of_a_list_register(void **state)
{
    (void)state;
    set_up(2);
    sgir(0, 0x00010005);
    assert_int_equal(dist_read(0, 0xf24, 4), 0x00000100);
    dist_write(0, 0xf14, 4, 0x00000100);
    assert_int_equal(guest_ack(), MODEL_NONE);
    tear_down();
}

static void sgis_can_not_be_disabled(void **state)
{
    (void)state;
    set_up(1);
    dist_write(0, 0x180, 4, ~0u);
    assert_int_equal(dist_read(0, 0x100, 4), 0x0000ffff);
    tear_down();
}

static bool interface_write(uint64_t offset, unsigned size, uint64_t value)
{
    struct vgic_access a = access_make(0, offset, size);

    a.is_write = true;
    a.value = value;
    return vgic_v2_interface_access(&a);
}

static void a_word_to_gicc_dir_deactivates_and_the_rest_of_its_page_is_reserved(void **state)
{
    struct vgic_access a;

    (void)state;
    set_up(1);
    model_cpu[0].interface.vmcr = GIC_VMCR_EOIM;
    dist_write(0, 0xf00, 4, 2u << 24 | 3);
    assert_int_equal(guest_ack(), 3);
    assert_true(interface_write(0x1004, 4, 3));
    assert_true(interface_write(0x1000, 2, 3));
    assert_false(interface_write(0x1001, 4, 3));
    assert_int_equal(dist_read(0, 0x300, 4), 1u << 3);
    a = access_make(0, 0x1000, 4);
    a.value = ~0ul;
    assert_true(vgic_v2_interface_access(&a));
    assert_int_equal(a.value, 0);
    assert_true(interface_write(0x1000, 4, 7u << 10 | 3)); /* with a source CPU */
    assert_int_equal(dist_read(0, 0x300, 4), 0);
    tear_down();
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(identification),
        cmocka_unit_test(bad_accesses_are_refused),
        cmocka_unit_test(reserved_registers_read_zero_and_ignore_writes),
        cmocka_unit_test(private_targets_read_as_the_reader),
        cmocka_unit_test(a_single_cpu_has_no_targets),
        cmocka_unit_test(sgis_go_where_the_filter_says),
        cmocka_unit_test(sgi_pending_registers_tell_and_set_the_sources),
        cmocka_unit_test(a_source_is_taken_out_of_a_list_register),
        cmocka_unit_test(sgis_can_not_be_disabled),
        cmocka_unit_test(a_word_to_gicc_dir_deactivates_and_the_rest_of_its_page_is_reserved),
    };

    return fake_run_tests(tests, ARRAY_SIZE(tests), argc, argv);
}
