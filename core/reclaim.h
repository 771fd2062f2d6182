/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a hypercall does when an allocation fails while freed pages are still on their way back
 * (not yet quiescent, not yet scrubbed): it moves them on and is executed again. Idle CPUs move
 * them on too, and keep a reserve of scrubbed memory, so that few hypercalls have to.
 */
#ifndef CORE_RECLAIM_H
#define CORE_RECLAIM_H

#include "core/base/types.h"

/* True: freed pages are on their way back, and a bounded step was made: the caller's hypercall
 * continues. Not for ever: a guest may free pages faster than they come back. No lock held. */
bool reclaim_wait(void);
/* After a failure: true: when the allocation failed, freed pages were on their way, and a step was
 * made: the caller returns -ERESTART, and its hypercall continues. False: the failure is final;
 * what the caller has given back itself is not waited for. A caller that may take more pages than
 * a step brings back must wait for all of them, or it would fail like this for ever. */
bool reclaim_progress(void);
/* On a CPU with nothing to run: a step of some 17,000 instructions at most. False: nothing to do
 * now. */
bool reclaim_idle(void);
/* -ERESTART or -ENOMEM, as reclaim_progress() says. */
int reclaim_or_fail(void);

#endif
