/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory_op: populate, decrease, mapping of shared, foreign and grant table pages, as Linux and
 * the toolstack ask for them. RAM of Dom0's own is 1:1.
 */
#include "tests/unit/memory_env.h"

static bool look(struct domain *d, uint64_t gfn, struct stage2_leaf *leaf)
{
    return stage2_lookup(&d->s2, gfn_to_ipa(gfn), leaf);
}

static uint32_t refs_of(uint64_t mfn)
{
    return page_of_mfn(mfn)->refs;
}

static int64_t add(unsigned space, uint64_t idx, uint64_t gfn)
{
    struct xen_add_to_physmap *x = args;

    *x = (struct xen_add_to_physmap){ .domid = DOMID_SELF, .space = space, .idx = idx,
                                      .gpfn = gfn };
    return env_call(memory_hypercall, XENMEM_add_to_physmap, args_at, 0);
}

static int64_t remove_at(uint64_t gfn)
{
    struct xen_remove_from_physmap *x = args;

    *x = (struct xen_remove_from_physmap){ .domid = DOMID_SELF, .gpfn = gfn };
    return env_call(memory_hypercall, XENMEM_remove_from_physmap, args_at, 0);
}

/* As Linux's xlate_mmu.c: one batch call; the outcomes are in err[]. */
struct batch {
    struct xen_add_to_physmap_batch x;
    uint64_t idx[64], gfn[64];
    int err[64];
};

static int64_t foreign(struct batch *b, domid_t from, unsigned count)
{
    b->x = (struct xen_add_to_physmap_batch){ .domid = DOMID_SELF, .size = (uint16_t)count,
                                              .space = XENMAPSPACE_gmfn_foreign };
    b->x.u.foreign_domid = from;
    b->x.idxs.q = args_at + offsetof(struct batch, idx);
    b->x.gpfns.q = args_at + offsetof(struct batch, gfn);
    b->x.errs.q = args_at + offsetof(struct batch, err);
    return env_call(memory_hypercall, XENMEM_add_to_physmap_batch, args_at, 0);
}

/* --- a DomU's memory ------------------------------------------------------------------------ */

static void populate_maps_blocks_of_zeroed_pages(void **state)
{
    struct stage2_leaf leaf;
    struct domain *d;

    (void)state;
    up();
    d = env_domu(1, 8 * 512);
    for (unsigned i = 0; i < 8; i++)
        ext->gfn[i] = 0x40000 + i * 512;
    assert_int_equal(reservation(XENMEM_populate_physmap, d->id, 9, 8), 8);
    assert_true(env_chunks > 1);
    assert_int_equal(d->pages_allocated, 8 * 512);
    assert_int_equal(d->gfn_max, 0x40000 + 8 * 512 - 1);
    assert_true(look(d, 0x40000 + 513, &leaf));
    assert_int_equal(leaf.order, 9);
    assert_int_equal(leaf.type, STAGE2_RAM);
    assert_int_equal(*(uint64_t *)hw_phys_to_virt(leaf.pa), 0);
    assert_true(fake_count(FAKE_EV_ICACHE_INVAL) > 0);
}

static void populate_stops_at_the_limit_and_says_how_far_it_came(void **state)
{
    struct domain *d;

    (void)state;
    up();
    d = env_domu(1, 5);
    for (unsigned i = 0; i < 8; i++)
        ext->gfn[i] = 0x40000 + i;
    assert_int_equal(reservation(XENMEM_populate_physmap, d->id, 0, 8), 5);
    assert_int_equal(d->pages_allocated, 5);
    assert_int_equal(one(XENMEM_populate_physmap, d->id, 0x50000), 0);
}

static void populate_where_something_is_changes_nothing(void **state)
{
    struct stage2_leaf was, is;
    struct domain *d;

    (void)state;
    up();
    d = env_domu(1, 100);
    assert_int_equal(one(XENMEM_populate_physmap, d->id, 0x40000), 1);
    look(d, 0x40000, &was);
    assert_int_equal(one(XENMEM_populate_physmap, d->id, 0x40000), 0);
    look(d, 0x40000, &is);
    assert_int_equal(was.pa.v, is.pa.v);
    assert_int_equal(d->pages_allocated, 1);
}

