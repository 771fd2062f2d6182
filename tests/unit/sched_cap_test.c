/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/sched.c: the cap of a domain, soft affinity, and CPU time without WFI while it is watched.
 */
#include "tests/unit/sched_env.h"

#define MS_NS 1000000ul

static uint64_t domain_time_ns(struct domain *d)
{
    uint64_t ns = 0;

    for (unsigned i = 0; i < d->vcpu_max; i++)
        ns += sched_vcpu_runtime_ns(d->vcpu[i]);
    return ns;
}

/* What d gets of one CPU while it burns all that it can, in permille. */
static unsigned burn_permille(struct domain *d, unsigned ms)
{
    uint64_t before = domain_time_ns(d);

    sched_env_pass(ms);
    return (unsigned)((domain_time_ns(d) - before) * 1000 / (ms * MS_NS));
}

static void assert_near(unsigned got, unsigned wanted)
{
    if (got + 30 < wanted || got > wanted + 30)
        fake_fail("%u of 1000, not %u", got, wanted);
}

static void a_hog_alone_gets_its_cap_and_no_more(void **state)
{
    struct domain *d = sched_env_run(1, 1);

    (void)state;
    assert_near(burn_permille(d, 2000), 1000);
    sched_cap_set(d, 50);
    assert_near(burn_permille(d, 2000), 500);
    sched_cap_set(d, 10);
    assert_near(burn_permille(d, 4000), 100);
    sched_cap_set(d, 1);
    assert_near(burn_permille(d, 20000), 10);
    sched_cap_set(d, 0);
    sched_env_pass(600); /* what it has used is still to be waited for, once */
    assert_near(burn_permille(d, 2000), 1000);
}

static void the_vcpus_of_a_domain_share_its_cap(void **state)
{
    struct domain *d = sched_env_up(2, 2);

    (void)state;
    sched_cap_set(d, 120);
    domain_unpause(d);
    assert_near(burn_permille(d, 4000), 1200);
    sched_cap_set(d, 30);
    assert_near(burn_permille(d, 4000), 300);
}

static void what_a_cap_leaves_goes_to_others(void **state)
{
    struct domain *capped = sched_env_up(1, 1), *other = env_domu(1, 16);
    uint64_t before;

    (void)state;
    sched_vcpu_online(other->vcpu[0]);
    sched_cap_set(capped, 20);
    domain_unpause(capped);
    domain_unpause(other);
    before = domain_time_ns(other);
    assert_near(burn_permille(capped, 4000), 200);
    assert_near((unsigned)((domain_time_ns(other) - before) * 1000 / (4000 * MS_NS)), 800);
}

static void sleep_is_no_credit_beyond_a_period(void **state)
{
    struct domain *d = sched_env_run(1, 1);
    struct vcpu *v = d->vcpu[0];

    (void)state;
    sched_cap_set(d, 50);
    step(0);
    assert_null(wfi(0));
    fake_counter_advance(5000 * MS);
    tick(0);
    sched_wake(v);
    step(0);
    assert_true(burn_permille(d, 100) < 620);
}

static void a_cap_below_what_is_used_does_not_bother(void **state)
{
    struct domain *d = sched_env_run(1, 1);
    struct vcpu *v = d->vcpu[0];

    (void)state;
    sched_cap_set(d, 50);
    for (unsigned i = 0; i < 100; i++) { /* 2 ms of 10 */
        sched_wake(v);
        assert_ptr_equal(step(0), v);
        fake_counter_advance(2 * MS);
        assert_null(wfi(0));
        fake_counter_advance(8 * MS);
        tick(0);
        assert_false(d->is_capped);
    }
}

static void a_capped_domain_can_be_destroyed(void **state)
{
    struct domain *d = sched_env_run(1, 1);
    domid_t id = d->id;

    (void)state;
    sched_cap_set(d, 1);
    sched_env_pass(50);
    assert_true(d->is_capped);
    assert_int_equal(domain_kill(d), 0);
    step(0);
    fake_cpu_switch(0);
    while (domain_relinquish(d) == -ERESTART)
        env_quiesce_all();
    assert_null(domain_by_id(id));
    sched_env_pass(2000); /* its timer is not there any more */
}

