/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The keys of a guest configuration: one table, then checks across keys and defaults. Refuses to
 * look at the machine: whether files, bridges and CPUs exist is for the builder to find out.
 */
#include "dom0/config.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "dom0/config_value.h"
#include "dom0/file.h"

#define FILE_LIMIT (1u << 20)
#define DEFAULT_BRIDGE "xenbr0"
#define MIB_MAX (1016u << 10) /* both of the guest's RAM banks, rounded down */

/* xen/sched.h, SHUTDOWN_*. */
enum { SHUTDOWN_POWEROFF, SHUTDOWN_REBOOT, SHUTDOWN_SUSPEND, SHUTDOWN_CRASH, SHUTDOWN_WATCHDOG };

struct reader {
    struct config *config;
    const struct config_source *source;
    const struct cfg_setting *setting; /* what is being read */
    const struct cfg_setting *cmdline; /* set by cmdline= */
    char *root;
    char *extra;
    const struct cfg_pos *where; /* position for warnings from the spec parsers */
    struct error *err;
};

enum key_kind { KEY_STRING, KEY_UINT, KEY_ACTION, KEY_CUSTOM };

struct key {
    const char *name;
    enum key_kind kind;
    size_t offset; /* in struct config */
    uint64_t min;
    uint64_t max;
    int (*read)(struct reader *r);
};

static void warn_at(struct reader *r, const struct cfg_pos *pos, const char *text)
{
    char line[512];

    snprintf(line, sizeof(line), "%s:%u:%u: %s", pos->file, pos->line, pos->column, text);
    r->source->warn(line, r->source->arg);
}

static void warn_vif(const char *text, void *arg)
{
    struct reader *r = arg;

    warn_at(r, r->where, text);
}

bool config_name_is_good(const char *name)
{
    return strlen(name) <= CONFIG_NAME_MAX && !strpbrk(name, "/ \t\r\n\"'\\") &&
           name[0] != '-' && strspn(name, "0123456789") != strlen(name);
}

static int read_name(struct reader *r)
{
    int rc = config_value_string(r->setting, &r->config->name, r->err);

    if (rc || config_name_is_good(r->config->name))
        return rc;
    return cfg_error(r->err, &r->setting->value->pos, CONFIG_NAME_RULE);
}

static int read_uuid(struct reader *r)
{
    return config_value_uuid(r->setting, r->config->uuid, r->err);
}

static int read_cmdline(struct reader *r)
{
    r->cmdline = r->setting;
    return config_value_string(r->setting, &r->config->cmdline, r->err);
}

static int read_root(struct reader *r)
{
    return config_value_string(r->setting, &r->root, r->err);
}

static int read_extra(struct reader *r)
{
    return config_value_string(r->setting, &r->extra, r->err);
}

static int read_type(struct reader *r)
{
    const struct cfg_value *v = r->setting->value;

    if (v->type == CFG_STRING && (strcmp(v->text, "pvh") == 0 || strcmp(v->text, "pv") == 0 ||
                                  strcmp(v->text, "generic") == 0))
        return 0;
    return cfg_error(r->err, &v->pos, "%s must be \"pvh\" or \"pv\": there is one kind of guest, "
                     "without an emulated machine", r->setting->key);
}

static int read_vuart(struct reader *r)
{
    const struct cfg_value *v = r->setting->value;

    r->config->has_vuart = v->type == CFG_STRING && strcmp(v->text, "sbsa_uart") == 0;
    if (r->config->has_vuart || (v->type == CFG_STRING && strcmp(v->text, "unknown") == 0))
        return 0;
    return cfg_error(r->err, &v->pos, "vuart must be \"sbsa_uart\": there is no other");
}

static int read_cpus(struct reader *r)
{
    const struct cfg_value *v = r->setting->value;
    size_t count = v->type == CFG_LIST ? v->count : 1;
    struct config_cpumap *maps;

    if (count == 0 || count > CONFIG_MAX_VCPUS)
        return cfg_error(r->err, &v->pos, "cpus must name 1 to %d CPU sets", CONFIG_MAX_VCPUS);
    maps = calloc(count, sizeof(*maps));
    if (!maps)
        return error_set(r->err, ERROR_FAILED, "out of memory");
    free(r->config->affinity);
    r->config->affinity = maps;
    r->config->affinity_count = count;
    for (size_t i = 0; i < count; i++) {
        int rc = config_value_cpus(v->type == CFG_LIST ? v->items[i] : v, &maps[i], r->err);

        if (rc)
            return rc;
    }
    return 0;
}

