/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The order of a domain's birth: look before touching anything, build, tell xenstore, let it run,
 * wait for the back ends while the guest boots (its front ends wait for them by themselves), start
 * the supervisor. That is last, so that nothing follows the guest's end before this has ended; it
 * sees an end that was before. Owns the undoing: one path, the one that destroys any domain.
 */
#include "dom0/create.h"

#include <stdlib.h>
#include <unistd.h>

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

static int check_disk(struct purlin *session, const struct config *config, size_t i,
                      const struct target_id *had, struct error *err)
{
    int rc = vbd_check(&session->store, &config->disks[i], had, err);

    for (size_t j = 0; j < i && rc == 0; j++)
        rc = vbd_check_pair(&config->disks[j], &config->disks[i], err);
    return rc;
}

static int check(struct purlin *session, const struct config *config, const struct target_id *had,
                 struct error *err)
{
    int rc = tree_check_name(session, config->name, err);

    if (rc == 0 && config->disk_count)
        rc = device_need_driver("vbd", "xen-blkback", err);
    for (size_t i = 0; i < config->disk_count && rc == 0; i++)
        rc = check_disk(session, config, i, had, err);
    if (rc == 0 && config->vif_count)
        rc = device_need_driver("vif", "xen-netback", err);
    for (size_t i = 0; i < config->vif_count && rc == 0; i++)
        rc = vif_check(&config->vifs[i], err);
    return rc;
}

/* The devices of the domain in the making. */
struct devices {
    struct purlin *session;
    const struct builder *built;
    struct vbd *vbds;
    struct vif *vifs;
    size_t opened; /* of vbds */
    struct error *err;
};

static int open_devices(struct devices *d)
{
    const struct config *config = d->built->config;
    uint32_t domid = d->built->domid;
    int rc;

    d->vbds = calloc(config->disk_count + 1, sizeof(*d->vbds));
    d->vifs = calloc(config->vif_count + 1, sizeof(*d->vifs));
    rc = d->vbds && d->vifs ? 0 : error_set(d->err, ERROR_FAILED, "out of memory");
    while (rc == 0 && d->opened < config->disk_count) {
        rc = vbd_open(domid, &config->disks[d->opened], &d->vbds[d->opened], d->err);
        d->opened++;
    }
    for (size_t i = 0; i < config->vif_count && rc == 0; i++)
        vif_init(&d->vifs[i], domid, (uint32_t)i, &config->vifs[i]);
    return rc;
}

static void release_devices(struct devices *d)
{
    for (size_t i = 0; i < d->opened; i++)
        vbd_release(&d->vbds[i]);
    free(d->vbds);
    free(d->vifs);
}

static int was_destroyed(const struct config *config, struct error *err)
{
    error_clear(err);
    return error_set(err, ERROR_FAILED, "%s was destroyed while it was being made", config->name);
}

/* Others destroy a domain in two steps, in one order or the other; each of them is looked for. Of
 * its home a write may have brought back a part: never this one. */
static int check_home(const struct devices *d)
{
    return store_exists(&d->session->store, "/local/domain/%u/vm", d->built->domid)
               ? 0 : was_destroyed(d->built->config, d->err);
}

static int check_life(const struct devices *d)
{
    return domctl_is_gone(&d->session->hyper, d->built->domid)
               ? was_destroyed(d->built->config, d->err) : check_home(d);
}

static int claim_body(struct store *store, void *arg)
{
    struct devices *d = arg;

    (void)store;
    return tree_claim(d->session, d->built, d->err);
}

/* What the guest looks at; nobody does before the domain is introduced. */
static int quiet_body(struct store *store, void *arg)
{
    struct devices *d = arg;

    tree_write(store, d->built);
    for (size_t i = 0; i < d->built->config->disk_count; i++) {
        vbd_write_front(store, &d->vbds[i]);
        device_promise_back(store, &d->vbds[i].device);
    }
    for (size_t i = 0; i < d->built->config->vif_count; i++)
        device_promise_back(store, &d->vifs[i].device);
    return 0;
}

