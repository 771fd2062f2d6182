/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must hold between two EL2 visits, worked out anew from the tables: each page's references
 * are those that something holds; nobody reaches a page that is not theirs without a grant or a
 * foreign mapping that is recorded; no TLB knows better; ports agree with their peers; no lock is
 * held. A second opinion: of EL2's code it uses the walker and the structures only.
 */
#include "core/base/errors.h"
#include "core/base/hw.h"
#include "core/evtchn_fifo.h"
#include "core/evtchn_port.h"
#include "core/grant_entry.h"
#include "mm/page_bank.h"
#include "mm/vmid.h"
#include "tests/fuzz/hypercall_world.h"

#define PAGES (WORLD_RAM_BYTES >> PAGE_SHIFT)
#define HANDLES_MAX 4096u

/* As core/grant_map.c has it. */
struct grant_maptrack {
    struct grant_active *active;
    grant_entry_v1_t *shared;
    uint64_t gfn;
    uint32_t state, handle;
};
enum { RO = 1, RW = 2 }; /* else: no mapping */

static struct { uint32_t refs; uint16_t ram_leaves; } expected[PAGES];

static struct { const struct grant_maptrack *m; const struct domain *d; } handles[HANDLES_MAX];
static unsigned handle_count;

static const struct domain *next_domain(const struct domain *d)
{
    return domain_next(d ? d->id + 1u : 0);
}

static unsigned index_of(const struct page *p)
{
    fake_check(p, "a page that is none");
    return (unsigned)(p - page_banks[0].table);
}

static void expect(const struct page *p) { expected[index_of(p)].refs++; }
static void expect_at(const void *va) { expect(page_of(hw_virt_to_phys(va))); }

static void unlocked(const struct lock *l, const char *what, unsigned id)
{
    fake_check(!fuzz_is_locked(l), "d%u: the %s lock is held", id, what);
}

/* --- grants ------------------------------------------------------------------------------- */

static void handles_collect(const struct domain *d)
{
    const struct grant_domain *g = &d->grants;
    uint32_t used = 0;

    for (unsigned f = 0; f < g->maptrack_frames; f++) {
        for (unsigned i = 0; i < PAGE_SIZE / sizeof(struct grant_maptrack); i++) {
            const struct grant_maptrack *m = &g->maptrack[f][i];

            if (m->state != RO && m->state != RW)
                continue;
            fake_check(handle_count < HANDLES_MAX, "too many handles for the checker");
            handles[handle_count].m = m;
            handles[handle_count++].d = d;
            used++;
        }
    }
    fake_check(used == g->maptrack_used, "d%u: %u handles in use, counted %u", d->id, used,
               g->maptrack_used);
}

static void active_check(const struct domain *d, const struct grant_active *a)
{
    uint32_t readers = 0, writers = 0;

    unlocked(&a->lock, "grant entry", d->id);
    for (unsigned i = 0; i < handle_count; i++) {
        if (handles[i].m->active != a)
            continue;
        fake_check(handles[i].d->id == a->domid, "d%u has a grant for d%u", handles[i].d->id,
                   a->domid);
        readers += handles[i].m->state == RO;
        writers += handles[i].m->state == RW;
    }
    fake_check(a->readers == readers && a->writers == writers,
               "d%u: a grant counts %u readers, %u writers; there are %u, %u", d->id, a->readers,
               a->writers, readers, writers);
    if (!grant_entry_is_used(a)) {
        fake_check(!a->page, "d%u: a page of an unused grant", d->id);
        return;
    }
    fake_check(a->page && a->page->owner == d->id && a->page->type == PAGE_DOMAIN &&
               page_of(a->pa) == a->page, "d%u grants what is not its own", d->id);
    expect(a->page);
}

static void grants_check(const struct domain *d)
{
    const struct grant_domain *g = &d->grants;

    unlocked(&g->lock, "grant table", d->id);
    unlocked(&g->maptrack_lock, "maptrack", d->id);
    for (unsigned f = 0; f < g->frames; f++) {
        expect(g->frame[f].page);
        for (unsigned i = 0; i < GRANT_ENTRIES_PER_FRAME; i++)
            active_check(d, &g->frame[f].active[i]);
    }
}

/* --- memory ------------------------------------------------------------------------------- */

