/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making, using and taking down the world of the hypercall fuzzer.
 */
#include "tests/fuzz/hypercall_world.h"

#include "core/grant_entry.h"
#include "core/grant_map.h"
#include "core/memory_map.h"
#include "tests/unit/domain_env.h"
#include "tests/unit/event_guest.h"

/* Function calls of one stay at EL2. The longest that is known of is an extent of 2 MiB that goes
 * out of a guest's memory page by page. */
#define WORK_MAX 12000u

static uint64_t el2_pages_at_start; /* before there was a DomU */
static uint64_t dom0_gfn;           /* of Dom0's block of RAM */

static void ram_give(struct domain *d, uint64_t gfn, unsigned pages)
{
    for (unsigned i = 0; i < pages; i++) {
        struct page *p = domain_page_alloc(d, 0);

        assert_non_null(p);
        assert_int_equal(memory_map_ram(d, gfn + i, paddr_to_mfn(page_to_paddr(p)), 0), 0);
    }
}

static void block_give(struct domain *d, uint64_t gfn)
{
    struct page *p = env_page_alloc(d, BLOCK_2M_ORDER);
    uint64_t mfn = paddr_to_mfn(page_to_paddr(p));

    if (!gfn)
        gfn = dom0_gfn = mfn;
    assert_int_equal(memory_map_ram(d, gfn, mfn, BLOCK_2M_ORDER), 0);
}

static void go(struct domain *d)
{
    for (unsigned i = 0; i < d->vcpu_max; i++) {
        d->vcpu[i]->is_online = d->vcpu[i]->is_initialised = true;
        sched_vcpu_online(d->vcpu[i]);
    }
    domain_unpause(d);
    d->paused_by_tools = 0;
    d->state = DOMAIN_RUNNING;
}

/* Pages 0 .. 7 of d's RAM are granted to `to`, every other read-only. */
static void grants_give(struct domain *d, domid_t to)
{
    for (unsigned ref = 0; ref < 8; ref++) {
        struct grant_active *active;
        grant_entry_v1_t *shared = NULL;

        assert_true(grant_entry_find(d, ref, &active, &shared));
        shared->domid = to;
        shared->frame = (uint32_t)(world_ram_gfn(d) + ref);
        shared->flags = GTF_permit_access | (ref & 1 ? GTF_readonly : 0);
    }
}

static void channel_make(struct domain *a, struct domain *b)
{
    int port = evtchn_alloc_unbound(a, b->id, NULL);

    assert_true(port > 0);
    assert_true(evtchn_bind_interdomain(b, a, (evtchn_port_t)port) > 0);
}

/* Ports of each kind, some bound to others; one domain has FIFO queues. */
static void events_make(struct domain *a, struct domain *b)
{
    struct evtchn_init_control op = { .control_gfn = WORLD_DOMU_GFN + 40 };

    assert_int_equal(event_guest_init_control(b, &op), 0);
    assert_int_equal(event_guest_expand_array(b, WORLD_DOMU_GFN + 41), 0);
    channel_make(domain0, a);
    channel_make(a, b);
    channel_make(b, domain0);
    channel_make(a, a);
    assert_true(evtchn_bind_ipi(a, 1) > 0);
    assert_true(evtchn_bind_ipi(b, 0) > 0);
    assert_true(evtchn_bind_virq(domain0, VIRQ_DOM_EXC, 0) > 0);
}

void world_up(void)
{
    struct domain *d[3];

    env_up(2, WORLD_RAM_BYTES);
    block_give(domain0, 0);
    el2_pages_at_start = check_el2_pages();
    for (unsigned i = 0; i < 3; i++)
        d[i] = env_domu(i == 0 ? 2 : 1, i == 2 ? 64 : 1024);
    for (unsigned i = 0; i < 2; i++) {
        ram_give(d[i], WORLD_DOMU_GFN, WORLD_DOMU_PAGES);
        go(d[i]);
    }
    block_give(d[0], WORLD_BLOCK_GFN);
    events_make(d[0], d[1]);
    grants_give(d[0], d[1]->id);
    grants_give(d[1], 0);
    grants_give(domain0, d[0]->id);
    fake_percpu->todo = 0;
    fake_trace_reset();
    check_world();
    fuzz_state_keep(paddr(FAKE_RAM_BASE), WORLD_RAM_BYTES);
}

void world_restore(void) { fuzz_state_restore(); }

struct domain *world_domain(unsigned n)
{
    struct domain *alive[WORLD_DOMAINS_MAX], *d;
    unsigned count = 0;

    for (unsigned id = 0; count < WORLD_DOMAINS_MAX && (d = domain_next(id)) != NULL;
         id = d->id + 1u)
        if (d->state < DOMAIN_DYING && d->vcpu[0])
            alive[count++] = d;
    return alive[n % count];
}

