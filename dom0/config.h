/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A guest's configuration: what the keys of xl.cfg(5) mean to libpurlin, checked and with defaults
 * filled in.
 */
#ifndef DOM0_CONFIG_H
#define DOM0_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "dom0/cfg.h"
#include "dom0/disk_spec.h"
#include "dom0/error.h"
#include "dom0/vif_spec.h"

#define CONFIG_MAX_VCPUS 128 /* GUEST_MAX_VCPUS of the Xen public headers */
#define CONFIG_MAX_CPUS 256  /* physical CPUs that an affinity can name */
#define CONFIG_MAX_DEVICES 64
#define CONFIG_NAME_MAX 63
#define CONFIG_NAME_RULE \
    "name must have 1 to 63 characters, no blank, quote or slash, must not begin with '-' and " \
    "not be a number"

/* What is done with a domain that has shut down (xl.cfg(5), on_poweroff). */
enum config_action {
    CONFIG_DESTROY,
    CONFIG_RESTART,
    CONFIG_RENAME_RESTART, /* keep its memory under another name, start a new one */
    CONFIG_PRESERVE,
    CONFIG_COREDUMP_DESTROY,
    CONFIG_COREDUMP_RESTART,
    CONFIG_ACTION_COUNT,
};

struct config_cpumap {
    uint8_t bits[CONFIG_MAX_CPUS / 8];
};

struct config {
    char *file; /* where it came from, for messages */
    char *name;
    uint8_t uuid[16]; /* random when none was given */
    uint64_t memory_mib;
    uint64_t maxmem_mib; /* at least memory_mib */
    uint64_t vcpus;      /* online at boot */
    uint64_t maxvcpus;   /* at least vcpus */
    uint64_t cpu_weight; /* 0: the scheduler's default */
    uint64_t cap;        /* percent of one CPU; 0: none */
    uint64_t vpmu;       /* performance monitors, where the machine has them; 1: yes */
    char *kernel;  /* this and the following paths are absolute */
    char *ramdisk; /* or NULL */
    char *cmdline; /* cmdline=, or root= and extra= joined; never NULL */
    bool has_vuart; /* the emulated SBSA UART */
    enum config_action on_poweroff;
    enum config_action on_reboot;
    enum config_action on_crash;
    enum config_action on_watchdog;
    struct config_cpumap *affinity; /* one a vCPU, or NULL: anywhere */
    size_t affinity_count;
    struct disk_spec *disks;
    size_t disk_count;
    struct vif_spec *vifs; /* addresses filled in */
    size_t vif_count;
};

/* Where a configuration comes from, and who hears of what is odd but no error. */
struct config_source {
    const char *path;       /* NULL: from overrides alone */
    char *const *overrides; /* "key=value" each; they win over the file */
    size_t override_count;
    void (*warn)(const char *text, void *arg);
    void *arg;
};

/* Reads and checks a configuration. Errors name file, line, column, the wrong value and what is
 * allowed. On an error nothing stays allocated. */
int config_load(struct config *config, const struct config_source *source, struct error *err);

/* As config_load, from a parsed tree. */
int config_from_cfg(struct config *config, const struct cfg *cfg,
                    const struct config_source *source, struct error *err);

/* May a domain have this name? CONFIG_NAME_RULE says in words what is allowed. */
bool config_name_is_good(const char *name);

/* What the configuration says for a shutdown with this reason (xen/sched.h, SHUTDOWN_*). */
enum config_action config_action_for(const struct config *config, unsigned reason);

void config_free(struct config *config);

#endif
