/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/sched.c: who runs where, for how long, and that nobody is forgotten.
 */
#include "tests/unit/sched_env.h"

#define MS_NS 1000000ul

static void pin(struct vcpu *v, unsigned cpu)
{
    assert_int_equal(sched_affinity_set(v, BIT(cpu), ~0ul), 0);
}

static unsigned share_permille(struct vcpu *v, uint64_t since_ns, unsigned ms)
{
    return (unsigned)((sched_vcpu_runtime_ns(v) - since_ns) / MS_NS * 1000 / ms);
}

static void assert_share(struct vcpu *v, uint64_t since_ns, unsigned ms, unsigned permille)
{
    unsigned got = share_permille(v, since_ns, ms);

    if (got + 30 < permille || got > permille + 30)
        fake_fail("vCPU %u of domain %u: %u of 1000, not %u", v->id, v->domain->id, got, permille);
}

/* --- life ------------------------------------------------------------------------------- */
static void test_unpaused_domain_runs_on_all_idle_cpus(void **state)
{
    struct domain *d = sched_env_up(2, 2);

    (void)state;
    assert_null(step(0));
    domain_unpause(d);
    assert_non_null(step(0));
    assert_non_null(step(1));
    assert_ptr_not_equal(step(0), step(1));
    assert_int_equal(d->vcpu[0]->sched.state, VCPU_RUNNING);
    assert_int_equal(d->vcpu[1]->sched.state, VCPU_RUNNING);
}

static void test_pause_takes_a_running_vcpu_off_its_cpu(void **state)
{
    struct domain *d = sched_env_run(2, 1);
    struct vcpu *v = d->vcpu[0];
    unsigned cpu = v->sched.cpu;

    (void)state;
    fake_cpu_switch(!cpu);
    domain_pause(d);
    assert_true(sched_env_sgis[cpu] > 0);
    assert_null(step(cpu));
    assert_false(sched_is_loaded(v));
    assert_int_equal(v->runstate.state, RUNSTATE_offline);
    domain_unpause(d);
    assert_ptr_equal(step(cpu), v);
    assert_int_equal(v->runstate.state, RUNSTATE_running);
}

static void test_pause_and_unpause_before_the_cpu_looks_change_nothing(void **state)
{
    struct domain *d = sched_env_run(2, 1);
    unsigned cpu = d->vcpu[0]->sched.cpu;

    (void)state;
    fake_cpu_switch(!cpu);
    domain_pause(d);
    domain_unpause(d);
    assert_ptr_equal(step(cpu), d->vcpu[0]);
}

static void test_pauses_are_counted(void **state)
{
    struct domain *d = sched_env_run(1, 1);

    (void)state;
    domain_pause(d);
    domain_pause(d);
    assert_null(step(0));
    domain_unpause(d);
    assert_null(step(0));
    domain_unpause(d);
    assert_ptr_equal(step(0), d->vcpu[0]);
}

static void test_blocked_vcpu_stays_loaded_until_another_runs(void **state)
{
    struct domain *d = sched_env_run(1, 2);
    struct vcpu *v = step(0), *w = d->vcpu[!v->id];

    (void)state;
    assert_ptr_equal(wfi(0), w);
    assert_false(sched_is_loaded(v));
    assert_null(wfi(0));
    assert_true(sched_is_loaded(w));
    assert_int_equal(w->sched.state, VCPU_BLOCKED);
    sched_wake(w);
    fake_trace_reset();
    assert_ptr_equal(step(0), w);
    for (unsigned n = 0; fake_trace(n); n++)
        assert_false(fake_trace(n)->event == FAKE_EV_SYSREG_WRITE &&
                     fake_trace(n)->a == FAKE_VTTBR_EL2);
}

