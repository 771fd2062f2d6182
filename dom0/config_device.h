/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Single disks and network interfaces of a configuration that is in force: as its domain gets and
 * loses them.
 */
#ifndef DOM0_CONFIG_DEVICE_H
#define DOM0_CONFIG_DEVICE_H

#include "dom0/config.h"

/* Adds a copy of the disk; one of the same number makes place for it. ERROR_FAILED, and nothing is
 * changed, beyond CONFIG_MAX_DEVICES. */
int config_device_add_disk(struct config *config, const struct disk_spec *disk,
                           struct error *err);
void config_device_remove_disk(struct config *config, uint32_t devid);

/* The same of an interface; no other makes place. */
int config_device_add_vif(struct config *config, const struct vif_spec *vif, struct error *err);
/* Configurations do not number them: the first with this address and bridge goes. */
void config_device_remove_vif(struct config *config, const struct vif_spec *like);

#endif
