/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The long form of purlin list. Takes structures, writes to a stream.
 */
#include "dom0/detail.h"

#include <string.h>

#include "dom0/domain_text.h"
#include "dom0/metrics.h"
#include "dom0/report.h"
#include "dom0/tables.h"

static unsigned long long mib(uint64_t kib)
{
    return (unsigned long long)kib >> 10;
}

static void text_counts(FILE *out, const struct purlin_counts *counts)
{
    fprintf(out, "  %-16s %llu hypercalls, %llu interrupts", "exits",
            (unsigned long long)counts->hypercalls, (unsigned long long)counts->interrupts);
    for (unsigned i = 0; i < PURLIN_STATS_TRAPS; i++)
        if (counts->traps[i])
            fprintf(out, ", %llu %s", (unsigned long long)counts->traps[i],
                    metrics_trap_name(i));
    fprintf(out, "\n  %-16s %llu\n", "events", (unsigned long long)counts->upcalls);
}

void detail_text(FILE *out, const struct detail *detail)
{
    const struct domain *d = detail->domain;

    fprintf(out, "%s\n", d->name);
    fprintf(out, "  %-16s %u\n", "id", d->domid);
    fprintf(out, "  %-16s %s\n", "uuid", d->uuid);
    fprintf(out, "  %-16s %s\n", "state", domain_text_state(d));
    if (d->max_memory_kib >> 32)
        fprintf(out, "  %-16s %llu MiB\n", "memory", mib(d->memory_kib));
    else
        fprintf(out, "  %-16s %llu MiB of at most %llu\n", "memory", mib(d->memory_kib),
                mib(d->max_memory_kib));
    fprintf(out, "  %-16s %u of %d on line\n", "vcpus", d->vcpus, detail->vcpu_count);
    fprintf(out, "  %-16s %.1f s\n", "cpu time", (double)d->cpu_time_ns / 1e9);
    fprintf(out, "  %-16s weight %u, cap %u%s\n", "share", detail->share.weight,
            detail->share.cap, detail->share.cap ? " % of a CPU" : " (none)");
    if (detail->has_stats)
        text_counts(out, &detail->stats.counts);
    for (int i = 0; i < detail->disk_count; i++)
        fprintf(out, "  %-16s %s%s: %s, %s\n", "disk", detail->disks[i].name,
                detail->disks[i].read_only ? " (read-only)" : "", detail->disks[i].target,
                tables_state_name(detail->disks[i].state));
    for (int i = 0; i < detail->network_count; i++)
        fprintf(out, "  %-16s %s: MAC %s, bridge %s, %s\n", "network", detail->networks[i].name,
                detail->networks[i].mac, detail->networks[i].target,
                tables_state_name(detail->networks[i].state));
    fputc('\n', out);
}

static struct json_object *json_counts(const struct purlin_counts *counts)
{
    struct json_object *object = json_object_new_object();

    json_object_object_add(object, "hypercall", json_object_new_uint64(counts->hypercalls));
    json_object_object_add(object, "interrupt", json_object_new_uint64(counts->interrupts));
    for (unsigned i = 0; i < PURLIN_STATS_TRAPS; i++)
        if (strcmp(metrics_trap_name(i), "other") != 0)
            json_object_object_add(object, metrics_trap_name(i),
                                   json_object_new_uint64(counts->traps[i]));
    return object;
}

struct json_object *detail_json(const struct detail *detail)
{
    struct json_object *object = report_domain_json(detail->domain);

    json_object_object_add(object, "max_memory_bytes",
                           json_object_new_uint64(detail->domain->max_memory_kib << 10));
    json_object_object_add(object, "max_vcpus",
                           json_object_new_int(detail->vcpu_count));
    json_object_object_add(object, "weight", json_object_new_uint64(detail->share.weight));
    json_object_object_add(object, "cap", json_object_new_uint64(detail->share.cap));
    if (detail->has_stats) {
        json_object_object_add(object, "exits", json_counts(&detail->stats.counts));
        json_object_object_add(object, "events",
                               json_object_new_uint64(detail->stats.counts.upcalls));
    }
    json_object_object_add(object, "disks", tables_disks_json(detail->disks, detail->disk_count));
    json_object_object_add(object, "networks",
                           tables_networks_json(detail->networks, detail->network_count));
    return object;
}
