/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A sample in the text format of Prometheus (version 0.0.4), for node_exporter's textfile
 * collector. The names are an interface: see purlin(1). Pure.
 */
#ifndef DOM0_METRICS_H
#define DOM0_METRICS_H

#include <stdio.h>

#include <json-c/json.h>

#include "dom0/sample.h"

/* Every metric of the sample: HELP, TYPE, then one line a domain, or one a device of it. */
void metrics_write(FILE *out, const struct sample *sample);

/* The same as a list of objects with "name", "type", "labels" and "value". */
struct json_object *metrics_json(const struct sample *sample);

/* What an exit's exception class (ESR_EL2.EC) is called; "other" for those that have no name. */
const char *metrics_trap_name(unsigned class);

#endif
