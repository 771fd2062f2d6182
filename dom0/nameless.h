/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Names for the domains that the hypervisor has started itself, from its device tree.
 */
#ifndef DOM0_NAMELESS_H
#define DOM0_NAMELESS_H

#include "dom0/purlin.h"

/* Tells xenstore of each running domain that it does not know: the name is dom0less-ID, as Xen's
 * init-dom0less has it, the UUID a new one. Returns how many there were, or a negative errno. */
int nameless_adopt(struct purlin *session, struct error *err);

#endif
