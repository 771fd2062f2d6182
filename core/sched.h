/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduler: weighted fair, a run queue per physical CPU, wake-up preemption, weight and cap
 * per domain, affinity per vCPU; tickless when there is nothing to preempt. Idle is lazy: a CPU
 * with nothing to run waits in sched_exit() with the last vCPU still loaded.
 */
#ifndef CORE_SCHED_H
#define CORE_SCHED_H

#include "core/vcpu.h"

#define SCHED_WEIGHT_DEFAULT 256u

int sched_init(void);
int sched_cpu_init(void);                /* on each CPU */
void sched_vcpu_init(struct vcpu *v);
void sched_vcpu_destroy(struct vcpu *v); /* off all queues; must be unloaded or is made so */

/* BLOCKED -> RUNNABLE; any CPU, any state (no-op then). */
void sched_wake(struct vcpu *v);
/* The current vCPU: blocks on the way out, unless something is pending by then. */
void sched_block(void);
void sched_yield(void);
/* Current vCPU -> OFFLINE on the way out; OFFLINE -> RUNNABLE. */
void sched_vcpu_offline(struct vcpu *v);
void sched_vcpu_online(struct vcpu *v);
/* Counted. Asynchronous: v leaves its CPU soon; sched_is_loaded() tells. */
void sched_pause(struct vcpu *v);
void sched_unpause(struct vcpu *v);
/* v is loaded on a CPU and not (lazily) idle there: its registers are not in struct vcpu. A vCPU
 * that is paused and not running is written back by this on any CPU's next pick; callers in
 * hypercalls continue with -ERESTART until false. */
bool sched_is_running(struct vcpu *v);
/* Affinity; moves v when it must. -EINVAL: no online CPU in the mask. */
int sched_affinity_set(struct vcpu *v, uint64_t hard, uint64_t soft);
int sched_params_set(struct domain *d, unsigned weight, unsigned cap_percent);
/* The exit path's slow half (todo was not 0): does what todo says, and returns the vCPU to enter,
 * loaded; waits for one (idle) when there is none. Called by boot/vectors.S only. */
struct vcpu *sched_exit(void);
/* Boot: this CPU enters the scheduler for good. */
_Noreturn void sched_start(void);
uint64_t sched_cpu_idle_ns(unsigned cpu);

#endif
