/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A new domain's directories in xenstore, as Xen's own tools lay them out
 * (docs/misc/xenstore-paths.pandoc), so that either side's tools can manage it.
 */
#ifndef DOM0_TREE_H
#define DOM0_TREE_H

#include "dom0/builder.h"
#include "dom0/purlin.h"

/* Writes everything but devices, in one transaction, having checked in it that no living domain has
 * the name (ERROR_EXISTS), and introduces the domain to xenstored. */
int tree_write(struct purlin *session, const struct builder *built, struct error *err);

/* ERROR_EXISTS when a living domain has the name. */
int tree_check_name(struct purlin *session, const char *name, struct error *err);

#endif
