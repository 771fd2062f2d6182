/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/sysreg.c: trapped system registers.
 */
#include "core/idregs.h"
#include "core/pmu.h"
#include "tests/unit/sched_env.h"

#define PC 0x40080000ul
#define CNTP_TVAL 3, 3, 14, 2, 0
#define CNTP_CTL 3, 3, 14, 2, 1
#define CNTP_CVAL 3, 3, 14, 2, 2

static struct vcpu *v;

static void guest_up(unsigned vcpus)
{
    sched_env_run(1, vcpus);
    idregs_init();
    v = step(0);
    fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_EL1H);
    fake_sysreg_set(FAKE_VBAR_EL1, 0x40000800ul);
}

static uint64_t iss(unsigned op0, unsigned op1, unsigned crn, unsigned crm, unsigned op2)
{
    return op0 << 20 | op2 << 17 | op1 << 14 | crn << 10 | crm << 1;
}

/* True: done; false: undefined. */
static bool run(uint64_t esr)
{
    fake_sysreg_set(FAKE_ELR_EL2, PC);
    trap_sync(v, (uint64_t)EC_SYSREG << ESR_EC_SHIFT | ESR_IL | esr);
    return fake_sysreg_get(FAKE_ELR_EL2) == PC + 4;
}

static bool msr(uint64_t reg, uint64_t value)
{
    v->x[7] = value;
    return run(reg | 7 << 5);
}

static bool mrs(uint64_t reg, uint64_t *value)
{
    bool ok;

    v->x[7] = 0xdead;
    ok = run(reg | 7 << 5 | 1);
    *value = v->x[7];
    return ok;
}

/* The machine's register is every guest's: it can't be switched off for the next one. */
static void test_the_gics_system_registers_stay_on(void **state)
{
    uint64_t sre;

    (void)state;
    guest_up(1);
    assert_true(msr(iss(3, 0, 12, 12, 5), 0));
    assert_true(mrs(iss(3, 0, 12, 12, 5), &sre));
    assert_int_equal(sre, 7);
    assert_int_not_equal(fake_sysreg_get(FAKE_ICC_SRE_EL1), 0);
}

static void test_physical_timer_counts_down_and_interrupts(void **state)
{
    uint64_t ctl;

    (void)state;
    guest_up(1);
    assert_true(msr(iss(CNTP_TVAL), 10 * MS));
    assert_true(msr(iss(CNTP_CTL), 1));
    assert_true(v->cntp_timer.is_set);
    assert_true(mrs(iss(CNTP_CTL), &ctl));
    assert_int_equal(ctl, 1);
    fake_counter_advance(10 * MS);
    assert_true(mrs(iss(CNTP_CTL), &ctl));
    assert_int_equal(ctl, 5);
}

static void gic_write(bool (*frame)(struct vgic *, struct vgic_access *), uint64_t offset,
                      uint32_t value)
{
    struct vgic_access a = { .cpu = &v->vgic, .offset = offset, .size = 4, .is_write = true,
                             .value = value };

    do {
        a.retry = false;
        assert_true(frame(&v->domain->vgic, &a));
    } while (a.retry);
}

/* Who turned it off has no interrupt any more, even if the timer fired just before. */
static void test_level_falls_with_the_timer(void **state)
{
    (void)state;
    guest_up(1);
    gic_write(vgic_v3_redist_access, 0x10080, ~0u); /* GICR_IGROUPR0 */
    gic_write(vgic_v3_redist_access, 0x10100, BIT(VTIMER_PPI_PHYSICAL));
    gic_write(vgic_dist_access, 0, 2); /* GICD_CTLR: group 1 */
    msr(iss(CNTP_CVAL), timer_now() + MS);
    msr(iss(CNTP_CTL), 1);
    assert_false(vcpu_has_pending(v));
    fake_counter_advance(2 * MS);
    assert_ptr_equal(tick(0), v);
    assert_true(vcpu_has_pending(v));
    msr(iss(CNTP_CTL), 3);
    assert_ptr_equal(tick(0), v);
    assert_false(vcpu_has_pending(v));
    v->cntp_timer.fire(&v->cntp_timer);
    assert_false(vcpu_has_pending(v));
}

