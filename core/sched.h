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

int sched_cpu_init(void);                /* on each CPU */
void sched_vcpu_init(struct vcpu *v);
void sched_vcpu_destroy(struct vcpu *v); /* off its queue; it is not loaded */

/* BLOCKED -> RUNNABLE; any CPU, any state (no-op then). */
void sched_wake(struct vcpu *v);
/* The current vCPU: blocks on the way out, unless something is pending by then. */
void sched_block(struct vcpu *v);
void sched_vcpu_yield(void);
/* Current vCPU -> OFFLINE on the way out; OFFLINE -> RUNNABLE. */
void sched_vcpu_offline(struct vcpu *v);
void sched_vcpu_online(struct vcpu *v);
/* Counted. Asynchronous: a loaded v is saved and unloaded soon; sched_is_loaded() tells. The
 * current vCPU may pause itself. */
void sched_pause(struct vcpu *v);
/* Takes one pause back. True: it was the last, and sched_resume() is due. */
static inline bool sched_unpause(struct vcpu *v)
{
    return !__atomic_sub_fetch(&v->sched.pause_count, 1, __ATOMIC_SEQ_CST);
}
/* Lets v run, if nobody has paused it meanwhile. */
void sched_resume(struct vcpu *v);
/* v's registers are in a CPU, not in struct vcpu. For a paused v this becomes false soon;
 * hypercalls that need that continue (-ERESTART) until then. */
static inline bool sched_is_loaded(const struct vcpu *v)
{
    return __atomic_load_n(&v->sched.is_loaded, __ATOMIC_ACQUIRE);
}
/* Sets todo bits of another CPU and sends IPI_KICK, unless one is on its way already. */
void sched_cpu_kick(struct percpu *p, uint64_t todo);
/* The lock of v's run queue, which also protects v's run state area. Not nested. */
void sched_vcpu_lock(struct vcpu *v);
void sched_vcpu_unlock(struct vcpu *v);
/* Affinity as masks of CPUs; moves v when it must. -EINVAL: no online CPU in the hard mask. */
int sched_affinity_set(struct vcpu *v, uint64_t hard, uint64_t soft);
/* weight 1 .. 65535. */
int sched_weight_set(struct domain *d, unsigned weight);
/* percent of one CPU for all of d's vCPUs together; 0: no cap. */
void sched_cap_init(struct domain *d);
void sched_cap_set(struct domain *d, unsigned percent);
/* For so long from now CPU times leave out what guests spend in WFI, also where a vCPU has its CPU
 * alone: WFI traps everywhere meanwhile. */
void sched_watch(unsigned seconds);
/* CPU time used, ns, up to now. */
uint64_t sched_vcpu_runtime_ns(struct vcpu *v);
/* The exit path's slow half (todo was not 0): does what todo says, and returns the vCPU to enter,
 * loaded; waits for one (idle) when there is none. */
struct vcpu *sched_exit(void);
/* The same, and enters it: for boot/vectors.S. */
_Noreturn void sched_leave(void);
/* The same when todo is TODO_VGIC alone: v goes on, x18-x29 are its own. */
void sched_exit_vgic(struct vcpu *v);
/* Boot: this CPU enters the scheduler for good. */
_Noreturn void sched_start(void);

#endif
