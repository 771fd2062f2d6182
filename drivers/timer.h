/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time and the EL2 physical timer (CNTHP). Each CPU has a queue of timers ordered by deadline.
 * Deadlines are CNTPCT ticks. A timer's callback runs on the CPU it was set on, at EL2, not nested.
 */
#ifndef DRIVERS_TIMER_H
#define DRIVERS_TIMER_H

#include "core/base/hw.h"
#include "core/base/list.h"

#define TIMER_PPI_HYP 26u /* where the device tree does not say (base system architecture) */

struct timer {
    struct list link;
    uint64_t deadline;      /* ticks */
    void (*fire)(struct timer *t);
    unsigned cpu;           /* queue it is on */
    bool is_set;
};

/*
 * Each CPU's queue has a lock; it protects the queue's list and the link, deadline, cpu and is_set
 * of the timers on it.
 */

/* Boot CPU: frequency_hz from the device tree's clock-frequency (0: not given, CNTFRQ_EL0 says it);
 * irq: the EL2 physical timer's PPI. */
int timer_init(uint32_t frequency_hz, unsigned irq);
unsigned timer_irq(void);
/* Each CPU, hw_percpu() set: its queue, its CNTHP off. */
void timer_cpu_init(void);
/* The handler of the EL2 timer's PPI (irq_handler): masks the timer and sets TODO_TIMER. */
bool timer_interrupt(unsigned intid, void *owner);
uint32_t timer_frequency_hz(void);
static inline uint64_t timer_now(void) { return hw_counter(); } /* ticks */
uint64_t timer_ticks_to_ns(uint64_t ticks);
uint64_t timer_ns_to_ticks(uint64_t ns);
uint64_t timer_now_ns(void);              /* since boot: NOW() of the ABI */

void timer_setup(struct timer *t, void (*fire)(struct timer *));
/* (Re)arms on this CPU's queue; a deadline in the past fires soon. */
void timer_set(struct timer *t, uint64_t deadline);
/* The same for at_ns since boot, which now_ns is; a time that has passed is now. */
void timer_set_ns(struct timer *t, uint64_t at_ns, uint64_t now_ns);
/* Disarms; from any CPU, any lock held. After return no new fire() begins; one that another CPU has
 * begun may still be running: fire() looks at its object's state under the object's lock. */
void timer_cancel(struct timer *t);
/* TODO_TIMER: runs what is due on this CPU (a bounded number), programs the next. No lock held. */
void timer_run(void);

#endif