static void test_physical_timer_wakes_a_blocked_vcpu(void **state)
{
    (void)state;
    test_level_falls_with_the_timer(state);
    msr(iss(CNTP_CVAL), timer_now() + MS);
    msr(iss(CNTP_CTL), 1);
    assert_null(wfi(0));
    assert_null(tick(0));
    fake_counter_advance(2 * MS);
    assert_ptr_equal(tick(0), v);
}

static void test_id_registers_are_read_only_and_filtered(void **state)
{
    uint64_t pfr0;

    (void)state;
    guest_up(1);
    assert_true(mrs(iss(3, 0, 0, 4, 0), &pfr0));
    assert_int_equal(pfr0 >> 8 & 0xff, 0);      /* no EL2, EL3 */
    assert_int_equal(pfr0 >> 24 & 15, 1);       /* GICv3 system registers */
    assert_false(msr(iss(3, 0, 0, 4, 0), 0));
}

static void test_what_a_debugger_outside_would_use_reads_zero(void **state)
{
    static const uint8_t regs[][5] = {
        { 2, 0, 0, 3, 2 }, { 2, 0, 0, 0, 2 }, { 2, 0, 1, 4, 4 }, { 2, 3, 0, 4, 0 },
        { 2, 0, 0, 2, 0 }, { 2, 0, 0, 6, 2 },
    };
    uint64_t value;

    (void)state;
    guest_up(1);
    for (unsigned i = 0; i < ARRAY_SIZE(regs); i++) {
        uint64_t r = iss(regs[i][0], regs[i][1], regs[i][2], regs[i][3], regs[i][4]);

        assert_true(msr(r, ~0ul));
        assert_true(mrs(r, &value));
        assert_int_equal(value, 0);
    }
}

static void test_without_performance_monitors_their_registers_are_undefined(void **state)
{
    static const uint8_t regs[][5] = {
        { 3, 3, 9, 12, 0 }, { 3, 3, 9, 13, 0 }, { 3, 0, 9, 14, 1 }, { 3, 3, 14, 8, 0 },
    };
    uint64_t value;

    (void)state;
    guest_up(1);
    for (unsigned i = 0; i < ARRAY_SIZE(regs); i++) {
        uint64_t r = iss(regs[i][0], regs[i][1], regs[i][2], regs[i][3], regs[i][4]);

        assert_false(msr(r, ~0ul));
        assert_false(mrs(r, &value));
    }
    assert_true(pmu_is_used(v) == false);
}

static void test_trace_and_implementation_defined_registers_are_undefined(void **state)
{
    uint64_t value;

    (void)state;
    guest_up(1);
    assert_false(mrs(iss(2, 1, 0, 0, 0), &value));
    assert_false(mrs(iss(3, 0, 15, 0, 0), &value));
    assert_false(mrs(iss(3, 0, 12, 11, 5), &value)); /* ICC_SGI1R_EL1 is write-only */
    assert_int_equal(value, 0xdead);
}

/* Active and shared: GICD_ISACTIVER1's bit of SPI 40. */
static uint32_t is_active(void)
{
    struct vgic_access a = { .cpu = &v->vgic, .offset = 0x304, .size = 4 };

    assert_true(vgic_dist_access(&v->domain->vgic, &a));
    return (uint32_t)a.value & 1u << 8;
}

static void test_icc_dir_deactivates(void **state)
{
    uint64_t value;

    (void)state;
    guest_up(1);
    gic_write(vgic_dist_access, 0x304, 1u << 8);
    assert_true(is_active());
    assert_true(msr(iss(3, 0, 12, 11, 1), 40));
    assert_true(is_active()); /* EOImode 0 */
    fake_sysreg_set(FAKE_ICH_VMCR_EL2, GIC_VMCR_EOIM);
    assert_true(msr(iss(3, 0, 12, 11, 1), 1ul << 23 | 40)); /* an LPI */
    assert_true(is_active());
    assert_true(msr(iss(3, 0, 12, 11, 1), 40));
    assert_false(is_active());
    assert_false(mrs(iss(3, 0, 12, 11, 1), &value));
}

