/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The Xen ABI's shared state of this domain: shared info, events (2-level), the grant table.
 */
#ifndef TESTS_BENCH_XEN_H
#define TESTS_BENCH_XEN_H

#include "tests/bench/image/bench.h"
#include "core/base/xen_abi.h"

#define XEN_GREFS 512u
#define XEN_FIRST_GREF 8u   /* those below are reserved (grant_table.h) */

/* Maps shared info and the grant table, and takes the event upcall. Once; again does nothing. */
void xen_init(void);

/* Events, all to vCPU 0. A port starts masked. */
unsigned xen_bind_ipi(void);
void xen_send(unsigned port);
/* What was pending is dropped: binding a channel makes it pending, for one. */
void xen_mask(unsigned port, bool is_masked);
/* True, and not pending any more, if it was. */
bool xen_take(unsigned port);
/* Calls `handler` for every port that the upcall finds pending. */
void xen_on_event(void (*handler)(unsigned port));

/* Lets `domid` use the page at `address`. */
void xen_grant(unsigned gref, unsigned domid, const void *address, bool is_readonly);
/* Gives away `count` pages of RAM from `address` on: a place for other pages to appear. */
void xen_vacate(void *address, unsigned count);
int64_t xen_grant_op(unsigned op, void *args, unsigned count);
/* The result of a call that comes last in a multicall, after so many short ones. */
#define XEN_SHORT_CALLS_MAX 63u
int64_t xen_call_late(unsigned op, uint64_t a0, const void *a1, uint64_t a2, unsigned shorts);

#endif
