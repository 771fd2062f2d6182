/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/fpsimd.c: each vCPU finds its own FP/SIMD registers, whoever ran in between, and where.
 */
#include "tests/unit/sched_env.h"

/* v is the current vCPU: uses FP, and leaves a number in its first register. */
static void fp_use(struct vcpu *v, uint8_t number)
{
    if (fake_sysreg_get(FAKE_CPTR_EL2) & CPTR_TFP)
        trap_sync(v, (uint64_t)EC_FP << ESR_EC_SHIFT);
    memset(fake_fp_state(), number, 16);
}

static uint8_t fp_look(struct vcpu *v)
{
    if (fake_sysreg_get(FAKE_CPTR_EL2) & CPTR_TFP)
        trap_sync(v, (uint64_t)EC_FP << ESR_EC_SHIFT);
    return *(uint8_t *)fake_fp_state();
}

static void test_first_use_traps_and_finds_zeros(void **state)
{
    struct vcpu *v;

    (void)state;
    sched_env_run(1, 1);
    v = step(0);
    assert_true(fake_sysreg_get(FAKE_CPTR_EL2) & CPTR_TFP);
    memset(fake_fp_state(), 0xaa, sizeof(struct hw_fp_state));
    assert_int_equal(fp_look(v), 0);
    assert_false(fake_sysreg_get(FAKE_CPTR_EL2) & CPTR_TFP);
}

static void test_two_users_on_a_cpu_keep_their_own(void **state)
{
    struct vcpu *v, *w;

    (void)state;
    sched_env_run(1, 2);
    v = step(0);
    fp_use(v, 1);
    w = wfi(0);
    fp_use(w, 2);
    sched_wake(v);
    assert_ptr_equal(wfi(0), v);
    assert_int_equal(fp_look(v), 1);
    sched_wake(w);
    assert_ptr_equal(wfi(0), w);
    assert_int_equal(fp_look(w), 2);
}

/* Both use them in each turn, then only w does. */
static void test_who_uses_them_in_every_turn_stops_trapping(void **state)
{
    struct vcpu *v, *w;
    unsigned traps = 0, turns;

    (void)state;
    sched_env_run(1, 2);
    v = step(0);
    for (turns = 0; turns < 40; turns++) {
        traps += !!(fake_sysreg_get(FAKE_CPTR_EL2) & CPTR_TFP);
        assert_int_equal(fp_look(v), turns ? turns - 1 : 0);
        fp_use(v, (uint8_t)turns);
        w = wfi(0);
        fp_use(w, 0xee);
        sched_wake(v);
        assert_ptr_equal(wfi(0), v);
        sched_wake(w);
    }
    assert_in_range(traps, 3, 5);
    for (turns = 0; !(fake_sysreg_get(FAKE_CPTR_EL2) & CPTR_TFP); turns++) {
        assert_ptr_equal(wfi(0), w);
        assert_int_equal(fp_look(w), 0xee);
        sched_wake(v);
        assert_ptr_equal(wfi(0), v);
        sched_wake(w);
    }
    assert_in_range(turns, 1, 16);
    assert_int_equal(fp_look(v), 39);
}

static void test_who_comes_back_to_untouched_registers_does_not_trap(void **state)
{
    struct vcpu *v, *w;

    (void)state;
    sched_env_run(1, 2);
    v = step(0);
    fp_use(v, 1);
    w = wfi(0);
    sched_wake(v);
    assert_ptr_not_equal(v, w);
    assert_ptr_equal(wfi(0), v);
    assert_false(fake_sysreg_get(FAKE_CPTR_EL2) & CPTR_TFP);
    assert_int_equal(fp_look(v), 1);
}

static void test_registers_follow_to_another_cpu_and_back(void **state)
{
    struct domain *d = sched_env_run(2, 1);
    struct vcpu *v = d->vcpu[0];
    unsigned cpu = v->sched.cpu;

    (void)state;
    fake_cpu_switch(cpu);
    fp_use(v, 1);
    sched_affinity_set(v, BIT(!cpu), ~0ul);
    step(cpu);
    assert_ptr_equal(step(!cpu), v);
    assert_int_equal(fp_look(v), 1);
    fp_use(v, 2);
    sched_affinity_set(v, BIT(cpu), ~0ul);
    step(!cpu);
    assert_ptr_equal(step(cpu), v);
    assert_int_equal(fp_look(v), 2);
}

static void test_reset_forgets_what_a_cpu_still_holds(void **state)
{
    struct domain *d = sched_env_run(1, 1);
    struct vcpu *v = step(0);

    (void)state;
    fp_use(v, 1);
    domain_pause(d);
    assert_null(step(0));
    vcpu_reset(v, 0, 0);
    domain_unpause(d);
    assert_ptr_equal(step(0), v);
    assert_true(fake_sysreg_get(FAKE_CPTR_EL2) & CPTR_TFP);
    assert_int_equal(fp_look(v), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_first_use_traps_and_finds_zeros),
    cmocka_unit_test(test_two_users_on_a_cpu_keep_their_own),
    cmocka_unit_test(test_who_uses_them_in_every_turn_stops_trapping),
    cmocka_unit_test(test_who_comes_back_to_untouched_registers_does_not_trap),
    cmocka_unit_test(test_registers_follow_to_another_cpu_and_back),
    cmocka_unit_test(test_reset_forgets_what_a_cpu_still_holds),
};

FAKE_TEST_MAIN(tests)
