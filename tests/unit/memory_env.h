/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What tests of memory_op share: a Dom0 with RAM of its own, 1:1, and the call on extents.
 */
#ifndef TESTS_UNIT_MEMORY_ENV_H
#define TESTS_UNIT_MEMORY_ENV_H

#include "tests/unit/domain_env.h"

#define DOM0_RAM_ORDER 9u

struct extents {
    struct xen_memory_reservation r;
    uint64_t gfn[400];
};

static struct extents *ext;  /* in guest memory */
static uint64_t ext_at;
static void *args;           /* another page for other structures */
static uint64_t args_at;
static uint64_t dom0_ram;    /* first gfn of 2 MiB that Dom0 owns and has mapped */

static inline void up(void)
{
    struct page *p;

    env_up(1, 64ul << 20);
    ext = env_guest_pages(0, &ext_at);
    args = env_guest_pages(0, &args_at);
    p = env_page_alloc(domain0, DOM0_RAM_ORDER);
    dom0_ram = paddr_to_mfn(page_to_paddr(p));
    lock_acquire(&domain0->s2.lock);
    assert_int_equal(stage2_map(&domain0->s2, dom0_ram, dom0_ram, DOM0_RAM_ORDER,
                                stage2_kind(STAGE2_RAM, STAGE2_RWX)), 0);
    assert_int_equal(stage2_reserve(&domain0->s2, 8), 0); /* as its builder does */
    lock_release(&domain0->s2.lock);
}

static inline int64_t reservation(unsigned op, domid_t domid, unsigned order, uint64_t count)
{
    memset(&ext->r, 0, sizeof(ext->r));
    ext->r.extent_start.q = ext_at + offsetof(struct extents, gfn);
    ext->r.nr_extents = count;
    ext->r.extent_order = order;
    ext->r.domid = domid;
    return env_call(memory_hypercall, op, ext_at, 0);
}

static inline int64_t one(unsigned op, domid_t domid, uint64_t gfn)
{
    ext->gfn[0] = gfn;
    return reservation(op, domid, 0, 1);
}

#endif
