/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Lists of vCPUs, devices and shares as text and as JSON. The keys of the JSON are an interface:
 * see purlin(1). Pure.
 */
#ifndef DOM0_TABLES_H
#define DOM0_TABLES_H

#include <stdio.h>

#include <json-c/json.h>

#include "dom0/devices.h"
#include "dom0/tune.h"
#include "dom0/vcpu.h"

struct tables_share {
    const struct domain *domain;
    struct tune_share share;
};

/* cpus: physical ones, to say "all" where it is so. Title and lines are apart because a list may
 * have several domains. */
void tables_vcpus_title(FILE *out);
void tables_vcpus_text(FILE *out, const struct domain *domain, const struct vcpu *vcpus, int count,
                       unsigned cpus);
struct json_object *tables_vcpus_json(const struct domain *domain, const struct vcpu *vcpus,
                                      int count, unsigned cpus);

void tables_disks_text(FILE *out, const struct devices_item *items, int count);
struct json_object *tables_disks_json(const struct devices_item *items, int count);
void tables_networks_text(FILE *out, const struct devices_item *items, int count);
struct json_object *tables_networks_json(const struct devices_item *items, int count);

void tables_shares_text(FILE *out, const struct tables_share *shares, int count);
struct json_object *tables_shares_json(const struct tables_share *shares, int count);

/* enum xenbus_state in words: "connected" and so on. */
const char *tables_state_name(int state);

/* Days, hours, minutes, seconds: "2 days, 03:04:05". */
void tables_format_time(double seconds, char *text, size_t size);

#endif
