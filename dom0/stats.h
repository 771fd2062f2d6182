/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the hypervisor has counted for a domain (docs/HYPERCALLS.md, statistics).
 */
#ifndef DOM0_STATS_H
#define DOM0_STATS_H

#include "core/base/purlin_abi.h"
#include "dom0/purlin.h"

/* Reads the counts of a domain. watch_s: for so many seconds CPU times leave out what guests spend
 * waiting; see purlin(1), CPU TIME. 0; -ENOSYS: this hypervisor does not count; -ESRCH. */
int stats_read(struct purlin *session, uint32_t domid, unsigned watch_s,
               struct purlin_stats *stats);

#endif