/* A granted page that d sees at gfn: by a handle of d's that allows it. */
static void grant_leaf_check(const struct domain *d, uint64_t gfn, const struct stage2_leaf *leaf)
{
    bool is_write = leaf->type == STAGE2_GRANT_RW;

    fake_check(is_write == !!(leaf->prot & STAGE2_W) && !(leaf->prot & STAGE2_X),
               "d%u: gfn %#lx: a grant's permissions", d->id, gfn);
    for (unsigned i = 0; i < handle_count; i++) {
        const struct grant_maptrack *m = handles[i].m;

        if (handles[i].d == d && m->gfn == gfn && m->active->pa.v == leaf->pa.v &&
            (m->state == RW || !is_write))
            return;
    }
    fake_fail("d%u: gfn %#lx shows a granted page that it has no handle for", d->id, gfn);
}

static void page_leaf_check(const struct domain *d, uint64_t gfn, const struct stage2_leaf *leaf)
{
    const struct page *p = page_of(leaf->pa);
    bool is_own = p && p->owner == d->id;

    switch (leaf->type) {
    case STAGE2_RAM:
        fake_check(is_own && p->type == PAGE_DOMAIN, "d%u: gfn %#lx is not its RAM", d->id, gfn);
        fake_check(!expected[index_of(p)].ram_leaves++, "d%u: gfn %#lx: twice", d->id, gfn);
        if (!d->is_direct_mapped)
            expect(p);
        fake_check(!d->is_direct_mapped || paddr_to_mfn(leaf->pa) == gfn, "Dom0: not 1:1");
        break;
    case STAGE2_SHARED:
        fake_check(is_own && p->type == PAGE_SHARED, "d%u: gfn %#lx is not its", d->id, gfn);
        expect(p);
        break;
    case STAGE2_FOREIGN:
        fake_check(d->is_privileged, "d%u has a foreign page", d->id);
        fake_check(p && !is_own && (p->type == PAGE_DOMAIN || p->type == PAGE_SHARED),
                   "d%u: gfn %#lx is nobody's", d->id, gfn);
        expect(p);
        break;
    default:
        grant_leaf_check(d, gfn, leaf);
        break;
    }
}

static void leaves_check(const struct domain *d)
{
    struct stage2_leaf leaf;
    uint64_t gfn = 0;

    while (stage2_next(&d->s2, &gfn, &leaf, UINT32_MAX) == 0) {
        uint64_t pages = 1ul << leaf.order;

        for (; pages--; gfn++, leaf.pa.v += PAGE_SIZE)
            if (leaf.type != STAGE2_MMIO)
                page_leaf_check(d, gfn, &leaf);
    }
}

static void vcpus_check(const struct domain *d)
{
    for (unsigned i = 0; i < d->vcpu_max; i++) {
        const struct vcpu *v = d->vcpu[i];

        if (!v)
            continue;
        unlocked(&v->vgic.lock, "vGIC vCPU", d->id);
        for (unsigned n = 0; n < 2; n++)
            if (v->runstate_ptr[n])
                expect_at(v->runstate_ptr[n]);
        if (v->info_page)
            expect(v->info_page);
        if (v->evtchn_fifo && v->evtchn_fifo->control)
            expect_at(v->evtchn_fifo->control);
    }
    for (unsigned i = 0; d->evtchn.fifo && i < d->evtchn.fifo->pages; i++)
        expect_at(d->evtchn.fifo->words[i]);
}

/* --- events --------------------------------------------------------------------------------- */

/* Where a port's word may be: a page that its domain still has. */
static void word_check(const struct evtchn *c)
{
    const struct domain *d = c->domain;
    const char *word = (const char *)c->word, *page = (const char *)d->shared_info;
    unsigned n = c->port / EVTCHN_FIFO_WORDS_PER_PAGE;

    if (d->evtchn.fifo)
        page = n < d->evtchn.fifo->pages ? (const char *)d->evtchn.fifo->words[n] : NULL;
    fake_check(page ? word >= page && word < page + PAGE_SIZE : !word,
               "d%u: port %u: its word is elsewhere", d->id, c->port);
}

static void port_check(const struct evtchn *c, bool is_used)
{
    enum evtchn_state state = evtchn_state(c);

    fake_check(is_used == (state != EVTCHN_STATE_FREE), "port %u: used, or not", c->port);
    if (!is_used)
        return;
    word_check(c);
    if (state == EVTCHN_STATE_IPI)
        fake_check(c->peer == c, "port %u: IPI", c->port);
    else if (state == EVTCHN_STATE_INTERDOMAIN)
        fake_check(c->peer && c->peer->peer == c && evtchn_state(c->peer) == state &&
                   domain_by_id(c->peer->domain->id) == c->peer->domain,
                   "d%u: port %u: its peer disagrees", c->domain->id, c->port);
    else
        fake_check(!c->peer, "d%u: port %u: a peer", c->domain->id, c->port);
    if (state == EVTCHN_STATE_VIRQ)
        fake_check(c->notify, "port %u: VIRQ", c->port);
}

