/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Waiting for the domain that takes another's place.
 */
#ifndef DOM0_RESTARTED_H
#define DOM0_RESTARTED_H

#include "dom0/domain.h"

#define RESTARTED_LIMIT_S 60

/* Waits until a domain with the name of `old`, which is gone, runs. */
int restarted_wait(struct purlin *session, const struct domain *old, struct error *err);

#endif
