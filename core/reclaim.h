/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a hypercall does when an allocation fails while freed pages are still on their way back
 * (not yet quiescent, not yet scrubbed): it moves them on and is executed again.
 */
#ifndef CORE_RECLAIM_H
#define CORE_RECLAIM_H

#include "core/base/types.h"

/* True: memory is coming, a bounded step towards it was made: the caller returns -ERESTART, and
 * its hypercall continues. False: there is none; the failure is final. Any CPU, no lock held. */
bool reclaim_progress(void);
/* -ERESTART or -ENOMEM, as reclaim_progress() says. */
int reclaim_or_fail(void);

#endif
