/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gicv2.c through gic.h, on modelled frames.
 */
#include "core/base/errors.h"
#include "core/base/hw.h"
#include "irq/gic.h"
#include "tests/unit/gic_model.h"

#include <cmocka.h>

#define GICD 0x08000000ul
#define GICC 0x08010000ul
#define GICH 0x08030000ul
#define GICV 0x08040000ul
#define IIDR 0x0202143bu

static struct gic_model gicd, gicc, gich, gicv;

static struct gic_config config(void)
{
    return (struct gic_config){
        .version = GIC_V2, .map = gic_model_map, .maintenance_irq = 25,
        .gicd_base = GICD, .gicc_base = GICC, .gich_base = GICH, .gicv_base = GICV,
    };
}

static void machine(unsigned cpus)
{
    fake_machine_init(cpus);
    gic_model_add(&gicd, GICD, 0x1000);
    gic_model_add(&gicc, GICC, 0x2000);
    fake_mmio_add_memory(GICH, 0x2000, gich.words);
    gic_model_add(&gicv, GICV, 0x2000);
    gicd.words[0x004 / 4] = 8;                       /* 288 INTIDs */
    gicd.words[0x800 / 4] = 0x01010101;              /* this CPU: interface 0 */
    gich.words[0x004 / 4] = 4u << 29 | 4u << 26 | 3; /* 5 priority bits, 4 list registers */
    gicc.words[0xfc / 4] = gicv.words[0xfc / 4] = IIDR;
}

static bool is_flawed;

static void up(unsigned cpus)
{
    struct gic_config c = config();

    machine(cpus);
    c.is_flawed = is_flawed;
    assert_int_equal(gic_init(&c), 0);
    for (unsigned cpu = cpus; cpu-- > 0;) {
        gicd.words[0x800 / 4] = (1u << cpu) * 0x01010101u;
        fake_cpu_switch(cpu);
        assert_int_equal(gic_cpu_init(), 0);
    }
}

static void init_finds_what_the_gic_has(void **state)
{
    (void)state;
    up(1);
    assert_int_equal(gic_info()->intids, 288);
    assert_int_equal(gic_info()->lrs, 4);
    assert_int_equal(gic_info()->priority_bits, 5);
    assert_int_equal(gic_info()->gicv_base, GICV);
}

static void init_switches_all_spis_off(void **state)
{
    struct gic_config c = config();

    (void)state;
    machine(1);
    for (unsigned i = 1; i < 9; i++)
        gicd.words[0x100 / 4 + i] = gicd.words[0x200 / 4 + i] = gicd.words[0x300 / 4 + i] = ~0u;
    assert_int_equal(gic_init(&c), 0);
    for (unsigned i = 1; i < 9; i++)
        assert_int_equal(gicd.words[0x100 / 4 + i] | gicd.words[0x200 / 4 + i] |
                         gicd.words[0x300 / 4 + i], 0);
    for (unsigned i = 8; i < 72; i++) {
        assert_int_equal(gicd.words[0x400 / 4 + i], 0xa0a0a0a0);
        assert_int_equal(gicd.words[0x800 / 4 + i], 0x01010101);
    }
    assert_int_equal(gicd.words[0], 1);
}

static void init_needs_the_virtual_frames(void **state)
{
    struct gic_config c = config();

    (void)state;
    machine(1);
    c.gich_base = 0;
    assert_int_equal(gic_init(&c), -ENODEV);
}

