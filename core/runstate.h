/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vCPU's run states over time (Xen public vcpu.h, RUNSTATE_*).
 */
#ifndef CORE_RUNSTATE_H
#define CORE_RUNSTATE_H

#include "core/vcpu.h"

/* Writes v's run states to the area that its guest registered, if it did. Called by sched.c, under
 * the run queue's lock, when v begins to run or stops: it looks nowhere else meanwhile. */
void runstate_write(const struct vcpu *v);

static inline void runstate_publish(const struct vcpu *v)
{
    if (v->runstate_ptr[0])
        runstate_write(v);
}

/* v, in the RUNSTATE_x `from`, is in another one from now (ns since boot) on; called by sched.c
 * under the run queue's lock. */
static inline void runstate_leave(struct vcpu *v, unsigned from, unsigned state, uint64_t now)
{
    vcpu_runstate_info_t *r = &v->runstate;

    r->time[from] += now - r->state_entry_time;
    r->state_entry_time = now;
    r->state = (int)state;
}

/* The same, whatever state it is in. */
static inline void runstate_change(struct vcpu *v, unsigned state, uint64_t now)
{
    if ((unsigned)v->runstate.state != state)
        runstate_leave(v, (unsigned)v->runstate.state, state, now);
}

#endif
