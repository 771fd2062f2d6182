/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/runq.c: order, arrival from elsewhere, and the guess where to go.
 */
#include "tests/unit/sched_env.h"

#define MS_NS 1000000ul

static struct domain *d;
static struct runq *rq;

/* A machine of two idle CPUs; d's vCPUs are paused, at home on CPU 0. */
static void queue_up(unsigned vcpus)
{
    d = sched_env_up(2, vcpus);
    for (unsigned i = 0; i < vcpus; i++)
        sched_affinity_set(d->vcpu[i], 1, 1);
    for (unsigned i = 0; i < vcpus; i++)
        sched_affinity_set(d->vcpu[i], 3, 3);
    rq = fake_percpus[0].runq;
}

static void insert_at(unsigned id, uint64_t vruntime)
{
    d->vcpu[id]->sched.vruntime = vruntime;
    runq_insert(rq, d->vcpu[id]);
}

static void test_order_is_by_virtual_time_then_arrival(void **state)
{
    static const uint64_t at[] = { 5, 3, 5, 1 };
    static const unsigned order[] = { 3, 1, 0, 2 };

    (void)state;
    queue_up(4);
    assert_null(runq_first(rq));
    for (unsigned i = 0; i < 4; i++)
        insert_at(i, at[i]);
    for (unsigned i = 0; i < 4; i++) {
        struct vcpu *v = runq_first(rq);

        assert_int_equal(v->id, order[i]);
        runq_remove(rq, v);
        runq_remove(rq, v); /* harmless */
    }
    assert_true(runq_is_empty(rq));
}

static void test_who_comes_late_is_brought_near_the_others(void **state)
{
    (void)state;
    queue_up(3);
    insert_at(0, 1000 * MS_NS);
    runq_advance(rq, 1000 * MS_NS);
    d->vcpu[1]->sched.vruntime = 0;
    runq_admit(rq, d->vcpu[1], 3 * MS_NS);
    assert_int_equal(d->vcpu[1]->sched.vruntime, 997 * MS_NS);
    d->vcpu[2]->sched.vruntime = 5000 * MS_NS;
    runq_admit(rq, d->vcpu[2], 3 * MS_NS);
    assert_in_range(d->vcpu[2]->sched.vruntime, 1000 * MS_NS, 1050 * MS_NS);
}

static void test_empty_queue_takes_the_time_of_the_rest(void **state)
{
    struct runq *other;

    (void)state;
    queue_up(1);
    other = fake_percpus[1].runq;
    runq_advance(other, 4000 * MS_NS);
    d->vcpu[0]->sched.vruntime = 10;
    runq_admit(rq, d->vcpu[0], 3 * MS_NS);
    assert_int_equal(d->vcpu[0]->sched.vruntime, 3997 * MS_NS);
    assert_int_equal(rq->min_vruntime, 3997 * MS_NS);
}

static void test_steal_takes_the_first_that_may_come(void **state)
{
    (void)state;
    queue_up(3);
    insert_at(0, 1);
    insert_at(1, 2);
    insert_at(2, 3);
    d->vcpu[0]->sched.is_loaded = true;
    d->vcpu[1]->sched.affinity_hard = 1;
    fake_cpu_switch(1);
    assert_ptr_equal(runq_steal(fake_percpus[1].runq), d->vcpu[2]);
    assert_int_equal(d->vcpu[2]->sched.cpu, 1);
    assert_ptr_equal(runq_first(fake_percpus[1].runq), d->vcpu[2]);
    assert_null(runq_steal(fake_percpus[1].runq));
    d->vcpu[0]->sched.is_loaded = false;
}

static void test_queue_that_is_locked_is_not_waited_for(void **state)
{
    (void)state;
    queue_up(1);
    insert_at(0, 1);
    lock_acquire(&rq->lock);
    fake_cpu_switch(1);
    assert_null(runq_steal(fake_percpus[1].runq));
    lock_release(&rq->lock);
}

static void test_idle_cpu_is_ahead_of_all(void **state)
{
    (void)state;
    queue_up(1);
    assert_int_equal(runq_ahead_of(d->vcpu[0], 1000, timer_now_ns()), 1);
    d->vcpu[0]->sched.affinity_hard = 1;
    assert_int_equal(runq_ahead_of(d->vcpu[0], 1000, timer_now_ns()), UINT32_MAX);
}

static void test_what_runs_unaccounted_counts_for_the_guess(void **state)
{
    (void)state;
    queue_up(2);
    domain_unpause(d);
    step(0);
    assert_non_null(step(1));
    fake_counter_advance(100 * MS);
    /* Neither CPU has looked since: CPU 1's is known to be 100 ms on. */
    assert_int_equal(runq_ahead_of(rq->running,
                                   fake_percpus[1].runq->running->sched.vruntime + 90 * MS_NS,
                                   timer_now_ns()), 1);
    assert_int_equal(runq_ahead_of(rq->running,
                                   fake_percpus[1].runq->running->sched.vruntime + 110 * MS_NS,
                                   timer_now_ns()), UINT32_MAX);
}

static void test_who_runs_alone_far_behind_catches_up(void **state)
{
    struct vcpu *lone, *waits;
    uint64_t now;

    (void)state;
    queue_up(2);
    domain_unpause(d);
    step(0);
    assert_non_null(step(1));
    lone = fake_percpus[1].runq->running;
    waits = rq->running;
    now = timer_now_ns();
    waits->sched.vruntime = lone->sched.vruntime + 10000 * MS_NS; /* it has been in WFI, say */
    lock_acquire(&fake_percpus[1].runq->lock); /* only tried */
    assert_int_equal(runq_ahead_of(waits, waits->sched.vruntime, now), UINT32_MAX);
    lock_release(&fake_percpus[1].runq->lock);
    assert_true(lone->sched.vruntime < waits->sched.vruntime);
    assert_int_equal(runq_ahead_of(waits, waits->sched.vruntime, now), UINT32_MAX);
    assert_int_equal(lone->sched.vruntime, waits->sched.vruntime - 100 * MS_NS);
    /* From there on it is charged as always, and then one that waits comes to it. */
    fake_counter_advance(110 * MS);
    assert_int_equal(runq_ahead_of(waits, waits->sched.vruntime, timer_now_ns()), 1);
    /* A little behind is what it is owed. */
    waits->sched.vruntime += 100 * MS_NS;
    assert_int_equal(runq_ahead_of(waits, waits->sched.vruntime, timer_now_ns()), UINT32_MAX);
    assert_int_equal(lone->sched.vruntime, waits->sched.vruntime - 200 * MS_NS);
}

static void test_weight_scales_virtual_time(void **state)
{
    (void)state;
    queue_up(1);
    sched_weight_set(d, 512);
    assert_int_equal(runq_weighted(d, 1000), 500);
    assert_int_equal(sched_weight_set(d, 0), -EINVAL);
    assert_int_equal(sched_weight_set(d, 65536), -EINVAL);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_order_is_by_virtual_time_then_arrival),
    cmocka_unit_test(test_who_comes_late_is_brought_near_the_others),
    cmocka_unit_test(test_empty_queue_takes_the_time_of_the_rest),
    cmocka_unit_test(test_steal_takes_the_first_that_may_come),
    cmocka_unit_test(test_queue_that_is_locked_is_not_waited_for),
    cmocka_unit_test(test_idle_cpu_is_ahead_of_all),
    cmocka_unit_test(test_what_runs_unaccounted_counts_for_the_guess),
    cmocka_unit_test(test_who_runs_alone_far_behind_catches_up),
    cmocka_unit_test(test_weight_scales_virtual_time),
};

FAKE_TEST_MAIN(tests)
