/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduler's decisions: who runs next on a CPU, and the exit path's slow half. Weighted fair
 * by virtual run time; lazy idle: a CPU with nothing to run waits here with its last vCPU loaded.
 * Run queues themselves are runq.c. Protected by the run queue's lock.
 */
#include "core/sched.h"

#include "core/base/assert.h"
#include "core/base/errors.h"
#include "core/domain.h"
#include "core/reclaim.h"
#include "core/runq.h"
#include "core/runstate.h"
#include "irq/ipi.h"
#include "irq/irq.h"
#include "mm/page_alloc.h"

#define SCHED_TURN_NS 1000000u          /* one that neither blocks nor yields goes on so long */
#define SCHED_WAKE_MARGIN_NS 500000u    /* a woken vCPU preempts one that is further ahead */
#define SCHED_SLEEPER_CREDIT_NS 3000000u /* how far behind the rest a sleeper may resume */
#define SCHED_NEW_CREDIT_NS 12000000u   /* how far ahead of the rest a new vCPU begins: 3 slices */
#define SCHED_LAG_NS 20000000u          /* how far behind the rest one that moves may arrive */
#define SCHED_BALANCE_NS 10000000u      /* one that waits moves to a CPU that is further ahead */
#define SCHED_BALANCE_AGAIN_NS 5000000u /* ... and so long after it the next */
#define SCHED_CAP_PERIOD_NS 10000000u   /* a domain may use up so much of its cap in one go */
#define SCHED_CHARGED_NS 1000u          /* EL2's time from a wake to the switch that it causes */

static uint64_t watch_until; /* ns; WFI traps until then: CPU time is without it; atomic */

/* Must the one that runs stop after a slice? On rq's CPU. */
static bool sched_has_slice(const struct runq *rq)
{
    return !runq_is_empty(rq) || (rq->running && rq->running->domain->sched_cap);
}

static NOINLINE void sched_slice_set(struct runq *rq, uint64_t now)
{
    rq->slice_at = rq->slice_end;
    timer_set_ns(&rq->slice, rq->slice_end, now);
}

/* What runs here goes on until `end` at most. */
static ALWAYS_INLINE void sched_slice_until(struct runq *rq, uint64_t end, uint64_t now)
{
    rq->slice_end = end;
    if ((!rq->slice.is_set || rq->slice_at > end) && sched_has_slice(rq))
        sched_slice_set(rq, now);
}

/* Set for one that ran before, it moves on to the end of the present one's slice. */
static void sched_slice_fired(struct timer *t)
{
    struct runq *rq = container_of(t, struct runq, slice);
    uint64_t now = timer_now_ns();

    if (!sched_has_slice(rq))
        return;
    if (rq->slice_end > now)
        sched_slice_set(rq, now);
    else
        percpu_todo_set(hw_percpu(), TODO_RESCHED);
}

int sched_cpu_init(void)
{
    struct runq *rq = runq_create(hw_percpu()->id);

    if (!rq)
        return -ENOMEM;
    timer_setup(&rq->slice, sched_slice_fired);
    hw_percpu()->runq = rq;
    return 0;
}

void sched_cpu_kick(struct percpu *p, uint64_t todo)
{
    uint64_t old = __atomic_fetch_or(&p->todo, todo, __ATOMIC_SEQ_CST);

    /* Whoever set a bit either sent the SGI or is that CPU itself, at EL2 and about to look. */
    if (!old && p != hw_percpu())
        ipi_send(BIT(p->id), IPI_KICK);
}

static inline struct runq *sched_rq_lock(struct vcpu *v) LOCK_UNCHECKED
{
    for (;;) {
        struct runq *rq = READ_ONCE(v->sched.rq);

        lock_acquire(&rq->lock);
        if (likely(rq == __atomic_load_n(&v->sched.rq, __ATOMIC_ACQUIRE)))
            return rq; /* acquire: pairs with runq_assign(), under the lock of v's last queue */
        lock_release(&rq->lock);
    }
}

void sched_vcpu_lock(struct vcpu *v) LOCK_UNCHECKED { sched_rq_lock(v); }

void sched_vcpu_unlock(struct vcpu *v) LOCK_UNCHECKED { lock_release(&v->sched.rq->lock); }

/* Under v's run queue's lock: who pauses counts first, then takes it. */
static bool sched_is_paused(const struct vcpu *v) { return READ_ONCE(v->sched.pause_count); }

static bool sched_is_allowed_here(const struct vcpu *v)
{
    return (v->sched.place >> v->sched.cpu) & 1;
}

