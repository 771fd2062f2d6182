/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The GICv3 distributor's and redistributors' registers and SGIs by system register (IHI 0069).
 */
#include "tests/unit/vgic_model.h"

#define SGI_FRAME 0x10000u

static void set_up(unsigned vcpus)
{
    unsigned loaded = MIN(vcpus, 4u);

    domain_make(GIC_V3, loaded, vcpus);
    for (unsigned i = 0; i < loaded; i++)
        load(i, i);
    fake_cpu_switch(0);
    dist_write(0, 0x0000, 4, 0x13);
    kicked[0] = kicked[1] = 0;
}

static void tear_down(void)
{
    for (unsigned i = 0; i < MIN(vgic.vcpus, 4u); i++)
        save(i);
    domain_free();
}

/* The redistributor of vCPU i, from vCPU 0. */
static uint64_t redist_read(unsigned i, uint64_t offset, unsigned size)
{
    struct vgic_access a = access_make(0, (uint64_t)i << 17 | offset, size);

    assert_true(vgic_v3_redist_access(&vgic, &a));
    take_access_kicks(&a);
    return size < 8 ? a.value & (BIT(size * 8) - 1) : a.value;
}

static void redist_write(unsigned i, uint64_t offset, unsigned size, uint64_t value)
{
    struct vgic_access a = access_make(0, (uint64_t)i << 17 | offset, size);

    a.is_write = true;
    a.value = value;
    assert_true(vgic_v3_redist_access(&vgic, &a));
    take_access_kicks(&a);
}

static void sgi(unsigned op2, uint64_t value)
{
    struct vgic_access a = access_make(0, 0, 8);

    fake_cpu_switch(0);
    kicked[0] = kicked[1] = 0;
    a.kick = vgic_v3_sgi(&vcpu[0], value, op2);
    take_access_kicks(&a);
}

static void distributor_identification(void **state)
{
    (void)state;
    set_up(2);
    assert_int_equal(dist_read(0, 0x0000, 4), 0x53);
    assert_int_equal(dist_read(0, 0x0004, 4), 2 | 9u << 19 | 1u << 25);
    assert_int_equal(dist_read(0, 0x0008, 4), 0x5000043b);
    assert_int_equal(dist_read(0, 0xffe8, 4), 0x3b);
    assert_int_equal(dist_read(0, 0xfff0, 4), 0x0d);
    assert_int_equal(dist_read(0, 0xfffc, 4), 0xb1);
    dist_write(0, 0x0000, 4, 0);
    assert_int_equal(dist_read(0, 0x0000, 4), 0x50);
    tear_down();
}

static void the_distributor_has_no_private_interrupts(void **state)
{
    (void)state;
    set_up(2);
    dist_write(0, 0x0100, 4, ~0u);
    dist_write(0, 0x0400, 4, ~0u);
    assert_int_equal(dist_read(0, 0x0100, 4), 0);
    assert_int_equal(dist_read(0, 0x0400, 4), 0);
    dist_write(0, 0x0820, 4, ~0u);
    dist_write(0, 0x0f00, 4, 0x02000001);
    assert_int_equal(dist_read(0, 0x0820, 4), 0);
    assert_int_equal(guest_ack(), MODEL_NONE);
    tear_down();
}

static void bad_accesses_are_refused(void **state)
{
    static const struct { uint64_t offset; unsigned size; } dist[] = {
        { 0x10000, 4 }, { 0x0100, 8 }, { 0x6102, 4 }, { 0x6104, 8 }, { 0x6100, 2 },
    };
    static const struct { uint64_t offset; unsigned size; } redist[] = {
        { 2ul << 17, 4 }, { 0x0c, 8 }, { SGI_FRAME | 0x100, 8 }, { 0x16, 4 },
    };

    (void)state;
    set_up(2);
    for (unsigned i = 0; i < ARRAY_SIZE(dist); i++) {
        struct vgic_access a = access_make(0, dist[i].offset, dist[i].size);

        assert_false(vgic_dist_access(&vgic, &a));
    }
    for (unsigned i = 0; i < ARRAY_SIZE(redist); i++) {
        struct vgic_access a = access_make(0, redist[i].offset, redist[i].size);

        assert_false(vgic_v3_redist_access(&vgic, &a));
    }
    tear_down();
}

