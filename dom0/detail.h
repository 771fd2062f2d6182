/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Everything about one domain, as text and as JSON. Pure.
 */
#ifndef DOM0_DETAIL_H
#define DOM0_DETAIL_H

#include <stdio.h>

#include <json-c/json.h>

#include "dom0/devices.h"
#include "dom0/stats.h"
#include "dom0/tune.h"
#include "dom0/vcpu.h"

struct detail {
    const struct domain *domain;
    struct tune_share share;
    struct purlin_stats stats; /* when has_stats */
    bool has_stats;
    struct vcpu *vcpus;
    int vcpu_count;
    struct devices_item *disks;
    int disk_count;
    struct devices_item *networks;
    int network_count;
};

/* A line a fact, then an empty one. */
void detail_text(FILE *out, const struct detail *detail);

/* The keys of purlin list --json, and more. */
struct json_object *detail_json(const struct detail *detail);

#endif
