/* SPDX-License-Identifier: BSD-2-Clause
 *
 * All domains at one moment, with everything that is counted for them: what top and metrics print.
 */
#ifndef DOM0_SAMPLE_H
#define DOM0_SAMPLE_H

#include "dom0/devices.h"
#include "dom0/domain.h"
#include "dom0/stats.h"

/* Of all devices of a kind; in and out as the guest sees it. The sums fall when a device goes. */
struct sample_io {
    unsigned devices;
    struct devices_item *items; /* heap array, or NULL */
    uint64_t in_bytes;
    uint64_t out_bytes;
    uint64_t in_count; /* requests or packets */
    uint64_t out_count;
};

struct sample_domain {
    struct domain domain;
    struct purlin_stats stats; /* all zero when has_stats is not set */
    bool has_stats;
    struct sample_io disk;
    struct sample_io network;
};

struct sample {
    uint64_t time_ns; /* monotonic */
    double uptime_s;  /* of Dom0 */
    unsigned cpus;
    uint64_t total_kib;
    uint64_t free_kib;
    struct sample_domain *domains; /* in order of their ids */
    size_t count;
};

/* watch_s: as stats_read. 0, or a negative errno. */
int sample_take(struct purlin *session, unsigned watch_s, struct sample *sample,
                struct error *err);
void sample_free(struct sample *sample);

#endif
