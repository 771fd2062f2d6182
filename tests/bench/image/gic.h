/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A guest's GIC, version 2 or 3: enough to send and take interrupts.
 */
#ifndef TESTS_BENCH_GIC_H
#define TESTS_BENCH_GIC_H

#include "tests/bench/image/arch.h"

#define GICD_IIDR 0x008u
#define GICD_ISENABLER 0x100u
#define GICD_IPRIORITYR 0x400u

#define INTIDS_MAX 32u      /* SGIs and PPIs: rows use no others */
#define TIMER_INTID 27u

typedef void (*irq_handler)(void);

void gic_init(void);        /* the distributor, and CPU 0's part */
void gic_cpu_init(void);    /* the calling CPU's part */
/* Calls `handler` for `intid`, before the interrupt is ended. On all CPUs; the calling CPU's is
 * enabled. */
void gic_on(unsigned intid, irq_handler handler);
void gic_enable(unsigned intid);
/* To one CPU, the caller itself included. */
void gic_send_sgi(unsigned cpu, unsigned intid);
/* To all CPUs but the caller. */
void gic_send_sgi_others(unsigned intid);
/* The ticks of the last handled interrupt's end, if time_eoi is set (gic_time_eoi). */
void gic_time_eoi(bool is_on);
uint64_t gic_eoi_ticks(void);

#endif