static bool sched_is_eligible(const struct vcpu *v)
{
    return v->sched.state == VCPU_RUNNABLE && !sched_is_paused(v) && sched_is_allowed_here(v);
}

/* The run state that follows from the scheduler's. */
static inline void sched_runstate(struct vcpu *v, uint64_t now)
{
    bool is_held = v->sched.state == VCPU_RUNNABLE && sched_is_paused(v);

    runstate_change(v, is_held ? RUNSTATE_offline : v->sched.state, now);
}

/* Charges v, which runs, up to now. Any CPU, with the queue's lock, under which now was read. */
static ALWAYS_INLINE void sched_account(struct runq *rq, struct vcpu *v, uint64_t now)
{
    struct domain *d;
    uint64_t ns;

    /* Counters of two CPUs may be read out of order by some ticks. */
    if (!v || (int64_t)(now - v->sched.run_start) <= 0)
        return;
    d = v->domain;
    ns = now - v->sched.run_start;
    WRITE_ONCE(v->sched.run_start, now);
    if (!(v->hcr & HCR_TWI))
        v->sched.untrapped_ns += ns;
    if (unlikely(d->sched_cap)) {
        __atomic_fetch_add(&d->cap_used_ns, ns, __ATOMIC_RELAXED);
        rq->capped = rq->capped ? rq->capped : d;
    }
    WRITE_ONCE(v->sched.vruntime, v->sched.vruntime + runq_weighted(d, ns));
    runq_advance(rq, v->sched.vruntime);
}

/* Puts v, eligible, on the queue, at most `credit` behind, and makes its CPU look, if v is next. */
static ALWAYS_INLINE void sched_put(struct runq *rq, struct vcpu *v, uint64_t credit, uint64_t now)
{
    struct vcpu *running = rq->running;
    bool is_first = runq_is_empty(rq), is_here = rq == hw_percpu()->runq;

    sched_account(rq, running, now);
    runq_admit(rq, v, credit);
    if (running && is_here && now < rq->turn_end) { /* it goes on, whoever v is */
        sched_slice_until(rq, runq_first(rq)->sched.vruntime < running->sched.vruntime
                                  ? rq->turn_end : now + READ_ONCE(rq->slice_ns), now);
        return;
    }
    if (running && !is_first && running->sched.vruntime <= v->sched.vruntime + SCHED_WAKE_MARGIN_NS)
        return;
    rq->is_charged = is_here;
    sched_cpu_kick(percpu_table[rq->cpu], TODO_RESCHED);
}

/* The same, if v is eligible and not there. */
static NOINLINE void sched_admit(struct runq *rq, struct vcpu *v, uint64_t credit, uint64_t now)
{
    if (sched_is_eligible(v) && !v->sched.on_queue)
        sched_put(rq, v, credit, now);
}

/* An allowed CPU that is idle, or UINT_MAX. Soft affinity first. */
static unsigned sched_idle_cpu(const struct vcpu *v)
{
    uint64_t idle = runq_idle_mask() & v->sched.affinity_hard;

    if (idle & v->sched.affinity_soft)
        idle &= v->sched.affinity_soft;
    return idle ? bit_lowest(idle) : UINT32_MAX;
}

/* The lock of v's queue is held: moves v, which is neither loaded nor queued, to another CPU's
 * queue and returns that queue, locked instead. In between others may have queued v there. */
static struct runq *sched_move(struct runq *rq, struct vcpu *v, unsigned cpu) LOCK_UNCHECKED
{
    if (cpu == rq->cpu)
        return rq;
    runq_assign(v, cpu);
    lock_release(&rq->lock);
    return sched_rq_lock(v);
}

/* As sched_move, and queues v there; rq is locked again afterwards. */
static void sched_send(struct runq *rq, struct vcpu *v, unsigned cpu) LOCK_UNCHECKED
{
    struct runq *home;

    runq_remove(rq, v);
    home = sched_move(rq, v, cpu);
    sched_admit(home, v, SCHED_LAG_NS, timer_now_ns());
    if (home == rq)
        return;
    lock_release(&home->lock);
    lock_acquire(&rq->lock);
}

