/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Metrics: a table of names with a function that finds the value. Output goes line by line to an
 * emitter, so that both formats have the same content.
 */
#include "dom0/metrics.h"

#include <string.h>

#include "dom0/domain_text.h"
#include <xen/grant_table.h>

#define LABELS_SIZE 320

/* ESR_EL2.EC (DDI 0487, ESR_EL2). */
static const struct {
    unsigned class;
    const char *name;
} traps[] = {
    {0x01, "wfi"}, {0x07, "fp"}, {0x16, "smccc"}, {0x17, "smc"}, {0x18, "sysreg"},
    {0x20, "instruction_abort"}, {0x24, "data_abort"},
};
#define NAMED (sizeof(traps) / sizeof(traps[0]))

struct metric {
    const char *name;
    const char *type;
    const char *help;
};

struct emitter {
    FILE *out;                 /* one of the two */
    struct json_object *list;
    const struct metric *metric;
};

const char *metrics_trap_name(unsigned class)
{
    for (size_t i = 0; i < NAMED; i++)
        if (traps[i].class == class)
            return traps[i].name;
    return "other";
}

static void begin(struct emitter *e, const struct metric *metric)
{
    e->metric = metric;
    if (e->out)
        fprintf(e->out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
                metric->type);
}

/* A label's value: backslash, quote and line end are escaped (text format 0.0.4). */
static void escape(const char *from, char *to, size_t size)
{
    size_t used = 0;

    for (; *from && used + 3 < size; from++) {
        if (*from == '\\' || *from == '"' || *from == '\n')
            to[used++] = '\\';
        to[used++] = *from == '\n' ? 'n' : *from;
    }
    to[used] = '\0';
}

static void add_json(struct emitter *e, const struct domain *d, const char *key,
                     const char *value, double number)
{
    struct json_object *object = json_object_new_object();
    struct json_object *labels = json_object_new_object();

    if (d) {
        json_object_object_add(labels, "domain", json_object_new_string(d->name));
        json_object_object_add(labels, "id", json_object_new_uint64(d->domid));
    }
    if (key)
        json_object_object_add(labels, key, json_object_new_string(value));
    json_object_object_add(object, "name", json_object_new_string(e->metric->name));
    json_object_object_add(object, "type", json_object_new_string(e->metric->type));
    json_object_object_add(object, "labels", labels);
    json_object_object_add(object, "value", json_object_new_double(number));
    json_object_array_add(e->list, object);
}

/* One line; d or key may be NULL. */
static void emit(struct emitter *e, const struct domain *d, const char *key, const char *value,
                 double number)
{
    char labels[LABELS_SIZE] = "";
    char name[160];
    char plain[80];

    if (e->list) {
        add_json(e, d, key, value, number);
        return;
    }
    if (d) {
        escape(d->name, name, sizeof(name));
        snprintf(labels, sizeof(labels), "domain=\"%s\",id=\"%u\"%s", name, d->domid,
                 key ? "," : "");
    }
    if (key) {
        escape(value, plain, sizeof(plain));
        snprintf(labels + strlen(labels), sizeof(labels) - strlen(labels), "%s=\"%s\"", key,
                 plain);
    }
    fprintf(e->out, labels[0] ? "%s{%s} %.15g\n" : "%s%s %.15g\n", e->metric->name, labels,
            number);
}

/* --- the machine -------------------------------------------------------------------------- */

static void write_machine(struct emitter *e, const struct sample *s)
{
    static const struct metric cpus = {"purlin_cpus", "gauge", "Physical CPUs."};
    static const struct metric memory = {"purlin_memory_bytes", "gauge",
                                         "Memory of the machine that domains can have."};
    static const struct metric free_memory = {"purlin_memory_free_bytes", "gauge",
                                              "Memory that no domain has."};
    static const struct metric domains = {"purlin_domains", "gauge", "Domains by state."};
    static const char *const states[] = {"running", "blocked", "paused", "shutdown", "crashed",
                                         "dying"};

    begin(e, &cpus);
    emit(e, NULL, NULL, NULL, s->cpus);
    begin(e, &memory);
    emit(e, NULL, NULL, NULL, (double)s->total_kib * 1024);
    begin(e, &free_memory);
    emit(e, NULL, NULL, NULL, (double)s->free_kib * 1024);
    begin(e, &domains);
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        unsigned count = 0;

        for (size_t j = 0; j < s->count; j++)
            count += strcmp(domain_text_state(&s->domains[j].domain), states[i]) == 0;
        emit(e, NULL, "state", states[i], count);
    }
}

/* --- domains ------------------------------------------------------------------------------ */

static double of_cpu(const struct sample_domain *d) { return (double)d->domain.cpu_time_ns / 1e9; }
static double of_untrapped(const struct sample_domain *d)
{
    return (double)d->stats.untrapped_ns / 1e9;
}
static double of_vcpus(const struct sample_domain *d) { return d->domain.vcpus; }
static double of_memory(const struct sample_domain *d)
{
    return (double)d->domain.memory_kib * 1024;
}
static double of_capped(const struct sample_domain *d) { return d->stats.is_capped; }
static double of_switches(const struct sample_domain *d)
{
    return (double)d->stats.counts.switches;
}
static double of_events(const struct sample_domain *d) { return (double)d->stats.counts.upcalls; }
static double of_mapped(const struct sample_domain *d) { return (double)d->stats.grants_mapped; }

