/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What happened between two samples, by domain. Pure.
 */
#ifndef DOM0_RATES_H
#define DOM0_RATES_H

#include <stdio.h>

#include <json-c/json.h>

#include "dom0/sample.h"

struct rates_line {
    const struct sample_domain *now;
    double cpu_percent; /* of one CPU */
    double net_in;      /* bytes a second */
    double net_out;
    double disk_in;
    double disk_out;
    double exits;       /* a second: hypercalls, traps, interrupts */
};

enum rates_order { RATES_BY_CPU, RATES_BY_MEMORY, RATES_BY_NETWORK, RATES_BY_DISK, RATES_BY_ID,
                   RATES_ORDERS };

/* One line a domain of `now`, into lines[now->count], largest first (ids: smallest). A domain that
 * `before` does not have has zero rates; so have all when before is NULL. */
void rates_compute(const struct sample *before, const struct sample *now, enum rates_order order,
                   struct rates_line *lines);

/* "12.3M": three digits and a unit, at most 6 characters. */
void rates_format_bytes(double bytes, char text[12]);

/* Column titles, and a line below them, at most `size` - 1 characters each. */
void rates_title(char *text, size_t size);
void rates_format(const struct rates_line *line, char *text, size_t size);

/* The line above: CPUs, memory, domains. */
void rates_machine(const struct sample *now, char *text, size_t size);

struct json_object *rates_json(const struct sample *now, const struct rates_line *lines);

#endif
