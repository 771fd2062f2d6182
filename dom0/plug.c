/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Adding and removing single devices of a running domain: the same directories and states as when
 * it is made (device.c), one device at a time; and in its record, so that a restart is with them.
 */
#include "dom0/plug.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/io/xenbus.h>

#include "dom0/alive.h"
#include "dom0/config_device.h"
#include "dom0/device.h"
#include "dom0/record.h"
#include "dom0/vbd.h"
#include "dom0/vif.h"

static int check(const struct domain *domain, struct error *err)
{
    int rc = alive_check(domain, err);

    if (rc)
        return rc;
    if (domain->domid == 0)
        return error_set(err, ERROR_USAGE, "Domain-0 has its devices itself");
    if (domain->shutdown)
        return error_set(err, ERROR_FAILED, "%s has shut down", domain->name);
    return 0;
}

/* What was asked holds for the guest's restarts, unless one has begun: a supervisor reads the
 * record when the guest has shut down, and not again. */
static int check_still(struct purlin *session, const struct domain *domain, const char *successor,
                       struct error *err)
{
    struct domain now;
    int rc = domain_get(session, domain->domid, &now, err);

    if (rc == 0 && !now.dying && !now.shutdown)
        return 0;
    error_clear(err);
    return error_set(err, ERROR_FAILED, "%s has ended meanwhile: what takes its place %s: see "
                     "purlin list", domain->name, successor);
}

/* --- removing ----------------------------------------------------------------------------- */

struct detach {
    const struct plug_detach *what;
    struct device device;
    struct vif_spec vif; /* an interface's address and bridge */
};

static void remove_front(struct store *store, const struct device *device)
{
    char front[STORE_PATH_MAX];

    device_frontend_path(device, front);
    store_remove(store, "%s", front);
}

static void note_vif(struct store *store, struct detach *d)
{
    char back[STORE_PATH_MAX];
    char *mac;
    char *bridge;

    device_backend_path(&d->device, back);
    mac = store_read(store, "%s/mac", back);
    bridge = store_read(store, "%s/bridge", back);
    if (mac)
        vif_spec_parse_mac(mac, d->vif.mac);
    snprintf(d->vif.bridge, sizeof(d->vif.bridge), "%s", bridge ? bridge : "");
    free(mac);
    free(bridge);
}

static int remove_from_record(struct config *config, void *arg, struct error *err)
{
    const struct detach *d = arg;

    (void)err;
    if (strcmp(d->device.kind, "vbd") == 0)
        config_device_remove_disk(config, d->device.devid);
    else
        config_device_remove_vif(config, &d->vif);
    return 0;
}

static int close_body(struct store *store, void *arg)
{
    const struct detach *d = arg;
    char back[STORE_PATH_MAX];
    int state;

    device_backend_path(&d->device, back);
    state = store_read_int(store, XenbusStateUnknown, "%s/state", back);
    if (state == XenbusStateUnknown)
        return 0; /* removed meanwhile */
    if (d->what->force)
        remove_front(store, &d->device);
    store_write(store, "0", "%s/online", back);
    if (state != XenbusStateClosed)
        store_write_number(store, XenbusStateClosing, "%s/state", back);
    return 0;
}

/* A back end that was about to connect writes its state over Closing, which its guest has not seen
 * then: it is asked again. */
static int is_closed(struct store *store, void *arg)
{
    struct detach *d = arg;
    struct error ignored = {0};
    char back[STORE_PATH_MAX];
    int state;

    device_backend_path(&d->device, back);
    state = store_read_int(store, XenbusStateUnknown, "%s/state", back);
    if (state != XenbusStateUnknown && state < XenbusStateClosing &&
        store_transact(store, close_body, d, "closing the device", &ignored))
        error_clear(&ignored);
    return state == XenbusStateUnknown || state == XenbusStateClosed;
}