/* What toolstacks look at. In a transaction, or a home that is removed meanwhile would be missed,
 * and this stay. */
static int record_body(struct store *store, void *arg)
{
    struct devices *d = arg;
    int rc = check_home(d);

    if (rc)
        return rc;
    tree_write_record(store, d->built);
    for (size_t i = 0; i < d->built->config->disk_count; i++)
        vbd_write_record(store, &d->vbds[i]);
    for (size_t i = 0; i < d->built->config->vif_count; i++)
        vif_write_record(store, &d->vifs[i]);
    return 0;
}

/* What back ends look at: all of it at once, or nothing when a disk has been taken meanwhile, or
 * the domain is being destroyed: a promise is gone then. The front ends of interfaces come with it,
 * as when one is attached: Linux's looks at a promised back end again after 5 s. */
static int back_body(struct store *store, void *arg)
{
    struct devices *d = arg;
    const struct config *config = d->built->config;
    int rc = check_home(d);

    for (size_t i = 0; i < config->disk_count && rc == 0; i++) {
        rc = device_check_promise(store, &d->vbds[i].device, d->err);
        if (rc == 0)
            rc = vbd_check_again(store, &d->vbds[i], d->err);
        if (rc == 0)
            vbd_write_back(store, &d->vbds[i]);
    }
    for (size_t i = 0; i < config->vif_count && rc == 0; i++) {
        rc = device_check_promise(store, &d->vifs[i].device, d->err);
        if (rc)
            break;
        vif_write_front(store, &d->vifs[i]);
        vif_write_back(store, &d->vifs[i]);
    }
    return rc;
}

/* Written while the domain runs already: what Dom0 does before the start keeps the guest
 * waiting. */
static int write_backs(struct devices *d)
{
    if (d->built->config->disk_count + d->built->config->vif_count == 0)
        return 0;
    return store_transact(&d->session->store, back_body, d, "new devices", d->err);
}

/* The same. */
static int write_records(struct devices *d)
{
    int rc = store_transact(&d->session->store, record_body, d, "new domain", d->err);

    return rc ? rc : userdata_write(USERDATA_DIR, d->built->domid, d->built->config, d->err);
}

static int write_first(struct devices *d)
{
    struct store *store = &d->session->store;
    int rc = store_transact(store, claim_body, d, "new domain", d->err);

    return rc ? rc : store_apply(store, quiet_body, d, "new domain", d->err);
}

/* The guest has ended already, as it wanted to: its front ends are closed, and so are the back
 * ends. One that has crashed may have done so for want of its devices. */
static bool is_over(const struct devices *d)
{
    struct error ignored = {0};
    struct domain domain;
    bool is_shut = domain_get(d->session, d->built->domid, &domain, &ignored) == 0 &&
                   domain.shutdown && domain.reason < DOMAIN_CRASH;

    error_clear(&ignored);
    return is_shut;
}

static int wait_for_devices(struct devices *d)
{
    struct purlin *session = d->session;
    const struct config *config = d->built->config;
    int rc = 0;

    if (config->disk_count)
        purlin_progress(session, "connecting %zu disk(s)", config->disk_count);
    for (size_t i = 0; i < config->disk_count && rc == 0; i++)
        rc = vbd_wait(&session->store, &d->vbds[i], d->err);
    if (config->vif_count && rc == 0)
        purlin_progress(session, "connecting %zu network interface(s)", config->vif_count);
    for (size_t i = 0; i < config->vif_count && rc == 0; i++)
        rc = vif_connect(&session->store, &d->vifs[i], d->err);
    if (rc && rc != -EINTR && is_over(d)) {
        error_clear(d->err);
        rc = 0;
    }
    return rc;
}

