/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Adding disks and network interfaces to a running domain, and removing them, one by one: now, and
 * in its record for the domains that a restart makes of it.
 */
#ifndef DOM0_PLUG_H
#define DOM0_PLUG_H

#include "dom0/disk_spec.h"
#include "dom0/domain.h"
#include "dom0/vif_spec.h"

/* ERROR_EXISTS: the guest has such a disk, or somebody else the target. All undone when a step
 * fails. */
int plug_attach_disk(struct purlin *session, const struct domain *domain,
                        const struct disk_spec *spec, struct error *err);

/* *devid: out. */
int plug_attach_network(struct purlin *session, const struct domain *domain,
                           const struct vif_spec *spec, uint32_t *devid, struct error *err);

struct plug_detach {
    const char *kind;
    uint32_t devid;
    bool force; /* without waiting for the guest */
};

/* Asks the guest to close the device, then removes it. ERROR_FAILED when the guest does not let go,
 * e.g. of a mounted disk: it stays asked, and a second try removes what it has closed since. */
int plug_detach(struct purlin *session, const struct domain *domain,
                   const struct plug_detach *what, struct error *err);

#endif