static int remove_body(struct store *store, void *arg)
{
    const struct detach *d = arg;
    const struct device *device = &d->device;
    char path[STORE_PATH_MAX];

    device_backend_path(device, path);
    store_remove_up(store, "%s", path);
    remove_front(store, device);
    store_remove(store, "/libxl/%u/device/%s/%u", device->domid, device->kind, device->devid);
    store_remove_up(store, "/local/domain/0/error/backend/%s/%u/%u", device->kind, device->domid,
                    device->devid);
    return 0;
}

static int wait_for_end(struct store *store, struct detach *d, bool interruptible)
{
    char back[STORE_PATH_MAX];
    const char *paths[] = {back};
    struct store_wait wait = {.paths = paths, .path_count = 1, .limit_ms = DEVICE_LIMIT_MS,
                              .fd = -1, .interruptible = interruptible, .done = is_closed,
                              .arg = d};

    device_backend_path(&d->device, back);
    return store_wait(store, &wait);
}

static int wait_closed(struct purlin *session, struct detach *d, const struct domain *domain,
                       struct error *err)
{
    int rc = wait_for_end(&session->store, d, true);

    if (rc > 0)
        return 0;
    if (rc == -EINTR)
        return error_set(err, ERROR_INTERRUPTED, "interrupted: the guest still has been asked to "
                         "let go");
    return error_set(err, ERROR_FAILED, "%s still uses the device after %d s: end its use in the "
                     "guest (umount, ip link set down) and try again, or --force", domain->name,
                     DEVICE_LIMIT_MS / 1000);
}

int plug_detach(struct purlin *session, const struct domain *domain,
                   const struct plug_detach *what, struct error *err)
{
    struct detach d = {
        .what = what,
        .device = {.kind = what->kind, .domid = domain->domid, .devid = what->devid},
    };
    int rc = check(domain, err);
    struct error unrecorded = {0};
    int removed;

    note_vif(&session->store, &d);
    if (rc == 0)
        rc = store_transact(&session->store, close_body, &d, "closing the device", err);
    if (rc == 0)
        rc = wait_closed(session, &d, domain, err);
    if (rc)
        return rc;
    rc = device_undo_script(&session->store, &d.device, err);
    /* The record first: as long as the directory is there, nobody attaches another in its place. */
    if (record_update(domain, remove_from_record, &d, &unrecorded) && rc == 0)
        rc = error_set(err, unrecorded.kind, "the device is removed, but comes back with a "
                       "restart: %s", unrecorded.text);
    removed = store_transact(&session->store, remove_body, &d, "removing the device", err);
    if (rc == 0 && removed == 0)
        rc = check_still(session, domain, "may have the device still", err);
    return rc ? rc : removed;
}

/* --- adding ------------------------------------------------------------------------------- */

static bool has_device(struct store *store, const struct domain *domain, const char *kind,
                       uint32_t devid)
{
    return store_exists(store, "/local/domain/0/backend/%s/%u/%u/state", kind, domain->domid,
                        devid);
}

/* To its end, whatever signal is held: nobody else does it. */
static void undo(struct purlin *session, const struct device *device)
{
    const struct plug_detach what = {device->kind, device->devid, true};
    struct detach d = {.what = &what, .device = *device};
    struct error ignored = {0};

    store_transact(&session->store, close_body, &d, "closing the device", &ignored);
    wait_for_end(&session->store, &d, false);
    error_clear(&ignored);
    store_transact(&session->store, remove_body, &d, "removing the device", &ignored);
}

struct attach {
    struct purlin *session;
    const struct domain *domain;
    const struct device *device;
    struct vbd vbd;
    struct vif vif;
    const struct vif_spec *vif_spec;
    struct error *err;
};

/* Somebody may have taken it away again, out of the record too. */
static int check_attached(const struct attach *a, struct error *err)
{
    const struct device *device = a->device;

    if (has_device(&a->session->store, a->domain, device->kind, device->devid))
        return 0;
    return error_set(err, ERROR_FAILED, "%s has lost %s again meanwhile", a->domain->name,
                     device->label);
}

static int add_disk(struct config *config, void *arg, struct error *err)
{
    const struct attach *a = arg;
    int rc = check_attached(a, err);

    return rc ? rc : config_device_add_disk(config, a->vbd.spec, err);
}