static const struct {
    struct metric metric;
    double (*value)(const struct sample_domain *d);
    bool is_counted; /* by the hypervisor's own counters: left out where there are none */
} simple[] = {
    {{"purlin_domain_cpu_seconds_total", "counter", "CPU time that a domain has used."}, of_cpu,
     false},
    {{"purlin_domain_cpu_unwatched_seconds_total", "counter",
      "Part of the CPU time in which waiting guests were not told from working ones."},
     of_untrapped, true},
    {{"purlin_domain_vcpus", "gauge", "vCPUs on line."}, of_vcpus, false},
    {{"purlin_domain_memory_bytes", "gauge", "Memory of a domain."}, of_memory, false},
    {{"purlin_domain_capped", "gauge", "1: stands still for having used up its cap."}, of_capped,
     true},
    {{"purlin_domain_switches_total", "counter", "Times that a vCPU was put on a CPU."},
     of_switches, true},
    {{"purlin_domain_events_total", "counter",
      "Event interrupts: several events that come together are one."}, of_events, true},
    {{"purlin_domain_grants_mapped", "gauge", "Pages of others that a domain has mapped now."},
     of_mapped, true},
};

/* A counter for each device: a sum over them would fall when one goes. */
static const struct {
    struct metric metric;
    bool is_network;
    bool is_out; /* of the guest */
} of_device[] = {
    {{"purlin_domain_disk_read_bytes_total", "counter", "Read from a domain's disk."}, false,
     false},
    {{"purlin_domain_disk_written_bytes_total", "counter", "Written to a domain's disk."}, false,
     true},
    {{"purlin_domain_network_receive_bytes_total", "counter", "Received by a domain."}, true,
     false},
    {{"purlin_domain_network_transmit_bytes_total", "counter", "Sent by a domain."}, true, true},
};

static void write_devices(struct emitter *e, const struct sample *s)
{
    for (size_t i = 0; i < sizeof(of_device) / sizeof(of_device[0]); i++) {
        begin(e, &of_device[i].metric);
        for (size_t j = 0; j < s->count; j++) {
            const struct sample_domain *d = &s->domains[j];
            const struct sample_io *io = of_device[i].is_network ? &d->network : &d->disk;

            for (unsigned k = 0; k < io->devices; k++)
                emit(e, &d->domain, "device", io->items[k].name,
                     (double)(of_device[i].is_out ? io->items[k].out_bytes
                                                  : io->items[k].in_bytes));
        }
    }
}

static void write_exits(struct emitter *e, const struct sample_domain *d)
{
    const struct purlin_counts *counts = &d->stats.counts;
    uint64_t other = 0;

    for (unsigned i = 0; i < PURLIN_STATS_TRAPS; i++)
        if (strcmp(metrics_trap_name(i), "other") == 0)
            other += counts->traps[i];
    emit(e, &d->domain, "reason", "hypercall", (double)counts->hypercalls);
    emit(e, &d->domain, "reason", "interrupt", (double)counts->interrupts);
    for (size_t i = 0; i < NAMED; i++)
        emit(e, &d->domain, "reason", traps[i].name, (double)counts->traps[traps[i].class]);
    emit(e, &d->domain, "reason", "other", (double)other);
}

static void write_grants(struct emitter *e, const struct sample_domain *d)
{
    const uint64_t *ops = d->stats.counts.grant_ops;

    emit(e, &d->domain, "operation", "map", (double)ops[GNTTABOP_map_grant_ref]);
    emit(e, &d->domain, "operation", "unmap", (double)ops[GNTTABOP_unmap_grant_ref]);
    emit(e, &d->domain, "operation", "copy", (double)ops[GNTTABOP_copy]);
}

static void write_all(struct emitter *e, const struct sample *s)
{
    static const struct metric exits = {"purlin_domain_exits_total", "counter",
                                        "Exits to the hypervisor by reason."};
    static const struct metric grants = {"purlin_domain_grant_operations_total", "counter",
                                         "Grants of others that a domain has mapped, unmapped and "
                                         "copied."};

    write_machine(e, s);
    for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++) {
        begin(e, &simple[i].metric);
        for (size_t j = 0; j < s->count; j++)
            if (s->domains[j].has_stats || !simple[i].is_counted)
                emit(e, &s->domains[j].domain, NULL, NULL, simple[i].value(&s->domains[j]));
    }
    write_devices(e, s);
    begin(e, &exits);
    for (size_t j = 0; j < s->count; j++)
        if (s->domains[j].has_stats)
            write_exits(e, &s->domains[j]);
    begin(e, &grants);
    for (size_t j = 0; j < s->count; j++)
        if (s->domains[j].has_stats)
            write_grants(e, &s->domains[j]);
}

void metrics_write(FILE *out, const struct sample *sample)
{
    struct emitter e = {.out = out};

    write_all(&e, sample);
}

struct json_object *metrics_json(const struct sample *sample)
{
    struct emitter e = {.list = json_object_new_array()};

    write_all(&e, sample);
    return e.list;
}