static void test_paused_blocked_vcpu_is_unloaded(void **state)
{
    struct domain *d = sched_env_run(2, 1);
    struct vcpu *v = d->vcpu[0];
    unsigned cpu = v->sched.cpu;

    (void)state;
    assert_null(wfi(cpu));
    assert_true(sched_is_loaded(v));
    fake_cpu_switch(!cpu);
    domain_pause(d);
    assert_null(step(cpu));
    assert_false(sched_is_loaded(v));
    sched_wake(v);
    assert_null(step(cpu));
    assert_int_equal(v->runstate.state, RUNSTATE_offline);
    domain_unpause(d);
    assert_ptr_equal(step(cpu), v);
}

static void test_interrupt_between_wfi_and_block_is_seen(void **state)
{
    struct domain *d = sched_env_run(2, 1);
    struct vcpu *v = d->vcpu[0];
    unsigned cpu = v->sched.cpu;

    (void)state;
    v->evtchn_poll = VCPU_POLL_WAITS;
    fake_cpu_switch(cpu);
    sched_block(vcpu_current());
    fake_cpu_switch(!cpu);
    d->event_irq = 0;
    vcpu_event_upcall(v);
    assert_ptr_equal(step(cpu), v);
    assert_int_equal(v->sched.state, VCPU_RUNNING);
}

/* A distributor access of v, which is loaded on the CPU that this thread is. */
static void dist(struct vcpu *v, uint64_t offset, uint64_t value, bool is_write, uint64_t *out)
{
    struct vgic_access a = { .cpu = &v->vgic, .offset = offset, .size = 4, .is_write = is_write,
                             .value = value };

    do {
        a.kick = NULL;
        a.retry = false;
        assert_true(vgic_dist_access(&v->domain->vgic, &a));
        vcpu_kick_vgic(a.kick);
        vcpu_kick_others(v);
    } while (a.retry);
    if (out)
        *out = a.value;
}

static void test_what_another_vcpu_asks_the_gic_between_wfi_and_block_is_done(void **state)
{
    struct domain *d = sched_env_run(2, 2);
    struct vcpu *v = d->vcpu[0], *w = d->vcpu[1];
    uint64_t ctlr;

    (void)state;
    fake_cpu_switch(v->sched.cpu);
    dist(v, 0x000, 3, true, NULL);
    dist(v, 0x104, BIT(8), true, NULL);               /* SPI 40, to vCPU 0 */
    assert_ptr_equal(vgic_inject(&d->vgic, NULL, 40), &v->vgic);
    hw_sysreg_write(ICH_LR0_EL2, 0);                  /* the guest has handled it */
    hw_sysreg_write(ICH_ELRSR_EL2, ~0ul);
    fake_cpu_switch(w->sched.cpu);
    dist(w, 0x184, BIT(8), true, NULL);               /* vCPU 1: disable_irq() */
    assert_ptr_equal(wfi(v->sched.cpu) ? v : NULL, v);
    fake_cpu_switch(w->sched.cpu);
    dist(w, 0x000, 0, false, &ctlr);
    assert_false(ctlr & BIT(31));                     /* RWP */
}

static void test_a_later_wake_does_not_put_off_the_end_of_a_turn(void **state)
{
    struct vcpu *victim, *spent, *hog;

    (void)state;
    sched_env_run(1, 3);
    /* spent has had more than hog, hog more than victim; victim and spent block. */
    victim = step(0);
    fake_counter_advance(MS / 10);
    spent = wfi(0);
    fake_counter_advance(2 * MS);
    hog = wfi(0);
    fake_counter_advance(MS + MS / 2);
    sched_wake(victim); /* its turn is over: victim runs at once */
    assert_ptr_equal(step(0), victim);
    fake_counter_advance(MS / 100);
    assert_ptr_equal(wfi(0), hog); /* a new turn begins */
    fake_counter_advance(MS / 10);
    sched_wake(victim);            /* waits for the end of the turn, 0.9 ms */
    sched_wake(spent);
    assert_ptr_equal(step(0), hog);
    fake_counter_advance(MS);
    assert_ptr_equal(tick(0), victim);
}