static int add_vif(struct config *config, void *arg, struct error *err)
{
    const struct attach *a = arg;
    struct vif_spec vif = *a->vif_spec;
    int rc = check_attached(a, err);

    memcpy(vif.bridge, a->vif.bridge, sizeof(vif.bridge));
    return rc ? rc : config_device_add_vif(config, &vif, err);
}

static int check_slot(struct store *store, const struct domain *domain,
                      const struct disk_spec *spec, struct error *err)
{
    if (has_device(store, domain, "vbd", spec->devid))
        return error_set(err, ERROR_EXISTS, "%s has a disk %s already: choose another vdev",
                         domain->name, spec->vdev);
    return 0;
}

/* Others may have attached since it was looked at first. */
static int disk_body(struct store *store, void *arg)
{
    struct attach *a = arg;
    int rc = domain_check_home(a->session, a->domain->domid, a->err);

    if (rc == 0)
        rc = check_slot(store, a->domain, a->vbd.spec, a->err);
    if (rc == 0)
        rc = vbd_check_again(store, &a->vbd, a->err);
    if (rc)
        return rc;
    remove_front(store, &a->vbd.device);
    vbd_write_front(store, &a->vbd);
    vbd_write_record(store, &a->vbd);
    vbd_write_back(store, &a->vbd);
    return 0;
}

static int network_body(struct store *store, void *arg)
{
    struct attach *a = arg;
    int rc = domain_check_home(a->session, a->domain->domid, a->err);
    uint32_t devid = 0;

    if (rc)
        return rc;
    while (has_device(store, a->domain, "vif", devid))
        devid++;
    vif_init(&a->vif, a->domain->domid, devid, a->vif_spec);
    remove_front(store, &a->vif.device);
    vif_write_front(store, &a->vif);
    vif_write_record(store, &a->vif);
    vif_write_back(store, &a->vif);
    return 0;
}

/* Of one that connects (rc 0), or does not: it is there also after a restart, or nowhere. */
static int recorded(struct attach *a, const struct device *device, int rc,
                    int (*add)(struct config *config, void *arg, struct error *err))
{
    a->device = device;
    if (rc == 0)
        rc = record_update(a->domain, add, a, a->err);
    if (rc)
        undo(a->session, device);
    return rc ? rc : check_still(a->session, a->domain, "may be without the device", a->err);
}

int plug_attach_disk(struct purlin *session, const struct domain *domain,
                        const struct disk_spec *spec, struct error *err)
{
    struct attach a = {.session = session, .domain = domain, .vbd.fd = -1, .err = err};
    int rc = check(domain, err);

    if (rc == 0)
        rc = check_slot(&session->store, domain, spec, err);
    if (rc == 0)
        rc = device_need_driver("vbd", "xen-blkback", err);
    if (rc == 0)
        rc = vbd_check(&session->store, spec, NULL, err);
    if (rc)
        return rc;
    rc = vbd_open(domain->domid, spec, &a.vbd, err);
    if (rc == 0)
        rc = store_transact(&session->store, disk_body, &a, a.vbd.device.label, err);
    if (rc == 0)
        rc = recorded(&a, &a.vbd.device, vbd_wait(&session->store, &a.vbd, err), add_disk);
    vbd_release(&a.vbd);
    return rc;
}

int plug_attach_network(struct purlin *session, const struct domain *domain,
                           const struct vif_spec *spec, uint32_t *devid, struct error *err)
{
    struct attach a = {.session = session, .domain = domain, .vif_spec = spec, .err = err};
    int rc = check(domain, err);

    if (rc == 0)
        rc = device_need_driver("vif", "xen-netback", err);
    if (rc == 0)
        rc = vif_check(spec, err);
    if (rc == 0)
        rc = store_transact(&session->store, network_body, &a, "network interface", err);
    if (rc)
        return rc;
    *devid = a.vif.device.devid;
    return recorded(&a, &a.vif.device, vif_connect(&session->store, &a.vif, err), add_vif);
}