static void free_disks(struct config *config)
{
    for (size_t i = 0; i < config->disk_count; i++)
        disk_spec_free(&config->disks[i]);
    free(config->disks);
    config->disks = NULL;
    config->disk_count = 0;
}

static int read_one_disk(struct reader *r, const struct cfg_value *value)
{
    struct config *config = r->config;
    struct disk_spec *disk = &config->disks[config->disk_count];
    int rc = disk_spec_parse(disk, value->text, r->err);

    if (rc) {
        error_prefix(r->err, "%s:%u:%u", value->pos.file, value->pos.line, value->pos.column);
        return rc;
    }
    config->disk_count++;
    for (size_t i = 0; i + 1 < config->disk_count; i++)
        if (config->disks[i].devid == disk->devid)
            return cfg_error(r->err, &value->pos, "the guest's disk %s is given twice: choose "
                             "another vdev", disk->vdev);
    return 0;
}

static int read_disk(struct reader *r)
{
    struct cfg_value *const *items;
    size_t count;
    int rc = config_value_strings(r->setting, &items, &count, r->err);

    if (rc)
        return rc;
    free_disks(r->config);
    r->config->disks = calloc(count + 1, sizeof(*r->config->disks));
    if (!r->config->disks)
        return error_set(r->err, ERROR_FAILED, "out of memory");
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = read_one_disk(r, items[i]);
    return rc;
}

static int read_vif(struct reader *r)
{
    struct cfg_value *const *items;
    size_t count;
    int rc = config_value_strings(r->setting, &items, &count, r->err);

    if (rc)
        return rc;
    free(r->config->vifs);
    r->config->vifs = calloc(count + 1, sizeof(*r->config->vifs));
    if (!r->config->vifs)
        return error_set(r->err, ERROR_FAILED, "out of memory");
    for (size_t i = 0; i < count && rc == 0; i++) {
        const struct cfg_pos *pos = &items[i]->pos;

        r->where = pos;
        rc = vif_spec_parse(&r->config->vifs[i], items[i]->text, warn_vif, r, r->err);
        if (rc)
            error_prefix(r->err, "%s:%u:%u", pos->file, pos->line, pos->column);
        else if (!r->config->vifs[i].bridge[0])
            snprintf(r->config->vifs[i].bridge, VIF_SPEC_NAME_MAX, "%s", DEFAULT_BRIDGE);
    }
    r->config->vif_count = count;
    return rc;
}

static const struct key keys[] = {
    {"name", KEY_CUSTOM, 0, 0, 0, read_name},
    {"uuid", KEY_CUSTOM, 0, 0, 0, read_uuid},
    {"type", KEY_CUSTOM, 0, 0, 0, read_type},
    {"builder", KEY_CUSTOM, 0, 0, 0, read_type},
    {"memory", KEY_UINT, offsetof(struct config, memory_mib), 1, MIB_MAX, NULL},
    {"maxmem", KEY_UINT, offsetof(struct config, maxmem_mib), 1, MIB_MAX, NULL},
    {"vcpus", KEY_UINT, offsetof(struct config, vcpus), 1, CONFIG_MAX_VCPUS, NULL},
    {"maxvcpus", KEY_UINT, offsetof(struct config, maxvcpus), 1, CONFIG_MAX_VCPUS, NULL},
    {"cpu_weight", KEY_UINT, offsetof(struct config, cpu_weight), 1, 65535, NULL},
    {"cap", KEY_UINT, offsetof(struct config, cap), 0, 100 * CONFIG_MAX_CPUS, NULL},
    {"cpus", KEY_CUSTOM, 0, 0, 0, read_cpus},
    {"vpmu", KEY_UINT, offsetof(struct config, vpmu), 0, 1, NULL},
    {"kernel", KEY_STRING, offsetof(struct config, kernel), 0, 0, NULL},
    {"ramdisk", KEY_STRING, offsetof(struct config, ramdisk), 0, 0, NULL},
    {"cmdline", KEY_CUSTOM, 0, 0, 0, read_cmdline},
    {"root", KEY_CUSTOM, 0, 0, 0, read_root},
    {"extra", KEY_CUSTOM, 0, 0, 0, read_extra},
    {"on_poweroff", KEY_ACTION, offsetof(struct config, on_poweroff), 0, 0, NULL},
    {"on_reboot", KEY_ACTION, offsetof(struct config, on_reboot), 0, 0, NULL},
    {"on_crash", KEY_ACTION, offsetof(struct config, on_crash), 0, 0, NULL},
    {"on_watchdog", KEY_ACTION, offsetof(struct config, on_watchdog), 0, 0, NULL},
    {"vuart", KEY_CUSTOM, 0, 0, 0, read_vuart},
    {"disk", KEY_CUSTOM, 0, 0, 0, read_disk},
    {"vif", KEY_CUSTOM, 0, 0, 0, read_vif},
};

