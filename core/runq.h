/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A physical CPU's run queue: eligible vCPUs in order of virtual run time, and which vCPUs have
 * their home on which CPU. Protected by its lock; the masks and counts over all CPUs are atomic.
 */
#ifndef CORE_RUNQ_H
#define CORE_RUNQ_H

#include "core/base/bits.h"
#include "core/vcpu.h"

struct runq {
    struct lock lock;
    unsigned cpu, homes;      /* homes: of how many vCPUs; atomic */
    struct list queue;        /* sched.link, ascending vruntime; not the running one */
    struct vcpu *running;     /* NULL: idle */
    uint64_t min_vruntime;    /* never goes back while there is anyone */
    uint64_t balance_at;      /* ns: not before that again */
    struct timer slice;       /* set while others wait, or did; may fire before the slice's end */
    uint64_t slice_ns;        /* one that others wait for stops after so long; atomic */
    uint64_t slice_at;        /* what it is set to; this and the next two: ns since boot */
    uint64_t slice_end;
    uint64_t turn_end;        /* until then those whom the running one wakes wait */
    bool is_idle;             /* in the mask of idle CPUs; its own CPU */
    struct domain *capped;    /* whose cap has been charged here since sched_schedule() looked */
    bool is_charged;          /* this CPU has charged `running` in this stay at EL2 */
};

struct runq *runq_create(unsigned cpu);          /* NULL: no memory */

/*
 * Virtual time is one scale for all CPUs, so that shares can be compared between them. A queue's
 * own time may still differ for long, where affinity binds it: who comes from elsewhere is brought
 * near it, and who runs alone near those who wait elsewhere.
 */
/* Linear in the number of vCPUs that wait on this CPU: at most those whose home it is. */
void runq_insert(struct runq *rq, struct vcpu *v);
/* runq_insert of one that comes from elsewhere, or from sleep: at most `credit` ns behind those
 * here, and not far ahead of them. */
void runq_admit(struct runq *rq, struct vcpu *v, uint64_t credit);
void runq_remove(struct runq *rq, struct vcpu *v); /* harmless when not queued */
struct vcpu *runq_first(const struct runq *rq);  /* NULL: empty */
bool runq_is_empty(const struct runq *rq);
/* ns of CPU time as the virtual time of one of d's. */
uint64_t runq_weighted(const struct domain *d, uint64_t ns);
/* min_vruntime follows the smallest of the queue and `running`. */
void runq_advance(struct runq *rq, uint64_t running);
/* Takes an eligible vCPU that may run here from another CPU's queue and puts it on this one;
 * NULL: none. The other queue's lock is only tried. */
struct vcpu *runq_steal(struct runq *rq);

/* The first in the queue that may go on elsewhere, or NULL. */
struct vcpu *runq_movable(const struct runq *rq);
/* The CPU, other than its home, where v may run and which is idle or runs what is furthest ahead of
 * `vruntime`; UINT32_MAX: none. A guess, without locks. Those who run alone far behind it are
 * brought nearer (their queues' locks are only tried). now: ns. */
unsigned runq_ahead_of(const struct vcpu *v, uint64_t vruntime, uint64_t now);

/* Home of v, which is neither loaded nor queued; its queue's lock, if it has one, is held. */
void runq_assign(struct vcpu *v, unsigned cpu);
void runq_unassign(struct vcpu *v);
unsigned runq_assigned(unsigned cpu);            /* vCPUs at home there */
unsigned runq_least_loaded(uint64_t mask);       /* of the online CPUs in mask */

void runq_idle_set(struct runq *rq, bool idle);
uint64_t runq_idle_mask(void);
uint64_t runq_online_mask(void);

#endif