void sched_wake(struct vcpu *v) LOCK_UNCHECKED
{
    struct runq *rq = sched_rq_lock(v);

    if (likely(v->sched.state == VCPU_BLOCKED)) {
        uint64_t now = timer_now_ns();
        unsigned idle = rq->running && !v->sched.is_loaded ? sched_idle_cpu(v) : UINT32_MAX;
        bool is_held = sched_is_paused(v);

        v->sched.state = VCPU_RUNNABLE;
        runstate_leave(v, RUNSTATE_blocked, is_held ? RUNSTATE_offline : RUNSTATE_runnable, now);
        if (unlikely(idle != UINT32_MAX)) {
            rq = sched_move(rq, v, idle);
            sched_admit(rq, v, SCHED_SLEEPER_CREDIT_NS, now);
        } else if (likely(!is_held && sched_is_allowed_here(v))) {
            sched_put(rq, v, SCHED_SLEEPER_CREDIT_NS, now);
        }
    }
    lock_release(&rq->lock);
}

void sched_block(struct vcpu *v)
{
    v->sched.wants_block = true;
    percpu_todo_set(hw_percpu(), TODO_RESCHED);
}

void sched_vcpu_yield(void)
{
    struct percpu *p = hw_percpu();

    if (runq_is_empty(p->runq))
        return;
    p->current->sched.wants_yield = true;
    percpu_todo_set(p, TODO_RESCHED);
}

void sched_vcpu_offline(struct vcpu *v) LOCK_UNCHECKED
{
    struct runq *rq = sched_rq_lock(v);

    v->sched.wants_offline = rq->running == v;
    if (!v->sched.wants_offline) {
        runq_remove(rq, v);
        v->sched.state = VCPU_OFFLINE;
        sched_runstate(v, timer_now_ns());
    }
    if (v->sched.is_loaded)
        sched_cpu_kick(percpu_table[rq->cpu], TODO_RESCHED);
    lock_release(&rq->lock);
}

void sched_vcpu_online(struct vcpu *v) LOCK_UNCHECKED
{
    struct runq *rq = sched_rq_lock(v);

    if (v->sched.state == VCPU_OFFLINE) {
        uint64_t now = timer_now_ns();

        v->sched.state = VCPU_RUNNABLE;
        sched_runstate(v, now);
        sched_admit(rq, v, 0, now);
    }
    lock_release(&rq->lock);
}

void sched_pause(struct vcpu *v) LOCK_UNCHECKED
{
    struct runq *rq;

    /* The second pauser, too, returns with v on no queue: the first may not be as far. */
    __atomic_fetch_add(&v->sched.pause_count, 1, __ATOMIC_SEQ_CST);
    rq = sched_rq_lock(v);
    runq_remove(rq, v);
    sched_runstate(v, timer_now_ns());
    if (v->sched.is_loaded)
        sched_cpu_kick(percpu_table[rq->cpu], TODO_RESCHED);
    lock_release(&rq->lock);
}

void sched_resume(struct vcpu *v) LOCK_UNCHECKED
{
    struct runq *rq = sched_rq_lock(v);
    uint64_t now = timer_now_ns();

    if (!__atomic_load_n(&v->sched.is_loaded, __ATOMIC_ACQUIRE)) /* its registers are in memory */
        vtimer_catch_up(&v->vtimer);
    sched_runstate(v, now);
    sched_admit(rq, v, v->sched.vruntime ? 0 : SCHED_NEW_CREDIT_NS, now);
    lock_release(&rq->lock);
}

/* --- switching; on the CPU concerned, its queue's lock held ------------------------------ */

/* NULL: there is none. */
static ALWAYS_INLINE void sched_exchange(struct percpu *p, struct vcpu *out, struct vcpu *in)
{
    if (likely(out)) {
        vcpu_save(out);
        if (out->sched.state == VCPU_BLOCKED)
            vcpu_wake_timer_set(out);
        /* Release: who sees it unloaded sees its registers in memory. */
        __atomic_store_n(&out->sched.is_loaded, false, __ATOMIC_RELEASE);
    }
    p->current = in;
    if (!in)
        return hw_vttbr_clear(); /* the same vCPU may come back with other registers */
    in->counts.switches++;
    vcpu_load(in);
    __atomic_store_n(&in->sched.is_loaded, true, __ATOMIC_RELEASE);
}

/* What the vCPU that ran becomes. True when it may go on running. */
static bool sched_settle(struct vcpu *v, uint64_t now)
{
    struct sched_entity *s = &v->sched;
    enum vcpu_state state = VCPU_RUNNABLE;

    if (s->wants_offline) {
        state = VCPU_OFFLINE;
    } else if (s->wants_block) {
        s->state = VCPU_BLOCKED;
        /* Pairs with vcpu_kick(): it sees BLOCKED, or we see what it made pending. */
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        if (!vcpu_has_pending(v))
            state = VCPU_BLOCKED;
    }
    s->wants_offline = s->wants_block = false;
    s->state = state;
    if (sched_is_eligible(v))
        return true;
    runstate_leave(v, RUNSTATE_running,
                   state == VCPU_RUNNABLE && sched_is_paused(v) ? RUNSTATE_offline : state, now);
    return false;
}