static void redistributor_identification(void **state)
{
    (void)state;
    set_up(18);
    assert_int_equal(redist_read(0, 0x08, 8), 0);
    assert_int_equal(redist_read(17, 0x08, 8), 0x101ul << 32 | 17u << 8 | 1u << 4);
    assert_int_equal(redist_read(17, 0x08, 4), 17u << 8 | 1u << 4);
    assert_int_equal(redist_read(17, 0x0c, 4), 0x101);
    assert_int_equal(redist_read(3, 0xffe8, 4), 0x3b);
    assert_int_equal(redist_read(3, SGI_FRAME | 0xffe8, 4), 0x3b);
    redist_write(0, 0x14, 4, 2);
    assert_int_equal(redist_read(0, 0x14, 4), 6);
    assert_int_equal(redist_read(1, 0x14, 4), 0);
    redist_write(0, 0x14, 4, 0);
    assert_int_equal(redist_read(0, 0x14, 4), 0);
    tear_down();
}

static void the_sgi_frame_has_the_private_interrupts_of_its_cpu(void **state)
{
    (void)state;
    set_up(2);
    redist_write(1, SGI_FRAME | 0x180, 4, ~0u);
    assert_int_equal(redist_read(1, SGI_FRAME | 0x100, 4), 0);
    assert_int_equal(redist_read(0, SGI_FRAME | 0x100, 4), 0xffff);
    redist_write(1, SGI_FRAME | 0x100, 4, 0x80000001);
    assert_int_equal(redist_read(1, SGI_FRAME | 0x180, 4), 0x80000001);
    redist_write(1, SGI_FRAME | 0x41c, 4, 0xffa08010);
    assert_int_equal(redist_read(1, SGI_FRAME | 0x41c, 4), 0xf8a08010);
    assert_int_equal(redist_read(1, SGI_FRAME | 0xc00, 4), 0xaaaaaaaa);
    redist_write(1, SGI_FRAME | 0xc04, 4, ~0u);
    assert_int_equal(redist_read(1, SGI_FRAME | 0xc04, 4), 0);
    /* The next word would be SPIs: not in this frame. */
    redist_write(1, SGI_FRAME | 0x104, 4, ~0u);
    assert_int_equal(redist_read(1, SGI_FRAME | 0x104, 4), 0);
    tear_down();
}

static void routes_are_affinities_in_one_or_two_halves(void **state)
{
    (void)state;
    set_up(4);
    dist_write(0, 0x6100, 8, 0xff80000103ul);
    assert_int_equal(dist_read(0, 0x6100, 8), 0xff00000103ul);
    dist_write(0, 0x6104, 4, 0);
    assert_int_equal(dist_read(0, 0x6100, 4), 0x103);
    dist_write(0, 0x6100, 4, 3);
    assert_int_equal(dist_read(0, 0x6100, 8), 3);
    guest_enable(0, 32);
    assert_ptr_equal(vgic_inject(&vgic, NULL, 32), &vcpu[3]);
    flush(3);
    assert_int_equal(guest_ack(), 32);
    assert_int_equal(dist_read(0, 0x6000, 8), 0);
    dist_write(0, 0x60f8, 8, 1);
    assert_int_equal(dist_read(0, 0x60f8, 8), 0);
    tear_down();
}

static void a_route_to_nobody_keeps_it_pending(void **state)
{
    (void)state;
    set_up(2);
    guest_enable(0, 33);
    dist_write(0, 0x6108, 8, 5);
    assert_null(vgic_inject(&vgic, NULL, 33));
    dist_write(0, 0x6108, 8, 0);
    assert_int_equal(guest_ack(), 33);
    tear_down();
}

static void sgis_reach_those_named_by_affinity(void **state)
{
    (void)state;
    set_up(35);
    sgi(5, 3ul << 24 | 0x0005);
    assert_int_equal(kicked[0], 1ul << 2);
    assert_int_equal(guest_ack(), 3);
    sgi(5, 3ul << 24 | 1ul << 16 | 0x8001);
    assert_int_equal(kicked[0], 1ul << 16 | 1ul << 31);
    sgi(5, 3ul << 24 | 2ul << 16 | 0xffff);
    assert_int_equal(kicked[0], 7ul << 32);
    sgi(5, 3ul << 24 | 1ul << 32 | 1);
    sgi(5, 3ul << 24 | 1ul << 48 | 1);
    sgi(5, 3ul << 24 | 1ul << 44 | 1);
    assert_int_equal(kicked[0], 0);
    sgi(5, 4ul << 24 | 1ul << 40);
    assert_int_equal(kicked[0], 0x7fffffffful & ~1ul);
    tear_down();
}

static void the_group_0_registers_reach_group_0_only(void **state)
{
    (void)state;
    set_up(2);
    sgi(7, 3ul << 24 | 2);
    sgi(6, 3ul << 24 | 2);
    assert_int_equal(kicked[0], 0);
    redist_write(1, SGI_FRAME | 0x80, 4, ~8u);
    sgi(7, 3ul << 24 | 2);
    assert_int_equal(kicked[0], 2);
    flush(1);
    assert_int_equal(guest_ack(), 3);
    guest_eoi(3);
    sgi(5, 3ul << 24 | 2);
    assert_int_equal(kicked[0], 2);
    tear_down();
}

