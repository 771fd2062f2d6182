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

static void test_xzr_reads_as_zero_and_swallows(void **state)
{
    (void)state;
    guest_up(1);
    assert_true(run(iss(CNTP_CVAL) | 31 << 5));
    assert_int_equal(vtimer_cntp_read(&v->vtimer, VTIMER_CNTP_CVAL, 0), 0);
    assert_true(run(iss(CNTP_CVAL) | 31 << 5 | 1));
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
    cmocka_unit_test(test_xzr_reads_as_zero_and_swallows),
};

FAKE_TEST_MAIN(tests)
