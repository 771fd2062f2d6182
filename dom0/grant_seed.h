/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Entries of a guest's grant table that its toolstack makes for it.
 */
#ifndef DOM0_GRANT_SEED_H
#define DOM0_GRANT_SEED_H

#include "dom0/error.h"
#include "dom0/hyper.h"

/* Lets Dom0 map page `gfn` of the domain by reserved entry `ref` (GNTTAB_RESERVED_*). */
int grant_seed(struct hyper *hyper, domid_t domid, unsigned ref, uint64_t gfn, struct error *err);

#endif
