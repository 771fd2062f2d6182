/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Single configuration values: ranges, spellings, messages with positions. Owns no state.
 */
#include "dom0/config_value.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int config_value_uint(const struct cfg_setting *s, uint64_t min, uint64_t max, uint64_t *out,
                      struct error *err)
{
    const struct cfg_value *v = s->value;
    int64_t number = v->number;

    if (v->type == CFG_STRING) {
        char *end;

        number = strtoll(v->text, &end, 0);
        if (!isdigit((unsigned char)v->text[0]) || *end)
            number = -1;
    }
    if (v->type == CFG_LIST || number < 0 || (uint64_t)number < min || (uint64_t)number > max)
        return cfg_error(err, &v->pos, "%s must be a whole number from %" PRIu64 " to %" PRIu64,
                         s->key, min, max);
    *out = (uint64_t)number;
    return 0;
}

int config_value_string(const struct cfg_setting *s, char **out, struct error *err)
{
    if (s->value->type != CFG_STRING)
        return cfg_error(err, &s->value->pos, "%s must be a string in quotes", s->key);
    if (s->value->text[0] == '\0')
        return cfg_error(err, &s->value->pos, "%s is empty: give a value or remove the line",
                         s->key);
    free(*out);
    *out = strdup(s->value->text);
    return *out ? 0 : error_set(err, ERROR_FAILED, "out of memory");
}

const char *config_value_action_name(enum config_action action)
{
    static const char *const names[CONFIG_ACTION_COUNT] = {
        [CONFIG_DESTROY] = "destroy",
        [CONFIG_RESTART] = "restart",
        [CONFIG_RENAME_RESTART] = "rename-restart",
        [CONFIG_PRESERVE] = "preserve",
        [CONFIG_COREDUMP_DESTROY] = "coredump-destroy",
        [CONFIG_COREDUMP_RESTART] = "coredump-restart",
    };

    return names[action];
}

int config_value_action(const struct cfg_setting *s, enum config_action *out, struct error *err)
{
    const char *text = s->value->type == CFG_STRING ? s->value->text : "";

    for (int i = 0; i < CONFIG_ACTION_COUNT; i++) {
        if (strcmp(text, config_value_action_name((enum config_action)i)) == 0) {
            *out = (enum config_action)i;
            return 0;
        }
    }
    return cfg_error(err, &s->value->pos, "%s must be one of \"destroy\", \"restart\", "
                     "\"rename-restart\", \"preserve\", \"coredump-destroy\", "
                     "\"coredump-restart\"", s->key);
}

int config_value_uuid(const struct cfg_setting *s, uint8_t uuid[16], struct error *err)
{
    const char *p = s->value->type == CFG_STRING ? s->value->text : "";

    for (int i = 0; i < 16; i++) {
        unsigned byte;

        if ((i == 4 || i == 6 || i == 8 || i == 10) && *p++ != '-')
            goto bad;
        if (!isxdigit((unsigned char)p[0]) || !isxdigit((unsigned char)p[1]))
            goto bad;
        sscanf(p, "%2x", &byte);
        uuid[i] = (uint8_t)byte;
        p += 2;
    }
    if (*p == '\0')
        return 0;
bad:
    return cfg_error(err, &s->value->pos, "uuid must look like "
                     "\"01234567-89ab-cdef-0123-456789abcdef\"");
}

static bool parse_cpu(const char **p, unsigned *cpu)
{
    char *end;
    unsigned long value;

    if (!isdigit((unsigned char)**p))
        return false;
    value = strtoul(*p, &end, 10);
    *p = end;
    *cpu = (unsigned)value;
    return value < CONFIG_MAX_CPUS;
}

/* One of "all", "3", "0-3", "^2" at *p. */
static bool parse_cpu_range(const char **p, struct config_cpumap *map)
{
    bool remove = **p == '^';
    unsigned first = 0;
    unsigned last = CONFIG_MAX_CPUS - 1;

    *p += remove;
    if (strncmp(*p, "all", 3) == 0) {
        *p += 3;
    } else {
        if (!parse_cpu(p, &first))
            return false;
        last = first;
        if (**p == '-') {
            (*p)++;
            if (!parse_cpu(p, &last) || last < first)
                return false;
        }
    }
    for (unsigned cpu = first; cpu <= last; cpu++) {
        if (remove)
            map->bits[cpu / 8] &= (uint8_t)~(1u << cpu % 8);
        else
            map->bits[cpu / 8] |= (uint8_t)(1u << cpu % 8);
    }
    return true;
}

static bool map_is_empty(const struct config_cpumap *map)
{
    for (size_t i = 0; i < sizeof(map->bits); i++)
        if (map->bits[i])
            return false;
    return true;
}

int config_value_cpus(const struct cfg_value *value, struct config_cpumap *map, struct error *err)
{
    const char *p = value->type == CFG_LIST ? "" : value->text;

    do {
        p += strspn(p, " ");
        if (!parse_cpu_range(&p, map))
            goto bad;
        p += strspn(p, " ");
    } while (*p == ',' && p++);
    if (*p == '\0' && !map_is_empty(map))
        return 0;
bad:
    return cfg_error(err, &value->pos, "cpus must be \"all\" or CPU numbers below %d like "
                     "\"0-3,^2,5\"", CONFIG_MAX_CPUS);
}

int config_value_strings(const struct cfg_setting *s, struct cfg_value *const **items,
                         size_t *count, struct error *err)
{
    if (s->value->type == CFG_LIST) {
        *items = s->value->items;
        *count = s->value->count;
    } else {
        *items = (struct cfg_value *const *)&s->value;
        *count = 1;
    }
    for (size_t i = 0; i < *count; i++)
        if ((*items)[i]->type != CFG_STRING)
            return cfg_error(err, &(*items)[i]->pos, "%s must be a list of strings", s->key);
    if (*count > CONFIG_MAX_DEVICES)
        return cfg_error(err, &s->value->pos, "%s has %zu items; at most %d are allowed", s->key,
                         *count, CONFIG_MAX_DEVICES);
    return 0;
}
