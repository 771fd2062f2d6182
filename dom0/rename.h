/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Giving a domain another name.
 */
#ifndef DOM0_RENAME_H
#define DOM0_RENAME_H

#include "dom0/domain.h"

/* Gives a domain a new name, everywhere. ERROR_USAGE: no domain may have it; ERROR_EXISTS. */
int rename_domain(struct purlin *session, const struct domain *domain, const char *name,
                  struct error *err);

/* Makes room for a successor: the domain keeps its memory, but gets the name NAME-DOMID, a new
 * UUID, and loses its devices. */
int rename_aside(struct purlin *session, const struct domain *domain, struct error *err);

#endif