/* The next vCPU: the one that ran, unless one on the queue is behind it in virtual time. Those whom
 * it wakes do not cut its turn short: what it has for them comes together. */
static struct vcpu *sched_pick(struct runq *rq, struct vcpu *prev, uint64_t now)
{
    struct vcpu *first = runq_first(rq);

    if (!prev) {
        first = likely(first) ? first : runq_steal(rq);
    } else {
        bool yields = prev->sched.wants_yield;

        prev->sched.wants_yield = false;
        if (!first)
            return prev;
        if (yields)
            prev->sched.vruntime = MAX(prev->sched.vruntime, first->sched.vruntime + 1);
        else if (now < rq->turn_end || first->sched.vruntime >= prev->sched.vruntime)
            return prev;
    }
    if (first)
        runq_remove(rq, first);
    return first;
}

/* WFI and WFE trap only when another vCPU has its home on this CPU, when there is memory to scrub
 * meanwhile, or when somebody wants to know the time that v does not spend in them. */
static void sched_trap_wfx(struct runq *rq, struct vcpu *v, uint64_t now)
{
    uint64_t hcr = v->hcr & ~(HCR_TWI | HCR_TWE);

    if (likely(READ_ONCE(rq->homes) > 1) || v->domain->sched_cap || page_alloc_has_idle_work() ||
        now < __atomic_load_n(&watch_until, __ATOMIC_RELAXED))
        hcr |= HCR_TWI | HCR_TWE;
    if (hcr == v->hcr)
        return;
    v->hcr = hcr;
    if (v->sched.is_loaded)
        hw_sysreg_write(HCR_EL2, hcr | (hw_sysreg_read(HCR_EL2) & HCR_VSE));
}

