/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making calls out of the input: each generator writes a call's structures to its caller's memory
 * and returns its registers. Values are chosen so that most of them mean something.
 */
#ifndef TESTS_FUZZ_HYPERCALL_GEN_H
#define TESTS_FUZZ_HYPERCALL_GEN_H

#include "tests/fuzz/hypercall_world.h"

struct gen {
    struct fuzz_input *in;
    struct domain *caller;
    uint64_t at;            /* where the next structure goes: guest address */
};

typedef struct world_call (*gen_fn)(struct gen *g);

struct gen gen_begin(struct fuzz_input *in, struct domain *caller);
/* Writes to the caller's memory; the guest address. */
uint64_t gen_put(struct gen *g, const void *from, size_t bytes);
domid_t gen_domid(struct gen *g);
uint64_t gen_gfn(struct gen *g, const struct domain *of);
/* Mostly small, at times anything. */
uint32_t gen_small(struct gen *g, unsigned below);

struct world_call gen_grant_array(struct gen *g);
struct world_call gen_grant_single(struct gen *g);
struct world_call gen_event(struct gen *g);
struct world_call gen_memory(struct gen *g);
struct world_call gen_hvm(struct gen *g);
struct world_call gen_vcpu(struct gen *g);
struct world_call gen_sched(struct gen *g);
struct world_call gen_version(struct gen *g);
/* console_io, physdev, vm_assist, xsm, platform. */
struct world_call gen_small_call(struct gen *g);
struct world_call gen_anything(struct gen *g);
struct world_call gen_domctl(struct gen *g);      /* hypercall_ctl.c */
struct world_call gen_sysctl(struct gen *g);
struct world_call gen_copy(struct gen *g);        /* Purlin's own */

#endif
