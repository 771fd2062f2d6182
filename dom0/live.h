/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The configuration that would make a running domain as it is now.
 */
#ifndef DOM0_LIVE_H
#define DOM0_LIVE_H

#include "dom0/config.h"
#include "dom0/domain.h"

/* What the domain was made from, where that is known, with what has changed since. The caller frees
 * it. ERROR_USAGE for Domain-0; ERROR_FAILED when its kernel is not known. */
int live_config(struct purlin *session, const struct domain *domain, struct config *config,
                struct error *err);

/* Adds to a domain's configuration what other tools have attached to it, so that a restart is with
 * that, as it is with theirs: disks that are files or block devices, and interfaces on a bridge. */
int live_take_attached(struct purlin *session, const struct domain *domain,
                       struct config *config, struct error *err);

#endif