static void sched_run(struct runq *rq, struct vcpu *v, uint64_t now)
{
    const struct vcpu *first;

    sched_trap_wfx(rq, v, now);
    WRITE_ONCE(v->sched.state, VCPU_RUNNING);
    /* Pairs with vcpu_kick(): it sees RUNNING, or sched_exit() sees what it queued. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (v->runstate.state != RUNSTATE_running) {
        runstate_change(v, RUNSTATE_running, now);
        runstate_publish(v);
    }
    WRITE_ONCE(v->sched.run_start, now);
    WRITE_ONCE(rq->running, v);
    first = runq_first(rq);
    sched_slice_until(rq, first && first->sched.vruntime < v->sched.vruntime
                              ? rq->turn_end : now + READ_ONCE(rq->slice_ns), now);
}

/* v, not loaded, goes where it may run, and on the queue if it should be on one. */
static void sched_home_check(struct runq *rq, struct vcpu *v) LOCK_UNCHECKED
{
    if (sched_is_allowed_here(v)) {
        sched_admit(rq, v, 0, timer_now_ns());
    } else {
        unsigned cpu = runq_least_loaded(v->sched.place);

        v->sched.place = v->sched.affinity_hard;
        sched_send(rq, v, cpu);
    }
}

/* --- cap: what the vCPUs of a domain use together is paid for by time ------------------------ */

static void sched_cap_begin(struct domain *d, uint64_t now)
{
    d->cap_since = now;
    __atomic_store_n(&d->cap_used_ns, 0, __ATOMIC_RELAXED);
}

/* A domain that has used more than is paid for stands still until it is: what other CPUs were still
 * running when it was stopped included. No lock is held; was_capped: by the timer, which is set on
 * the CPU that has stopped it. */
static void sched_cap_update(struct domain *d, uint64_t now, bool was_capped)
{
    uint64_t used, paid_at = 0, end;
    bool is_capped;

    lock_acquire(&d->lock);
    used = __atomic_load_n(&d->cap_used_ns, __ATOMIC_RELAXED);
    if (d->sched_cap)
        paid_at = d->cap_since + used * 100 / d->sched_cap;
    end = was_capped ? 0 : d->cap_since + SCHED_CAP_PERIOD_NS;
    is_capped = paid_at > MAX(now, end);
    if (d->is_capped != was_capped || d->state >= DOMAIN_DYING)
        is_capped = was_capped;
    else if (is_capped)
        timer_set_ns(&d->cap_timer, paid_at, now);
    else if (now >= end)
        sched_cap_begin(d, now);
    if (d->is_capped == was_capped)
        d->is_capped = is_capped;
    lock_release(&d->lock);
    if (is_capped && !was_capped)
        domain_pause(d);
    else if (was_capped && !is_capped)
        domain_unpause(d);
}

static void sched_cap_fired(struct timer *t)
{
    sched_cap_update(container_of(t, struct domain, cap_timer), timer_now_ns(), true);
}

/* Once a slice at most: the first that waits goes on where the others have had more, so that
 * shares follow the weights over all CPUs. */
static void sched_balance(struct runq *rq, uint64_t now) LOCK_UNCHECKED
{
    struct vcpu *v;
    unsigned cpu;

    if (runq_is_empty(rq) || now < rq->balance_at)
        return;
    rq->balance_at = now + SCHED_BALANCE_AGAIN_NS;
    v = runq_movable(rq);
    if (!v)
        return;
    cpu = runq_ahead_of(v, v->sched.vruntime + SCHED_BALANCE_NS, now);
    if (cpu != UINT32_MAX)
        sched_send(rq, v, cpu);
}

/* With nothing else to run: may v's state stay in the CPU until v is woken? */
static bool sched_may_stay(const struct vcpu *v)
{
    return v->sched.state == VCPU_BLOCKED && !sched_is_paused(v) && sched_is_allowed_here(v);
}

/* Chooses and loads; rq's lock is held; prev ran. The vCPU that was switched out, or NULL. */
static struct vcpu *sched_switch(struct percpu *p, struct runq *rq, struct vcpu *prev, uint64_t now)
{
    struct vcpu *cur = p->current, *next;

    WRITE_ONCE(rq->running, NULL);
    if (prev && !sched_settle(prev, now)) {
        runstate_publish(prev);
        prev = NULL;
    }
    next = sched_pick(rq, prev, now);
    if (next != prev) {
        rq->turn_end = now + SCHED_TURN_NS;
        if (prev) {
            runstate_leave(prev, RUNSTATE_running, RUNSTATE_runnable, now);
            runstate_publish(prev);
            runq_insert(rq, prev);
        }
    }
    if (cur == next || (!next && sched_may_stay(cur)))
        cur = NULL;
    else
        sched_exchange(p, cur, next);
    if (next)
        sched_run(rq, next, now);
    runq_idle_set(rq, !next);
    return cur;
}

/* Charges who ran, up to the time returned: EL2's since a wake that charged is the next's. */
static uint64_t sched_charge(struct runq *rq, struct vcpu *ran)
{
    uint64_t now = timer_now_ns();

    if (rq->is_charged) {
        rq->is_charged = false;
        if (ran && now - ran->sched.run_start < SCHED_CHARGED_NS)
            return ran->sched.run_start;
    }
    sched_account(rq, ran, now);
    return now;
}

/* TODO_RESCHED: after it rq->running is the vCPU to enter, or NULL. */
static void sched_schedule(struct percpu *p, struct runq *rq) LOCK_UNCHECKED
{
    uint64_t now, kick[2];
    struct domain *d = NULL, *capped;
    struct vcpu *prev, *out;

    lock_acquire(&rq->lock);
    prev = rq->running;
    now = sched_charge(rq, prev);
    out = sched_switch(p, rq, prev, now);
    if (out) {
        if (unlikely(out->vgic.kick[0] | out->vgic.kick[1])) {
            d = out->domain;
            vcpu_take_kicks(out, kick);
        }
        if (!out->sched.on_queue &&
            (out->sched.state == VCPU_RUNNABLE || !sched_is_allowed_here(out)))
            sched_home_check(rq, out);
    }
    sched_balance(rq, now);
    capped = rq->capped;
    rq->capped = NULL;
    lock_release(&rq->lock);
    if (unlikely(d))
        vcpus_act(d, VCPUS_KICK, kick);
    if (unlikely(capped))
        sched_cap_update(capped, now, false);
}

/* Nothing to run: waits for an interrupt with the last vCPU's state in place. */
static void sched_idle(struct percpu *p)
{
    uint64_t start = timer_now();

    p->is_idle = true;
    if (!READ_ONCE(p->todo) && !reclaim_idle())
        hw_wfi();
    p->is_idle = false;
    p->idle_ns += timer_ticks_to_ns(timer_now() - start);
    irq_dispatch();
}

struct vcpu *sched_exit(void)
{
    struct percpu *p = hw_percpu();
    struct runq *rq = p->runq;

    for (;;) {
        uint64_t todo = percpu_todo_take(p);
        struct vcpu *v;

        if (todo & TODO_TIMER)
            timer_run();
        if (todo & TODO_RESCHED)
            sched_schedule(p, rq);
        v = rq->running;
        if (unlikely(!v)) {
            sched_idle(p);
            continue;
        }
        vcpu_flush(v);
        if (likely(!READ_ONCE(p->todo)))
            return v;
        irq_dispatch(); /* a sibling's kicks may come without end, and the timer with them */
    }
}

void sched_exit_vgic(struct vcpu *v)
{
    __atomic_fetch_and(&v->percpu->todo, ~(uint64_t)TODO_VGIC, __ATOMIC_ACQUIRE);
    vcpu_flush(v);
    if (unlikely(READ_ONCE(v->percpu->todo)))
        irq_dispatch();
}

_Noreturn void sched_leave(void) { hw_enter_guest(sched_exit()); }
_Noreturn void sched_start(void)
{
    percpu_todo_set(hw_percpu(), TODO_RESCHED);
    sched_leave();
}

/* --- parameters ------------------------------------------------------------------------- */

void sched_vcpu_init(struct vcpu *v)
{
    struct sched_entity *s = &v->sched;

    list_init(&s->link);
    s->state = VCPU_OFFLINE;
    s->pause_count = v->domain->pause_count; /* its share of the pauses that are in force */
    s->affinity_hard = s->affinity_soft = s->place = ~0ul;
    runq_assign(v, runq_least_loaded(~0ul));
}

void sched_vcpu_destroy(struct vcpu *v) LOCK_UNCHECKED
{
    struct runq *rq = sched_rq_lock(v);

    assert(!v->sched.is_loaded);
    runq_remove(rq, v);
    v->sched.state = VCPU_OFFLINE; /* a timer or event that is on its way finds nothing to wake */
    runq_unassign(v);
    lock_release(&rq->lock);
}

int sched_affinity_set(struct vcpu *v, uint64_t hard, uint64_t soft) LOCK_UNCHECKED
{
    uint64_t preferred = hard & soft & runq_online_mask();
    struct runq *rq;

    if (!(hard & runq_online_mask()))
        return -EINVAL;
    rq = sched_rq_lock(v);
    v->sched.affinity_hard = v->sched.place = hard;
    v->sched.affinity_soft = soft;
    if (!((preferred ? preferred : hard) & BIT(rq->cpu))) {
        v->sched.place = preferred ? preferred : hard;
        if (v->sched.is_loaded) {
            runq_remove(rq, v);
            sched_cpu_kick(percpu_table[rq->cpu], TODO_RESCHED);
        } else {
            sched_home_check(rq, v);
        }
    }
    lock_release(&rq->lock);
    return 0;
}

int sched_weight_set(struct domain *d, unsigned weight)
{
    if (!weight || weight > 65535)
        return -EINVAL;
    d->sched_weight = MAX(weight, 16u); /* so virtual time wraps in 36 years at the soonest */
    return 0;
}

void sched_cap_init(struct domain *d) { timer_setup(&d->cap_timer, sched_cap_fired); }

void sched_cap_set(struct domain *d, unsigned percent)
{
    lock_acquire(&d->lock);
    d->sched_cap = percent;
    sched_cap_begin(d, timer_now_ns());
    lock_release(&d->lock);
    /* Every CPU that runs one of d's looks again, and sets its slice's timer. */
    domain_pause(d);
    domain_unpause(d);
}

void sched_watch(unsigned seconds)
{
    uint64_t now = timer_now_ns(), until = now + seconds * 1000000000ul;
    uint64_t was = __atomic_load_n(&watch_until, __ATOMIC_RELAXED);

    if (until <= was)
        return;
    __atomic_store_n(&watch_until, until, __ATOMIC_RELEASE);
    for (unsigned i = 0; was < now && i < cpu_count; i++)
        sched_cpu_kick(percpu_table[i], TODO_RESCHED);
}

uint64_t sched_vcpu_runtime_ns(struct vcpu *v) LOCK_UNCHECKED
{
    struct runq *rq = sched_rq_lock(v);
    uint64_t ns;

    ns = v->runstate.time[RUNSTATE_running];
    if (rq->running == v) {
        sched_account(rq, v, timer_now_ns());
        ns += v->sched.run_start - v->runstate.state_entry_time;
    }
    lock_release(&rq->lock);
    return ns;
}
