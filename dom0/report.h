/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the tool prints about domains and the machine, as text and as JSON. The keys of the JSON are
 * an interface: see purlin(1).
 */
#ifndef DOM0_REPORT_H
#define DOM0_REPORT_H

#include <stdio.h>

#include <json-c/json.h>

#include "dom0/domain.h"

struct report_machine {
    unsigned version_major; /* of the hypervisor's interface */
    unsigned version_minor;
    char version_extra[64];
    char capabilities[256];
    char command_line[1024];
    unsigned cpus;
    unsigned cpu_khz; /* the counter's frequency */
    uint64_t total_memory_bytes;
    uint64_t free_memory_bytes;
    unsigned domains;
    double uptime_seconds; /* of Dom0 */
};

/* The caller owns the results (json_object_put). */
struct json_object *report_domain_json(const struct domain *domain);
struct json_object *report_list_json(const struct domain *domains, int count);
struct json_object *report_machine_json(const struct report_machine *machine);

/* Columns as those of xl list. */
void report_list_text(FILE *out, const struct domain *domains, int count);
void report_machine_text(FILE *out, const struct report_machine *machine);

/* Prints and releases. */
void report_print_json(FILE *out, struct json_object *object);

#endif
