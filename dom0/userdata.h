/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The files in which Xen's tools keep what belongs to a domain, in USERDATA_DIR: there they
 * look for it.
 */
#ifndef DOM0_USERDATA_H
#define DOM0_USERDATA_H

#include <stdint.h>

#include "dom0/config.h"
#include "dom0/error.h"

#define USERDATA_DIR "/var/lib/xen"

/* Tells xl and libvirt, which look in `dir`, the configuration of domain `domid`. */
int userdata_write(const char *dir, uint32_t domid, const struct config *config,
                   struct error *err);

/* Removes all that is kept of domain `domid` in `dir`. */
void userdata_remove(const char *dir, uint32_t domid);

#endif
