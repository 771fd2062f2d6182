/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GNTTABOP_copy: bytes from page to page, each named by a grant or by the caller's own gfn,
 * through EL2's map of RAM. For the grant files only.
 */
#ifndef CORE_GRANT_COPY_H
#define CORE_GRANT_COPY_H

#include "core/domain.h"

#define GRANT_COPY_CHUNK 64u

/* Works on an array of gnttab_copy in guest memory by d; writes the results there. The number
 * done, at least 1: it ends early where *spent, which grows by the EL2 instructions that each took
 * (about), reaches the budget of a hypercall. */
int grant_copy_chunk(struct domain *d, char *ops, unsigned count, unsigned *spent);

#endif
