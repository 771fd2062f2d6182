/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The order of a domain's birth: look before touching anything, build, tell xenstore, connect the
 * devices. Owns the undoing: one path, the one that destroys any domain.
 */
#include "dom0/create.h"

#include <stdlib.h>

#include "dom0/builder.h"
#include "dom0/device.h"
#include "dom0/domctl.h"
#include "dom0/domain.h"
#include "dom0/interrupt.h"
#include "dom0/orphan.h"
#include "dom0/record.h"
#include "dom0/tree.h"
#include "dom0/userdata.h"
#include "dom0/vbd.h"
#include "dom0/vif.h"

static int check(struct purlin *session, const struct config *config, struct error *err)
{
    int rc = tree_check_name(session, config->name, err);

    if (rc == 0 && config->disk_count)
        rc = device_need_driver("vbd", "xen-blkback", err);
    for (size_t i = 0; i < config->disk_count && rc == 0; i++)
        rc = vbd_check(&session->store, &config->disks[i], err);
    if (rc == 0 && config->vif_count)
        rc = device_need_driver("vif", "xen-netback", err);
    for (size_t i = 0; i < config->vif_count && rc == 0; i++)
        rc = vif_check(&config->vifs[i], err);
    return rc;
}

static int connect_disks(struct purlin *session, const struct config *config, uint32_t domid,
                         struct error *err)
{
    struct vbd *vbds = calloc(config->disk_count + 1, sizeof(*vbds));
    size_t added = 0;
    int rc = vbds ? 0 : error_set(err, ERROR_FAILED, "out of memory");

    while (rc == 0 && added < config->disk_count) {
        rc = vbd_add(&session->store, domid, &config->disks[added], &vbds[added], err);
        added++;
    }
    for (size_t i = 0; i < added && rc == 0; i++)
        rc = vbd_wait(&session->store, &vbds[i], err);
    for (size_t i = 0; i < added; i++)
        vbd_release(&vbds[i]);
    free(vbds);
    return rc;
}

static int connect_networks(struct purlin *session, const struct config *config, unsigned domid,
                            struct error *err)
{
    struct vif *vifs = calloc(config->vif_count + 1, sizeof(*vifs));
    int rc = vifs ? 0 : error_set(err, ERROR_FAILED, "out of memory");

    for (size_t i = 0; i < config->vif_count && rc == 0; i++) {
        vif_init(&vifs[i], domid, (uint32_t)i, &config->vifs[i]);
        rc = vif_add(&session->store, &vifs[i], err);
    }
    for (size_t i = 0; i < config->vif_count && rc == 0; i++)
        rc = vif_connect(&session->store, &vifs[i], err);
    free(vifs);
    return rc;
}

static int introduce(struct purlin *session, const struct builder *built, struct error *err)
{
    const struct config *config = built->config;
    int rc = tree_write(session, built, err);

    if (rc == 0)
        rc = record_write(built->domid, config, err);
    if (rc == 0 && config->disk_count) {
        purlin_progress(session, "connecting %zu disk(s)", config->disk_count);
        rc = connect_disks(session, config, built->domid, err);
    }
    if (rc == 0 && config->vif_count) {
        purlin_progress(session, "connecting %zu network interface(s)", config->vif_count);
        rc = connect_networks(session, config, built->domid, err);
    }
    if (rc == 0)
        rc = userdata_write(USERDATA_DIR, built->domid, config, err);
    if (rc == 0 && interrupt_pending())
        rc = error_set(err, ERROR_INTERRUPTED, "interrupted");
    return rc;
}

static void mark(void *arg, domid_t domid)
{
    *(int *)arg = orphan_mark(domid);
}

int create_was_destroyed(const struct config *config, struct error *err)
{
    error_clear(err);
    return error_set(err, ERROR_FAILED, "%s was destroyed while it was being made", config->name);
}

static int build(struct purlin *session, const struct config *config,
                 const struct builder_files *files, uint32_t *domid, struct error *err)
{
    int making_fd = -1;
    struct builder builder = {
        .hyper = &session->hyper,
        .config = config,
        .files = files,
        .born = mark,
        .born_arg = &making_fd,
        .progress = session->progress,
        .arg = session->arg,
    };
    struct error undo = {0};
    int rc = builder_run(&builder, err);

    *domid = builder.domid;
    if (rc == 0) {
        rc = introduce(session, &builder, err);
        builder.was_destroyed = rc && domctl_is_gone(&session->hyper, builder.domid);
        if (rc && domain_destroy(session, builder.domid, &undo))
            purlin_progress(session, "cannot undo all: %s", undo.text);
    }
    orphan_adopt(builder.domid, making_fd);
    return builder.was_destroyed ? create_was_destroyed(config, err) : rc;
}

int create_preview(struct purlin *session, const struct config *config,
                   struct create_preview *preview, struct error *err)
{
    struct builder builder = {.hyper = &session->hyper, .config = config};
    struct builder_files files;
    int rc = check(session, config, err);

    if (rc == 0)
        rc = builder_read_files(&files, config, err);
    if (rc)
        return rc;
    builder.files = &files;
    rc = builder_preview(&builder, &preview->map, &preview->dtb, err);
    builder_free_files(&files);
    return rc;
}

int create_domain(struct purlin *session, const struct config *config, uint32_t *domid,
                  struct error *err)
{
    struct builder_files files;
    int rc;

    orphan_reap(session);
    rc = check(session, config, err);
    if (rc)
        return rc;
    purlin_progress(session, "reading %s", config->kernel);
    rc = builder_read_files(&files, config, err);
    if (rc)
        return rc;
    rc = build(session, config, &files, domid, err);
    builder_free_files(&files);
    return rc;
}
