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

static void test_serror_and_aarch32_el1_crash_the_domain_only(void **state)
{
    (void)state;
    guest_up(1);
    trap_serror(v);
    assert_int_equal(d->state, DOMAIN_SHUTDOWN);
    assert_null(step(0));
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
    cmocka_unit_test(test_serror_and_aarch32_el1_crash_the_domain_only),
};

FAKE_TEST_MAIN(tests)