/* Keys of xl.cfg(5) that other people's files hold and that change nothing here. */
static const char *const no_effect[] = {
    "acpi", "apic", "pae", "nx", "hap", "dtdev", "device_tree", "iomem", "irqs", "ioports", "pci",
    "vfb", "vga", "vnc", "sdl", "serial", "usb", "boot", "localtime", "rtc_timeoffset", "pool",
    "cpus_soft", "cpuid", "nomigrate", "max_event_channels", "max_grant_frames",
    "max_maptrack_frames", "on_soft_reset", "driver_domain", "claim_mode",
    "gic_version", "tee", "passthrough", "seclabel", "init_seclabel", "xend_suspend_evtchn_compat",
};

static int read_setting(struct reader *r, const struct key *key)
{
    void *field = (char *)r->config + key->offset;

    switch (key->kind) {
    case KEY_STRING:
        return config_value_string(r->setting, field, r->err);
    case KEY_UINT:
        return config_value_uint(r->setting, key->min, key->max, field, r->err);
    case KEY_ACTION:
        return config_value_action(r->setting, field, r->err);
    default:
        return key->read(r);
    }
}

static void warn_unknown(struct reader *r)
{
    char text[256];

    snprintf(text, sizeof(text), "unknown key '%.60s' is ignored; purlin.cfg(5) lists the keys",
             r->setting->key);
    for (size_t i = 0; i < sizeof(no_effect) / sizeof(no_effect[0]); i++)
        if (strcmp(no_effect[i], r->setting->key) == 0)
            snprintf(text, sizeof(text), "key '%s' has no effect here", r->setting->key);
    warn_at(r, &r->setting->pos, text);
}

static int read_key(struct reader *r)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strcmp(keys[i].name, r->setting->key) == 0)
            return read_setting(r, &keys[i]);
    warn_unknown(r);
    return 0;
}

static int join_cmdline(struct reader *r)
{
    struct config *config = r->config;
    size_t size = 16;

    if (r->cmdline) {
        if (r->root || r->extra)
            warn_at(r, &r->cmdline->pos, "cmdline is given, so root and extra are ignored");
        return 0;
    }
    size += r->root ? strlen(r->root) : 0;
    size += r->extra ? strlen(r->extra) : 0;
    config->cmdline = malloc(size);
    if (!config->cmdline)
        return error_set(r->err, ERROR_FAILED, "out of memory");
    snprintf(config->cmdline, size, "%s%s%s%s", r->root ? "root=" : "", r->root ? r->root : "",
             r->root && r->extra ? " " : "", r->extra ? r->extra : "");
    return 0;
}

static int missing(struct reader *r, const char *key, const char *example)
{
    const char *file = r->source->path ? r->source->path : "command line";

    return error_set(r->err, ERROR_USAGE, "%s: key '%s' is missing: add %s", file, key, example);
}

static int random_bytes(void *to, size_t size, struct error *err)
{
    return getrandom(to, size, 0) == (ssize_t)size ? 0 : error_errno(err, "no random numbers");
}

static int fill_identity(struct reader *r)
{
    static const uint8_t zero[16];
    struct config *config = r->config;
    int rc = 0;

    if (memcmp(config->uuid, zero, sizeof(zero)) == 0) {
        rc = random_bytes(config->uuid, sizeof(config->uuid), r->err);
        config->uuid[6] = (uint8_t)((config->uuid[6] & 0x0f) | 0x40);
        config->uuid[8] = (uint8_t)((config->uuid[8] & 0x3f) | 0x80);
    }
    for (size_t i = 0; i < config->vif_count && rc == 0; i++) {
        struct vif_spec *vif = &config->vifs[i];

        if (vif->mac_given)
            continue;
        memcpy(vif->mac, (const uint8_t[]){0x00, 0x16, 0x3e}, 3); /* Xen's OUI */
        rc = random_bytes(vif->mac + 3, 3, r->err);
        vif->mac[3] &= 0x7f;
    }
    return rc;
}