static void extents_that_no_call_may_have_are_not_done(void **state)
{
    struct domain *d;

    (void)state;
    up();
    d = env_domu(1, 4096);
    ext->gfn[0] = 0x40000;
    assert_int_equal(reservation(XENMEM_populate_physmap, d->id, 10, 1), 0);
    ext->gfn[0] = 0x40001;
    assert_int_equal(reservation(XENMEM_populate_physmap, d->id, 9, 1), 0);
    ext->gfn[0] = 1ul << 40;
    assert_int_equal(reservation(XENMEM_populate_physmap, d->id, 0, 1), 0);
    assert_int_equal(reservation(XENMEM_populate_physmap, 99, 0, 1), -ESRCH);
    assert_int_equal(env_call(memory_hypercall, XENMEM_populate_physmap, 0x1000, 0), -EFAULT);
    assert_int_equal(reservation(XENMEM_increase_reservation, d->id, 0, 1), -EOPNOTSUPP);
    assert_int_equal(d->pages_allocated, 0);
}

static void memory_on_its_way_back_is_waited_for(void **state)
{
    struct domain *a, *b;
    unsigned n;

    (void)state;
    up();
    a = env_domu(1, 1u << 20);
    for (n = 0; n < 400; n++)
        ext->gfn[n] = 0x40000 + n * 512;
    n = (unsigned)reservation(XENMEM_populate_physmap, a->id, 9, 400);
    assert_true(n > 10 && n < 400);
    env_destroy(a); /* all of it is DIRTY now */
    b = env_domu(1, 1u << 20);
    assert_int_equal(reservation(XENMEM_populate_physmap, b->id, 9, n), n);
}

/* As at the first creation of a large guest: all RAM is as found at boot, each 2 MiB extent waits
 * for its own scrubbing; nobody frees anything. */
static void a_wait_that_gets_on_does_not_end(void **state)
{
    struct domain *d;
    uint64_t t0;
    int64_t done;

    (void)state;
    up();
    d = env_domu(1, 1u << 20);
    fake_counter_step = timer_ns_to_ticks(40000000);
    for (unsigned n = 0; n < 20; n++)
        ext->gfn[n] = 0x40000 + n * 512;
    t0 = timer_now_ns();
    done = reservation(XENMEM_populate_physmap, d->id, 9, 20);
    print_message("done %ld of 20 in %lu ms, free %lu pages\n", (long)done,
                  (timer_now_ns() - t0) / 1000000, page_alloc_free_count());
    assert_int_equal(done, 20);
}

/* What the failed attempt itself gives back is no reason to try again. */
static void a_limit_on_tables_ends_populate(void **state)
{
    struct domain *d;

    (void)state;
    up();
    d = env_domu(1, 1u << 20);
    d->s2.table_limit = d->s2.table_pages;
    ext->gfn[0] = 0x40000;
    assert_int_equal(reservation(XENMEM_populate_physmap, d->id, 0, 1), 0);
    assert_true(env_chunks < 10);
    assert_int_equal(d->pages_allocated, 0);
}

/* Nobody has seen the pages that could not be mapped: they need no scrubbing. */
static void what_cannot_be_mapped_is_free_again_at_once(void **state)
{
    struct domain *d;
    uint64_t before;

    (void)state;
    up();
    d = env_domu(1, 1u << 20);
    d->s2.table_limit = d->s2.table_pages;
    env_free_pages();
    before = page_alloc_free_count();
    ext->gfn[0] = 0x40000;
    assert_int_equal(reservation(XENMEM_populate_physmap, d->id, 9, 1), 0);
    assert_false(page_alloc_is_pending());
    assert_int_equal(page_alloc_free_count(), before);
    assert_int_equal(d->pages_allocated, 0);
    env_destroy(d);
    assert_null(domain_by_id(d->id));
}

