/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Per-CPU timer queues on the EL2 physical timer (CNTHP; DDI 0487, the Generic Timer). The hardware
 * is programmed lazily: only for an earlier deadline. A deadline that was cancelled may therefore
 * still interrupt once, and finds nothing due. A queue's lock protects its list and its timers.
 */
#include "drivers/timer.h"

#include "core/base/errors.h"
#include "core/base/lock.h"
#include "core/base/log.h"

#define CNTHP_CTL_ENABLE BIT(0)
#define CNTHP_CTL_IMASK  BIT(1)

#define NS_PER_S 1000000000ul
#define TIMER_RUN_MAX 8u /* callbacks in one go; what is still due interrupts again at once */
#define INSERT_STEPS 8u
#define TIMER_RUN_NS 2000u /* and none begins later than this */
#define NEVER UINT64_MAX

struct timer_queue {
    struct lock lock;
    struct list list;    /* by deadline */
    uint64_t programmed; /* deadline in CNTHP_CVAL, NEVER: the timer is off; owner CPU only */
} __attribute__((aligned(64)));

static struct timer_queue queues[NR_CPUS_MAX];
static uint32_t frequency;
static unsigned ppi;
static uint64_t ticks_per_ns_q32;     /* fixed point, 32 fraction bits; so is ns_per_tick_q32 */
static struct { uint64_t boot_ticks, ns_per_tick_q32; } base; /* read together */

int timer_init(uint32_t frequency_hz, unsigned irq)
{
    ppi = irq;
    if (!frequency_hz)
        frequency_hz = (uint32_t)hw_sysreg_read(CNTFRQ_EL0);
    if (!frequency_hz) {
        log_error("timer: no frequency: CNTFRQ_EL0 is 0 and the timer node has no "
                  "clock-frequency\n");
        return -ENODEV;
    }
    frequency = frequency_hz;
    base.ns_per_tick_q32 = (NS_PER_S << 32) / frequency_hz;
    ticks_per_ns_q32 = ((uint64_t)frequency_hz << 32) / NS_PER_S;
    base.boot_ticks = hw_counter();
    for (unsigned cpu = 0; cpu < NR_CPUS_MAX; cpu++) {
        lock_init(&queues[cpu].lock);
        list_init(&queues[cpu].list);
        queues[cpu].programmed = NEVER;
    }
    return 0;
}

void timer_cpu_init(void)
{
    struct percpu *p = hw_percpu();

    p->timers = &queues[p->id];
    hw_sysreg_write(CNTHP_CTL_EL2, 0);
    hw_isb(); /* off before interrupts can be taken */
}

unsigned timer_irq(void) { return ppi; }
uint32_t timer_frequency_hz(void) { return frequency; }

/* (value * factor) >> 32 without losing the high half of the product. */
static uint64_t scale(uint64_t value, uint64_t factor_q32)
{
    return (uint64_t)(((unsigned __int128)value * factor_q32) >> 32);
}

uint64_t timer_ticks_to_ns(uint64_t ticks) { return scale(ticks, base.ns_per_tick_q32); }
uint64_t timer_ns_to_ticks(uint64_t ns) { return scale(ns, ticks_per_ns_q32); }
uint64_t timer_now_ns(void) { return timer_ticks_to_ns(hw_counter() - base.boot_ticks); }

void timer_setup(struct timer *t, void (*fire)(struct timer *))
{
    *t = (struct timer){ .deadline = NEVER, .fire = fire };
    list_init(&t->link);
}

/* On the queue's own CPU. X-Gene 1 compares 32 bits, signed: what is further away, or long ago, is
 * neither; an interrupt that comes early programs the rest. */
static void program(struct timer_queue *q, uint64_t deadline)
{
    uint64_t now = hw_counter();

    q->programmed = deadline;
    if (deadline != NEVER)
        hw_sysreg_write(CNTHP_CVAL_EL2, MIN(MAX(deadline, now), now + INT32_MAX));
    hw_sysreg_write(CNTHP_CTL_EL2, deadline == NEVER ? 0 : CNTHP_CTL_ENABLE);
    hw_isb(); /* in effect before a WFI at EL2, which does not synchronise */
}

