/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/trap.c: what each class of exception from a guest does.
 */
#include "tests/unit/sched_env.h"

#define PC 0x40080000ul

static struct domain *d;
static struct vcpu *v;

static void guest_up(unsigned vcpus)
{
    d = sched_env_run(1, vcpus);
    v = step(0);
    fake_sysreg_set(FAKE_ELR_EL2, PC);
    fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_EL1H);
    fake_sysreg_set(FAKE_VBAR_EL1, 0x40000800ul);
}

static void trap(unsigned ec, uint64_t iss)
{
    uint64_t esr = (uint64_t)ec << ESR_EC_SHIFT | ESR_IL | iss;

    fake_sysreg_set(FAKE_ESR_EL2, esr);
    trap_sync(v, esr);
}

static void assert_undefined_at(uint64_t pc)
{
    assert_int_equal(fake_sysreg_get(FAKE_ESR_EL1), ESR_IL);
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL1), pc);
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL2), 0x40000800ul + 0x200);
}

static void test_wfi_blocks_after_the_instruction(void **state)
{
    (void)state;
    guest_up(1);
    trap(EC_WFX, 0);
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL2), PC + 4);
    assert_null(step(0));
    assert_int_equal(v->sched.state, VCPU_BLOCKED);
}

static void test_wfe_wfit_and_wfet_only_yield(void **state)
{
    (void)state;
    for (unsigned ti = 1; ti < 4; ti++) {
        if (ti == 1)
            guest_up(2);
        else
            v = step(0);
        trap(EC_WFX, ti);
        assert_ptr_not_equal(step(0), v);
        assert_int_equal(v->sched.state, VCPU_RUNNABLE);
    }
}

static void test_skipping_ends_step_and_branch_type(void **state)
{
    (void)state;
    guest_up(1);
    fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_EL1H | PSTATE_SS | PSTATE_BTYPE);
    trap(EC_WFX, 1);
    assert_int_equal(fake_sysreg_get(FAKE_SPSR_EL2), PSTATE_EL1H);
}

static void test_short_thumb_instruction_is_skipped_by_its_size(void **state)
{
    /* ITSTATE 0b00010100: the third of an IT block follows. */
    uint64_t it = (0x14ul >> 2) << 10, next = (0x08ul >> 2) << 10;

    (void)state;
    guest_up(1);
    fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_AARCH32 | BIT(5) | it);
    fake_sysreg_set(FAKE_ESR_EL2, (uint64_t)EC_WFX << ESR_EC_SHIFT);
    trap_sync(v, (uint64_t)EC_WFX << ESR_EC_SHIFT | 1);
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL2), PC + 2);
    assert_int_equal(fake_sysreg_get(FAKE_SPSR_EL2), PSTATE_AARCH32 | BIT(5) | next);
}

static void test_smc_is_a_call_with_immediate_0_only(void **state)
{
    (void)state;
    guest_up(1);
    v->x[0] = 0x84000000;
    trap(EC_SMC64, 0);
    assert_int_equal(v->x[0], 0x10001);
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL2), PC + 4);
    fake_sysreg_set(FAKE_ELR_EL2, PC);
    trap(EC_SMC64, 1);
    assert_undefined_at(PC);
}

static void test_unknown_hvc_is_undefined_at_its_own_address(void **state)
{
    (void)state;
    guest_up(1);
    fake_sysreg_set(FAKE_ELR_EL2, PC + 4); /* HVC is past when it is taken */
    trap(EC_HVC64, 0x123);
    assert_undefined_at(PC);
}

static void test_what_is_not_offered_is_undefined(void **state)
{
    static const unsigned classes[] = { EC_SVE, EC_PAUTH, EC_CP15_32, 0x1d, 0x3f };

    (void)state;
    guest_up(1);
    for (unsigned i = 0; i < ARRAY_SIZE(classes); i++) {
        fake_sysreg_set(FAKE_ELR_EL2, PC);
        fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_EL1H);
        trap(classes[i], 0);
        assert_undefined_at(PC);
    }
}

static void test_fetch_from_nowhere_aborts_or_crashes_without_vectors(void **state)
{
    (void)state;
    guest_up(1);
    fake_sysreg_set(FAKE_HPFAR_EL2, 0x90000000ul >> 8);
    fake_sysreg_set(FAKE_FAR_EL2, 0xffff000012345678ul);
    trap(EC_IABT_LOW, 0x07);
    assert_int_equal(fake_sysreg_get(FAKE_ESR_EL1), 0x86000010ul);
    assert_int_equal(fake_sysreg_get(FAKE_FAR_EL1), 0xffff000012345678ul);
    assert_int_equal(d->state, DOMAIN_BUILDING); /* as env_domu left it */
    fake_sysreg_set(FAKE_VBAR_EL1, 0);
    trap(EC_IABT_LOW, 0x07);
    assert_int_equal(d->state, DOMAIN_SHUTDOWN);
    assert_int_equal(d->shutdown_code, SHUTDOWN_crash);
    assert_null(step(0));
}

#define SERROR 0xbe000011ul /* as a CPU with RAS reports a bad address */

