/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A device that only measures: a front end in a guest's kernel sends a request, a back end in
 * Dom0's answers, by one shared page and one event channel as every paravirtual device does
 * (xenbus.h, grant_table.h and event_channel.h of Xen's public headers). Its type in xenstore is
 * DEVICE_TYPE. Nodes that whoever makes the device writes into the back end's folder:
 *   mode    enum ping_mode
 * and into the front end's:
 *   count   how many requests
 * The front end writes, when it is done, "result" there: see front.c.
 */
#ifndef TESTS_BENCH_MODULE_IO_LATENCY_H
#define TESTS_BENCH_MODULE_IO_LATENCY_H

#include <linux/types.h>
#include <asm/barrier.h>
#include <asm/sysreg.h>

#define DEVICE_TYPE "latency"

/* What the back end does with the front end's page of data before it answers. */
enum ping_mode { PING_ONLY, PING_COPY, PING_MAP, PING_MODES };

/* Times in ticks of CNTPCT_EL0, which all domains share. Written by one side each, in turns. */
struct ping_page {
    u64 sent, came_back;    /* front end's: before the event; in its handler */
    u64 arrived, answered;  /* back end's: in its handler; before its event */
};

static inline u64 ping_ticks(void)
{
    isb();
    return read_sysreg(cntpct_el0);
}

int front_register(void);
void front_unregister(void);
int back_register(void);
void back_unregister(void);

#endif
