/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gicv3.c through gic.h: modelled frames, recorded system registers.
 */
#include "core/base/errors.h"
#include "core/base/hw.h"
#include "irq/gic.h"
#include "tests/unit/gic_model.h"

#include <cmocka.h>

#define GICD 0x08000000ul
#define GICR 0x080a0000ul
#define GICR2 0x09000000ul
#define RD_BYTES 0x20000ul
#define HCR_TC (1u << 10)
#define VTR(pri, pre, lrs) ((uint64_t)((pri) - 1) << 29 | ((pre) - 1) << 26 | ((lrs) - 1))

static struct gic_model gicd, rd[5], sgi[5];

static struct gic_config config(void)
{
    return (struct gic_config){
        .version = GIC_V3, .map = gic_model_map, .maintenance_irq = 25,
        .gicd_base = GICD,
        .gicr = { { GICR, 4 * RD_BYTES } }, .gicr_regions = 1,
    };
}

static void redistributor(unsigned n, uint64_t base, uint32_t affinity, uint32_t flags)
{
    gic_model_add(&rd[n], base, 0x10000);
    gic_model_add(&sgi[n], base + 0x10000, 0x10000);
    rd[n].words[2] = flags;
    rd[n].words[3] = affinity;
    rd[n].words[5] = 2; /* WAKER: asleep */
}

static void machine(unsigned cpus)
{
    fake_machine_init(cpus);
    for (unsigned cpu = 0; cpu < cpus; cpu++) {
        fake_cpu_switch(cpu);
        fake_sysreg_set(FAKE_ICH_VTR_EL2, VTR(5, 5, 4));
    }
    fake_cpu_switch(0);
    gic_model_add(&gicd, GICD, 0x10000);
    gicd.words[1] = 8;
}

