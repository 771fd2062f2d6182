/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Run queues. Knows order and place, not when to switch (sched.c). Each queue is protected by its
 * own lock; home counts and the idle mask are atomic hints over all CPUs.
 */
#include "core/runq.h"

#include "core/base/assert.h"
#include "core/domain.h"
#include "core/sched.h"
#include "mm/page_alloc.h"

static uint64_t idle_mask, online_mask;  /* atomic */
static uint64_t vtime;                   /* atomic: the furthest queue's min_vruntime */

/* One that comes from a queue further ahead waits so long at most. */
#define RUNQ_AHEAD_NS 20000000u
#define RUNQ_TAIL_STEPS 64u
#define RUNQ_BEHIND_NS 100000000u /* more than what balancing leaves between CPUs */

/*
 * How long a vCPU keeps its CPU when others wait. Many vCPUs of one domain may queue for a lock of
 * their kernel: one gets it with each turn here, which must be faster than they come back.
 */
#define RUNQ_SLICE_NS 5000000u
#define RUNQ_SLICE_MIN_NS 1000000u /* not below SCHED_TURN_NS (sched.c) */
#define RUNQ_ROUND_NS 20000000u   /* all who have their home here, if slices do not get too short */

/* n more homes. How many there are now. Of two CPUs that count at the same time the first may store
 * last: the slice is that of a vCPU more or less then. */
static unsigned runq_count_homes(struct runq *rq, int n)
{
    unsigned homes = __atomic_add_fetch(&rq->homes, n, __ATOMIC_RELAXED);
    unsigned ns = RUNQ_ROUND_NS / MAX(homes, 1u);

    WRITE_ONCE(rq->slice_ns, MAX(MIN(ns, RUNQ_SLICE_NS), RUNQ_SLICE_MIN_NS));
    return homes;
}

struct runq *runq_create(unsigned cpu)
{
    struct runq *rq = page_alloc_el2(sizeof(*rq));

    if (!rq)
        return NULL;
    lock_init(&rq->lock);
    list_init(&rq->queue);
    rq->cpu = cpu;
    runq_count_homes(rq, 0);
    __atomic_fetch_and(&idle_mask, ~BIT(cpu), __ATOMIC_RELAXED); /* as rq->is_idle says */
    __atomic_fetch_or(&online_mask, BIT(cpu), __ATOMIC_RELEASE);
    return rq;
}

static struct vcpu *runq_vcpu(struct list *link)
{
    return container_of(link, struct vcpu, sched.link);
}

/* The last that v does not go before. */
static NOINLINE struct list *runq_search(struct runq *rq, const struct vcpu *v)
{
    struct list *pos = &rq->queue;

    while (pos->next != &rq->queue && runq_vcpu(pos->next)->sched.vruntime <= v->sched.vruntime)
        pos = pos->next;
    return pos;
}

/* From the tail: who has just run goes near it; who has slept goes near the head of a long queue.
 * Equal ones stay in order of arrival. */
inline void runq_insert(struct runq *rq, struct vcpu *v)
{
    struct list *pos = rq->queue.prev;
    unsigned steps = RUNQ_TAIL_STEPS;

    assert(!v->sched.on_queue);
    while (pos != &rq->queue && runq_vcpu(pos)->sched.vruntime > v->sched.vruntime)
        pos = --steps ? pos->prev : runq_search(rq, v);
    list_insert_after(pos, &v->sched.link);
    v->sched.on_queue = true;
}

inline void runq_admit(struct runq *rq, struct vcpu *v, uint64_t credit)
{
    uint64_t least = rq->min_vruntime, at = v->sched.vruntime;

    if (!rq->running && runq_is_empty(rq)) {
        /* Nobody here to be fair to, but those elsewhere. */
        least = __atomic_load_n(&vtime, __ATOMIC_RELAXED);
        at = MAX(at, least - MIN(least, credit));
        rq->min_vruntime = at;
    } else {
        at = MAX(at, least - MIN(least, credit));
        at = MIN(at, least + RUNQ_AHEAD_NS);
    }
    WRITE_ONCE(v->sched.vruntime, at);
    runq_insert(rq, v);
}

void runq_remove(struct runq *, struct vcpu *v)
{
    if (!v->sched.on_queue)
        return;
    list_remove(&v->sched.link);
    v->sched.on_queue = false;
}

struct vcpu *runq_first(const struct runq *rq)
{
    return list_is_empty(&rq->queue) ? NULL : runq_vcpu(rq->queue.next);
}

bool runq_is_empty(const struct runq *rq) { return READ_ONCE(rq->queue.next) == &rq->queue; }

uint64_t runq_weighted(const struct domain *d, uint64_t ns)
{
    return ns * SCHED_WEIGHT_DEFAULT / d->sched_weight;
}

inline void runq_advance(struct runq *rq, uint64_t running)
{
    struct vcpu *first = runq_first(rq);
    uint64_t least = first ? MIN(first->sched.vruntime, running) : running;

    rq->min_vruntime = MAX(rq->min_vruntime, least);
    /* Two CPUs may race here: the lesser value is one update old. */
    if (likely(rq->min_vruntime > __atomic_load_n(&vtime, __ATOMIC_RELAXED)))
        __atomic_store_n(&vtime, rq->min_vruntime, __ATOMIC_RELAXED);
}

