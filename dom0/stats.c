/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Purlin's statistics call. Owns no state.
 */
#include "dom0/stats.h"

#include <errno.h>
#include <string.h>

int stats_read(struct purlin *session, uint32_t domid, unsigned watch_s,
               struct purlin_stats *stats)
{
    struct hyper *hyper = &session->hyper;
    struct purlin_stats *buffer = hyper_alloc(hyper, sizeof(*buffer));
    int rc;

    memset(stats, 0, sizeof(*stats));
    if (!buffer)
        return -ENOMEM;
    memset(buffer, 0, sizeof(*buffer));
    buffer->version = PURLIN_STATS_VERSION;
    buffer->domid = domid;
    buffer->watch_s = watch_s;
    rc = xencall1(hyper->call, __HYPERVISOR_arch_1, (uintptr_t)buffer) < 0 ? -errno : 0;
    if (rc == 0)
        *stats = *buffer;
    hyper_free(hyper, buffer);
    return rc;
}