static void nothing_is_taken_for_beyond_the_address_space(void **state)
{
    static const struct { uint64_t gfn; unsigned order; } calls[] = {
        { ~0ul, 0 }, { ~0ul << 9, 9 }, { 1ul << 52, 0 }, { 1ul << 40, 4 }, { 1ul << 28, 9 },
        { (1ul << 28) - 1, 0 },
    };
    struct domain *d;

    (void)state;
    up();
    d = env_domu(1, 1u << 20);
    env_free_pages();
    for (unsigned i = 0; i < ARRAY_SIZE(calls); i++) {
        ext->gfn[0] = calls[i].gfn;
        assert_int_equal(reservation(XENMEM_populate_physmap, d->id, calls[i].order, 1),
                         calls[i].gfn == (1ul << 28) - 1);
        assert_false(page_alloc_is_pending());
    }
}

/* Another domain gives pages back without end, and what is wanted never comes. */
static struct domain *busy;

static void free_a_page(void)
{
    struct page *p = domain_page_alloc(busy, 0);

    if (p)
        domain_page_put(p);
}

static int64_t busy_memory(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
    free_a_page();
    return memory_hypercall(a, b, c, d, e);
}

static int64_t busy_domctl(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
    free_a_page();
    return domctl_hypercall(a, b, c, d, e);
}

static void a_wait_for_memory_ends(void **state)
{
    struct xen_domctl *op = NULL;
    struct domain *d;

    (void)state;
    up();
    op = args;
    d = env_domu(1, 1u << 20);
    busy = env_domu(1, 16);
    fake_counter_step = 10000000;
    ext->r = (struct xen_memory_reservation){ .nr_extents = 400, .extent_order = 9,
                                              .domid = d->id };
    ext->r.extent_start.q = ext_at + offsetof(struct extents, gfn);
    for (unsigned n = 0; n < 400; n++)
        ext->gfn[n] = 0x40000 + n * 512;
    assert_true(env_call(busy_memory, XENMEM_populate_physmap, ext_at, 0) < 400);
    *op = (struct xen_domctl){ .cmd = XEN_DOMCTL_max_vcpus, .domain = d->id,
                               .interface_version = XEN_DOMCTL_INTERFACE_VERSION };
    op->u.max_vcpus.max = 1;
    fake_percpu->current->awaits_memory = true; /* the first attempt has failed */
    fake_counter_advance(1000000000);
    assert_int_equal(env_call(busy_domctl, args_at, 0, 0), 0);
}

static void populate_looks_before_it_takes_pages(void **state)
{
    struct domain *d;
    uint64_t before;

    (void)state;
    up();
    d = env_domu(1, 1024);
    ext->gfn[0] = 0x401ff;
    assert_int_equal(reservation(XENMEM_populate_physmap, d->id, 0, 1), 1);
    before = page_alloc_free_count();
    ext->gfn[0] = 0x40000;
    assert_int_equal(reservation(XENMEM_populate_physmap, d->id, 9, 1), 0);
    assert_int_equal(reservation(XENMEM_populate_physmap, d->id, 7, 1), 1);
    assert_int_equal(page_alloc_free_count(), before - 128);
}

/* They are scrubbed with the allocation up to order 4, and mapped page by page up to 8. More stays
 * if memory had to be fetched. */
static void extents_end_a_stay_by_what_they_cost(void **state)
{
    static const struct { unsigned order, extents, stays; } calls[] = {
        { 0, 26, 2 }, { 2, 10, 2 }, { 4, 4, 4 }, { 5, 8, 2 }, { 7, 3, 3 },
    };
    struct domain *d;

    (void)state;
    up();
    d = env_domu(1, 4096);
    for (unsigned i = 0; i < ARRAY_SIZE(calls); i++) {
        for (unsigned e = 0; e < calls[i].extents; e++)
            ext->gfn[e] = 0x40000 + i * 0x1000 + (e << calls[i].order);
        assert_int_equal(reservation(XENMEM_populate_physmap, d->id, calls[i].order,
                                     calls[i].extents), calls[i].extents);
        assert_true(env_chunks >= calls[i].stays);
    }
    ext->gfn[0] = 0x50000;
    assert_int_equal(reservation(XENMEM_populate_physmap, d->id, 8, 1), 0);
}

