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
/* The same for gnttab_unmap_and_replace, of which Arm has the unmapping half only. */
int grant_map_replace_chunk(struct domain *d, char *ops, unsigned count, unsigned *spent);

void grant_map_init(struct grant_domain *g);
/* Makes pages of handles ahead. 0, -ENOMEM. */
int grant_map_reserve(struct grant_domain *g, unsigned frames);
/* Teardown: undoes all of d's mappings, bounded. 0, -ERESTART. */
int grant_map_relinquish(struct domain *d);
void grant_map_free(struct grant_domain *g);

#endif
