/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine that hypercalls are fuzzed on: Dom0, two DomUs with RAM and grants to each other, one
 * that is still being built, and whatever the input creates. A call is made as its guest makes
 * it: arguments in its own memory, through its own stage 2 and the TLB.
 */
#ifndef TESTS_FUZZ_HYPERCALL_WORLD_H
#define TESTS_FUZZ_HYPERCALL_WORLD_H

#include "core/domain.h"
#include "tests/fuzz/fuzz.h"

#define WORLD_RAM_BYTES (32ul << 20)
#define WORLD_DOMU_GFN 0x40000ul   /* RAM of a DomU: WORLD_DOMU_PAGES pages, then a 2 MiB block */
#define WORLD_DOMU_PAGES 48u
#define WORLD_BLOCK_GFN 0x40200ul  /* of the first DomU */
#define WORLD_ARG_PAGES 4u         /* the last of them: where arguments are put */
#define WORLD_DOMAINS_MAX 16u

struct world_call { uint64_t nr, a[3]; };

/* Once: makes the world and keeps it. Then each run: as it was. */
void world_up(void);
void world_restore(void);

/* The n-th domain (by id, modulo their number) that is not dying; never NULL. */
struct domain *world_domain(unsigned n);
/* First gfn of a domain's argument pages, and of its RAM. */
uint64_t world_arg_gfn(const struct domain *d);
uint64_t world_ram_gfn(const struct domain *d);
/* The guest's own access to its memory, by its stage 2: false, nothing done: it may not. */
bool world_write(struct domain *d, uint64_t at, const void *from, size_t bytes);
/* The guest looks at a page: its TLB may keep that. */
void world_touch(struct domain *d, uint64_t gfn, bool is_write);
/* Makes the call to its end, on vCPU 0 of the domain; checks the work of each stay at EL2. */
int64_t world_hypercall(struct domain *d, const struct world_call *c);
/* Kills all DomUs and undoes what Dom0 has of others; then checks that all has come back. */
void world_down(void);

/* Fails when what EL2 has of pages, grants, events and TLBs does not agree (hypercall_check.c). */
void check_world(void);
/* Pages that the hypervisor itself uses, less those that Dom0's own use accounts for. */
uint64_t check_el2_pages(void);

#endif