static void decrease_frees_a_domus_pages_after_the_tlb_forgot_them(void **state)
{
    struct stage2_leaf leaf;
    struct domain *d;
    uint64_t vttbr;

    (void)state;
    up();
    d = env_domu(1, 1024);
    ext->gfn[0] = 0x40000;
    assert_int_equal(reservation(XENMEM_populate_physmap, d->id, 9, 1), 1);
    assert_int_equal(one(XENMEM_decrease_reservation, d->id, 0x40000), 1);
    assert_int_equal(one(XENMEM_populate_physmap, d->id, 0x40000), 1);
    look(d, 0x40007, &leaf);
    vttbr = vmid_activate(&d->s2);
    for (unsigned i = 0; i < 100; i++) {
        ext->gfn[i] = 0x40000 + i;
        assert_int_equal(fake_guest_access(vttbr, d->s2.vtcr, ipa((0x40000ul + i) << PAGE_SHIFT),
                                           true, NULL), FAKE_ACCESS_OK);
    }
    assert_true(fake_tlb_has(leaf.pa));
    assert_int_equal(reservation(XENMEM_decrease_reservation, d->id, 0, 100), 100);
    assert_int_equal(d->pages_allocated, 412);
    assert_false(fake_tlb_has(leaf.pa));
    fake_tlb_check(vttbr, d->s2.vtcr);
    assert_int_equal(page_of(leaf.pa)->refs, 0);
    assert_int_equal(one(XENMEM_decrease_reservation, d->id, 0x40000), 0);
    assert_int_equal(one(XENMEM_populate_physmap, d->id, 0x40000), 1);
    env_destroy(d);
}

static void decrease_takes_whole_blocks(void **state)
{
    struct domain *d;
    struct stage2_leaf leaf;

    (void)state;
    up();
    d = env_domu(1, 1024);
    ext->gfn[0] = 0x40000;
    ext->gfn[1] = 0x40200;
    assert_int_equal(reservation(XENMEM_populate_physmap, d->id, 9, 2), 2);
    assert_int_equal(reservation(XENMEM_decrease_reservation, d->id, 9, 1), 1);
    assert_in_range(env_chunks, 8, 64); /* 512 pages are too much for one stay at EL2 */
    assert_int_equal(d->pages_allocated, 512);
    assert_false(look(d, 0x40000 + 511, &leaf));
    assert_true(look(d, 0x40200, &leaf));
    ext->gfn[0] = 0x40201;
    assert_int_equal(reservation(XENMEM_decrease_reservation, d->id, 9, 1), 0);
}

static void a_preempted_call_carries_its_progress_in_the_command(void **state)
{
    struct vcpu *v;
    struct domain *d;
    int64_t rc;

    (void)state;
    up();
    v = vcpu_current();
    d = env_domu(1, 1024);
    for (unsigned i = 0; i < 3; i++)
        ext->gfn[i] = 0x40000 + i;
    reservation(XENMEM_current_reservation, d->id, 0, 3); /* fills ext->r */
    v->in_multicall = true;
    fake_percpu->todo = TODO_RESCHED;
    rc = memory_hypercall(XENMEM_populate_physmap, ext_at, 0, 0, 0);
    v->in_multicall = false;
    assert_int_equal(rc, 0);
    assert_true(v->multicall_continued);
    assert_int_equal(v->multicall_args[0], XENMEM_populate_physmap | 1 << 6);
    fake_percpu->todo = 0;
    assert_int_equal(env_call(memory_hypercall, v->multicall_args[0], ext_at, 0), 3);
    assert_int_equal(d->pages_allocated, 3);
}

/* --- Dom0's own ----------------------------------------------------------------------------- */

