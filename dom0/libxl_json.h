/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A guest's configuration as libxl keeps it for each domain (libxl_domain_config, in JSON): xl and
 * libvirt need it to change a domain.
 */
#ifndef DOM0_LIBXL_JSON_H
#define DOM0_LIBXL_JSON_H

#include <json-c/json.h>

#include "dom0/config.h"

/* The caller puts it; NULL without memory. */
struct json_object *libxl_json_config(const struct config *config);

#endif
