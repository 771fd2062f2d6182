/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The files in which Xen's tools keep what belongs to a domain, in USERDATA_DIR.
 */
#ifndef DOM0_USERDATA_H
#define DOM0_USERDATA_H

#include <stdint.h>

#include "dom0/config.h"
#include "dom0/error.h"

#define USERDATA_DIR "/var/lib/xen"

/* Tells xl and libvirt the configuration of domain `domid`. */
int userdata_write(uint32_t domid, const struct config *config, struct error *err);

/* Removes all that is kept of domain `domid`. */
void userdata_remove(uint32_t domid);

#endif