static void dom0_keeps_what_it_balloons_out_and_gets_the_same_back(void **state)
{
    struct stage2_leaf leaf;
    uint64_t before;

    (void)state;
    up();
    for (unsigned i = 0; i < 400; i++)
        ext->gfn[i] = dom0_ram + i;
    before = domain0->pages_allocated;
    assert_int_equal(reservation(XENMEM_decrease_reservation, DOMID_SELF, 0, 400), 400);
    assert_true(env_chunks > 1);
    assert_false(look(domain0, dom0_ram + 5, &leaf));
    assert_int_equal(domain0->pages_allocated, before);
    assert_int_equal(refs_of(dom0_ram + 5), 1);
    assert_int_equal(reservation(XENMEM_populate_physmap, DOMID_SELF, 0, 400), 400);
    assert_true(look(domain0, dom0_ram + 5, &leaf));
    assert_int_equal(leaf.pa.v, (dom0_ram + 5) << PAGE_SHIFT);
    assert_int_equal(domain0->pages_allocated, before);
    assert_int_equal(refs_of(dom0_ram + 5), 1);
    assert_int_equal(one(XENMEM_populate_physmap, DOMID_SELF, dom0_ram + 5), 1);
}

static void dom0_gets_nobody_elses_page_by_number(void **state)
{
    struct page *p;

    (void)state;
    up();
    p = page_alloc(0, PAGE_DOMAIN, 5);
    assert_int_equal(one(XENMEM_populate_physmap, DOMID_SELF, paddr_to_mfn(page_to_paddr(p))), 0);
    assert_int_equal(one(XENMEM_populate_physmap, DOMID_SELF, args_at >> PAGE_SHIFT), 0);
    assert_int_equal(one(XENMEM_populate_physmap, DOMID_SELF, 0x9000), 0);
    assert_int_equal(p->refs, 1);
}

/* --- what else is mapped -------------------------------------------------------------------- */

static void shared_info_replaces_a_domus_page_which_is_freed(void **state)
{
    struct stage2_leaf leaf;
    uint64_t before;
    struct domain *d;

    (void)state;
    up();
    before = env_free_pages();
    d = env_domu(1, 1024);
    ext->gfn[0] = 0x40000;
    assert_int_equal(reservation(XENMEM_populate_physmap, d->id, 9, 1), 1);
    fake_percpu->current = d->vcpu[0];
    assert_int_equal(add(XENMAPSPACE_shared_info, 0, 0x40010), 0);
    assert_int_equal(add(XENMAPSPACE_shared_info, 1, 0x40010), -EINVAL);
    assert_true(look(d, 0x40010, &leaf));
    assert_int_equal(leaf.type, STAGE2_SHARED);
    assert_ptr_equal(page_of(leaf.pa), d->shared_page);
    assert_int_equal(d->shared_page->refs, 2);
    assert_int_equal(d->pages_allocated, 511);
    assert_int_equal(remove_at(0x40010), 0);
    assert_int_equal(d->shared_page->refs, 1);
    assert_int_equal(remove_at(0x40010), -EINVAL);
    assert_int_equal(add(XENMAPSPACE_shared_info, 0, 0x40011), 0);
    fake_percpu->current = domain0->vcpu[0];
    env_destroy(d);
    assert_int_equal(env_free_pages(), before);
}

static void a_grant_frame_is_shown_at_one_place(void **state)
{
    struct stage2_leaf leaf;

    (void)state;
    up();
    assert_int_equal(add(XENMAPSPACE_grant_table, 0, 0x20000), 0);
    assert_int_equal(add(XENMAPSPACE_grant_table, 1, 0x20001), 0);
    assert_int_equal(add(XENMAPSPACE_grant_table, 4, 0x20002), -EINVAL);
    assert_int_equal(add(XENMAPSPACE_grant_table, XENMAPIDX_grant_table_status, 0x20002), -EINVAL);
    assert_int_equal(grant_frame_gfn(domain0, 1), 0x20001);
    assert_int_equal(add(XENMAPSPACE_grant_table, 1, 0x20005), 0);
    assert_false(look(domain0, 0x20001, &leaf));
    assert_true(look(domain0, 0x20005, &leaf));
    assert_int_equal(page_of(leaf.pa)->refs, 2);
    assert_int_equal(remove_at(0x20005), 0);
    assert_int_equal(grant_frame_gfn(domain0, 1), ~0ul);
    assert_int_equal(page_of(leaf.pa)->refs, 1);
}

