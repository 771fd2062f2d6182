/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Xen's hot-plug scripts, which libxl has run when it connected a device (block-*, vif-*).
 */
#ifndef DOM0_HOTPLUG_H
#define DOM0_HOTPLUG_H

#include "dom0/error.h"

/* How long a script may take. */
#define HOTPLUG_LIMIT_MS 40000 /* as libxl: Dom0 may be busy */

/* Undoes what `script` did for the device of `kind` ("vbd" or "vif") whose back end, closed and
 * still in xenstore, is at `back`: as libxl does when it takes a device away. */
int hotplug_undo(const char *script, const char *kind, const char *back, struct error *err);

#endif
