/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Formatting of lists. Columns are wide enough for the longest usual value.
 */
#include "dom0/tables.h"

#include <stdlib.h>

#include "dom0/cpumap.h"
#include "dom0/report.h"

static void add_string(struct json_object *object, const char *key, const char *value)
{
    json_object_object_add(object, key, json_object_new_string(value));
}

static void add_number(struct json_object *object, const char *key, uint64_t value)
{
    json_object_object_add(object, key, json_object_new_uint64(value));
}

static void add_bool(struct json_object *object, const char *key, bool value)
{
    json_object_object_add(object, key, json_object_new_boolean(value));
}

const char *tables_state_name(int state)
{
    static const char *const names[] = {
        "unknown", "initialising", "waiting", "initialised", "connected", "closing", "closed",
        "reconfiguring", "reconfigured",
    };

    return state >= 0 && state < (int)(sizeof(names) / sizeof(names[0])) ? names[state] : names[0];
}

/* --- vCPUs -------------------------------------------------------------------------------- */

static const char *vcpu_state(const struct vcpu *vcpu)
{
    if (!vcpu->online)
        return "offline";
    if (vcpu->running)
        return "running";
    return vcpu->blocked ? "blocked" : "waiting";
}

void tables_vcpus_title(FILE *out)
{
    fprintf(out, "%-24s %5s %5s %4s %-8s %10s  %s / %s\n", "Name", "ID", "VCPU", "CPU", "State",
            "Time(s)", "Hard", "Soft affinity");
}

void tables_vcpus_text(FILE *out, const struct domain *domain, const struct vcpu *vcpus, int count,
                       unsigned cpus)
{
    for (int i = 0; i < count; i++) {
        char hard[128];
        char soft[128];
        char cpu[12] = "-";

        cpumap_format(&vcpus[i].hard, cpus, hard, sizeof(hard));
        cpumap_format(&vcpus[i].soft, cpus, soft, sizeof(soft));
        if (vcpus[i].online)
            snprintf(cpu, sizeof(cpu), "%u", vcpus[i].cpu);
        fprintf(out, "%-24s %5u %5u %4s %-8s %10.1f  %s / %s\n", domain->name, domain->domid,
                vcpus[i].id, cpu, vcpu_state(&vcpus[i]), (double)vcpus[i].cpu_time_ns / 1e9, hard,
                soft);
    }
}

struct json_object *tables_vcpus_json(const struct domain *domain, const struct vcpu *vcpus,
                                      int count, unsigned cpus)
{
    struct json_object *list = json_object_new_array();

    for (int i = 0; i < count; i++) {
        struct json_object *object = json_object_new_object();
        char text[128];

        add_string(object, "domain", domain->name);
        add_number(object, "id", domain->domid);
        add_number(object, "vcpu", vcpus[i].id);
        add_string(object, "state", vcpu_state(&vcpus[i]));
        if (vcpus[i].online)
            add_number(object, "cpu", vcpus[i].cpu);
        json_object_object_add(object, "cpu_seconds",
                               json_object_new_double((double)vcpus[i].cpu_time_ns / 1e9));
        cpumap_format(&vcpus[i].hard, cpus, text, sizeof(text));
        add_string(object, "hard_affinity", text);
        cpumap_format(&vcpus[i].soft, cpus, text, sizeof(text));
        add_string(object, "soft_affinity", text);
        json_object_array_add(list, object);
    }
    return list;
}

/* --- devices ------------------------------------------------------------------------------ */

void tables_disks_text(FILE *out, const struct devices_item *items, int count)
{
    fprintf(out, "%-8s %6s %-4s %-12s %10s %10s  %s\n", "Disk", "Number", "Mode", "State",
            "Read(KiB)", "Wrote(KiB)", "Target");
    for (int i = 0; i < count; i++)
        fprintf(out, "%-8s %6u %-4s %-12s %10llu %10llu  %s\n", items[i].name, items[i].devid,
                items[i].read_only ? "ro" : "rw", tables_state_name(items[i].state),
                (unsigned long long)items[i].in_bytes >> 10,
                (unsigned long long)items[i].out_bytes >> 10, items[i].target);
}