static void test_offline_vcpu_runs_again_only_when_put_on_line(void **state)
{
    struct domain *d = sched_env_run(1, 1);
    struct vcpu *v = d->vcpu[0];

    (void)state;
    sched_vcpu_offline(v);
    assert_null(step(0));
    assert_false(sched_is_loaded(v));
    assert_int_equal(v->runstate.state, RUNSTATE_offline);
    sched_wake(v);
    assert_null(step(0));
    sched_vcpu_online(v);
    assert_ptr_equal(step(0), v);
}

static void test_late_timer_finds_nothing_in_a_destroyed_vcpu(void **state)
{
    struct domain *d = sched_env_run(2, 2);
    struct vcpu *v = step(0);
    unsigned homes;

    (void)state;
    assert_null(wfi(0));
    domain_pause(d);
    step(0);
    step(1);
    sched_vcpu_destroy(v);
    homes = runq_assigned(0) + runq_assigned(1);
    sched_wake(v);
    v->vtimer.cntv_ctl = 1; /* it waited for that */
    v->vtimer.cntv_cval = timer_now() - d->cntvoff + 10 * MS;
    v->wake_timer.fire(&v->wake_timer);
    assert_false(v->wake_timer.is_set);
    assert_int_equal(v->sched.state, VCPU_OFFLINE);
    assert_int_equal(runq_assigned(0) + runq_assigned(1), homes);
}

/* --- places ----------------------------------------------------------------------------- */
static void test_affinity_moves_a_running_vcpu(void **state)
{
    struct domain *d = sched_env_run(2, 1);
    struct vcpu *v = d->vcpu[0];
    unsigned cpu = v->sched.cpu;

    (void)state;
    fake_cpu_switch(!cpu);
    pin(v, !cpu);
    assert_null(step(cpu));
    assert_ptr_equal(step(!cpu), v);
    assert_int_equal(v->sched.cpu, !cpu);
}

static void test_affinity_moves_a_blocked_vcpu_that_is_still_loaded(void **state)
{
    struct domain *d = sched_env_run(2, 1);
    struct vcpu *v = d->vcpu[0];
    unsigned cpu = v->sched.cpu;

    (void)state;
    assert_null(wfi(cpu));
    fake_cpu_switch(!cpu);
    pin(v, !cpu);
    sched_wake(v);
    assert_null(step(cpu));
    assert_ptr_equal(step(!cpu), v);
}

static void test_affinity_there_and_back_loses_nobody(void **state)
{
    struct domain *d = sched_env_run(2, 1);
    struct vcpu *v = d->vcpu[0];
    unsigned cpu = v->sched.cpu;

    (void)state;
    assert_null(wfi(cpu));
    fake_cpu_switch(!cpu);
    sched_wake(v);
    pin(v, !cpu);
    pin(v, cpu);
    assert_ptr_equal(step(cpu), v);
}

static void test_affinity_to_no_cpu_is_refused(void **state)
{
    struct domain *d = sched_env_run(2, 1);

    (void)state;
    assert_int_equal(sched_affinity_set(d->vcpu[0], 1ul << 40, ~0ul), -EINVAL);
    assert_int_equal(d->vcpu[0]->sched.affinity_hard, ~0ul);
}

static void test_idle_cpu_takes_who_waits_elsewhere(void **state)
{
    struct domain *d = sched_env_up(2, 2);

    (void)state;
    pin(d->vcpu[0], 0);
    pin(d->vcpu[1], 0);
    domain_unpause(d);
    assert_non_null(step(0));
    assert_null(resched(1));
    sched_affinity_set(d->vcpu[0], 3, 3);
    sched_affinity_set(d->vcpu[1], 3, 3);
    assert_non_null(resched(1));
}