static bool is_serror_pending(void) { return fake_sysreg_get(FAKE_HCR_EL2) & HCR_VSE; }

/* As the CPU does when the guest takes it. */
static void guest_takes_serror(void)
{
    assert_true(is_serror_pending());
    fake_sysreg_set(FAKE_HCR_EL2, fake_sysreg_get(FAKE_HCR_EL2) & ~HCR_VSE);
}

static void serror_comes(void)
{
    fake_sysreg_set(FAKE_ESR_EL2, SERROR);
    trap_serror(v);
}

static void test_serror_goes_to_the_guest_that_ran_and_stops_nobody(void **state)
{
    (void)state;
    guest_up(1);
    serror_comes();
    assert_int_equal(fake_sysreg_get(FAKE_HCR_EL2), v->hcr | HCR_VSE);
    assert_int_equal(fake_sysreg_get(FAKE_VSESR_EL2), 0); /* no RAS: there is no such register */
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL2), PC);
    assert_int_equal(d->state, DOMAIN_BUILDING); /* as env_domu left it */
    assert_ptr_equal(step(0), v);
    fake_sysreg_set(FAKE_ID_AA64PFR0_EL1, 1ul << 28);
    serror_comes();
    assert_int_equal(fake_sysreg_get(FAKE_VSESR_EL2), 0x11);
}

static void test_serror_that_is_not_taken_yet_stays_with_its_vcpu(void **state)
{
    (void)state;
    guest_up(2);
    fake_sysreg_set(FAKE_ID_AA64PFR0_EL1, 1ul << 28);
    serror_comes();
    assert_ptr_not_equal(wfi(0), v);
    assert_false(is_serror_pending());
    fake_sysreg_set(FAKE_VSESR_EL2, 0x1234);
    sched_wake(v);
    assert_ptr_equal(wfi(0), v);
    assert_int_equal(fake_sysreg_get(FAKE_VSESR_EL2), 0x11);
    guest_takes_serror();
    /* Taken: a switch does not bring it back. */
    sched_wake(d->vcpu[!v->id]);
    assert_ptr_not_equal(wfi(0), v);
    sched_wake(v);
    assert_ptr_equal(wfi(0), v);
    assert_false(is_serror_pending());
}

static void test_what_traps_changes_beside_a_pending_serror(void **state)
{
    (void)state;
    d = sched_env_up(2, 1);
    v = d->vcpu[0];
    assert_int_equal(sched_affinity_set(v, 2, ~0ul), 0);
    domain_unpause(d);
    assert_ptr_equal(step(1), v);
    serror_comes();
    assert_false(fake_sysreg_get(FAKE_HCR_EL2) & HCR_TWI);
    sched_cap_set(d, 50);
    assert_ptr_equal(step(1), v);
    assert_true(v->hcr & HCR_TWI);
    assert_int_equal(fake_sysreg_get(FAKE_HCR_EL2), v->hcr | HCR_VSE);
    guest_takes_serror();
    sched_cap_set(d, 0);
    assert_ptr_equal(step(1), v);
    assert_int_equal(fake_sysreg_get(FAKE_HCR_EL2), v->hcr);
}

static void test_serror_that_waits_at_el2_goes_to_the_vcpu_that_leaves(void **state)
{
    (void)state;
    guest_up(2);
    fake_serror = SERROR;
    assert_ptr_not_equal(wfi(0), v);
    assert_int_equal(fake_serror, 0);
    assert_false(is_serror_pending());
    sched_wake(v);
    assert_ptr_equal(wfi(0), v);
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL2), PC);
    guest_takes_serror();
}

static void test_serror_is_forgotten_by_reset(void **state)
{
    (void)state;
    guest_up(2);
    serror_comes();
    wfi(0);
    vcpu_reset(v, PC, 0);
    sched_wake(v);
    assert_ptr_equal(wfi(0), v);
    assert_false(is_serror_pending());
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_wfi_blocks_after_the_instruction),
    cmocka_unit_test(test_wfe_wfit_and_wfet_only_yield),
    cmocka_unit_test(test_skipping_ends_step_and_branch_type),
    cmocka_unit_test(test_short_thumb_instruction_is_skipped_by_its_size),
    cmocka_unit_test(test_smc_is_a_call_with_immediate_0_only),
    cmocka_unit_test(test_unknown_hvc_is_undefined_at_its_own_address),
    cmocka_unit_test(test_what_is_not_offered_is_undefined),
    cmocka_unit_test(test_fetch_from_nowhere_aborts_or_crashes_without_vectors),
    cmocka_unit_test(test_serror_goes_to_the_guest_that_ran_and_stops_nobody),
    cmocka_unit_test(test_serror_that_is_not_taken_yet_stays_with_its_vcpu),
    cmocka_unit_test(test_what_traps_changes_beside_a_pending_serror),
    cmocka_unit_test(test_serror_that_waits_at_el2_goes_to_the_vcpu_that_leaves),
    cmocka_unit_test(test_serror_is_forgotten_by_reset),
};

FAKE_TEST_MAIN(tests)