static void foreign_pages_are_mapped_and_held(void **state)
{
    struct stage2_leaf theirs, leaf;
    struct batch *b;
    struct domain *d;
    uint64_t before;

    (void)state;
    up();
    b = args;
    before = env_free_pages();
    d = env_domu(1, 1024);
    ext->gfn[0] = 0x40000;
    assert_int_equal(reservation(XENMEM_populate_physmap, d->id, 9, 1), 1);
    for (unsigned i = 0; i < 64; i++) {
        b->idx[i] = i == 7 ? 0x50000 : 0x40000 + i;
        b->gfn[i] = dom0_ram + i;
        b->err[i] = 1;
    }
    assert_int_equal(foreign(b, d->id, 64), 0);
    assert_true(env_chunks > 1);
    assert_int_equal(b->err[6], 0);
    assert_int_equal(b->err[7], -EINVAL);
    assert_int_equal(b->err[63], 0);
    look(d, 0x40003, &theirs);
    look(domain0, dom0_ram + 3, &leaf);
    assert_int_equal(leaf.type, STAGE2_FOREIGN);
    assert_int_equal(leaf.pa.v, theirs.pa.v);
    assert_int_equal(page_of(leaf.pa)->refs, 2);
    assert_int_equal(foreign(b, 77, 1), 0);
    assert_int_equal(b->err[0], -ESRCH);
    assert_int_equal(foreign(b, 0, 1), 0);
    assert_int_equal(b->err[0], -EINVAL);

    env_destroy(d); /* Dom0 still holds 63 pages */
    assert_int_equal(d->pages_allocated, 63);
    assert_int_equal(foreign(b, d->id, 1), 0);
    assert_int_equal(b->err[0], -EINVAL);
    for (unsigned i = 0; i < 64; i++)
        assert_int_equal(remove_at(dom0_ram + i), 0);
    env_end();
    assert_null(domain_by_id(1));
    assert_int_equal(one(XENMEM_populate_physmap, DOMID_SELF, dom0_ram + 3), 1);
    assert_int_equal(env_free_pages(), before);
}

static void a_domu_maps_nobody_elses_memory(void **state)
{
    struct batch *b;
    struct domain *d, *other;

    (void)state;
    up();
    b = args;
    d = env_domu(1, 1024);
    other = env_domu(1, 1024);
    assert_int_equal(one(XENMEM_populate_physmap, other->id, 0x40000), 1);
    b->idx[0] = 0x40000;
    b->gfn[0] = 0x60000;
    fake_percpu->current = d->vcpu[0];
    assert_int_equal(foreign(b, other->id, 1), 0);
    assert_int_equal(b->err[0], -EPERM);
    assert_int_equal(one(XENMEM_populate_physmap, other->id, 0x40001), -EPERM);
    assert_int_equal(one(XENMEM_decrease_reservation, other->id, 0x40000), -EPERM);
    assert_int_equal(other->pages_allocated, 1);
}

static int64_t acquire(domid_t domid, uint64_t *gfns, uint64_t frame, unsigned count)
{
    struct xen_mem_acquire_resource *x = args;

    *x = (struct xen_mem_acquire_resource){
        .domid = domid, .type = XENMEM_resource_grant_table, .nr_frames = count, .frame = frame,
    };
    memcpy(ext->gfn, gfns, count * sizeof(*gfns));
    x->frame_list.q = count ? ext_at + offsetof(struct extents, gfn) : 0;
    return env_call(memory_hypercall, XENMEM_acquire_resource, args_at, 0);
}