static void test_wfi_traps_only_where_others_have_their_home(void **state)
{
    struct domain *d = sched_env_up(2, 2);

    (void)state;
    pin(d->vcpu[0], 0);
    pin(d->vcpu[1], 1);
    domain_unpause(d);
    resched(0);
    resched(1);
    /* Dom0's vCPU has its home on one of them. */
    assert_int_equal(!!(d->vcpu[0]->hcr & HCR_TWI), runq_assigned(0) > 1);
    assert_int_equal(!!(d->vcpu[1]->hcr & HCR_TWI), runq_assigned(1) > 1);
    assert_int_not_equal(runq_assigned(0) > 1, runq_assigned(1) > 1);
    fake_cpu_switch(0);
    pin(d->vcpu[1], 0);
    step(1);
    step(0);
    assert_true(fake_sysreg_get(FAKE_HCR_EL2) & HCR_TWI);
}

/* --- shares ----------------------------------------------------------------------------- */
static void test_woken_vcpu_preempts_a_hog(void **state)
{
    struct domain *d = sched_env_run(1, 2);
    struct vcpu *sleeper = step(0), *hog = d->vcpu[!sleeper->id];

    (void)state;
    assert_ptr_equal(wfi(0), hog);
    sched_env_pass(1000);
    sched_wake(sleeper);
    assert_ptr_equal(step(0), sleeper);
}

static void test_a_turn_that_has_just_begun_is_not_cut_short(void **state)
{
    struct domain *d = sched_env_run(1, 2);
    struct vcpu *sleeper = step(0), *waker = d->vcpu[!sleeper->id];

    (void)state;
    fake_counter_advance(2 * MS);
    assert_ptr_equal(tick(0), sleeper);
    assert_ptr_equal(wfi(0), waker);
    fake_counter_advance(10 * MS);
    sched_wake(sleeper);
    assert_ptr_equal(step(0), sleeper); /* the other's turn is long over */
    assert_ptr_equal(wfi(0), waker);
    fake_counter_advance(MS / 50);
    sched_wake(sleeper);
    assert_int_equal(fake_percpu->todo, 0); /* and the scheduler need not look */
    assert_ptr_equal(step(0), waker);
    assert_true(fake_percpu->runq->slice.is_set);
    fake_counter_advance(MS);
    assert_ptr_equal(tick(0), sleeper); /* though the waker did not block */
}

static void test_who_blocks_hands_over_within_its_turn(void **state)
{
    struct domain *d = sched_env_run(1, 2);
    struct vcpu *sleeper = step(0), *waker = d->vcpu[!sleeper->id];

    (void)state;
    assert_ptr_equal(wfi(0), waker);
    fake_counter_advance(MS / 50);
    sched_wake(sleeper);
    assert_ptr_equal(step(0), waker);
    assert_ptr_equal(wfi(0), sleeper);
}

static void test_long_sleep_is_no_claim_on_the_cpu(void **state)
{
    struct domain *d = sched_env_run(1, 2);
    struct vcpu *sleeper = step(0), *hog = d->vcpu[!sleeper->id];
    uint64_t before;

    (void)state;
    assert_ptr_equal(wfi(0), hog);
    fake_counter_advance(10000 * MS); /* with no tick at all in between */
    sched_wake(sleeper);
    before = sched_vcpu_runtime_ns(hog);
    sched_env_pass(200);
    assert_share(hog, before, 200, 500);
}

/* Once: paused later, it has no claim. */
static void test_a_new_vcpu_begins_ahead_of_the_others(void **state)
{
    struct vcpu *hog = sched_env_run(1, 1)->vcpu[0], *new;
    struct domain *d;
    uint64_t before;

    (void)state;
    sched_env_pass(1000);
    d = env_domu(1, 16);
    new = d->vcpu[0];
    new->is_online = new->is_initialised = true;
    sched_vcpu_online(new);
    domain_unpause(d);
    sched_env_pass(3); /* the hog's turn, and the look of its timer */
    before = sched_vcpu_runtime_ns(hog);
    sched_env_pass(8);
    assert_int_equal(sched_vcpu_runtime_ns(hog), before);
    sched_env_pass(200);
    assert_share(hog, before, 208, 500);
    domain_pause(d);
    sched_env_pass(100);
    domain_unpause(d);
    before = sched_vcpu_runtime_ns(new);
    sched_env_pass(100);
    assert_share(new, before, 100, 500);
}

