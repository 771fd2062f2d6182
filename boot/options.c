/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's own command line: a table of options. Pure; no lock. Warnings wait in the log's
 * ring until the console, which options choose, is up.
 */
#include "boot/options.h"

#include "core/base/string.h"

#define VALUE_BYTES OPTIONS_PATH_BYTES

static uint64_t number(const char *text, const char **end)
{
    uint64_t v = 0;

    while (*text >= '0' && *text <= '9' && v < (1ul << 56))
        v = v * 10 + (uint64_t)(*text++ - '0');
    *end = text;
    return v;
}

/* Xen's size_param without a suffix counts KiB. */
static bool parse_size(const char *text, uint64_t *bytes, const char **end)
{
    uint64_t v = number(text, end);
    unsigned shift = 10;

    if (*end == text)
        return false;
    switch (**end) {
    case 'b': case 'B': shift = 0; ++*end; break;
    case 'k': case 'K': ++*end; break;
    case 'm': case 'M': shift = 20; ++*end; break;
    case 'g': case 'G': shift = 30; ++*end; break;
    }
    *bytes = v << shift;
    return !(v >> (56 - shift));
}

/* SIZE, or Xen's list of SIZE, min:SIZE and max:SIZE: the plain size counts, else the maximum. */
static bool set_dom0_mem(struct options *o, const char *value)
{
    uint64_t plain = 0, max = 0, min;

    for (;; value++) {
        bool is_min = !strncmp(value, "min:", 4), is_max = !strncmp(value, "max:", 4);

        if (!parse_size(is_min || is_max ? value + 4 : value,
                        is_min ? &min : is_max ? &max : &plain, &value))
            return false;
        if (*value != ',')
            break;
    }
    if (*value)
        return false;
    if (plain || max)
        o->dom0_mem_bytes = plain ? plain : max;
    return true;
}

static bool set_scrub_reserve(struct options *o, const char *value)
{
    uint64_t bytes;

    if (!parse_size(value, &bytes, &value) || *value)
        return false;
    o->scrub_reserve_bytes = bytes;
    return true;
}

static bool set_dom0_max_vcpus(struct options *o, const char *value)
{
    const char *end;
    uint64_t n = number(value, &end);

    if (end == value || *end || !n || n > NR_CPUS_MAX * 2)
        return false;
    o->dom0_max_vcpus = (unsigned)n;
    return true;
}

static bool set_console(struct options *o, const char *value)
{
    bool has_uart = !strncmp(value, "dtuart", 6);

    if (!has_uart && strcmp(value, "none"))
        return false;
    o->has_uart = has_uart;
    return true;
}

static bool set_dtuart(struct options *o, const char *value)
{
    if (!*value)
        return false;
    memcpy(o->uart_path, value, strlen(value) + 1);
    return true;
}

static bool set_log_level(struct options *o, const char *value)
{
    static const struct { const char *name; enum log_level level; } levels[] = {
        { "error", LOG_ERROR }, { "warning", LOG_WARNING }, { "info", LOG_INFO },
        { "debug", LOG_DEBUG }, { "all", LOG_DEBUG },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(levels); i++)
        if (!strcmp(value, levels[i].name)) {
            o->log_level = levels[i].level;
            return true;
        }
    return false;
}

static const struct {
    const char *name, *allowed;
    bool (*set)(struct options *o, const char *value);
} table[] = {
    { "dom0_mem", "a size such as 512M", set_dom0_mem },
    { "dom0_max_vcpus", "1 to 128", set_dom0_max_vcpus },
    { "scrub_reserve", "a size such as 512M", set_scrub_reserve },
    { "console", "dtuart or none", set_console },
    { "dtuart", "a device tree path or alias", set_dtuart },
    { "loglvl", "error, warning, info, debug or all", set_log_level },
};

static void parse_one(struct options *o, const char *name, const char *value)
{
    for (unsigned i = 0; i < ARRAY_SIZE(table); i++) {
        if (strcmp(table[i].name, name))
            continue;
        if (!table[i].set(o, value))
            log_warning("option %s=%s: allowed is %s\n", table[i].name, value, table[i].allowed);
        return;
    }
    log_warning("option %s%s%s: unknown, left out\n", name, *value ? "=" : "", value);
}

void options_parse(const char *args, struct options *o)
{
    char word[VALUE_BYTES];

    *o = (struct options){ .has_uart = true, .log_level = LOG_INFO,
                           .scrub_reserve_bytes = 512ul << 20 };
    while (*args) {
        size_t length = 0;
        char *equals;

        while (args[length] && args[length] != ' ' && args[length] != '\t')
            length++;
        if (length >= sizeof(word)) {
            log_warning("an option of %lu characters: left out\n", (unsigned long)length);
        } else if (length) {
            memcpy(word, args, length);
            word[length] = '\0';
            equals = strchr(word, '=');
            if (equals)
                *equals++ = '\0';
            parse_one(o, word, equals ? equals : "");
        }
        args += length;
        args += *args != '\0';
    }
}