static void the_toolstack_maps_a_domus_grant_table(void **state)
{
    uint64_t gfns[2] = { 0x30000, 0x30001 }, before;
    struct xen_mem_acquire_resource *x;
    struct stage2_leaf leaf;
    struct domain *d;

    (void)state;
    up();
    x = args;
    assert_int_equal(acquire(0, gfns, 0, 1), -EPERM);
    assert_int_equal(acquire(9, gfns, 0, 1), -ESRCH);
    before = env_free_pages();
    d = env_domu(1, 16);
    assert_int_equal(acquire(d->id, gfns, 0, 0), 0);
    assert_int_equal(x->nr_frames, 4);
    assert_int_equal(acquire(d->id, gfns, 3, 2), -EINVAL);
    assert_int_equal(acquire(d->id, gfns, 0, 2), 0);
    assert_true(look(domain0, 0x30000, &leaf));
    assert_int_equal(leaf.type, STAGE2_FOREIGN);
    assert_int_equal(page_of(leaf.pa)->owner, d->id);
    env_destroy(d);
    assert_int_equal(remove_at(0x30000), 0);
    assert_int_equal(remove_at(0x30001), 0);
    assert_int_equal(env_free_pages(), before);
}

static void questions_are_answered(void **state)
{
    struct xen_memory_domain *m;
    struct domain *d;

    (void)state;
    up();
    m = args;
    d = env_domu(1, 1234);
    assert_int_equal(one(XENMEM_populate_physmap, d->id, 0x40000), 1);
    m->domid = d->id;
    assert_int_equal(env_call(memory_hypercall, XENMEM_current_reservation, args_at, 0), 1);
    assert_int_equal(env_call(memory_hypercall, XENMEM_maximum_reservation, args_at, 0), 1234);
    assert_int_equal(env_call(memory_hypercall, XENMEM_maximum_gpfn, args_at, 0), 0x40000);
    assert_int_equal(env_call(memory_hypercall, XENMEM_get_sharing_freed_pages, 0, 0), 0);
    assert_int_equal(env_call(memory_hypercall, XENMEM_get_sharing_shared_pages, 0, 0), 0);
    assert_int_equal(env_call(memory_hypercall, XENMEM_maximum_ram_page, 0, 0),
                     (FAKE_RAM_BASE + (64ul << 20) - 1) >> PAGE_SHIFT);
    assert_int_equal(env_call(memory_hypercall, XENMEM_exchange, args_at, 0), -ENOSYS);
    assert_int_equal(env_call(memory_hypercall, 63, args_at, 0), -ENOSYS);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(populate_maps_blocks_of_zeroed_pages),
    cmocka_unit_test(populate_stops_at_the_limit_and_says_how_far_it_came),
    cmocka_unit_test(populate_where_something_is_changes_nothing),
    cmocka_unit_test(extents_that_no_call_may_have_are_not_done),
    cmocka_unit_test(a_wait_that_gets_on_does_not_end),
    cmocka_unit_test(memory_on_its_way_back_is_waited_for),
    cmocka_unit_test(a_limit_on_tables_ends_populate),
    cmocka_unit_test(what_cannot_be_mapped_is_free_again_at_once),
    cmocka_unit_test(nothing_is_taken_for_beyond_the_address_space),
    cmocka_unit_test(a_wait_for_memory_ends),
    cmocka_unit_test(populate_looks_before_it_takes_pages),
    cmocka_unit_test(extents_end_a_stay_by_what_they_cost),
    cmocka_unit_test(decrease_frees_a_domus_pages_after_the_tlb_forgot_them),
    cmocka_unit_test(decrease_takes_whole_blocks),
    cmocka_unit_test(a_preempted_call_carries_its_progress_in_the_command),
    cmocka_unit_test(dom0_keeps_what_it_balloons_out_and_gets_the_same_back),
    cmocka_unit_test(dom0_gets_nobody_elses_page_by_number),
    cmocka_unit_test(shared_info_replaces_a_domus_page_which_is_freed),
    cmocka_unit_test(a_grant_frame_is_shown_at_one_place),
    cmocka_unit_test(foreign_pages_are_mapped_and_held),
    cmocka_unit_test(a_domu_maps_nobody_elses_memory),
    cmocka_unit_test(the_toolstack_maps_a_domus_grant_table),
    cmocka_unit_test(questions_are_answered),
};

FAKE_TEST_MAIN(tests)
