/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Gathering. A domain that goes away meanwhile is left out or has zeros. Owns the arrays only.
 */
#include "dom0/sample.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dom0/sysctl.h"
#include "dom0/sysfs.h"

static int add_devices(struct purlin *session, uint32_t domid, const char *kind,
                       struct sample_io *io, struct error *err)
{
    int count = devices_list(session, domid, kind, &io->items, err);

    for (int i = 0; i < count; i++) {
        io->devices++;
        io->in_bytes += io->items[i].in_bytes;
        io->out_bytes += io->items[i].out_bytes;
        io->in_count += io->items[i].in_count;
        io->out_count += io->items[i].out_count;
    }
    return count < 0 ? count : 0;
}

static int fill(struct purlin *session, unsigned watch_s, struct sample_domain *d,
                struct error *err)
{
    int rc = stats_read(session, d->domain.domid, watch_s, &d->stats);

    d->has_stats = rc == 0;
    if (d->has_stats)
        d->domain.cpu_time_ns = d->stats.cpu_ns;
    if (d->domain.domid == 0)
        return 0;
    rc = add_devices(session, d->domain.domid, "vbd", &d->disk, err);
    return rc ? rc : add_devices(session, d->domain.domid, "vif", &d->network, err);
}

static int read_machine(struct purlin *session, struct sample *sample, struct error *err)
{
    struct xen_sysctl_physinfo info;
    struct timespec now;
    int rc = sysctl_physinfo(&session->hyper, &info);

    if (rc) {
        errno = -rc;
        return error_errno(err, "the hypervisor does not describe the machine");
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    sample->time_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    sample->uptime_s = sysfs_uptime();
    sample->cpus = info.nr_cpus;
    sample->total_kib = info.total_pages * 4;
    sample->free_kib = info.free_pages * 4;
    return 0;
}

int sample_take(struct purlin *session, unsigned watch_s, struct sample *sample,
                struct error *err)
{
    struct domain *domains = NULL;
    int count;
    int rc;

    memset(sample, 0, sizeof(*sample));
    count = domain_list(session, &domains, err);
    rc = count < 0 ? count : read_machine(session, sample, err);
    if (rc == 0) {
        sample->domains = calloc((size_t)count + 1, sizeof(*sample->domains));
        rc = sample->domains ? 0 : error_set(err, ERROR_FAILED, "out of memory");
    }
    for (int i = 0; i < count && rc == 0; i++) {
        sample->domains[i].domain = domains[i];
        rc = fill(session, watch_s, &sample->domains[i], err);
        sample->count++;
    }
    free(domains);
    if (rc)
        sample_free(sample);
    return rc;
}

void sample_free(struct sample *sample)
{
    for (size_t i = 0; i < sample->count; i++) {
        free(sample->domains[i].disk.items);
        free(sample->domains[i].network.items);
    }
    free(sample->domains);
    memset(sample, 0, sizeof(*sample));
}