static void test_what_traps_with_icc_dir_is_emulated(void **state)
{
    uint64_t value;

    (void)state;
    guest_up(1);
    assert_true(msr(iss(3, 0, 12, 12, 4), 2));
    assert_true(fake_sysreg_get(FAKE_ICH_VMCR_EL2) & GIC_VMCR_EOIM);
    assert_true(mrs(iss(3, 0, 12, 12, 4), &value));
    assert_int_equal(value & 3, 2);
    assert_true(msr(iss(3, 0, 4, 6, 0), 0x80));
    assert_true(mrs(iss(3, 0, 4, 6, 0), &value));
    assert_int_equal(value, 0x80);
    assert_true(mrs(iss(3, 0, 12, 11, 3), &value));
    assert_int_equal(value, 0xff);
    assert_false(msr(iss(3, 0, 12, 11, 3), 0));
    v->domain->vgic.version = GIC_V2;
    assert_false(mrs(iss(3, 0, 4, 6, 0), &value));
    assert_false(msr(iss(3, 0, 12, 11, 1), 40));
    v->domain->vgic.version = GIC_V3;
}

static void test_xzr_reads_as_zero_and_swallows(void **state)
{
    (void)state;
    guest_up(1);
    assert_true(run(iss(CNTP_CVAL) | 31 << 5));
    assert_int_equal(vtimer_cntp_read(&v->vtimer, VTIMER_CNTP_CVAL, 0), 0);
    assert_true(run(iss(CNTP_CVAL) | 31 << 5 | 1));
}

/* --- AArch32 EL0 ---------------------------------------------------------------------------- */
#define ALWAYS (0x1e00000ul)    /* CV, COND */
#define MRC 1ul
#define RT(n) ((uint64_t)(n) << 5)
#define RT2(n) ((uint64_t)(n) << 10)

static void guest_in_aarch32(uint64_t pstate)
{
    guest_up(1);
    fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_AARCH32 | pstate);
}

/* True: done; false: undefined. */
static bool run_32(unsigned ec, uint64_t esr)
{
    esr |= (uint64_t)ec << ESR_EC_SHIFT | ESR_IL;
    fake_sysreg_set(FAKE_ELR_EL2, PC);
    fake_sysreg_set(FAKE_ESR_EL2, esr);
    trap_sync(v, esr);
    return fake_sysreg_get(FAKE_ELR_EL2) == PC + 4;
}

static uint64_t cp(unsigned opc1, unsigned crn, unsigned crm, unsigned opc2)
{
    return ALWAYS | iss(0, opc1, crn, crm, opc2);
}

static uint64_t cp_pair(unsigned opc1, unsigned crm)
{
    return ALWAYS | opc1 << 16 | crm << 1;
}

static void test_physical_timer_of_32_bit_programs(void **state)
{
    (void)state;
    guest_in_aarch32(0);
    v->x[3] = 0xffffffff00000000ul | (10 * MS);
    assert_true(run_32(EC_CP15_32, cp(0, 14, 2, 0) | RT(3)));               /* CNTP_TVAL */
    v->x[3] = 1;
    assert_true(run_32(EC_CP15_32, cp(0, 14, 2, 1) | RT(3)));               /* CNTP_CTL */
    assert_true(v->cntp_timer.is_set);
    assert_int_equal(v->vtimer.cntp_cval, timer_now() + 10 * MS);
    fake_counter_advance(11 * MS);
    assert_true(run_32(EC_CP15_32, cp(0, 14, 2, 1) | RT(4) | MRC));
    assert_int_equal(v->x[4], 5);
    v->x[5] = ~0ul;
    assert_true(run_32(EC_CP15_32, cp(0, 14, 2, 0) | RT(5) | MRC));
    assert_int_equal(v->x[5], (uint32_t)-MS);
    v->x[1] = 0xeeeeeeee12345678ul;
    v->x[2] = 0xeeeeeeee9abcdef0ul;
    assert_true(run_32(EC_CP15_64, cp_pair(2, 14) | RT(1) | RT2(2)));       /* CNTP_CVAL */
    assert_int_equal(v->vtimer.cntp_cval, 0x9abcdef012345678ul);
    assert_true(run_32(EC_CP15_64, cp_pair(2, 14) | RT(14) | RT2(0) | MRC));
    assert_int_equal(v->x[14], 0x12345678);
    assert_int_equal(v->x[0], 0x9abcdef0);
}

/* QEMU traps it at EL0. */
static void test_physical_counter(void **state)
{
    uint64_t now;

    (void)state;
    guest_up(1);
    assert_true(mrs(iss(3, 3, 14, 0, 1), &now));
    assert_int_equal(now, timer_now());
    assert_false(msr(iss(3, 3, 14, 0, 1), 0));
    fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_AARCH32);
    assert_true(run_32(EC_CP15_64, cp_pair(0, 14) | RT(1) | RT2(2) | MRC));
    assert_int_equal(v->x[2] << 32 | v->x[1], now);
}