static void up(unsigned cpus)
{
    struct gic_config c = config();

    machine(cpus);
    for (unsigned cpu = 0; cpu < cpus; cpu++)
        redistributor(cpu, GICR + cpu * RD_BYTES, cpu, cpu == cpus - 1 ? 0x10 : 0);
    assert_int_equal(gic_init(&c), 0);
    for (unsigned cpu = cpus; cpu-- > 0;) {
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
    assert_int_equal(gic_info()->gicv_base, 0);
    assert_int_equal(gicd.words[0], 0x13);
    for (unsigned i = 1; i < 9; i++)
        assert_int_equal(gicd.words[0x80 / 4 + i], ~0u);
}

static uint64_t sre_is_off(enum fake_sysreg reg)
{
    (void)reg;
    return 0;
}

static void init_refuses_disabled_system_registers(void **state)
{
    struct gic_config c = config();

    (void)state;
    machine(1);
    redistributor(0, GICR, 0, 0x10);
    fake_sysreg_on_read[FAKE_ICC_SRE_EL2] = sre_is_off;
    assert_int_equal(gic_init(&c), -ENODEV);
}

static void init_needs_a_redistributor_region(void **state)
{
    struct gic_config c = config();

    (void)state;
    machine(1);
    c.gicr_regions = 0;
    assert_int_equal(gic_init(&c), -ENODEV);
    c.gicr_regions = 9;
    assert_int_equal(gic_init(&c), -ENODEV);
}

static void cpu_init_wakes_its_redistributor_and_splits_eoi(void **state)
{
    (void)state;
    up(2);
    assert_int_equal(rd[0].words[5] & 2, 0);
    assert_int_equal(rd[1].words[5] & 2, 0);
    assert_int_equal(sgi[0].words[0x80 / 4], ~0u);
    assert_int_equal(sgi[0].words[0x100 / 4], 0xffff);
    assert_int_equal(sgi[0].words[0x400 / 4], 0xc0c0c0c0); /* SGIs come last */
    assert_int_equal(sgi[0].words[0x410 / 4], 0xa0a0a0a0);
    assert_int_equal(fake_sysreg_get(FAKE_ICC_CTLR_EL1), 2);
    assert_int_equal(fake_sysreg_get(FAKE_ICC_PMR_EL1), 0xff);
    assert_int_equal(fake_sysreg_get(FAKE_ICC_IGRPEN1_EL1), 1);
    assert_int_equal(fake_sysreg_get(FAKE_ICC_SRE_EL2), 7); /* EL1's traps */
    assert_int_equal(fake_sysreg_get(FAKE_ICH_HCR_EL2), 1 | HCR_TC);
}

static void redistributors_are_found_across_strides_and_regions(void **state)
{
    struct gic_config c = config();

    (void)state;
    machine(2);
    fake_percpus[0].mpidr = 0x100;        /* Aff1 1 */
    fake_percpus[1].mpidr = 0x200000003;  /* Aff3 2, Aff0 3 */
    c.gicr[1].base = GICR2;
    c.gicr[1].bytes = 2 * RD_BYTES;
    c.gicr_regions = 2;
    redistributor(0, GICR, 0x000, 0x2); /* VLPIS: twice the stride */
    redistributor(1, GICR + 2 * RD_BYTES, 0x100, 0x10);
    redistributor(2, GICR2, 0x001, 0);
    redistributor(3, GICR2 + RD_BYTES, 0x02000003, 0x10);
    assert_int_equal(gic_init(&c), 0);
    assert_int_equal(gic_cpu_init(), 0);
    gic_irq_enable(27);
    assert_int_equal(sgi[1].words[0x100 / 4], 0xffff | 1u << 27);
    fake_cpu_switch(1);
    assert_int_equal(gic_cpu_init(), 0);
    gic_irq_enable(26);
    assert_int_equal(sgi[3].words[0x100 / 4], 0xffff | 1u << 26);
    gic_irq_set_target(40, 1);
    assert_int_equal(gicd.words[(0x6000 + 8 * 40) / 4], 3);
    assert_int_equal(gicd.words[(0x6000 + 8 * 40) / 4 + 1], 2);
}

static void a_cpu_without_redistributor_is_an_error(void **state)
{
    struct gic_config c = config();

    (void)state;
    machine(1);
    fake_percpus[0].mpidr = 7;
    redistributor(0, GICR, 0, 0);
    redistributor(1, GICR + RD_BYTES, 1, 0x10);
    assert_int_equal(gic_init(&c), 0);
    assert_int_equal(gic_cpu_init(), -ENODEV);
}

static void a_hardware_interrupt_is_encoded_as_specified(void **state)
{
    const struct gic_lr lr = { .virq = 27, .pirq = 27, .priority = 0xa0, .hw = true,
                               .pending = true, .group1 = true };

    (void)state;
    up(1);
    gic_lr_write(2, &lr);
    assert_int_equal(fake_sysreg_get(FAKE_ICH_LR2_EL2),
                     1ul << 62 | 1ul << 61 | 1ul << 60 | 0xa0ul << 48 | 27ul << 32 | 27);
}

static void what_is_written_is_read_back_in_every_register(void **state)
{
    (void)state;
    up(1);
    for (unsigned n = 0; n < 16; n++) {
        struct gic_lr lr = { .virq = 33 + n, .priority = (uint8_t)(n * 16) }, got;

        lr.hw = n & 1;
        lr.pirq = lr.hw ? 900 + n : 0;
        lr.pending = n & 2;
        lr.active = n & 4;
        lr.group1 = n & 8;
        lr.eoi_maintenance = !lr.hw;
        gic_lr_write(n, &lr);
        got = gic_lr_read(n);
        assert_int_equal((uint32_t)fake_sysreg_get(FAKE_ICH_LR0_EL2 + n), 33 + n);
        assert_int_equal(got.virq, lr.virq);
        assert_int_equal(got.pirq, lr.pirq);
        assert_int_equal(got.priority, lr.priority);
        assert_int_equal(got.hw, lr.hw);
        assert_int_equal(got.pending, lr.pending);
        assert_int_equal(got.active, lr.active);
        assert_int_equal(got.group1, lr.group1);
        assert_int_equal(got.eoi_maintenance, lr.eoi_maintenance);
        gic_lr_clear(n);
        assert_int_equal(fake_sysreg_get(FAKE_ICH_LR0_EL2 + n), 0);
    }
}

static void the_empty_mask_is_read_behind_a_barrier(void **state)
{
    (void)state;
    up(1);
    fake_sysreg_set(FAKE_ICH_ELRSR_EL2, 0xa);
    fake_trace_reset();
    assert_int_equal(gic_lr_empty_mask(), 0xa);
    assert_int_equal(fake_trace(0)->event, FAKE_EV_ISB);
}

static unsigned ap_accesses;

static void ap_written(enum fake_sysreg reg, uint64_t v)
{
    (void)reg;
    (void)v;
    ap_accesses++;
}

static uint64_t ap_read(enum fake_sysreg reg)
{
    ap_accesses++;
    return reg;
}

static void absent_active_priority_registers_are_not_touched(void **state)
{
    struct gic_vcpu_state s = { 0 };

    (void)state;
    up(1);
    for (unsigned i = 1; i < 4; i++) {
        fake_sysreg_on_read[FAKE_ICH_AP0R0_EL2 + i] = ap_read;
        fake_sysreg_on_read[FAKE_ICH_AP1R0_EL2 + i] = ap_read;
        fake_sysreg_on_write[FAKE_ICH_AP0R0_EL2 + i] = ap_written;
        fake_sysreg_on_write[FAKE_ICH_AP1R0_EL2 + i] = ap_written;
    }
    gic_vcpu_restore(&s);
    gic_vcpu_save(&s);
    assert_int_equal(ap_accesses, 0);
}

static void seven_preemption_bits_have_eight_registers(void **state)
{
    struct gic_vcpu_state s;
    struct gic_config c = config();

    (void)state;
    machine(1);
    redistributor(0, GICR, 0, 0x10);
    fake_sysreg_set(FAKE_ICH_VTR_EL2, VTR(8, 7, 16));
    assert_int_equal(gic_init(&c), 0);
    assert_int_equal(gic_cpu_init(), 0);
    assert_int_equal(gic_info()->lrs, 16);
    for (unsigned i = 0; i < 4; i++) {
        fake_sysreg_set(FAKE_ICH_AP0R0_EL2 + i, 10 + i);
        fake_sysreg_set(FAKE_ICH_AP1R0_EL2 + i, 20 + i);
    }
    gic_vcpu_save(&s);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(s.apr[2 * i], 10 + i);
        assert_int_equal(s.apr[2 * i + 1], 20 + i);
    }
}

