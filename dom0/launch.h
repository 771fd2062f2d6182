/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From a configuration to a domain that runs and is looked after.
 */
#ifndef DOM0_LAUNCH_H
#define DOM0_LAUNCH_H

#include "dom0/config.h"
#include "dom0/purlin.h"

/* Makes the domain, starts its supervisor, and lets it run unless `paused`. On any error, and on a
 * held signal, nothing is left. */
int launch_domain(struct purlin *session, const struct config *config, bool paused,
                  uint32_t *domid, struct error *err);

#endif
