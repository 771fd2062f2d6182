/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time and the EL2 physical timer (CNTHP). Each CPU has a queue of timers ordered by deadline.
 * Deadlines are CNTPCT ticks. A timer's callback runs on the CPU it was set on, at EL2, not nested.
 */
#ifndef DRIVERS_TIMER_H
#define DRIVERS_TIMER_H

#include "core/base/list.h"
#include "core/base/types.h"

#define TIMER_PPI_HYP 26u

struct timer {
    struct list link;
    uint64_t deadline;      /* ticks */
    void (*fire)(struct timer *t);
    unsigned cpu;           /* queue it is on */
    bool is_set;
};

/* Boot CPU: frequency_hz from CNTFRQ_EL0 or the device tree's clock-frequency (0: not given). */
int timer_init(uint32_t frequency_hz);
int timer_cpu_init(void);
uint32_t timer_frequency_hz(void);
static inline uint64_t timer_now(void);   /* ticks */
uint64_t timer_ticks_to_ns(uint64_t ticks);
uint64_t timer_ns_to_ticks(uint64_t ns);
uint64_t timer_now_ns(void);              /* since boot: NOW() of the ABI */

void timer_setup(struct timer *t, void (*fire)(struct timer *));
/* (Re)arms on this CPU's queue; a deadline in the past fires soon. */
void timer_set(struct timer *t, uint64_t deadline);
/* Disarms; from any CPU. After return fire() does not start. */
void timer_cancel(struct timer *t);
/* TODO_TIMER: runs what is due on this CPU and programs the next. */
void timer_run(void);

#include "core/base/hw.h"
static inline uint64_t timer_now(void) { return hw_counter(); }

#endif