static void a_switch_moves_what_the_guest_can_see(void **state)
{
    struct gic_vcpu_state a, b = { 0 };

    (void)state;
    up(1);
    fake_sysreg_set(FAKE_ICH_LR0_EL2, 0x77); /* list registers are the vGIC's business */
    fake_sysreg_set(FAKE_ICH_VMCR_EL2, 0xf0000002);
    fake_sysreg_set(FAKE_ICH_AP1R0_EL2, 0x10);
    gic_vcpu_save(&a);
    gic_vcpu_restore(&b);
    assert_int_equal(fake_sysreg_get(FAKE_ICH_VMCR_EL2), 0);
    assert_int_equal(fake_sysreg_get(FAKE_ICH_AP1R0_EL2), 0);
    gic_vcpu_restore(&a);
    assert_int_equal(fake_sysreg_get(FAKE_ICH_LR0_EL2), 0x77);
    assert_int_equal(fake_sysreg_get(FAKE_ICH_VMCR_EL2), 0xf0000002);
    assert_int_equal(fake_sysreg_get(FAKE_ICH_AP1R0_EL2), 0x10);
}

static void the_underflow_interrupt_is_asked_for_and_not(void **state)
{
    (void)state;
    up(1);
    assert_int_equal(fake_sysreg_get(FAKE_ICH_HCR_EL2), 1 | HCR_TC);
    gic_set_underflow_irq(true);
    assert_int_equal(fake_sysreg_get(FAKE_ICH_HCR_EL2), 3 | HCR_TC);
    gic_set_underflow_irq(false);
    assert_int_equal(fake_sysreg_get(FAKE_ICH_HCR_EL2), 1 | HCR_TC);
}