/* The second 4 KiB page is the first again: the real second page starts at 64 KiB. */
static void aliased_interfaces_are_used_at_their_end(void **state)
{
    struct gic_config c = config();
    static struct gic_model cpu_alias, vcpu_alias, cpu_pages, vcpu_pages;

    (void)state;
    fake_machine_init(1);
    gic_model_add(&gicd, GICD, 0x1000);
    fake_mmio_add_memory(GICH, 0x2000, gich.words);
    c.gicc_base = 0x78020000;
    c.gicv_base = 0x78060000;
    gic_model_add(&cpu_alias, 0x78020000, 0x2000);
    gic_model_add(&cpu_pages, 0x7802f000, 0x2000);
    gic_model_add(&vcpu_alias, 0x78060000, 0x2000);
    gic_model_add(&vcpu_pages, 0x7806f000, 0x2000);
    cpu_alias.words[0xfc / 4] = cpu_alias.words[0x10fc / 4] = IIDR;
    vcpu_alias.words[0xfc / 4] = vcpu_alias.words[0x10fc / 4] = IIDR;
    assert_int_equal(gic_init(&c), 0);
    assert_int_equal(gic_info()->gicv_base, 0x7806f000);
    assert_int_equal(gic_cpu_init(), 0);
    gic_deactivate(42);
    assert_int_equal(cpu_pages.words[0x1000 / 4], 42);
}

static void cpu_init_splits_eoi_and_keeps_the_bypass(void **state)
{
    struct gic_config c = config();

    (void)state;
    machine(1);
    gicc.words[0] = 0x1e7;
    gicd.words[0x100 / 4] = ~0u;
    assert_int_equal(gic_init(&c), 0);
    assert_int_equal(gic_cpu_init(), 0);
    assert_int_equal(gicc.words[0], 0x1e0 | 1 | 1 << 9);
    assert_int_equal(gicc.words[1], 0xff);
    assert_int_equal(gicd.words[0x100 / 4], 0x0000ffff);
    assert_int_equal(gich.words[0], 1);
}

static void a_hardware_interrupt_is_encoded_as_specified(void **state)
{
    const struct gic_lr lr = { .virq = 27, .pirq = 27, .priority = 0xa0, .hw = true,
                               .pending = true };

    (void)state;
    up(1);
    gic_lr_write(2, &lr);
    assert_int_equal(gich.words[0x108 / 4], 1u << 31 | 1u << 28 | 0x14u << 23 | 27u << 10 | 27);
}

static void an_sgi_carries_its_source(void **state)
{
    const struct gic_lr lr = { .virq = 3, .pirq = 5, .priority = 0x18, .active = true,
                               .group1 = true, .eoi_maintenance = true };

    (void)state;
    up(1);
    gic_lr_write(0, &lr);
    assert_int_equal(gich.words[0x100 / 4],
                     1u << 30 | 1u << 29 | 3u << 23 | 1u << 19 | 5u << 10 | 3);
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    up(1);
    for (unsigned bits = 0; bits < 32; bits++) {
        struct gic_lr lr = { .virq = 33 + bits, .priority = (uint8_t)(bits << 3) }, got;

        lr.hw = bits & 1;
        lr.pirq = lr.hw ? 900 + bits : bits % 8;
        lr.pending = bits & 2;
        lr.active = bits & 4;
        lr.group1 = bits & 8;
        lr.eoi_maintenance = !lr.hw && (bits & 16);
        gic_lr_write(bits % 4, &lr);
        got = gic_lr_read(bits % 4);
        assert_int_equal(got.virq, lr.virq);
        assert_int_equal(got.pirq, lr.pirq);
        assert_int_equal(got.priority, lr.priority);
        assert_int_equal(got.hw, lr.hw);
        assert_int_equal(got.pending, lr.pending);
        assert_int_equal(got.active, lr.active);
        assert_int_equal(got.group1, lr.group1);
        assert_int_equal(got.eoi_maintenance, lr.eoi_maintenance);
    }
}

static void the_empty_mask_is_what_the_register_says(void **state)
{
    (void)state;
    up(1);
    gich.words[0x30 / 4] = 0xa;
    assert_int_equal(gic_lr_empty_mask(), 0xa);
}

