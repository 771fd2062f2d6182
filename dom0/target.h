/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a disk's target is, by whatever name it is known: two names, or a disk and a partition of
 * it, may mean the same bytes.
 */
#ifndef DOM0_TARGET_H
#define DOM0_TARGET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "dom0/error.h"

#define TARGET_SYSFS "/sys"

/* A file; or a block device, without an inode. A loop device is what it was set up with. */
struct target_id {
    uint64_t device;
    uint64_t inode;
};

struct target {
    struct target_id self;
    struct target_id whole; /* of a partition: the disk that it is on; else as self */
    dev_t disk;             /* the device with that disk's number; 0: a file */
};

/* Of a regular file or a block device. */
struct target target_of(const struct stat *st);
struct target target_of_device(dev_t device);

/* Does writing to one change the other? A volume of the device mapper or a RAID overlaps with what
 * it is made of. Two partitions of a disk do not overlap, nor do two volumes of a group. */
bool target_overlaps(const struct target *a, const struct target *b);

/* Does Dom0 itself use it, as it is, through a loop device or under one: mounted, as swap, in a
 * volume group or a RAID? Partitions that kpartx has found on it are no use as long as nobody uses
 * them. Only asks: nothing is claimed when it returns. Back ends claim nothing, either. The path of
 * the loop device that is in use goes to `loop` (LOOP_PATH_MAX bytes), or "". */
bool target_is_claimed(const char *path, const struct target *target, char *loop);

#endif
