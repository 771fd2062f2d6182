/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Conversions of single configuration values.
 */
#ifndef DOM0_CONFIG_VALUE_H
#define DOM0_CONFIG_VALUE_H

#include "dom0/config.h"

/* A whole number in [min, max], written as a number or as a string of digits. */
int config_value_uint(const struct cfg_setting *s, uint64_t min, uint64_t max, uint64_t *out,
                      struct error *err);

/* A non-empty string, copied to *out (the old one is freed). */
int config_value_string(const struct cfg_setting *s, char **out, struct error *err);

/* How an action is spelled: "destroy" and so on. */
const char *config_value_action_name(enum config_action action);

/* One of those spellings. */
int config_value_action(const struct cfg_setting *s, enum config_action *out, struct error *err);

/* A UUID in its usual spelling. */
int config_value_uuid(const struct cfg_setting *s, uint8_t uuid[16], struct error *err);

/* CPUs: "all", "0-3,^2", 5; adds them to map. */
int config_value_cpus(const struct cfg_value *value, struct config_cpumap *map, struct error *err);

/* A list, every item of which is a string; a lone string counts as a list of one. Stores its items
 * and their number. */
int config_value_strings(const struct cfg_setting *s, struct cfg_value *const **items,
                         size_t *count, struct error *err);

#endif