static void test_debug_registers_of_32_bit_programs(void **state)
{
    static const struct { uint8_t crn, crm; } zero[] = { { 0, 1 }, { 0, 5 }, { 1, 0 }, { 2, 0 } };

    (void)state;
    guest_in_aarch32(PSTATE_NZCV);
    fake_sysreg_set(FAKE_ID_AA64DFR0_EL1, 3ul << 28 | 5 << 20 | 7 << 12 | 6);
    idregs_init();
    v->x[3] = ~0ul;
    assert_true(run_32(EC_CP14_32, cp(0, 0, 0, 0) | RT(3) | MRC));
    assert_int_equal(v->x[3], 0x57368000);
    for (unsigned i = 0; i < ARRAY_SIZE(zero); i++) {
        v->x[3] = ~0ul;
        assert_true(run_32(EC_CP14_32, cp(0, zero[i].crn, zero[i].crm, 0) | RT(3) | MRC));
        assert_int_equal(v->x[3], 0);
    }
    assert_true(run_32(EC_CP14_32, cp(0, 0, 5, 0) | RT(3)));                /* DBGDTRTXint */
    for (unsigned crm = 1; crm <= 2; crm++) {
        v->x[3] = v->x[4] = ~0ul;
        assert_true(run_32(EC_CP14_64, cp_pair(0, crm) | RT(3) | RT2(4) | MRC));
        assert_int_equal(v->x[3] | v->x[4], 0);
    }
    assert_int_equal(fake_sysreg_get(FAKE_SPSR_EL2), PSTATE_AARCH32 | PSTATE_NZCV);
    assert_true(run_32(EC_CP14_32, cp(0, 0, 1, 0) | RT(31) | MRC));         /* to APSR_nzcv */
    assert_int_equal(fake_sysreg_get(FAKE_SPSR_EL2), PSTATE_AARCH32);
    assert_int_equal(v->x[31], 0);
}

/* The transfer is to nowhere, or of an UNKNOWN value. */
static void test_debug_channel_moves_the_base_of_ldc_and_stc(void **state)
{
    const uint64_t five = ALWAYS | 5 << 12 | RT(6), up = BIT(4), post = 1 << 1, offset = 2 << 1,
                   pre = 3 << 1, literal = 6 << 1, load = 1;

    (void)state;
    guest_in_aarch32(0);
    v->x[6] = 0x1000;
    assert_true(run_32(EC_CP14_LS, five | up | post | load));
    assert_int_equal(v->x[6], 0x1014);
    assert_true(run_32(EC_CP14_LS, five | pre));
    assert_int_equal(v->x[6], 0x1000);
    assert_true(run_32(EC_CP14_LS, five | up | offset));
    assert_true(run_32(EC_CP14_LS, five | up | literal | load));
    assert_true(run_32(EC_CP14_LS, (five & ~ALWAYS) | ISS_CV | up | pre)); /* EQ, and Z is 0 */
    assert_int_equal(v->x[6], 0x1000);
    v->x[6] = 4;
    assert_true(run_32(EC_CP14_LS, five | post));
    assert_int_equal(v->x[6], 0xfffffff0);
    assert_true(run_32(EC_CP14_LS, five | RT(31) | up | post)); /* of the PC: UNPREDICTABLE */
    assert_int_equal(v->x[31], 0);
}

static void test_what_32_bit_programs_do_not_have_is_undefined(void **state)
{
    (void)state;
    guest_in_aarch32(0);
    v->x[3] = 0xdead;
    assert_false(run_32(EC_CP15_32, cp(0, 9, 12, 0) | RT(3) | MRC));   /* PMCR: no monitors */
    assert_false(run_32(EC_CP15_64, cp_pair(0, 9) | RT(3) | MRC));     /* PMCCNTR */
    assert_false(run_32(EC_CP15_32, cp(0, 15, 0, 0) | RT(3) | MRC));   /* HCR_EL2.TIDCP */
    assert_false(run_32(EC_CP15_32, cp(1, 14, 2, 1) | RT(3) | MRC));
    assert_false(run_32(EC_CP15_64, cp_pair(0, 2) | RT(3) | MRC));     /* AMEVCNTR02 */
    assert_false(run_32(EC_CP14_32, cp(1, 0, 1, 0) | RT(3) | MRC));    /* trace */
    assert_false(run_32(EC_CP14_64, cp_pair(1, 1) | RT(3) | MRC));
    assert_int_equal(v->x[3], 0xdead);
}

