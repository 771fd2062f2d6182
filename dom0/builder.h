/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Turns a configuration into a domain: memory, kernel, device tree, event channels, registers. What
 * it leaves is paused and known to nobody but the hypervisor.
 */
#ifndef DOM0_BUILDER_H
#define DOM0_BUILDER_H

#include "dom0/config.h"
#include "dom0/error.h"
#include "dom0/file.h"
#include "dom0/guest_map.h"
#include "dom0/hyper.h"
#include "dom0/image.h"

/* The files of a guest, read before anything is made. */
struct builder_files {
    struct image kernel;
    struct file ramdisk;
};

struct builder {
    struct hyper *hyper;
    const struct config *config;
    const struct builder_files *files;
    void (*progress)(void *arg, const char *text); /* may be NULL */
    void *arg;
    /* called when the domain exists and nothing else of it; may be NULL */
    void (*born)(void *born_arg, domid_t domid);
    void *born_arg;
    /* results */
    bool has_pmu; /* the guest gets performance monitors */
    domid_t domid;
    bool was_destroyed; /* by others: why it failed */
    uint32_t console_port;
    uint32_t store_port;
    uint64_t console_gfn;
    uint64_t store_gfn;
    uint32_t vuart_port; /* with config->has_vuart */
    uint64_t vuart_gfn;
};

int builder_read_files(struct builder_files *files, const struct config *config,
                       struct error *err);
void builder_free_files(struct builder_files *files);

/* What builder_run would put where, without a domain: `map`, and the device tree, which has no
 * clock-frequency even where the board's counter needs one. */
int builder_preview(struct builder *builder, struct guest_map *map, struct file *dtb,
                    struct error *err);

/* Makes the domain and fills it. On an error there is no domain. */
int builder_run(struct builder *builder, struct error *err);

#endif