uint64_t world_ram_gfn(const struct domain *d)
{
    return d == domain0 ? dom0_gfn : WORLD_DOMU_GFN;
}

uint64_t world_arg_gfn(const struct domain *d)
{
    return world_ram_gfn(d) + WORLD_DOMU_PAGES - WORLD_ARG_PAGES;
}

static uint64_t enter(struct domain *d)
{
    uint64_t vttbr = vmid_activate(&d->s2);

    fake_percpu->current = d->vcpu[0];
    fake_sysreg_set(FAKE_VTTBR_EL2, vttbr);
    fake_sysreg_set(FAKE_VTCR_EL2, d->s2.vtcr);
    return vttbr;
}

bool world_write(struct domain *d, uint64_t at, const void *from, size_t bytes)
{
    uint64_t vttbr = enter(d);

    while (bytes) {
        size_t n = MIN(bytes, PAGE_SIZE - at % PAGE_SIZE);
        paddr_t pa;

        if (at >> d->s2.ipa_bits ||
            fake_guest_access(vttbr, d->s2.vtcr, ipa(at), true, &pa) != FAKE_ACCESS_OK)
            return false;
        fake_check(fake_is_ram(pa), "d%u writes to %#lx, which is no RAM", d->id, pa.v);
        memcpy(fake_phys_to_virt(pa), from, n);
        from = (const char *)from + n;
        at += n;
        bytes -= n;
    }
    return true;
}

void world_touch(struct domain *d, uint64_t gfn, bool is_write)
{
    uint64_t vttbr = enter(d);

    if (!(gfn >> (d->s2.ipa_bits - PAGE_SHIFT)))
        fake_guest_access(vttbr, d->s2.vtcr, gfn_to_ipa(gfn), is_write, NULL);
}

/* One stay at EL2. */
static int64_t stay(uint64_t nr, const uint64_t a[5])
{
    int64_t rc;

    fuzz_work = 0;
    rc = hypercall_table[nr](a[0], a[1], a[2], a[3], a[4]);
    fake_check(fuzz_work <= WORK_MAX, "hypercall %lu(%#lx, %#lx, %#lx): %lu function calls",
               nr, a[0], a[1], a[2], fuzz_work);
    return rc;
}

int64_t world_hypercall(struct domain *d, const struct world_call *c)
{
    uint64_t a[5] = { c->a[0], c->a[1], c->a[2], 0, 0 };

    if (c->nr >= HYPERCALL_NR_MAX)
        return -ENOSYS;
    enter(d);
    for (unsigned stays = 0; stays < ENV_CHUNKS_MAX; stays++) {
        struct vcpu *v = d->vcpu[0];
        int64_t rc;

        hw_sysreg_write(ELR_EL2, 0x1004);
        memcpy(v->x, a, 5 * sizeof(a[0]));
        rc = stay(c->nr, a);
        env_quiesce_all();
        fake_percpu->todo = fake_percpus[1].todo = 0;
        if (hw_sysreg_read(ELR_EL2) == 0x1004)
            return rc;
        a[0] = (uint64_t)rc;
        memcpy(&a[1], &v->x[1], 4 * sizeof(a[0]));
    }
    fake_fail("the hypercall never ends");
}

/* --- the end --------------------------------------------------------------------------------- */

/* Dom0 takes foreign pages out of its memory. */
static void dom0_unmap(void)
{
    struct stage2_leaf leaf;
    uint64_t gfn = 0;

    while (stage2_next(&domain0->s2, &gfn, &leaf, UINT32_MAX) == 0) {
        struct memory_map_batch b;

        memory_map_begin(&b, domain0);
        if (leaf.type == STAGE2_FOREIGN || leaf.type == STAGE2_SHARED)
            fake_check(!memory_map_remove(&b, gfn, MEMORY_MAP_OTHER), "Dom0 keeps gfn %#lx", gfn);
        memory_map_end(&b);
        gfn += 1ul << leaf.order;
    }
}

static struct domain *next_domu(void) { return domain_next(1); }

void world_down(void)
{
    struct domain *d = NULL;
    uint64_t left;

    enter(domain0);
    for (unsigned id = 1; (d = domain_next(id)) != NULL; id = d->id + 1u)
        if (d->state != DOMAIN_DEAD)
            env_destroy(d);
    check_world();
    dom0_unmap();
    while (grant_map_relinquish(domain0))
        ;
    env_end();
    d = next_domu();
    fake_check(!d, "d%u stays, with %u references", d ? d->id : 0, d ? d->refs : 0);
    check_world(); /* what is dirty is on its way: that it arrives is page_alloc_test.c's */
    left = check_el2_pages();
    fake_check(left == el2_pages_at_start, "EL2 uses %lu pages, and used %lu", left,
               el2_pages_at_start);
}