static struct json_object *devices_json(const struct devices_item *items, int count,
                                        void (*add)(struct json_object *object,
                                                    const struct devices_item *item))
{
    struct json_object *list = json_object_new_array();

    for (int i = 0; i < count; i++) {
        struct json_object *object = json_object_new_object();

        add_number(object, "device", items[i].devid);
        add_string(object, "name", items[i].name);
        add_string(object, "state", tables_state_name(items[i].state));
        add(object, &items[i]);
        json_object_array_add(list, object);
    }
    return list;
}

static void add_disk(struct json_object *object, const struct devices_item *item)
{
    add_string(object, "target", item->target);
    add_bool(object, "read_only", item->read_only);
    add_bool(object, "cdrom", item->cdrom);
    add_number(object, "read_bytes", item->in_bytes);
    add_number(object, "written_bytes", item->out_bytes);
    add_number(object, "reads", item->in_count);
    add_number(object, "writes", item->out_count);
}

struct json_object *tables_disks_json(const struct devices_item *items, int count)
{
    return devices_json(items, count, add_disk);
}

void tables_networks_text(FILE *out, const struct devices_item *items, int count)
{
    fprintf(out, "%-6s %-15s %-17s %-12s %10s %10s  %s\n", "Number", "Interface", "MAC", "State",
            "RX(KiB)", "TX(KiB)", "Bridge");
    for (int i = 0; i < count; i++)
        fprintf(out, "%-6u %-15s %-17s %-12s %10llu %10llu  %s\n", items[i].devid, items[i].name,
                items[i].mac, tables_state_name(items[i].state),
                (unsigned long long)items[i].in_bytes >> 10,
                (unsigned long long)items[i].out_bytes >> 10, items[i].target);
}

static void add_network(struct json_object *object, const struct devices_item *item)
{
    add_string(object, "mac", item->mac);
    add_string(object, "bridge", item->target);
    add_number(object, "received_bytes", item->in_bytes);
    add_number(object, "sent_bytes", item->out_bytes);
    add_number(object, "received_packets", item->in_count);
    add_number(object, "sent_packets", item->out_count);
}

struct json_object *tables_networks_json(const struct devices_item *items, int count)
{
    return devices_json(items, count, add_network);
}

/* --- shares ------------------------------------------------------------------------------- */

void tables_shares_text(FILE *out, const struct tables_share *shares, int count)
{
    fprintf(out, "%-40s %5s %6s %4s\n", "Name", "ID", "Weight", "Cap");
    for (int i = 0; i < count; i++)
        fprintf(out, "%-40s %5u %6u %4u\n", shares[i].domain->name, shares[i].domain->domid,
                shares[i].share.weight, shares[i].share.cap);
}

struct json_object *tables_shares_json(const struct tables_share *shares, int count)
{
    struct json_object *list = json_object_new_array();

    for (int i = 0; i < count; i++) {
        struct json_object *object = json_object_new_object();

        add_string(object, "name", shares[i].domain->name);
        add_number(object, "id", shares[i].domain->domid);
        add_number(object, "weight", shares[i].share.weight);
        add_number(object, "cap", shares[i].share.cap);
        json_object_array_add(list, object);
    }
    return list;
}

void tables_format_time(double seconds, char *text, size_t size)
{
    unsigned long long s = seconds > 0 ? (unsigned long long)seconds : 0;
    char days[32] = "";

    if (s >= 86400)
        snprintf(days, sizeof(days), "%llu day%s, ", s / 86400, s >= 2 * 86400 ? "s" : "");
    snprintf(text, size, "%s%02llu:%02llu:%02llu", days, s % 86400 / 3600, s % 3600 / 60, s % 60);
}