/* However long the queue is, and from whichever end it is searched. */
static void test_a_queue_is_in_order_and_equal_ones_in_order_of_arrival(void **state)
{
    struct domain *d = sched_env_up(1, 128);
    struct runq rq = { .cpu = 0 };
    const struct vcpu *last = NULL;
    unsigned n = 0;

    (void)state;
    list_init(&rq.queue);
    for (unsigned i = 0; i < 128; i++) {
        d->vcpu[i]->sched.vruntime = 100 + i * 37 % 23;
        runq_insert(&rq, d->vcpu[i]);
    }
    list_for_each(l, &rq.queue) {
        const struct vcpu *v = container_of(l, struct vcpu, sched.link);

        if (last && last->sched.vruntime == v->sched.vruntime)
            assert_true(last->id < v->id);
        else if (last)
            assert_true(last->sched.vruntime < v->sched.vruntime);
        last = v;
        n++;
    }
    assert_int_equal(n, 128);
    for (unsigned i = 0; i < 128; i++)
        runq_remove(&rq, d->vcpu[i]);
}

static void test_three_hogs_share_two_cpus_evenly(void **state)
{
    struct domain *d = sched_env_run(2, 3);

    (void)state;
    sched_env_pass(10000);
    for (unsigned i = 0; i < 3; i++)
        assert_share(d->vcpu[i], 0, 10000, 667);
}

static void test_shares_follow_the_weights_over_all_cpus(void **state)
{
    struct domain *heavy = sched_env_up(3, 2), *light = env_domu(4, 16);

    (void)state;
    sched_weight_set(heavy, 512);
    for (unsigned i = 0; i < 4; i++)
        sched_vcpu_online(light->vcpu[i]);
    domain_unpause(heavy);
    domain_unpause(light);
    sched_env_pass(10000);
    for (unsigned i = 0; i < 2; i++)
        assert_share(heavy->vcpu[i], 0, 10000, 750);
    for (unsigned i = 0; i < 4; i++)
        assert_share(light->vcpu[i], 0, 10000, 375);
}

static void test_a_weight_of_more_than_a_cpu_gets_one_cpu(void **state)
{
    struct domain *heavy = sched_env_up(2, 1), *light = env_domu(2, 16);

    (void)state;
    sched_weight_set(heavy, 65535);
    for (unsigned i = 0; i < 2; i++)
        sched_vcpu_online(light->vcpu[i]);
    domain_unpause(heavy);
    domain_unpause(light);
    sched_env_pass(4000);
    assert_share(heavy->vcpu[0], 0, 4000, 1000);
    assert_share(light->vcpu[0], 0, 4000, 500);
    assert_share(light->vcpu[1], 0, 4000, 500);
}

