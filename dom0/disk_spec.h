/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One disk of a guest, as written in a configuration (xl-disk-configuration(5)).
 */
#ifndef DOM0_DISK_SPEC_H
#define DOM0_DISK_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "dom0/error.h"

#define DISK_SPEC_VDEV_MAX 32

struct disk_spec {
    char *target;                  /* file or block device in Dom0 */
    char vdev[DISK_SPEC_VDEV_MAX]; /* name in the guest: "xvda1" */
    uint32_t devid;                /* number of vdev (xen-vbd-interface(7)) */
    bool read_only;
    bool cdrom;
    bool no_discard;
};

/* Parses positional ("target,format,vdev,access"), keyed ("vdev=xvda,target=...") and old prefixed
 * ("file:/x,xvda,w", "phy:") forms. The error names the part that is wrong and what is allowed,
 * with no position: the caller puts it before. On an error nothing stays allocated. */
int disk_spec_parse(struct disk_spec *disk, const char *text, struct error *err);

/* Number of a virtual block device name: xvdX, hdX, sdX or vdX with an optional partition, or a
 * plain number. False when it is none. */
bool disk_spec_devid(const char *vdev, uint32_t *devid);

void disk_spec_free(struct disk_spec *disk);

#endif