static void a_pause_by_the_tools_outlasts_the_cap(void **state)
{
    struct domain *d = sched_env_run(1, 1);

    (void)state;
    sched_cap_set(d, 10);
    sched_env_pass(20);
    assert_true(d->is_capped);
    domain_pause(d);
    sched_env_pass(500);
    assert_false(d->is_capped);
    assert_int_equal(burn_permille(d, 200), 0);
    domain_unpause(d);
    assert_near(burn_permille(d, 2000), 100);
}

static void wfi_of_a_capped_domain_costs_nothing(void **state)
{
    struct domain *d = sched_env_up(2, 1);

    (void)state;
    assert_int_equal(sched_affinity_set(d->vcpu[0], 2, ~0ul), 0);
    domain_unpause(d);
    step(1);
    assert_false(d->vcpu[0]->hcr & HCR_TWI);
    sched_cap_set(d, 50);
    step(1);
    assert_true(d->vcpu[0]->hcr & HCR_TWI);
}

static void watching_makes_wfi_trap_for_so_long(void **state)
{
    struct domain *d = sched_env_up(2, 1);
    struct vcpu *v = d->vcpu[0];
    uint64_t counted, untrapped;

    (void)state;
    assert_int_equal(sched_affinity_set(v, 2, ~0ul), 0);
    domain_unpause(d);
    assert_ptr_equal(step(1), v);
    fake_counter_advance(10 * MS);
    assert_true(sched_vcpu_runtime_ns(v) > 9 * MS_NS);
    assert_true(v->sched.untrapped_ns > 9 * MS_NS);
    fake_cpu_switch(0);
    sched_watch(2);
    assert_ptr_equal(step(1), v); /* that CPU was told */
    assert_true(fake_sysreg_get(FAKE_HCR_EL2) & HCR_TWI);
    assert_null(wfi(1));
    counted = sched_vcpu_runtime_ns(v);
    untrapped = v->sched.untrapped_ns;
    fake_counter_advance(500 * MS);
    assert_int_equal(sched_vcpu_runtime_ns(v), counted);
    sched_wake(v);
    assert_ptr_equal(step(1), v);
    fake_counter_advance(100 * MS);
    assert_true(sched_vcpu_runtime_ns(v) >= counted + 99 * MS_NS);
    assert_int_equal(v->sched.untrapped_ns, untrapped);
    fake_counter_advance(3000 * MS);
    resched(1);
    assert_false(v->hcr & HCR_TWI);
}

static void soft_affinity_moves_a_vcpu_and_does_not_bind_it(void **state)
{
    struct domain *d = sched_env_run(2, 1);
    struct vcpu *v = d->vcpu[0];
    unsigned cpu = v->sched.cpu;

    (void)state;
    assert_int_equal(sched_affinity_set(v, ~0ul, BIT(!cpu)), 0);
    assert_null(step(cpu));
    assert_ptr_equal(step(!cpu), v);
    assert_int_equal(v->sched.place, ~0ul);
    /* One that nobody has is no preference. */
    assert_int_equal(sched_affinity_set(v, ~0ul, BIT(40)), 0);
    assert_ptr_equal(resched(!cpu), v);
}

static void soft_affinity_gives_way_to_work(void **state)
{
    struct domain *d = sched_env_up(2, 2);

    (void)state;
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(sched_affinity_set(d->vcpu[i], ~0ul, 1), 0);
    domain_unpause(d);
    sched_env_pass(1000);
    assert_near((unsigned)(domain_time_ns(d) / MS_NS), 2000);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_hog_alone_gets_its_cap_and_no_more),
    cmocka_unit_test(the_vcpus_of_a_domain_share_its_cap),
    cmocka_unit_test(what_a_cap_leaves_goes_to_others),
    cmocka_unit_test(sleep_is_no_credit_beyond_a_period),
    cmocka_unit_test(a_cap_below_what_is_used_does_not_bother),
    cmocka_unit_test(a_capped_domain_can_be_destroyed),
    cmocka_unit_test(a_pause_by_the_tools_outlasts_the_cap),
    cmocka_unit_test(wfi_of_a_capped_domain_costs_nothing),
    cmocka_unit_test(watching_makes_wfi_trap_for_so_long),
    cmocka_unit_test(soft_affinity_moves_a_vcpu_and_does_not_bind_it),
    cmocka_unit_test(soft_affinity_gives_way_to_work),
};

FAKE_TEST_MAIN(tests)