/* Its weight made that of its time which it had in WFI, or would have had on a second CPU. */
static void test_who_ran_alone_far_behind_gets_company(void **state)
{
    struct domain *heavy = sched_env_up(2, 1), *light = env_domu(3, 16);
    uint64_t before[4];

    (void)state;
    sched_weight_set(heavy, 65535);
    pin(heavy->vcpu[0], 0);
    for (unsigned i = 0; i < 3; i++) {
        sched_vcpu_online(light->vcpu[i]);
        pin(light->vcpu[i], 1);
    }
    domain_unpause(heavy);
    domain_unpause(light);
    sched_env_pass(30000);
    assert_true(heavy->vcpu[0]->sched.vruntime + 5000 * MS_NS < light->vcpu[0]->sched.vruntime);
    sched_weight_set(heavy, SCHED_WEIGHT_DEFAULT);
    sched_affinity_set(heavy->vcpu[0], ~0ul, ~0ul);
    for (unsigned i = 0; i < 3; i++)
        sched_affinity_set(light->vcpu[i], ~0ul, ~0ul);
    sched_env_pass(300);
    before[0] = sched_vcpu_runtime_ns(heavy->vcpu[0]);
    for (unsigned i = 0; i < 3; i++)
        before[i + 1] = sched_vcpu_runtime_ns(light->vcpu[i]);
    sched_env_pass(2000);
    assert_share(heavy->vcpu[0], before[0], 2000, 500);
    for (unsigned i = 0; i < 3; i++)
        assert_share(light->vcpu[i], before[i + 1], 2000, 500);
}

static void test_time_that_a_pin_took_is_not_paid_back(void **state)
{
    struct domain *d = sched_env_up(2, 3);
    uint64_t before;

    (void)state;
    pin(d->vcpu[0], 0);
    pin(d->vcpu[1], 1);
    pin(d->vcpu[2], 1);
    domain_unpause(d);
    sched_env_pass(10000);
    fake_cpu_switch(0);
    pin(d->vcpu[1], 0);
    before = sched_vcpu_runtime_ns(d->vcpu[0]);
    sched_env_pass(500);
    assert_true(share_permille(d->vcpu[0], before, 500) > 400);
}

static void test_pinned_hogs_do_not_stop_the_others_from_sharing(void **state)
{
    struct domain *d = sched_env_up(2, 3);

    (void)state;
    pin(d->vcpu[0], 0);
    domain_unpause(d);
    sched_env_pass(10000);
    for (unsigned i = 0; i < 3; i++)
        assert_share(d->vcpu[i], 0, 10000, 667);
}

static void test_yield_lets_the_next_one_run(void **state)
{
    struct domain *d = sched_env_run(1, 2);
    struct vcpu *v = step(0);

    (void)state;
    sched_vcpu_yield();
    assert_ptr_equal(step(0), d->vcpu[!v->id]);
}

static void test_no_slice_while_nobody_waits(void **state)
{
    struct domain *d = sched_env_run(1, 2);
    struct vcpu *v = step(0);

    (void)state;
    assert_true(fake_percpu->runq->slice.is_set);
    assert_ptr_equal(wfi(0), d->vcpu[!v->id]);
    fake_counter_advance(6 * MS);
    assert_ptr_equal(tick(0), d->vcpu[!v->id]); /* what was set before fires, and that is all */
    assert_false(fake_percpu->runq->slice.is_set);
    assert_int_equal(fake_percpu->todo, 0);
}

static void test_a_slice_is_whole_whoever_the_timer_was_set_for(void **state)
{
    struct domain *d = sched_env_run(1, 2);
    struct vcpu *v = step(0), *other = d->vcpu[!v->id];

    (void)state;
    fake_counter_advance(3 * MS);
    sched_vcpu_yield();
    assert_ptr_equal(step(0), other);
    fake_counter_advance(3 * MS); /* the first one's slice would end */
    assert_ptr_equal(tick(0), other);
    assert_int_equal(fake_percpu->todo & TODO_RESCHED, 0);
    assert_true(fake_percpu->runq->slice.is_set);
    fake_counter_advance(3 * MS);
    assert_ptr_equal(tick(0), v);
}

/* Whose kernel hands a lock from one to the next gets on with it only as fast as turns change. */
static void test_slices_are_short_when_many_share_a_cpu(void **state)
{
    struct domain *d = sched_env_run(1, 40);
    struct vcpu *v = fake_percpu->current;

    (void)state;
    assert_int_equal(fake_percpu->runq->slice_ns, 1000000);
    fake_counter_advance(MS + MS / 10);
    assert_ptr_not_equal(tick(0), v);
    domain_pause(d);
    step(0);
    for (unsigned id = 39; id > 1; id--)
        sched_vcpu_destroy(d->vcpu[id]);
    assert_int_equal(fake_percpu->runq->slice_ns, 5000000);
}

