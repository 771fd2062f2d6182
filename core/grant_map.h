/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mapping and unmapping granted pages, and the handles by which a domain knows its mappings.
 * A chunk is a number of operations whose stage-2 changes are made under one lock and flushed
 * once. For the grant files only.
 */
#ifndef CORE_GRANT_MAP_H
#define CORE_GRANT_MAP_H

#include "core/domain.h"

#define GRANT_MAP_CHUNK 16u /* STAGE2_GATHER_MAX: more would invalidate the whole VMID */

/*
 * Works on an array of gnttab_map_grant_ref / gnttab_unmap_grant_ref in guest memory, at most
 * GRANT_MAP_CHUNK, by d; writes the results there. The number done (at least 1), or -ERESTART:
 * nothing done, memory is on its way. *spent grows by the EL2 instructions that it took, about.
 */
int grant_map_chunk(struct domain *d, char *ops, unsigned count, unsigned *spent);
int grant_map_undo_chunk(struct domain *d, char *ops, unsigned count, unsigned *spent);

void grant_map_init(struct grant_domain *g);
/* Makes room ahead for the handles of `frames` pages of maptrack, so that mapping later takes no
 * memory; at most the limit. 0, -ENOMEM. */
int grant_map_reserve(struct grant_domain *g, unsigned frames);
/* Teardown: undoes d's mappings of others, bounded. 0, -ERESTART. d's own entries stay: others may
 * still have them mapped, and then keep d itself. */
int grant_map_relinquish(struct domain *d);

#endif
