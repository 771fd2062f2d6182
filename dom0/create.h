/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Making a domain from a configuration, whole or not at all.
 */
#ifndef DOM0_CREATE_H
#define DOM0_CREATE_H

#include "dom0/config.h"
#include "dom0/purlin.h"

/* Makes the domain with its devices connected, paused. On any error, and on a held signal, all that
 * was done is undone before it returns. */
int create_domain(struct purlin *session, const struct config *config, uint32_t *domid,
                  struct error *err);

#endif