static int check_cpu_counts(struct reader *r, const struct cfg *cfg)
{
    struct config *config = r->config;
    const struct cfg_setting *maxvcpus = cfg_find(cfg, "maxvcpus");
    const struct cfg_setting *maxmem = cfg_find(cfg, "maxmem");

    if (!config->vcpus)
        config->vcpus = 1;
    if (!config->maxvcpus)
        config->maxvcpus = config->vcpus;
    if (!config->maxmem_mib)
        config->maxmem_mib = config->memory_mib;
    if (config->maxvcpus < config->vcpus)
        return cfg_error(r->err, &maxvcpus->value->pos, "maxvcpus must be at least vcpus (%llu)",
                         (unsigned long long)config->vcpus);
    if (config->maxmem_mib < config->memory_mib)
        return cfg_error(r->err, &maxmem->value->pos, "maxmem must be at least memory (%llu)",
                         (unsigned long long)config->memory_mib);
    return 0;
}

/* A restart has another current directory. */
static int complete_paths(struct reader *r)
{
    struct config *config = r->config;
    int rc = file_absolute(&config->kernel, r->err);

    if (rc == 0)
        rc = file_absolute(&config->ramdisk, r->err);
    for (size_t i = 0; i < config->disk_count && rc == 0; i++)
        rc = file_absolute(&config->disks[i].target, r->err);
    return rc;
}

static int complete(struct reader *r, const struct cfg *cfg)
{
    struct config *config = r->config;
    int rc = check_cpu_counts(r, cfg);

    if (rc)
        return rc;
    if (!config->name)
        return missing(r, "name", "name = \"guest1\"");
    if (!config->kernel)
        return missing(r, "kernel", "kernel = \"/boot/Image\"");
    if (!config->memory_mib)
        return missing(r, "memory", "memory = 256 (in MiB)");
    rc = join_cmdline(r);
    if (rc == 0)
        rc = complete_paths(r);
    return rc ? rc : fill_identity(r);
}

int config_from_cfg(struct config *config, const struct cfg *cfg,
                    const struct config_source *source, struct error *err)
{
    struct reader r = {.config = config, .source = source, .err = err};
    int rc = 0;

    memset(config, 0, sizeof(*config));
    config->on_reboot = CONFIG_RESTART;
    config->vpmu = 1;
    config->file = strdup(source->path ? source->path : "command line");
    for (const struct cfg_setting *s = cfg->first; s && rc == 0; s = s->next) {
        if (cfg_find(cfg, s->key) != s)
            continue; /* a later line overrides this one */
        r.setting = s;
        rc = read_key(&r);
    }
    if (rc == 0)
        rc = complete(&r, cfg);
    free(r.root);
    free(r.extra);
    if (rc)
        config_free(config);
    return rc;
}

int config_load(struct config *config, const struct config_source *source, struct error *err)
{
    struct cfg cfg;
    struct file file = {0};
    int rc = 0;

    cfg_init(&cfg, source->path ? source->path : "command line");
    if (source->path)
        rc = file_read(&file, source->path, FILE_LIMIT, err);
    if (rc == 0)
        rc = cfg_parse(&cfg, (const char *)file.data, file.size, err);
    for (size_t i = 0; i < source->override_count && rc == 0; i++)
        rc = cfg_override(&cfg, source->overrides[i], err);
    if (rc == 0)
        rc = config_from_cfg(config, &cfg, source, err);
    file_free(&file);
    cfg_free(&cfg);
    return rc;
}

enum config_action config_action_for(const struct config *config, unsigned reason)
{
    const enum config_action actions[] = {
        [SHUTDOWN_POWEROFF] = config->on_poweroff, [SHUTDOWN_REBOOT] = config->on_reboot,
        [SHUTDOWN_SUSPEND] = CONFIG_PRESERVE,      [SHUTDOWN_CRASH] = config->on_crash,
        [SHUTDOWN_WATCHDOG] = config->on_watchdog,
    };

    return reason < sizeof(actions) / sizeof(actions[0]) ? actions[reason] : CONFIG_PRESERVE;
}

void config_free(struct config *config)
{
    free_disks(config);
    free(config->vifs);
    free(config->affinity);
    free(config->file);
    free(config->name);
    free(config->kernel);
    free(config->ramdisk);
    free(config->cmdline);
    memset(config, 0, sizeof(*config));
}
