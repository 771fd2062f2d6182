/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypercall table and continuation. A handler gets x0..x4 and returns x0 (the ABI's result,
 * -errno on error). Arguments that the ABI declares as 32 bits wide have garbage in their upper
 * half (AAPCS64) and are cut first. A handler decodes (checks, no side effect), then commits
 * (cannot fail). Work that may be long is done in bounded chunks: at most about HYPERCALL_BUDGET
 * EL2 instructions, then `return hypercall_continue(...)`.
 */
#ifndef CORE_HYPERCALL_H
#define CORE_HYPERCALL_H

#include "core/base/hw.h"

typedef int64_t (*hypercall_fn)(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4);

/* After so many instructions no more work is begun in one stay at EL2: with what the last piece may
 * take, and the way in and out, it ends before 20,000. */
#define HYPERCALL_BUDGET 15000u

#define HYPERCALL_NR_MAX 64u
extern const hypercall_fn hypercall_table[HYPERCALL_NR_MAX]; /* core/hypercalls.def */

/*
 * Re-executes the hypercall, which has `count` arguments (1 to 3), with these: as many of the
 * guest's registers from x0 on are rewritten, the PC goes back to the HVC, and the value returned
 * is what the handler must return. Inside a multicall the entry is rewritten instead. Guests see
 * nothing but the arguments' progress (Xen public arch-arm.h: a call may clobber its arguments).
 */
int64_t hypercall_continue(unsigned count, uint64_t a0, uint64_t a1, uint64_t a2);
/* True when a chunk should end: something waits for this CPU. Cheap (one load). */
static inline bool hypercall_preempt_check(void) { return READ_ONCE(hw_percpu()->todo) != 0; }

/* The handlers. */
#define HYPERCALL(nr, handler) int64_t handler(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);
#include "core/hypercalls.def"
#undef HYPERCALL

#endif