static void a_switch_moves_what_the_guest_can_see(void **state)
{
    struct gic_vcpu_state a, b = { 0 };

    (void)state;
    up(1);
    gich.words[0x100 / 4] = 0x77; /* list registers are the vGIC's business */
    gich.words[0x08 / 4] = 0xf8000001;
    gich.words[0xf0 / 4] = 0x10;
    gic_vcpu_save(&a);
    assert_int_equal(a.vmcr, 0xf8000001);
    assert_int_equal(a.apr[0], 0x10);
    fake_trace_reset();
    gic_vcpu_restore(&b);
    assert_int_equal(gich.words[0x08 / 4], 0);
    assert_int_equal(gich.words[0xf0 / 4], 0);
    assert_int_equal(fake_count(FAKE_EV_MMIO_WRITE), 2);
    gic_vcpu_restore(&a);
    assert_int_equal(gich.words[0x100 / 4], 0x77);
    assert_int_equal(gich.words[0x08 / 4], 0xf8000001);
    assert_int_equal(gich.words[0xf0 / 4], 0x10);
}

static void the_underflow_interrupt_is_asked_for_and_not(void **state)
{
    (void)state;
    up(1);
    assert_int_equal(gich.words[0], 1);
    gic_set_underflow_irq(true);
    assert_int_equal(gich.words[0], 3);
    gic_set_underflow_irq(false);
    assert_int_equal(gich.words[0], 1);
}

static void an_sgi_goes_to_the_interfaces_of_its_cpus(void **state)
{
    (void)state;
    up(4);
    fake_trace_reset();
    gic_sgi_send(0xa, 2);
    assert_int_equal(gicd.words[0xf00 / 4], 0xau << 16 | 2);
    assert_int_equal(fake_trace(0)->event, FAKE_EV_DSB_ISHST);
    assert_int_equal(fake_trace(1)->event, FAKE_EV_MMIO_WRITE);
}

static void an_sgi_to_nobody_is_not_sent(void **state)
{
    (void)state;
    up(1);
    gicd.words[0xf00 / 4] = 0x1234;
    gic_sgi_send(0, 2);
    assert_int_equal(gicd.words[0xf00 / 4], 0x1234);
}

static void spis_are_enabled_routed_and_typed(void **state)
{
    (void)state;
    up(2);
    gic_irq_enable(79);
    assert_int_equal(gicd.words[0x100 / 4 + 2], 1u << 15);
    gic_irq_set_target(79, 1);
    assert_int_equal(gicd.words[(0x800 + 76) / 4], 0x02010101);
    gic_irq_set_type(79, true);
    assert_int_equal(gicd.words[0xc00 / 4 + 4], 2u << 30);
    assert_int_equal(gicd.words[0x100 / 4 + 2], 1u << 15); /* still enabled */
    gic_irq_set_type(79, false);
    assert_int_equal(gicd.words[0xc00 / 4 + 4], 0);
    gic_irq_set_pending(79, true);
    assert_true(gic_irq_is_pending(79));
    gic_irq_set_pending(79, false);
    assert_false(gic_irq_is_pending(79));
    gic_irq_set_active(27, true);
    assert_true(gic_irq_is_active(27));
    gic_irq_disable(79);
    assert_int_equal(gicd.words[0x100 / 4 + 2], 0);
}

static void deactivation_goes_through_dir(void **state)
{
    (void)state;
    up(2);
    gicd.words[0x300 / 4 + 2] = 1u << 15;
    gic_deactivate(79);
    assert_int_equal(gicc.words[0x1000 / 4], 79);
    assert_int_equal(gicd.words[0x300 / 4 + 2], 1u << 15); /* the GIC's own work */
}

static void up_on_qemu(unsigned cpus)
{
    is_flawed = true;
    up(cpus);
    is_flawed = false;
}

static void on_qemu_an_spi_is_deactivated_for_all_cpus(void **state)
{
    (void)state;
    up_on_qemu(2);
    gicc.words[0x1000 / 4] = 0;
    gicd.words[0x300 / 4 + 2] = 3u << 15;
    gic_deactivate(79);
    assert_int_equal(gicd.words[0x300 / 4 + 2], 1u << 16);
    assert_int_equal(gicc.words[0x1000 / 4], 0);
}

