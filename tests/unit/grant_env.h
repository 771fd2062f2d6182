/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two DomUs, one that grants and one that maps, with RAM, and grant hypercalls by the second.
 */
#ifndef TESTS_UNIT_GRANT_ENV_H
#define TESTS_UNIT_GRANT_ENV_H

#include "core/grant_entry.h"
#include "core/memory_map.h"
#include "tests/unit/domain_env.h"

#define GRANT_GFN 0x40000ul  /* RAM of both: GRANT_PAGES pages */
#define GRANT_PAGES 64u
#define MAP_GFN 0x80000ul    /* nothing there: where mappings go */

static struct domain *owner, *mapper;
static uint64_t ops_address; /* of the calling guest's memory for operations: 4 pages */
static char *ops_memory;

static inline void grant_env_ram(struct domain *d)
{
    for (unsigned i = 0; i < GRANT_PAGES; i++) {
        struct page *p = domain_page_alloc(d, 0);

        assert_non_null(p);
        assert_int_equal(memory_map_ram(d, GRANT_GFN + i, paddr_to_mfn(page_to_paddr(p)), 0), 0);
    }
}

static inline void grant_env_up_cpus(unsigned cpus)
{
    env_up(cpus, 64ul << 20);
    owner = env_domu(1, 4096);
    mapper = env_domu(1, 4096);
    grant_env_ram(owner);
    grant_env_ram(mapper);
    ops_memory = env_guest_pages(2, &ops_address);
    fake_percpu->current = mapper->vcpu[0];
    vmid_activate(&mapper->s2);
}

static inline void grant_env_up(void) { grant_env_up_cpus(2); }

static inline grant_entry_v1_t *grant_env_entry(struct domain *d, grant_ref_t ref)
{
    grant_entry_v1_t *shared = NULL;
    struct grant_active *a;

    assert_true(grant_entry_find(d, ref, &a, &shared));
    return shared;
}

static inline struct grant_active *grant_env_active(struct domain *d, grant_ref_t ref)
{
    grant_entry_v1_t *shared;
    struct grant_active *a;

    return grant_entry_find(d, ref, &a, &shared) ? a : NULL;
}

/* What a guest does to grant its page at gfn. */
static inline void grant_env_grant(struct domain *d, grant_ref_t ref, domid_t to, uint64_t gfn,
                                   uint16_t flags)
{
    grant_entry_v1_t *e = grant_env_entry(d, ref);

    e->domid = to;
    e->frame = (uint32_t)gfn;
    e->flags = GTF_permit_access | flags;
}

static inline paddr_t grant_env_pa(struct domain *d, uint64_t gfn)
{
    struct stage2_leaf leaf;

    assert_true(stage2_lookup(&d->s2, gfn_to_ipa(gfn), &leaf));
    return leaf.pa;
}

static inline struct page *grant_env_page(struct domain *d, uint64_t gfn)
{
    return page_of(grant_env_pa(d, gfn));
}

static inline char *grant_env_bytes(struct domain *d, uint64_t gfn)
{
    return hw_phys_to_virt(grant_env_pa(d, gfn));
}

/* Makes the hypercall on `count` structures; they come back with the results. */
static inline int64_t grant_env_call(unsigned cmd, void *ops, size_t bytes, unsigned count)
{
    int64_t rc;

    memcpy(ops_memory, ops, bytes * count);
    rc = env_call(grant_hypercall, cmd, ops_address, count);
    memcpy(ops, ops_memory, bytes * count);
    return rc;
}
#define GRANT_CALL(cmd, ops, count) grant_env_call(GNTTABOP_##cmd, (ops), sizeof(*(ops)), (count))

static inline gnttab_map_grant_ref_t grant_env_map(grant_ref_t ref, uint64_t gfn, uint32_t flags)
{
    gnttab_map_grant_ref_t op = {
        .host_addr = gfn << PAGE_SHIFT, .flags = GNTMAP_host_map | flags, .ref = ref,
        .dom = owner->id, .status = 99,
    };

    assert_int_equal(GRANT_CALL(map_grant_ref, &op, 1), 0);
    return op;
}

static inline int16_t grant_env_unmap(grant_handle_t handle, uint64_t gfn)
{
    gnttab_unmap_grant_ref_t op = { .host_addr = gfn << PAGE_SHIFT, .handle = handle,
                                    .status = 99 };

    assert_int_equal(GRANT_CALL(unmap_grant_ref, &op, 1), 0);
    return op.status;
}

/* The mapper's access as its vCPU makes it, through the TLB. */
static inline enum fake_access grant_env_access(uint64_t gfn, bool write, paddr_t *pa)
{
    /* Loaded, it may be in the TLB. */
    return fake_guest_access(vmid_activate(&mapper->s2), mapper->s2.vtcr, gfn_to_ipa(gfn), write,
                             pa);
}

static inline void grant_env_tlb_check(void)
{
    fake_tlb_check(vmid_vttbr(&mapper->s2), mapper->s2.vtcr);
}

#endif
