/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Virtual disks: a file or a block device of Dom0, served by its kernel's xen-blkback.
 */
#ifndef DOM0_VBD_H
#define DOM0_VBD_H

#include "dom0/config.h"
#include "dom0/device.h"
#include "dom0/disk_spec.h"
#include "dom0/loop.h"
#include "dom0/target.h"

struct vbd {
    struct device device;
    const struct disk_spec *spec;
    int fd; /* holds the loop or block device open; -1: none */
    char loop[LOOP_PATH_MAX];
    unsigned major;
    unsigned minor;
};

/* Is the target there, of a usable kind, and free, by whatever names others know it: no other guest
 * writes to what this one would use, or uses what this one would write to, nor does Dom0 itself use
 * the latter? That is not asked of one of `had` (vbd_written, or NULL), which the guest that is
 * restarted had: Dom0's LVM may have found the guest's volumes on it. Touches nothing. */
int vbd_check(struct store *store, const struct disk_spec *spec, const struct target_id *had,
              struct error *err);

/* What a domain's disks may write to: heap array ended by a device 0. NULL when out of memory. */
struct target_id *vbd_written(struct store *store, unsigned domid);

/* Takes out of a configuration the disks that its domain, which is there, has no more: another tool
 * has detached them, and Dom0 may use them by now. */
void vbd_forget_detached(struct store *store, unsigned domid, struct config *config);

/* Are the targets of two disks of one guest apart, if one is to be written? They are there. */
int vbd_check_pair(const struct disk_spec *first, const struct disk_spec *second,
                   struct error *err);

/* Opens the target. Whatever it returns: vbd_release() afterwards. */
int vbd_open(unsigned domid, const struct disk_spec *spec, struct vbd *vbd, struct error *err);

/* In the transaction that announces it, before vbd_write_back(): is the target, which is open,
 * still free, also of the disks that were announced before it? */
int vbd_check_again(struct store *store, const struct vbd *vbd, struct error *err);

/* Announces the disk: to the guest, and then, in a transaction, to the back end; the record is for
 * toolstacks. */
void vbd_write_front(struct store *store, const struct vbd *vbd);
void vbd_write_back(struct store *store, const struct vbd *vbd);
void vbd_write_record(struct store *store, const struct vbd *vbd);

/* Waits for the back end to serve it, and to hold the target open itself: it says that it is ready
 * before it has opened it, and a loop device vanishes with its last user. */
int vbd_wait(struct store *store, struct vbd *vbd, struct error *err);

/* Closes what vbd_open() has opened. */
void vbd_release(struct vbd *vbd);

/* Before the devices of a domain are removed: the loop devices that they use; heap array ended by
 * an empty path. NULL when out of memory. */
struct loop *vbd_loops(struct store *store, unsigned domid);

#endif
