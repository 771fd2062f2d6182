/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The wall clock that domains read in shared_info (Xen public xen.h, wc_sec and wc_nsec): Dom0
 * sets it (platform_op settime), everyone reads it.
 */
#ifndef CORE_WALLCLOCK_H
#define CORE_WALLCLOCK_H

#include "core/domain.h"

/* The Unix time secs.nsecs was that of system time `at_ns` (timer_now_ns). Publishes it to all
 * domains, a part of them in one stay at EL2. False: to be called again, with the same. */
bool wallclock_set(uint64_t secs, uint32_t nsecs, uint64_t at_ns);
/* Writes d's shared_info: at creation, and when its time offset changes. */
void wallclock_publish(struct domain *d);

#endif