static void where_icc_dir_can_be_trapped_alone_nothing_else_is(void **state)
{
    struct gic_config c = config();

    (void)state;
    machine(1);
    redistributor(0, GICR, 0, 0x10);
    fake_sysreg_set(FAKE_ICH_VTR_EL2, VTR(5, 5, 4) | 1u << 19); /* TDS */
    assert_int_equal(gic_init(&c), 0);
    assert_int_equal(gic_cpu_init(), 0);
    assert_int_equal(fake_sysreg_get(FAKE_ICH_HCR_EL2), 1 | 1u << 14); /* TDIR */
    gic_set_underflow_irq(true);
    assert_int_equal(fake_sysreg_get(FAKE_ICH_HCR_EL2), 3 | 1u << 14);
}

static uint64_t sgi_writes[8];
static unsigned sgi_count;

static void sgi_written(enum fake_sysreg reg, uint64_t v)
{
    (void)reg;
    sgi_writes[sgi_count++] = v;
}

static void an_sgi_is_one_write_per_cpu(void **state)
{
    static const uint32_t mpidrs[] = { 0x000, 0x001, 0x100, 0x101, 0x012 };
    struct gic_config c = config();

    (void)state;
    machine(5);
    c.gicr[0].bytes = 5 * RD_BYTES;
    assert_int_equal(gic_init(&c), 0);
    for (unsigned i = 0; i < 5; i++) {
        redistributor(i, GICR + i * RD_BYTES, mpidrs[i], i == 4 ? 0x10 : 0);
        fake_percpus[i].mpidr = mpidrs[i];
    }
    for (unsigned i = 5; i-- > 0;) {
        fake_cpu_switch(i);
        assert_int_equal(gic_cpu_init(), 0);
    }
    fake_sysreg_on_write[FAKE_ICC_SGI1R_EL1] = sgi_written;
    fake_trace_reset();
    gic_sgi_send(0x1f, 1);
    assert_int_equal(sgi_count, 5);
    assert_int_equal(sgi_writes[0], 1ul << 24 | 1);
    assert_int_equal(sgi_writes[1], 1ul << 24 | 2);
    assert_int_equal(sgi_writes[2], 1ul << 24 | 1ul << 16 | 1);
    assert_int_equal(sgi_writes[3], 1ul << 24 | 1ul << 16 | 2);
    assert_int_equal(sgi_writes[4], 1ul << 24 | 1ul << 44 | 1u << 2); /* range selector 1 */
    assert_int_equal(fake_trace(0)->event, FAKE_EV_DSB_ISHST);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(init_finds_what_the_gic_has),
    cmocka_unit_test(init_refuses_disabled_system_registers),
    cmocka_unit_test(init_needs_a_redistributor_region),
    cmocka_unit_test(cpu_init_wakes_its_redistributor_and_splits_eoi),
    cmocka_unit_test(redistributors_are_found_across_strides_and_regions),
    cmocka_unit_test(a_cpu_without_redistributor_is_an_error),
    cmocka_unit_test(a_hardware_interrupt_is_encoded_as_specified),
    cmocka_unit_test(what_is_written_is_read_back_in_every_register),
    cmocka_unit_test(the_empty_mask_is_read_behind_a_barrier),
    cmocka_unit_test(absent_active_priority_registers_are_not_touched),
    cmocka_unit_test(seven_preemption_bits_have_eight_registers),
    cmocka_unit_test(a_switch_moves_what_the_guest_can_see),
    cmocka_unit_test(the_underflow_interrupt_is_asked_for_and_not),
    cmocka_unit_test(where_icc_dir_can_be_trapped_alone_nothing_else_is),
    cmocka_unit_test(an_sgi_is_one_write_per_cpu),
};

FAKE_TEST_MAIN(tests)
