/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduler on several CPUs at once: vCPUs pass tokens round by events, and sleep in
 * SCHEDOP_poll's way when they have none. A wake-up that is lost stops a token for good, a vCPU
 * that two CPUs run is seen at once. Meanwhile vCPUs are paused, moved and told to yield.
 * An SGI is a flag that ends the target's WFI, as on the machine.
 */
#include "tests/unit/sched_env.h"

#include <pthread.h>
#include <time.h>

#define CPUS 4u
#define VCPUS 7u
#define HOPS 40000u

struct guest {
    unsigned tokens;      /* atomic */
    unsigned running;     /* atomic: CPUs that execute it */
    unsigned pauses;      /* of its own making; atomic */
};

static struct guest guest[VCPUS];
static unsigned hops; /* atomic */
static bool sgi[CPUS];
static struct domain *dom;
static _Thread_local uint64_t seed;

static bool is_over(void) { return __atomic_load_n(&hops, __ATOMIC_RELAXED) >= HOPS; }

static unsigned roll(unsigned n)
{
    seed = seed * 6364136223846793005ul + 1442695040888963407ul;
    return (unsigned)(seed >> 33) % n;
}

static void race_on_sgi(enum fake_sysreg reg, uint64_t v)
{
    (void)reg;
    for (unsigned cpu = 0; cpu < CPUS; cpu++)
        if (v & BIT(cpu))
            __atomic_store_n(&sgi[cpu], true, __ATOMIC_SEQ_CST);
}

/* WFI: until an SGI is pending. The timer of an idle CPU is not modelled: nothing sets one. */
static void race_on_wfi(void)
{
    while (!__atomic_exchange_n(&sgi[fake_percpu->id], false, __ATOMIC_SEQ_CST)) {
        if (is_over())
            longjmp(sched_env_idle, 1);
        fake_host_yield();
    }
}

static void token_send(unsigned to)
{
    __atomic_fetch_add(&guest[to].tokens, 1, __ATOMIC_SEQ_CST);
    vcpu_event_upcall(dom->vcpu[to]);
}

/* A hypercall about somebody else. */
static void disturb(unsigned id)
{
    struct vcpu *v = dom->vcpu[id];

    switch (roll(12)) {
    case 0:
        sched_pause(v);
        if (sched_unpause(v))
            sched_resume(v);
        break;
    case 1:
        sched_affinity_set(v, 1 + roll((1u << CPUS) - 1), ~0ul);
        break;
    case 2:
        sched_vcpu_yield();
        break;
    case 3:
        sched_wake(v);
        break;
    default:
        break;
    }
}

/* One stay of v in its guest: passes on what it has, then polls. */
static void guest_run(struct vcpu *v)
{
    struct guest *g = &guest[v->id];
    unsigned n;

    fake_check(__atomic_fetch_add(&g->running, 1, __ATOMIC_SEQ_CST) == 0,
               "vCPU %u runs on two CPUs", v->id);
    fake_check(v->sched.is_loaded && v->sched.cpu == fake_percpu->id && !v->sched.on_queue,
               "vCPU %u runs where it is not at home", v->id);
    __atomic_store_n(&v->info->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
    n = __atomic_exchange_n(&g->tokens, 0, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&hops, n, __ATOMIC_RELAXED);
    while (n--)
        token_send(roll(VCPUS));
    disturb(roll(VCPUS));
    __atomic_fetch_sub(&g->running, 1, __ATOMIC_SEQ_CST);
    v->evtchn_poll = VCPU_POLL_WAITS;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&g->tokens, __ATOMIC_SEQ_CST) && !vcpu_has_pending(v))
        sched_block(vcpu_current());
}

static void *cpu_main(void *arg)
{
    unsigned cpu = (unsigned)(uintptr_t)arg;
    struct vcpu *v;

    seed = cpu + 1;
    fake_cpu_switch(cpu);
    percpu_todo_set(fake_percpu, TODO_RESCHED);
    if (setjmp(sched_env_idle))
        return NULL;
    v = sched_exit();
    while (!is_over()) {
        guest_run(v);
        if (roll(4) == 0)
            percpu_todo_set(fake_percpu, TODO_TIMER);
        if (READ_ONCE(fake_percpu->todo))
            v = sched_exit();
    }
    return NULL;
}

static void test_no_wake_up_is_lost_and_nobody_runs_twice(void **state)
{
    pthread_t thread[CPUS];

    (void)state;
    dom = sched_env_up(CPUS, VCPUS);
    dom->event_irq = 0; /* a poller looks at vcpu_info itself */
    fake_on_wfi = race_on_wfi;
    fake_sysreg_on_write[FAKE_ICC_SGI1R_EL1] = race_on_sgi;
    fake_counter_step = FAKE_COUNTER_HZ / 10000;
    domain_unpause(dom);
    for (unsigned i = 0; i < 3; i++)
        guest[i].tokens = 1;
    for (uintptr_t i = 0; i < CPUS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, cpu_main, (void *)i), 0);
    for (unsigned i = 0; i < CPUS; i++)
        pthread_join(thread[i], NULL);
    assert_true(hops >= HOPS);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_no_wake_up_is_lost_and_nobody_runs_twice),
};

FAKE_TEST_MAIN(tests)