static unsigned bucket_count(const struct domain *d)
{
    return (d->evtchn.ports_max + EVTCHN_PORTS_PER_BUCKET - 1) / EVTCHN_PORTS_PER_BUCKET;
}

static void events_check(const struct domain *d)
{
    unsigned active = 0;

    unlocked(&d->evtchn.lock, "event", d->id);
    for (unsigned b = 0; b < bucket_count(d); b++) {
        const struct evtchn_bucket *bucket = &d->evtchn.buckets[b];

        for (unsigned i = b ? 0 : 1; bucket->ports && i < EVTCHN_PORTS_PER_BUCKET; i++) {
            port_check(&bucket->ports[i], bucket->used >> i & 1);
            active += bucket->used >> i & 1;
        }
    }
    fake_check(active == d->evtchn.active, "d%u: %u ports, counted %u", d->id, active,
               d->evtchn.active);
}

/* --- all ------------------------------------------------------------------------------------ */

static void domain_check(const struct domain *d)
{
    unlocked(&d->lock, "domain", d->id);
    unlocked(&d->s2.lock, "stage 2", d->id);
    unlocked(&d->vgic.lock, "vGIC", d->id);
    fake_check(d->state != DOMAIN_DYING, "d%u is left half dead", d->id);
    grants_check(d);
    events_check(d);
    if (d->state == DOMAIN_DEAD)
        return;
    expect(d->shared_page);
    leaves_check(d);
    vcpus_check(d);
    fake_tlb_check(vmid_vttbr(&d->s2), d->s2.vtcr);
}

static void tlb_entry_check(paddr_t pa, uint64_t bytes)
{
    for (uint64_t at = 0; at < bytes; at += PAGE_SIZE) {
        const struct page *p = page_of(paddr(pa.v + at));

        fake_check(!p || p->type != PAGE_FREE, "%#lx is free, and in a TLB", pa.v + at);
    }
}

static void pages_check(void)
{
    static uint32_t owned[DOMID_FIRST_RESERVED];
    const struct domain *d = NULL;

    memset(owned, 0, sizeof(owned));
    for (unsigned i = 0; i < PAGES; i++) {
        const struct page *p = &page_banks[0].table[i];
        bool is_counted = p->type == PAGE_DOMAIN || p->type == PAGE_SHARED;

        if (p->type == PAGE_DOMAIN) {
            owned[p->owner]++;
            /* 1:1, so its own also while it is nowhere. */
            expected[i].refs += p->owner == 0;
        }
        fake_check((is_counted ? p->refs : 0) == expected[i].refs,
                   "page %u of d%u, type %u: %u references, and %u that somebody has", i, p->owner,
                   p->type, p->refs, expected[i].refs);
        fake_check(!is_counted || p->refs, "page %u of d%u leaked", i, p->owner);
    }
    while ((d = next_domain(d)) != NULL)
        fake_check(d->pages_allocated == owned[d->id] &&
                   d->refs == owned[d->id] + (d->state != DOMAIN_DEAD),
                   "d%u: %u pages, counted %u, %u references", d->id, owned[d->id],
                   d->pages_allocated, d->refs);
}

void check_world(void)
{
    const struct domain *d = NULL;

    memset(expected, 0, sizeof(expected));
    handle_count = 0;
    while ((d = next_domain(d)) != NULL)
        handles_collect(d);
    d = NULL;
    while ((d = next_domain(d)) != NULL)
        domain_check(d);
    pages_check();
    fake_tlb_for_each(tlb_entry_check);
}

/* Pages of an allocation of EL2's. */
static uint64_t pages_of(const void *va)
{
    return va ? 1ul << page_of(hw_virt_to_phys(va))->order : 0;
}

uint64_t check_el2_pages(void)
{
    const struct grant_domain *g = &domain0->grants;
    uint64_t n = 0;

    for (unsigned i = 0; i < PAGES; i++)
        n += page_banks[0].table[i].type == PAGE_EL2;
    n -= domain0->s2.table_pages + pages_of(domain0->evtchn.fifo);
    for (unsigned i = 0; i < g->frames; i++)
        n -= pages_of(g->frame[i].active);
    for (unsigned i = 0; i < g->maptrack_frames; i++)
        n -= pages_of(g->maptrack[i]);
    for (unsigned i = 0; i < bucket_count(domain0); i++)
        n -= pages_of(domain0->evtchn.buckets[i].ports);
    return n;
}