static void a_disabled_group_is_held_back(void **state)
{
    (void)state;
    set_up(1);
    dist_write(0, 0x0000, 4, 1);
    sgi(5, 1);
    assert_int_equal(guest_ack(), MODEL_NONE);
    dist_write(0, 0x0000, 4, 2);
    assert_int_equal(guest_ack(), 0);
    tear_down();
}

static void register_write_pending_tells_of_a_disable_elsewhere(void **state)
{
    (void)state;
    set_up(2);
    redist_write(1, SGI_FRAME | 0x100, 4, 1u << 31);
    vgic_inject(&vgic, &vcpu[1], 31);
    flush(1);
    fake_cpu_switch(0);
    assert_int_equal(redist_read(1, 0x00, 4), 0);
    redist_write(1, SGI_FRAME | 0x180, 4, 1u << 31);
    assert_int_equal(redist_read(1, 0x00, 4), 1u << 3);
    assert_int_equal(dist_read(0, 0x0000, 4), 0x80000053);
    flush(1);
    assert_int_equal(guest_ack(), MODEL_NONE);
    assert_int_equal(redist_read(1, 0x00, 4), 0);
    tear_down();
}

/* CRm of ICC_PMR_EL1, ICC_RPR_EL1, ICC_CTLR_EL1 */
enum { PMR = 6, RPR = 11, CTLR = 12 };

static uint64_t common(unsigned crm, bool is_write, uint64_t value)
{
    assert_true(vgic_v3_common_access(&vcpu[0], crm, &value, is_write));
    return value;
}

static void registers_that_trap_with_icc_dir_are_those_of_the_virtual_interface(void **state)
{
    struct gic_vcpu_state *s = &model_cpu[0].interface;
    uint64_t value = 0;

    (void)state;
    model_info.vtr = 4u << 29 | 4u << 26 | 1u << 23 | 1u << 21;
    set_up(1);
    s->vmcr = 0xf0000002;
    assert_int_equal(common(PMR, false, 0), 0xf0);
    assert_int_equal(common(CTLR, false, 0), 1u << 15 | 1u << 11 | 4u << 8);
    common(PMR, true, 0xfffff7a7);
    assert_int_equal(s->vmcr, 0xa0000002); /* the implemented bits */
    common(CTLR, true, ~0ul);
    assert_int_equal(s->vmcr, 0xa0000212);
    assert_int_equal(common(CTLR, false, 0) & 3, 3);
    common(CTLR, true, 2);
    assert_int_equal(s->vmcr, 0xa0000202);
    assert_false(vgic_v3_common_access(&vcpu[0], RPR, &value, true));
    assert_int_equal(s->vmcr, 0xa0000202);
    tear_down();
}

static void the_running_priority_is_the_most_urgent_active_one(void **state)
{
    struct gic_vcpu_state *s = &model_cpu[0].interface;

    (void)state;
    model_info.vtr = 4u << 29 | 4u << 26;
    set_up(1);
    assert_int_equal(common(RPR, false, 0), 0xff);
    s->apr[1] = 1u << 20;
    assert_int_equal(common(RPR, false, 0), 20 << 3);
    s->apr[0] = 1u << 4;
    assert_int_equal(common(RPR, false, 0), 4 << 3);
    s->apr[0] = s->apr[1] = 0;
    model_info.vtr = 6u << 29 | 6u << 26;
    s->apr[5] = 1u << 3;
    assert_int_equal(common(RPR, false, 0), 67 << 1);
    s->apr[5] = 0;
    tear_down();
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(distributor_identification),
        cmocka_unit_test(the_distributor_has_no_private_interrupts),
        cmocka_unit_test(bad_accesses_are_refused),
        cmocka_unit_test(redistributor_identification),
        cmocka_unit_test(the_sgi_frame_has_the_private_interrupts_of_its_cpu),
        cmocka_unit_test(routes_are_affinities_in_one_or_two_halves),
        cmocka_unit_test(a_route_to_nobody_keeps_it_pending),
        cmocka_unit_test(sgis_reach_those_named_by_affinity),
        cmocka_unit_test(the_group_0_registers_reach_group_0_only),
        cmocka_unit_test(a_disabled_group_is_held_back),
        cmocka_unit_test(register_write_pending_tells_of_a_disable_elsewhere),
        cmocka_unit_test(registers_that_trap_with_icc_dir_are_those_of_the_virtual_interface),
        cmocka_unit_test(the_running_priority_is_the_most_urgent_active_one),
    };

    return fake_run_tests(tests, ARRAY_SIZE(tests), argc, argv);
}