/* The first in the queue that may go on on one of these CPUs. */
static struct vcpu *runq_stealable(const struct runq *rq, uint64_t cpus)
{
    list_for_each(pos, &rq->queue) {
        struct vcpu *v = runq_vcpu(pos);

        if (!v->sched.is_loaded && (v->sched.affinity_hard & cpus))
            return v;
    }
    return NULL;
}

struct vcpu *runq_movable(const struct runq *rq)
{
    return runq_stealable(rq, runq_online_mask() & ~BIT(rq->cpu));
}

/* Virtual time of what runs on a CPU. What is read without the lock may not fit together; who runs
 * there stays readable for this visit to EL2. */
static uint64_t runq_running_vruntime(unsigned cpu, uint64_t now)
{
    const struct vcpu *v = READ_ONCE(percpu_table[cpu]->runq->running);
    int64_t ns;

    if (runq_idle_mask() & BIT(cpu))
        return UINT64_MAX;
    if (!v)
        return 0;
    ns = (int64_t)(now - READ_ONCE(v->sched.run_start));
    return READ_ONCE(v->sched.vruntime) + runq_weighted(v->domain, (uint64_t)MAX(ns, 0));
}

/* Who runs alone is owed nothing for what it has not used, in WFI that does not trap, or for want
 * of a second CPU: far behind those who wait elsewhere, it is brought nearer. */
static void runq_catch_up(unsigned cpu, uint64_t vruntime, uint64_t now) LOCK_UNCHECKED
{
    struct runq *rq = percpu_table[cpu]->runq;

    if (!runq_is_empty(rq) || !lock_try(&rq->lock))
        return;
    if (rq->running && runq_is_empty(rq) && runq_running_vruntime(cpu, now) < vruntime)
        WRITE_ONCE(rq->running->sched.vruntime, rq->running->sched.vruntime + vruntime -
                                                    runq_running_vruntime(cpu, now));
    lock_release(&rq->lock);
}

unsigned runq_ahead_of(const struct vcpu *v, uint64_t vruntime, uint64_t now)
{
    uint64_t left = v->sched.affinity_hard & runq_online_mask() & ~BIT(v->sched.cpu);
    uint64_t near = vruntime - MIN(vruntime, RUNQ_BEHIND_NS);
    unsigned best = UINT32_MAX;

    for (; left; left &= left - 1) {
        uint64_t at = runq_running_vruntime(bit_lowest(left), now);

        if (at < near)
            runq_catch_up(bit_lowest(left), near, now);
        if (at <= vruntime)
            continue;
        best = bit_lowest(left);
        vruntime = at;
    }
    return best;
}

struct vcpu *runq_steal(struct runq *rq) LOCK_UNCHECKED
{
    for (unsigned i = 1; i < cpu_count; i++) {
        struct runq *from = percpu_table[(rq->cpu + i) % cpu_count]->runq;
        struct vcpu *v;

        if (!from || runq_is_empty(from) || !lock_try(&from->lock))
            continue;
        v = runq_stealable(from, BIT(rq->cpu));
        if (v) {
            runq_remove(from, v);
            runq_assign(v, rq->cpu);
            runq_admit(rq, v, RUNQ_AHEAD_NS);
        }
        lock_release(&from->lock);
        if (v)
            return v;
    }
    return NULL;
}

void runq_assign(struct vcpu *v, unsigned cpu)
{
    struct runq *rq = percpu_table[cpu]->runq;

    assert(!v->sched.is_loaded && !v->sched.on_queue);
    if (v->sched.rq)
        runq_unassign(v);
    /* A second vCPU on a CPU makes WFI trap there: that CPU must look. */
    if (runq_count_homes(rq, 1) == 2)
        sched_cpu_kick(percpu_table[cpu], TODO_RESCHED);
    WRITE_ONCE(v->sched.cpu, cpu);
    __atomic_store_n(&v->sched.rq, rq, __ATOMIC_RELEASE); /* with all that is known of v */
}

void runq_unassign(struct vcpu *v)
{
    runq_count_homes(v->sched.rq, -1);
}

unsigned runq_assigned(unsigned cpu)
{
    return __atomic_load_n(&percpu_table[cpu]->runq->homes, __ATOMIC_RELAXED);
}

unsigned runq_least_loaded(uint64_t mask)
{
    uint64_t left = mask & runq_online_mask();
    unsigned best = bit_lowest(left);

    for (; left; left &= left - 1) {
        unsigned cpu = bit_lowest(left);

        if (runq_assigned(cpu) < runq_assigned(best))
            best = cpu;
    }
    return best;
}

inline void runq_idle_set(struct runq *rq, bool idle)
{
    if (idle == rq->is_idle)
        return;
    rq->is_idle = idle;
    __atomic_fetch_xor(&idle_mask, BIT(rq->cpu), __ATOMIC_RELEASE);
}

uint64_t runq_idle_mask(void) { return __atomic_load_n(&idle_mask, __ATOMIC_ACQUIRE); }
uint64_t runq_online_mask(void) { return __atomic_load_n(&online_mask, __ATOMIC_ACQUIRE); }
