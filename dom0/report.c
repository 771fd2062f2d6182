/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Formatting of results. Pure: takes structures, writes to a stream.
 */
#include "dom0/report.h"

#include "dom0/domain_text.h"

static void add_string(struct json_object *object, const char *key, const char *value)
{
    json_object_object_add(object, key, json_object_new_string(value));
}

static void add_number(struct json_object *object, const char *key, uint64_t value)
{
    json_object_object_add(object, key, json_object_new_uint64(value));
}

static double seconds(uint64_t ns)
{
    return (double)ns / 1e9;
}

struct json_object *report_domain_json(const struct domain *domain)
{
    struct json_object *object = json_object_new_object();

    add_number(object, "id", domain->domid);
    add_string(object, "name", domain->name);
    add_string(object, "uuid", domain->uuid);
    add_number(object, "memory_bytes", domain->memory_kib << 10);
    add_number(object, "vcpus", domain->vcpus);
    add_string(object, "state", domain_text_state(domain));
    json_object_object_add(object, "cpu_seconds",
                           json_object_new_double(seconds(domain->cpu_time_ns)));
    return object;
}

struct json_object *report_list_json(const struct domain *domains, int count)
{
    struct json_object *list = json_object_new_array();

    for (int i = 0; i < count; i++)
        json_object_array_add(list, report_domain_json(&domains[i]));
    return list;
}

struct json_object *report_machine_json(const struct report_machine *machine)
{
    struct json_object *object = json_object_new_object();
    char version[32];

    snprintf(version, sizeof(version), "%u.%u", machine->version_major, machine->version_minor);
    add_string(object, "version", version);
    add_string(object, "version_extra", machine->version_extra);
    add_string(object, "capabilities", machine->capabilities);
    add_string(object, "command_line", machine->command_line);
    add_number(object, "cpus", machine->cpus);
    add_number(object, "cpu_khz", machine->cpu_khz);
    add_number(object, "total_memory_bytes", machine->total_memory_bytes);
    add_number(object, "free_memory_bytes", machine->free_memory_bytes);
    add_number(object, "domains", machine->domains);
    json_object_object_add(object, "uptime_seconds",
                           json_object_new_double(machine->uptime_seconds));
    return object;
}

void report_list_text(FILE *out, const struct domain *domains, int count)
{
    fprintf(out, "%-40s %5s %5s %5s %6s %8s\n", "Name", "ID", "Mem", "VCPUs", "State", "Time(s)");
    for (int i = 0; i < count; i++) {
        const struct domain *d = &domains[i];
        bool crashed = d->shutdown && d->reason == DOMAIN_CRASH;

        fprintf(out, "%-40s %5u %5llu %5u %c%c%c%c%c%c %8.1f\n", d->name, d->domid,
                (unsigned long long)(d->memory_kib >> 10), d->vcpus, d->running ? 'r' : '-',
                d->blocked ? 'b' : '-', d->paused ? 'p' : '-', d->shutdown ? 's' : '-',
                crashed ? 'c' : '-', d->dying ? 'd' : '-', seconds(d->cpu_time_ns));
    }
}

void report_machine_text(FILE *out, const struct report_machine *machine)
{
    unsigned long long total = machine->total_memory_bytes >> 10;
    unsigned long long unused = machine->free_memory_bytes >> 10;

    fprintf(out, "%-18s %u.%u%s\n", "version", machine->version_major, machine->version_minor,
            machine->version_extra);
    fprintf(out, "%-18s %s\n", "capabilities", machine->capabilities);
    fprintf(out, "%-18s %s\n", "command line", machine->command_line);
    fprintf(out, "%-18s %u\n", "cpus", machine->cpus);
    fprintf(out, "%-18s %u kHz\n", "counter", machine->cpu_khz);
    fprintf(out, "%-18s %llu KiB (%llu MiB)\n", "total memory", total, total >> 10);
    fprintf(out, "%-18s %llu KiB (%llu MiB)\n", "free memory", unused, unused >> 10);
    fprintf(out, "%-18s %u\n", "domains", machine->domains);
    fprintf(out, "%-18s %.0f s\n", "uptime", machine->uptime_seconds);
}

void report_print_json(FILE *out, struct json_object *object)
{
    fprintf(out, "%s\n", json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
                                                        JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
}