/* DDI 0487, ConditionHolds, for all values of NZCV. */
static bool holds(unsigned condition, unsigned nzcv)
{
    bool n = nzcv & 8, z = nzcv & 4, c = nzcv & 2, o = nzcv & 1;
    const bool base[] = { z, c, n, o, c && !z, n == o, n == o && !z, true };

    return base[condition >> 1] != (condition & 1 && condition != 15);
}

static void test_instruction_whose_condition_fails_does_nothing(void **state)
{
    (void)state;
    guest_in_aarch32(0);
    for (unsigned condition = 0; condition < 16; condition++)
        for (unsigned nzcv = 0; nzcv < 16; nzcv++) {
            uint64_t esr = (cp(0, 14, 2, 1) & ~ALWAYS) | RT(3) | MRC | ISS_CV | condition << 20;

            fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_AARCH32 | (uint64_t)nzcv << 28);
            v->x[3] = 0xdead;
            assert_true(run_32(EC_CP15_32, esr));
            assert_int_equal(v->x[3], holds(condition, nzcv) ? 0 : 0xdead);
        }
    fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_AARCH32);
    assert_true(run_32(EC_CP15_32, ISS_CV | iss(0, 0, 15, 0, 0) | MRC)); /* undefined, but EQ */
}

/* CV 0: the condition is that of the IT block, which moves on. */
static void test_condition_of_an_it_block(void **state)
{
    const uint64_t esr = (cp(0, 14, 2, 1) & ~ALWAYS) | RT(3) | MRC, z = BIT(30);
    const uint64_t eq = PSTATE_AARCH32 | BIT(5) | (0x0cul >> 2) << 10; /* ITE EQ */

    (void)state;
    guest_in_aarch32(0);
    v->x[3] = 0xdead;
    fake_sysreg_set(FAKE_SPSR_EL2, eq);
    assert_true(run_32(EC_CP15_32, esr));
    assert_int_equal(v->x[3], 0xdead);
    assert_int_equal(fake_sysreg_get(FAKE_SPSR_EL2),
                     PSTATE_AARCH32 | BIT(5) | (0x18ul >> 2) << 10); /* NE, the last */
    fake_sysreg_set(FAKE_SPSR_EL2, eq | z);
    assert_true(run_32(EC_CP15_32, esr));
    assert_int_equal(v->x[3], 0);
    v->x[3] = 0xdead;
    fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_AARCH32 | BIT(5)); /* in none */
    assert_true(run_32(EC_CP15_32, esr));
    assert_int_equal(v->x[3], 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_the_gics_system_registers_stay_on),
    cmocka_unit_test(test_physical_timer_counts_down_and_interrupts),
    cmocka_unit_test(test_level_falls_with_the_timer),
    cmocka_unit_test(test_physical_timer_wakes_a_blocked_vcpu),
    cmocka_unit_test(test_id_registers_are_read_only_and_filtered),
    cmocka_unit_test(test_what_a_debugger_outside_would_use_reads_zero),
    cmocka_unit_test(test_without_performance_monitors_their_registers_are_undefined),
    cmocka_unit_test(test_trace_and_implementation_defined_registers_are_undefined),
    cmocka_unit_test(test_icc_dir_deactivates),
    cmocka_unit_test(test_what_traps_with_icc_dir_is_emulated),
    cmocka_unit_test(test_xzr_reads_as_zero_and_swallows),
    cmocka_unit_test(test_physical_timer_of_32_bit_programs),
    cmocka_unit_test(test_physical_counter),
    cmocka_unit_test(test_debug_registers_of_32_bit_programs),
    cmocka_unit_test(test_debug_channel_moves_the_base_of_ldc_and_stc),
    cmocka_unit_test(test_what_32_bit_programs_do_not_have_is_undefined),
    cmocka_unit_test(test_instruction_whose_condition_fails_does_nothing),
    cmocka_unit_test(test_condition_of_an_it_block),
};

FAKE_TEST_MAIN(tests)