/* Its IAR has the sender in bits 12:10: as a number it is above 31. */
static void on_qemu_an_sgi_of_another_cpu_is_deactivated_through_dir(void **state)
{
    (void)state;
    up_on_qemu(2);
    gic_deactivate(1u << 10 | 3);
    assert_int_equal(gicc.words[0x1000 / 4], 1u << 10 | 3);
}

static unsigned writes_to(uint64_t address)
{
    unsigned count = 0;

    for (unsigned n = 0; fake_trace(n); n++)
        count += fake_trace(n)->event == FAKE_EV_MMIO_WRITE && fake_trace(n)->a == address;
    return count;
}

static void on_qemu_an_edge_and_its_active_state_follow_the_target(void **state)
{
    (void)state;
    up_on_qemu(2);
    gic_irq_set_type(79, true);
    gicd.words[0x200 / 4 + 2] = gicd.words[0x300 / 4 + 2] = 3u << 15;
    fake_trace_reset();
    gic_irq_set_target(79, 1);
    assert_int_equal(writes_to(GICD + 0x208), 1);
    assert_int_equal(writes_to(GICD + 0x308), 1);
    fake_trace_reset();
    gic_irq_set_target(80, 1); /* a level speaks for itself */
    assert_int_equal(writes_to(GICD + 0x208), 0);
    gicd.words[0x200 / 4 + 2] = gicd.words[0x300 / 4 + 2] = 0;
    fake_trace_reset();
    gic_irq_set_target(79, 0);
    assert_int_equal(writes_to(GICD + 0x208) + writes_to(GICD + 0x308), 0);
}

/* IHI 0048 forbids a change of GICD_ICFGR while the interrupt is enabled. */
static void a_type_changes_only_while_disabled(void **state)
{
    int disabled = -1, changed = -1;

    (void)state;
    up(1);
    gic_irq_enable(79);
    fake_trace_reset();
    gic_irq_set_type(79, true);
    for (int n = 0; fake_trace((unsigned)n); n++) {
        if (fake_trace((unsigned)n)->event != FAKE_EV_MMIO_WRITE)
            continue;
        if (fake_trace((unsigned)n)->a == GICD + 0x188)
            disabled = n;
        if (fake_trace((unsigned)n)->a == GICD + 0xc10)
            changed = n;
    }
    assert_int_not_equal(disabled, -1);
    assert_true(changed > disabled);
    fake_trace_reset();
    gic_irq_set_type(79, true);
    assert_int_equal(fake_count(FAKE_EV_MMIO_WRITE), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(init_finds_what_the_gic_has),
    cmocka_unit_test(init_switches_all_spis_off),
    cmocka_unit_test(init_needs_the_virtual_frames),
    cmocka_unit_test(aliased_interfaces_are_used_at_their_end),
    cmocka_unit_test(cpu_init_splits_eoi_and_keeps_the_bypass),
    cmocka_unit_test(a_hardware_interrupt_is_encoded_as_specified),
    cmocka_unit_test(an_sgi_carries_its_source),
    cmocka_unit_test(what_is_written_is_read_back),
    cmocka_unit_test(the_empty_mask_is_what_the_register_says),
    cmocka_unit_test(a_switch_moves_what_the_guest_can_see),
    cmocka_unit_test(the_underflow_interrupt_is_asked_for_and_not),
    cmocka_unit_test(an_sgi_goes_to_the_interfaces_of_its_cpus),
    cmocka_unit_test(an_sgi_to_nobody_is_not_sent),
    cmocka_unit_test(spis_are_enabled_routed_and_typed),
    cmocka_unit_test(a_type_changes_only_while_disabled),
    cmocka_unit_test(deactivation_goes_through_dir),
    cmocka_unit_test(on_qemu_an_spi_is_deactivated_for_all_cpus),
    cmocka_unit_test(on_qemu_an_sgi_of_another_cpu_is_deactivated_through_dir),
    cmocka_unit_test(on_qemu_an_edge_and_its_active_state_follow_the_target),
};

FAKE_TEST_MAIN(tests)
