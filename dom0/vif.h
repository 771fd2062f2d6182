/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Virtual network interfaces: served by Dom0's xen-netback, connected to a bridge.
 */
#ifndef DOM0_VIF_H
#define DOM0_VIF_H

#include "dom0/config.h"
#include "dom0/device.h"
#include "dom0/vif_spec.h"

/* The bridge of an interface that names none. */
#define VIF_DEFAULT_BRIDGE "xenbr0"

struct vif {
    struct device device;
    const struct vif_spec *spec;
    char bridge[VIF_SPEC_NAME_MAX];
    char name[VIF_SPEC_NAME_MAX]; /* in Dom0 */
};

/* Is the bridge there and the name free? Touches nothing. */
int vif_check(const struct vif_spec *spec, struct error *err);

/* Interface number `devid` of a domain. Touches nothing. */
void vif_init(struct vif *vif, unsigned domid, uint32_t devid, const struct vif_spec *spec);

/* Announces it: to the guest, and then, in a transaction, to the back end; the record is for
 * toolstacks. */
void vif_write_front(struct store *store, const struct vif *vif);
void vif_write_back(struct store *store, const struct vif *vif);
void vif_write_record(struct store *store, const struct vif *vif);

/* Takes out of a configuration the interfaces that its domain, which is there, has no more: another
 * tool has detached them. */
void vif_forget_detached(struct store *store, unsigned domid, struct config *config);

/* Waits for the back end, names its interface, puts it on the bridge and brings it up. */
int vif_connect(struct store *store, struct vif *vif, struct error *err);

#endif