/* Who pauses second goes on as if it were off: the first may have counted only. */
static void test_a_second_pause_finds_nothing_left_to_do(void **state)
{
    struct domain *d = sched_env_run(1, 1);
    struct vcpu *v = d->vcpu[0];

    (void)state;
    v->sched.pause_count = 1;
    sched_pause(v);
    assert_int_equal(v->sched.pause_count, 2);
    assert_null(step(0));
    assert_false(sched_unpause(v));
    assert_null(step(0));
    assert_true(sched_unpause(v));
    sched_resume(v);
    assert_ptr_equal(step(0), v);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_what_another_vcpu_asks_the_gic_between_wfi_and_block_is_done),
    cmocka_unit_test(test_unpaused_domain_runs_on_all_idle_cpus),
    cmocka_unit_test(test_pause_takes_a_running_vcpu_off_its_cpu),
    cmocka_unit_test(test_pause_and_unpause_before_the_cpu_looks_change_nothing),
    cmocka_unit_test(test_pauses_are_counted),
    cmocka_unit_test(test_blocked_vcpu_stays_loaded_until_another_runs),
    cmocka_unit_test(test_paused_blocked_vcpu_is_unloaded),
    cmocka_unit_test(test_interrupt_between_wfi_and_block_is_seen),
    cmocka_unit_test(test_a_later_wake_does_not_put_off_the_end_of_a_turn),
    cmocka_unit_test(test_offline_vcpu_runs_again_only_when_put_on_line),
    cmocka_unit_test(test_late_timer_finds_nothing_in_a_destroyed_vcpu),
    cmocka_unit_test(test_affinity_moves_a_running_vcpu),
    cmocka_unit_test(test_affinity_moves_a_blocked_vcpu_that_is_still_loaded),
    cmocka_unit_test(test_affinity_there_and_back_loses_nobody),
    cmocka_unit_test(test_affinity_to_no_cpu_is_refused),
    cmocka_unit_test(test_idle_cpu_takes_who_waits_elsewhere),
    cmocka_unit_test(test_wfi_traps_only_where_others_have_their_home),
    cmocka_unit_test(test_woken_vcpu_preempts_a_hog),
    cmocka_unit_test(test_a_turn_that_has_just_begun_is_not_cut_short),
    cmocka_unit_test(test_who_blocks_hands_over_within_its_turn),
    cmocka_unit_test(test_long_sleep_is_no_claim_on_the_cpu),
    cmocka_unit_test(test_a_new_vcpu_begins_ahead_of_the_others),
    cmocka_unit_test(test_a_queue_is_in_order_and_equal_ones_in_order_of_arrival),
    cmocka_unit_test(test_three_hogs_share_two_cpus_evenly),
    cmocka_unit_test(test_shares_follow_the_weights_over_all_cpus),
    cmocka_unit_test(test_a_weight_of_more_than_a_cpu_gets_one_cpu),
    cmocka_unit_test(test_who_ran_alone_far_behind_gets_company),
    cmocka_unit_test(test_time_that_a_pin_took_is_not_paid_back),
    cmocka_unit_test(test_pinned_hogs_do_not_stop_the_others_from_sharing),
    cmocka_unit_test(test_a_second_pause_finds_nothing_left_to_do),
    cmocka_unit_test(test_yield_lets_the_next_one_run),
    cmocka_unit_test(test_no_slice_while_nobody_waits),
    cmocka_unit_test(test_a_slice_is_whole_whoever_the_timer_was_set_for),
    cmocka_unit_test(test_slices_are_short_when_many_share_a_cpu),
};

FAKE_TEST_MAIN(tests)
