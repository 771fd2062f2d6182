/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Disks: opening targets, loop devices, what xen-blkback reads from xenstore (xen/io/blkif.h).
 * Owns the descriptor that keeps a target open until the back end does.
 */
#include "dom0/vbd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <xen/io/xenbus.h>

#include "dom0/config_device.h"
#include "dom0/interrupt.h"
#include "dom0/record.h"
#include "dom0/target.h"

#define OPEN_LIMIT_MS 10000
#define OPEN_STEP_MS 2
#define BACKENDS "/local/domain/0/backend/vbd"

static int open_target(const struct disk_spec *spec, struct stat *st, struct error *err)
{
    int fd = open(spec->target, (spec->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);

    if (fd < 0) {
        int saved = errno;
        int rc = error_errno(err, "disk %s: cannot open %s for %s", spec->vdev, spec->target,
                             spec->read_only ? "reading" : "writing");

        if (saved == ENOENT)
            err->kind = ERROR_USAGE;
        return rc;
    }
    if (fstat(fd, st) == 0 && (S_ISBLK(st->st_mode) || (S_ISREG(st->st_mode) && st->st_size > 0)))
        return fd;
    close(fd);
    return error_set(err, ERROR_USAGE, "disk %s: %s is neither a block device nor a file with "
                     "something in it", spec->vdev, spec->target);
}

/* What a back end serves. False: it has not been connected yet. */
static bool read_target(struct store *store, const char *back, struct target *target)
{
    char *number = store_read(store, "%s/physical-device", back);
    unsigned parts[2];
    bool is_known = number && sscanf(number, "%x:%x", &parts[0], &parts[1]) == 2;

    if (is_known)
        *target = target_of_device(makedev(parts[0], parts[1]));
    free(number);
    return is_known;
}

/* Of a back end that has not been connected yet only the name is known. */
static bool has_target(struct store *store, const char *back, const struct disk_spec *spec,
                       const struct target *target)
{
    char *params = store_read(store, "%s/params", back);
    bool found = params && strcmp(params, spec->target) == 0;
    struct target other;

    if (!found && read_target(store, back, &other))
        found = target_overlaps(&other, target);
    free(params);
    return found;
}

/* The user of the same target, when one of the two would write: "domain 3"; or false. */
static bool find_user(struct store *store, const struct disk_spec *spec,
                      const struct target *target, char *user, size_t size)
{
    unsigned domain_count;
    char **domains = store_list(store, &domain_count, BACKENDS);
    bool found = false;

    for (unsigned i = 0; i < domain_count && !found; i++) {
        unsigned count;
        char **ids = store_list(store, &count, BACKENDS "/%s", domains[i]);

        for (unsigned j = 0; j < count && !found; j++) {
            char back[STORE_PATH_MAX];
            char *mode;

            snprintf(back, sizeof(back), BACKENDS "/%s/%s", domains[i], ids[j]);
            mode = store_read(store, "%s/mode", back);
            found = (!spec->read_only || (mode && mode[0] == 'w')) &&
                    has_target(store, back, spec, target);
            if (found)
                snprintf(user, size, "domain %.20s", domains[i]);
            free(mode);
        }
        free(ids);
    }
    free(domains);
    return found;
}

static int check_free(struct store *store, const struct disk_spec *spec,
                      const struct target *target, struct error *err)
{
    char user[40];

    if (find_user(store, spec, target, user, sizeof(user)))
        return error_set(err, ERROR_EXISTS, "disk %s: %s is in use by %s: share it read-only (r) "
                         "or use a copy", spec->vdev, spec->target, user);
    return 0;
}

/* Asking is a claim for a moment: in turn, or one would take another's for Dom0's. */
static bool is_claimed(const char *path, const struct target *target, char *loop)
{
    int turn = record_claim_turn(target->whole.device * 31 + target->whole.inode);
    bool claimed = target_is_claimed(path, target, loop);

    if (turn >= 0)
        close(turn);
    return claimed;
}

static int check_dom0(const struct disk_spec *spec, const struct target *target, struct error *err)
{
    char loop[LOOP_PATH_MAX];

    if (spec->read_only || !is_claimed(spec->target, target, loop))
        return 0;
    return error_set(err, ERROR_EXISTS, "disk %s: %s is in use by Dom0 itself%s%s: end that "
                     "(umount, swapoff, vgchange -an, cryptsetup close, dmsetup remove, "
                     "mdadm --stop) or use a copy", spec->vdev, spec->target,
                     loop[0] ? " through " : "", loop);
}

static bool is_among(const struct target_id *had, const struct target_id *self)
{
    while (had && had->device && (had->device != self->device || had->inode != self->inode))
        had++;
    return had && had->device;
}

int vbd_check(struct store *store, const struct disk_spec *spec, const struct target_id *had,
              struct error *err)
{
    struct target target;
    struct stat st;
    int fd = open_target(spec, &st, err);
    int rc;

    if (fd < 0)
        return fd;
    close(fd);
    target = target_of(&st);
    rc = check_free(store, spec, &target, err);
    return rc || is_among(had, &target.self) ? rc : check_dom0(spec, &target, err);
}

/* A detach that has ended without the guest's answer leaves the directory: since the guest has let
 * go of it, the disk may be anybody's. */
static bool has_let_go(struct store *store, const char *back)
{
    return store_read_int(store, 1, "%s/online", back) == 0 &&
           store_read_int(store, XenbusStateUnknown, "%s/state", back) == XenbusStateClosed;
}

struct target_id *vbd_written(struct store *store, unsigned domid)
{
    unsigned count;
    unsigned used = 0;
    char **ids = store_list(store, &count, BACKENDS "/%u", domid);
    struct target_id *targets = calloc(count + 1, sizeof(*targets));

    for (unsigned i = 0; targets && i < count; i++) {
        char back[STORE_PATH_MAX];
        struct target target;
        char *mode;

        snprintf(back, sizeof(back), BACKENDS "/%u/%s", domid, ids[i]);
        mode = store_read(store, "%s/mode", back);
        if (mode && mode[0] == 'w' && !has_let_go(store, back) && read_target(store, back, &target))
            targets[used++] = target.self;
        free(mode);
    }
    free(ids);
    return targets;
}

void vbd_forget_detached(struct store *store, unsigned domid, struct config *config)
{
    for (size_t i = config->disk_count; i-- > 0;) {
        uint32_t devid = config->disks[i].devid;

        if (!store_exists(store, BACKENDS "/%u/%u", domid, devid))
            config_device_remove_disk(config, devid);
    }
}

int vbd_check_pair(const struct disk_spec *first, const struct disk_spec *second,
                   struct error *err)
{
    struct stat st[2];
    struct target targets[2];

    if ((first->read_only && second->read_only) || stat(first->target, &st[0]) ||
        stat(second->target, &st[1]))
        return 0;
    targets[0] = target_of(&st[0]);
    targets[1] = target_of(&st[1]);
    if (!target_overlaps(&targets[0], &targets[1]))
        return 0;
    return error_set(err, ERROR_EXISTS, "disk %s: %s is in use by disk %s of the same guest: share "
                     "it read-only (r) or use a copy", second->vdev, second->target, first->vdev);
}

int vbd_check_again(struct store *store, const struct vbd *vbd, struct error *err)
{
    const struct target target = target_of_device(makedev(vbd->major, vbd->minor));

    return check_free(store, vbd->spec, &target, err);
}

static void describe(struct store *store, const struct vbd *vbd, const char *path)
{
    const struct disk_spec *spec = vbd->spec;

    store_write(store, spec->target, "%s/params", path);
    store_write(store, "phy", "%s/type", path);
    store_write(store, spec->vdev, "%s/dev", path);
    store_write(store, spec->read_only ? "r" : "w", "%s/mode", path);
    store_write(store, spec->cdrom ? "cdrom" : "disk", "%s/device-type", path);
    store_write(store, "0", "%s/removable", path);
    store_write(store, "1", "%s/bootable", path);
    store_write(store, spec->no_discard ? "0" : "1", "%s/discard-enable", path);
}

void vbd_write_front(struct store *store, const struct vbd *vbd)
{
    const struct device *device = &vbd->device;
    char path[STORE_PATH_MAX];

    device_write_front(store, device);
    device_frontend_path(device, path);
    store_write_number(store, device->devid, "%s/virtual-device", path);
    store_write(store, vbd->spec->cdrom ? "cdrom" : "disk", "%s/device-type", path);
}

void vbd_write_record(struct store *store, const struct vbd *vbd)
{
    char path[STORE_PATH_MAX];

    device_write_record(store, &vbd->device);
    device_record_path(&vbd->device, path);
    describe(store, vbd, path);
}

void vbd_write_back(struct store *store, const struct vbd *vbd)
{
    char path[STORE_PATH_MAX];
    char number[24];

    device_write_back(store, &vbd->device);
    device_backend_path(&vbd->device, path);
    describe(store, vbd, path);
    if (vbd->loop[0])
        store_write(store, vbd->loop, "%s/node", path);
    snprintf(number, sizeof(number), "%x:%x", vbd->major, vbd->minor);
    store_write(store, number, "%s/physical-device", path);
    store_write(store, "connected", "%s/hotplug-status", path);
}

static int open_device(struct vbd *vbd, struct error *err)
{
    const struct disk_spec *spec = vbd->spec;
    struct stat st;
    int fd = open_target(spec, &st, err);

    if (fd < 0)
        return fd;
    vbd->fd = fd;
    if (S_ISREG(st.st_mode)) {
        vbd->fd = loop_attach(fd, spec->target, spec->read_only, vbd->loop, err);
        close(fd);
        if (vbd->fd < 0) {
            int rc = vbd->fd;

            vbd->loop[0] = '\0';
            error_prefix(err, "disk %s", spec->vdev);
            return rc;
        }
        if (fstat(vbd->fd, &st))
            return error_errno(err, "disk %s: cannot look at %s", spec->vdev, vbd->loop);
    }
    vbd->major = major(st.st_rdev);
    vbd->minor = minor(st.st_rdev);
    return 0;
}

int vbd_open(unsigned domid, const struct disk_spec *spec, struct vbd *vbd, struct error *err)
{
    memset(vbd, 0, sizeof(*vbd));
    vbd->fd = -1;
    vbd->spec = spec;
    vbd->device = (struct device){.kind = "vbd", .domid = domid, .devid = spec->devid};
    snprintf(vbd->device.label, sizeof(vbd->device.label), "disk %s", spec->vdev);
    return open_device(vbd, err);
}

/* No event tells when the back end's file appears, which it makes when it has opened the target. */
static int wait_open(const struct vbd *vbd, struct error *err)
{
    char path[96];

    snprintf(path, sizeof(path), "/sys/bus/xen-backend/devices/vbd-%u-%u/physical_device",
             vbd->device.domid, vbd->device.devid);
    for (int waited = 0; waited < OPEN_LIMIT_MS; waited += OPEN_STEP_MS) {
        struct pollfd fd = {.fd = interrupt_fd(), .events = POLLIN};

        if (access(path, F_OK) == 0)
            return 0;
        if (poll(&fd, 1, OPEN_STEP_MS) > 0)
            return error_set(err, ERROR_INTERRUPTED, "interrupted");
    }
    return error_set(err, ERROR_FAILED, "%s: its back end in Dom0 did not open it within %d s",
                     vbd->device.label, OPEN_LIMIT_MS / 1000);
}

int vbd_wait(struct store *store, struct vbd *vbd, struct error *err)
{
    int rc = device_wait_backend(store, &vbd->device, err);

    return rc ? rc : wait_open(vbd, err);
}

void vbd_release(struct vbd *vbd)
{
    if (vbd->fd >= 0)
        close(vbd->fd);
    vbd->fd = -1;
}

struct loop *vbd_loops(struct store *store, unsigned domid)
{
    unsigned count;
    unsigned used = 0;
    char **ids = store_list(store, &count, BACKENDS "/%u", domid);
    struct loop *loops = calloc(count + 1, sizeof(*loops));

    for (unsigned i = 0; loops && i < count; i++) {
        char *node = store_read(store, BACKENDS "/%u/%s/node", domid, ids[i]);
        char *file = store_read(store, BACKENDS "/%u/%s/params", domid, ids[i]);

        if (node && file && strncmp(node, "/dev/loop", 9) == 0)
            used += loop_note(&loops[used], node, file);
        free(node);
        free(file);
    }
    if (loops)
        loops[used].path[0] = '\0';
    free(ids);
    return loops;
}
