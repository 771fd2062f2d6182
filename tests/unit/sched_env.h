/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests that are really switched, for tests of the scheduler and of what it loads and saves: a
 * step on a CPU is what the way out of EL2 does there. Where nothing can run, the step ends at the
 * WFI. Software-generated interrupts are recorded by target.
 */
#ifndef TESTS_UNIT_SCHED_ENV_H
#define TESTS_UNIT_SCHED_ENV_H

#include "core/base/sysreg_bits.h"
#include "core/fpsimd.h"
#include "core/runq.h"
#include "core/trap.h"
#include "tests/unit/domain_env.h"

#include <setjmp.h>

#define MS (FAKE_COUNTER_HZ / 1000u)

static _Thread_local jmp_buf sched_env_idle;
static unsigned sched_env_sgis[FAKE_CPUS_MAX]; /* sent to that CPU; atomic */

static inline void sched_env_on_wfi(void) { longjmp(sched_env_idle, 1); }

static inline void sched_env_on_sgi(enum fake_sysreg reg, uint64_t v)
{
    (void)reg;
    for (unsigned cpu = 0; cpu < cpu_count; cpu++)
        if (v & BIT(cpu))
            __atomic_fetch_add(&sched_env_sgis[cpu], 1, __ATOMIC_SEQ_CST);
}

/* What CPU `cpu` runs after an exit from its guest; NULL: it waits. */
static inline struct vcpu *step(unsigned cpu)
{
    struct percpu *p = &fake_percpus[cpu];

    fake_cpu_switch(cpu);
    if (p->runq->running && !p->todo)
        return p->current;
    if (setjmp(sched_env_idle))
        return NULL;
    return sched_exit();
}

/* CPU `cpu` looks at its timers and at its queue. */
static inline struct vcpu *tick(unsigned cpu)
{
    percpu_todo_set(&fake_percpus[cpu], TODO_TIMER);
    return step(cpu);
}

static inline struct vcpu *resched(unsigned cpu)
{
    percpu_todo_set(&fake_percpus[cpu], TODO_RESCHED);
    return step(cpu);
}

/* The vCPU that CPU `cpu` runs executes WFI there. */
static inline struct vcpu *wfi(unsigned cpu)
{
    fake_cpu_switch(cpu);
    vcpu_wait(vcpu_current());
    return step(cpu);
}

/* A machine whose CPUs all wait, and a paused domain of `vcpus`, on line. */
static inline struct domain *sched_env_up(unsigned cpus, unsigned vcpus)
{
    struct domain *d;

    env_up(cpus, 16ul << 20);
    fake_percpu->current = NULL;
    fake_on_wfi = sched_env_on_wfi;
    fake_sysreg_on_write[FAKE_ICC_SGI1R_EL1] = sched_env_on_sgi;
    fake_counter_advance(1000 * MS);
    for (unsigned i = 0; i < cpus; i++)
        assert_null(resched(i));
    d = env_domu(vcpus, 16);
    for (unsigned i = 0; i < vcpus; i++) {
        d->vcpu[i]->is_online = d->vcpu[i]->is_initialised = true;
        sched_vcpu_online(d->vcpu[i]);
    }
    fake_cpu_switch(0);
    return d;
}

/* As above, running. */
static inline struct domain *sched_env_run(unsigned cpus, unsigned vcpus)
{
    struct domain *d = sched_env_up(cpus, vcpus);

    domain_unpause(d);
    for (unsigned i = 0; i < cpus; i++)
        step(i);
    return d;
}

/* `ms` of time in which every vCPU that runs goes on running. */
static inline void sched_env_pass(unsigned ms)
{
    while (ms--) {
        fake_counter_advance(MS);
        for (unsigned cpu = 0; cpu < cpu_count; cpu++)
            tick(cpu);
    }
}

#endif
