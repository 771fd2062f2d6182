/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Differences of counters over time, and how they look. Knows neither screen nor hypervisor.
 */
#include "dom0/rates.h"

#include <stdlib.h>
#include <string.h>

#include "dom0/domain_text.h"

static uint64_t exits(const struct sample_domain *d)
{
    const struct purlin_counts *counts = &d->stats.counts;
    uint64_t sum = counts->hypercalls + counts->interrupts;

    for (unsigned i = 0; i < PURLIN_STATS_TRAPS; i++)
        sum += counts->traps[i];
    return sum;
}

/* The same domain in another sample: a number may have been given to a new one since. */
static const struct sample_domain *find(const struct sample *sample, const struct domain *domain)
{
    for (size_t i = 0; sample && i < sample->count; i++)
        if (sample->domains[i].domain.domid == domain->domid &&
            strcmp(sample->domains[i].domain.uuid, domain->uuid) == 0)
            return &sample->domains[i];
    return NULL;
}

/* Counters that went back are those of a new device. */
static double rate(uint64_t before, uint64_t now, double seconds)
{
    return now > before && seconds > 0 ? (double)(now - before) / seconds : 0;
}

static void fill(struct rates_line *line, const struct sample_domain *before,
                 const struct sample_domain *now, double seconds)
{
    memset(line, 0, sizeof(*line));
    line->now = now;
    if (!before)
        return;
    line->cpu_percent = rate(before->domain.cpu_time_ns, now->domain.cpu_time_ns, seconds) / 1e7;
    line->net_in = rate(before->network.in_bytes, now->network.in_bytes, seconds);
    line->net_out = rate(before->network.out_bytes, now->network.out_bytes, seconds);
    line->disk_in = rate(before->disk.in_bytes, now->disk.in_bytes, seconds);
    line->disk_out = rate(before->disk.out_bytes, now->disk.out_bytes, seconds);
    line->exits = rate(exits(before), exits(now), seconds);
}

static double weigh(const struct rates_line *line, enum rates_order order)
{
    switch (order) {
    case RATES_BY_CPU:
        return line->cpu_percent;
    case RATES_BY_MEMORY:
        return (double)line->now->domain.memory_kib;
    case RATES_BY_NETWORK:
        return line->net_in + line->net_out;
    case RATES_BY_DISK:
        return line->disk_in + line->disk_out;
    default:
        return 0;
    }
}

static int compare(const void *a, const void *b, void *order)
{
    const struct rates_line *x = a;
    const struct rates_line *y = b;
    double wx = weigh(x, *(enum rates_order *)order);
    double wy = weigh(y, *(enum rates_order *)order);

    if (wx != wy)
        return wx > wy ? -1 : 1;
    return x->now->domain.domid < y->now->domain.domid ? -1 : 1;
}

void rates_compute(const struct sample *before, const struct sample *now, enum rates_order order,
                   struct rates_line *lines)
{
    double seconds = before ? (double)(now->time_ns - before->time_ns) / 1e9 : 0;

    for (size_t i = 0; i < now->count; i++)
        fill(&lines[i], find(before, &now->domains[i].domain), &now->domains[i], seconds);
    qsort_r(lines, now->count, sizeof(*lines), compare, &order);
}

void rates_format_bytes(double bytes, char text[12])
{
    static const char units[] = {'B', 'K', 'M', 'G', 'T'};
    size_t unit = 0;

    while (bytes >= 999.5 && unit + 1 < sizeof(units)) {
        bytes /= 1024;
        unit++;
    }
    snprintf(text, 12, unit == 0 || bytes >= 99.95 ? "%.0f%c" : "%.1f%c", bytes, units[unit]);
}

void rates_title(char *text, size_t size)
{
    snprintf(text, size, "%-20s %5s %-8s %6s %8s %9s %5s %7s %7s %7s %7s %8s", "NAME", "ID",
             "STATE", "CPU%", "MEM(MiB)", "MAX(MiB)", "VCPUS", "NETRX/s", "NETTX/s", "DSKRD/s",
             "DSKWR/s", "EXITS/s");
}

void rates_format(const struct rates_line *line, char *text, size_t size)
{
    const struct domain *d = &line->now->domain;
    const double bytes[4] = {line->net_in, line->net_out, line->disk_in, line->disk_out};
    char rate_text[4][12];
    char max[16];

    for (int i = 0; i < 4; i++)
        rates_format_bytes(bytes[i], rate_text[i]);
    if (d->max_memory_kib >> 32)
        snprintf(max, sizeof(max), "no limit");
    else
        snprintf(max, sizeof(max), "%llu", (unsigned long long)d->max_memory_kib >> 10);
    snprintf(text, size, "%-20.20s %5u %-8s %6.1f %8llu %9s %5u %7s %7s %7s %7s %8.0f", d->name,
             d->domid, domain_text_state(d), line->cpu_percent,
             (unsigned long long)d->memory_kib >> 10, max, d->vcpus, rate_text[0], rate_text[1],
             rate_text[2], rate_text[3], line->exits);
}

void rates_machine(const struct sample *now, char *text, size_t size)
{
    snprintf(text, size, "%zu domains, %u CPUs, %llu of %llu MiB free, up %.0f s", now->count,
             now->cpus, (unsigned long long)now->free_kib >> 10,
             (unsigned long long)now->total_kib >> 10, now->uptime_s);
}

static void add_double(struct json_object *object, const char *key, double value)
{
    char text[32];

    snprintf(text, sizeof(text), "%.2f", value);
    json_object_object_add(object, key, json_object_new_double_s(value, text));
}

struct json_object *rates_json(const struct sample *now, const struct rates_line *lines)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < now->count; i++) {
        const struct rates_line *line = &lines[i];
        const struct domain *d = &line->now->domain;
        struct json_object *object = json_object_new_object();

        json_object_object_add(object, "id", json_object_new_uint64(d->domid));
        json_object_object_add(object, "name", json_object_new_string(d->name));
        json_object_object_add(object, "state", json_object_new_string(domain_text_state(d)));
        json_object_object_add(object, "vcpus", json_object_new_uint64(d->vcpus));
        json_object_object_add(object, "memory_bytes",
                               json_object_new_uint64(d->memory_kib << 10));
        add_double(object, "cpu_percent", line->cpu_percent);
        add_double(object, "network_receive_bytes_per_second", line->net_in);
        add_double(object, "network_transmit_bytes_per_second", line->net_out);
        add_double(object, "disk_read_bytes_per_second", line->disk_in);
        add_double(object, "disk_write_bytes_per_second", line->disk_out);
        add_double(object, "exits_per_second", line->exits);
        json_object_array_add(list, object);
    }
    return list;
}
