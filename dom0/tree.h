/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A new domain's directories in xenstore, as Xen's own tools lay them out
 * (docs/misc/xenstore-paths.pandoc), so that either side's tools can manage it.
 */
#ifndef DOM0_TREE_H
#define DOM0_TREE_H

#include "dom0/builder.h"
#include "dom0/purlin.h"

/* In a transaction: takes the name and the UUID, having checked that no living domain has them. */
int tree_claim(struct purlin *session, const struct builder *built, struct error *err);

/* Then: all that the domain and Dom0's daemons look at, but for devices. */
void tree_write(struct store *store, const struct builder *built);

/* At any time after tree_claim: what only toolstacks look at. */
void tree_write_record(struct store *store, const struct builder *built);

/* Part of it: the domain's own directories, below `home`, which is there and readable for it. */
void tree_write_directories(struct store *store, unsigned domid, const char *home);

/* Then: xenstored serves the domain. */
int tree_introduce(struct purlin *session, const struct builder *built, struct error *err);

/* Of a domain whose making has failed, and which is gone: what was written below /vm after somebody
 * had destroyed it, who so did not find it there. */
void tree_forget(struct purlin *session, const struct builder *built);

/* ERROR_EXISTS when a living domain has the name. */
int tree_check_name(struct purlin *session, const char *name, struct error *err);

#endif