static int introduce(struct devices *d, const struct create_options *options)
{
    struct purlin *session = d->session;
    const struct builder *built = d->built;
    int rc = open_devices(d);

    if (rc == 0)
        rc = write_first(d);
    if (rc == 0)
        rc = tree_introduce(session, built, d->err);
    if (rc == 0)
        rc = record_write(built->domid, built->config, d->err);
    if (rc == 0 && options->start)
        rc = domain_start(session, built->domid, d->err);
    if (rc == 0)
        rc = write_backs(d);
    if (rc == 0 && options->begun)
        rc = options->begun(options->arg, built->domid, d->err);
    if (rc == 0)
        rc = write_records(d);
    if (rc == 0)
        rc = wait_for_devices(d);
    if (rc == 0)
        rc = check_life(d); /* from here on, the supervisor removes what others leave */
    if (rc == 0 && options->supervise)
        rc = options->supervise(options->arg, built->domid, d->err);
    if (rc == 0 && interrupt_pending())
        rc = error_set(d->err, ERROR_INTERRUPTED, "interrupted");
    return rc;
}

/* How far a domain's making is noted, in case that this process dies. */
struct making {
    const uint8_t *uuid;
    int fd;
    bool is_born;
};

static void note_birth(void *arg, domid_t domid)
{
    struct making *making = arg;

    making->is_born = true;
    orphan_born(making->uuid, domid, making->fd);
}

/* First whatever else who destroys the domain waits for: its loop devices, and the mark. */
static void undo(struct devices *devices, struct making *making)
{
    struct purlin *session = devices->session;
    uint32_t domid = devices->built->domid;
    struct error err = {0};

    release_devices(devices);
    if (making->fd >= 0)
        close(making->fd);
    making->fd = -1;
    if (domain_destroy(session, domid, &err))
        purlin_progress(session, "cannot undo all: %s", err.text);
    if (domctl_is_gone(&session->hyper, domid))
        tree_forget(session, devices->built);
}

static int make(struct purlin *session, struct builder *builder,
                const struct create_options *options, struct error *err)
{
    struct devices devices = {.session = session, .built = builder, .err = err};
    struct making making = {.uuid = builder->config->uuid};
    int rc;

    making.fd = orphan_begin(making.uuid);
    builder->born_arg = &making;
    rc = builder_run(builder, err);
    if (rc == 0) {
        rc = introduce(&devices, options);
        builder->was_destroyed = rc && (orphan_is_overtaken(making.fd) ||
                                        domctl_is_gone(&session->hyper, builder->domid));
        if (rc)
            undo(&devices, &making);
        else
            release_devices(&devices);
    }
    if (making.is_born)
        orphan_adopt(builder->domid, making.fd);
    else
        orphan_unborn(making.uuid, making.fd);
    return builder->was_destroyed ? was_destroyed(builder->config, err) : rc;
}

int create_preview(struct purlin *session, const struct config *config,
                   struct create_preview *preview, struct error *err)
{
    struct builder builder = {.hyper = &session->hyper, .config = config};
    struct builder_files files;
    int rc = check(session, config, NULL, err);

    if (rc == 0)
        rc = builder_read_files(&files, config, err);
    if (rc)
        return rc;
    builder.files = &files;
    rc = builder_preview(&builder, &preview->map, &preview->dtb, err);
    builder_free_files(&files);
    return rc;
}

int create_domain(struct purlin *session, const struct config *config,
                  const struct create_options *options, uint32_t *domid, struct error *err)
{
    struct builder_files files;
    struct builder builder = {
        .hyper = &session->hyper,
        .config = config,
        .files = &files,
        .born = note_birth,
        .progress = session->progress,
        .arg = session->arg,
    };
    int rc;

    orphan_reap(session);
    rc = check(session, config, options->had, err);
    if (rc)
        return rc;
    purlin_progress(session, "reading %s", config->kernel);
    rc = builder_read_files(&files, config, err);
    if (rc)
        return rc;
    rc = make(session, &builder, options, err);
    *domid = builder.domid;
    builder_free_files(&files);
    return rc;
}