static void insert(struct timer_queue *q, struct timer *t) LOCK_REQUIRES(q->lock)
{
    struct list *pos = q->list.prev;
    unsigned steps = INSERT_STEPS;

    /* From the end: most timers are set later than those that wait. What is due may go before all
     * of many. */
    while (pos != &q->list && list_entry(pos, struct timer, link)->deadline > t->deadline) {
        pos = pos->prev;
        if (!--steps && list_entry(q->list.next, struct timer, link)->deadline > t->deadline)
            pos = &q->list;
    }
    list_insert_after(pos, &t->link);
}

/* Locks the queue that t is on, or was on last: t->cpu changes under that queue's lock only. */
static struct timer_queue *lock_queue_of(const struct timer *t) LOCK_UNCHECKED
{
    for (;;) {
        unsigned cpu = __atomic_load_n(&t->cpu, __ATOMIC_RELAXED);
        struct timer_queue *q = &queues[cpu];

        lock_acquire(&q->lock);
        if (__atomic_load_n(&t->cpu, __ATOMIC_RELAXED) == cpu)
            return q;
        lock_release(&q->lock);
    }
}

/* With the lock of the queue that t is on. */
static void detach(struct timer *t)
{
    if (t->is_set) {
        list_remove(&t->link);
        __atomic_store_n(&t->is_set, false, __ATOMIC_RELEASE); /* pairs with timer_cancel() */
    }
}

void timer_set(struct timer *t, uint64_t deadline) LOCK_UNCHECKED
{
    struct percpu *p = hw_percpu();
    struct timer_queue *q;

    while ((q = lock_queue_of(t)) != p->timers) {
        detach(t);
        __atomic_store_n(&t->cpu, p->id, __ATOMIC_RELAXED);
        lock_release(&q->lock);
    }
    detach(t);
    t->deadline = deadline;
    t->is_set = true;
    insert(q, t);
    if (deadline < q->programmed)
        program(q, deadline);
    lock_release(&q->lock);
}

/* Not a conversion of at_ns itself: its rounding error grows with the time since boot. */
void timer_set_ns(struct timer *t, uint64_t at_ns, uint64_t now_ns)
{
    timer_set(t, timer_now() + timer_ns_to_ticks(at_ns > now_ns ? at_ns - now_ns : 0));
}

void timer_cancel(struct timer *t) LOCK_UNCHECKED
{
    struct timer_queue *q;

    if (!__atomic_load_n(&t->is_set, __ATOMIC_ACQUIRE))
        return;
    q = lock_queue_of(t);
    detach(t);
    lock_release(&q->lock);
}

/* Takes the first timer off the queue when it is due. */
static struct timer *take_due(struct timer_queue *q, uint64_t now) LOCK_REQUIRES(q->lock)
{
    struct timer *t;

    if (list_is_empty(&q->list))
        return NULL;
    t = list_entry(q->list.next, struct timer, link);
    if (t->deadline > now)
        return NULL;
    detach(t);
    return t;
}

void timer_run(void)
{
    struct timer_queue *q = hw_percpu()->timers;
    uint64_t now = hw_counter(), begin_until = now + timer_ns_to_ticks(TIMER_RUN_NS);
    struct timer *t;

    for (unsigned n = 0; n < TIMER_RUN_MAX && (!n || hw_counter() < begin_until); n++) {
        lock_acquire(&q->lock);
        t = take_due(q, now);
        lock_release(&q->lock);
        if (!t)
            break;
        t->fire(t);
    }
    lock_acquire(&q->lock);
    program(q, list_is_empty(&q->list)
                   ? NEVER : list_entry(q->list.next, struct timer, link)->deadline);
    lock_release(&q->lock);
}

bool timer_interrupt(unsigned, void *)
{
    /* The output is a level: masked until timer_run() programs the next deadline. */
    hw_sysreg_write(CNTHP_CTL_EL2, CNTHP_CTL_ENABLE | CNTHP_CTL_IMASK);
    hw_isb(); /* low before the caller deactivates the interrupt */
    percpu_todo_set(hw_percpu(), TODO_TIMER);
    return true;
}
