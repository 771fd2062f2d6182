/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Grant mappings. A handle names a maptrack entry: which grant, and at which gfn of the mapping
 * domain. Invariant: a STAGE2_GRANT leaf for a page exists only while a handle for that page and
 * gfn does, and a handle in use keeps its active entry in use, which holds the page's reference.
 * So the page outlives its last mapping, whatever its owner does.
 * Locks: maptrack_lock for the free list; an entry that is no mapping and not on it belongs to who
 * took it off or claimed it.
 */
#include "core/grant_map.h"

#include "core/base/errors.h"
#include "core/grant_entry.h"
#include "core/reclaim.h"
#include "mm/page_alloc.h"

/*
 * A mapping's state is RO or RW. Anything else is not one: 0, or BUSY | what it was last; it is on
 * the free list, or being made or undone by who took it.
 * not a mapping -> RO, RW: mapped;  RO, RW -> BUSY | RO, RW: claimed by an unmap (atomic)
 */
enum maptrack_state { MAPTRACK_RO = 1, MAPTRACK_RW = 2, MAPTRACK_BUSY = 4 };

struct grant_maptrack {
    union {
        struct grant_active *active;
        struct grant_maptrack *next; /* on a list of handles */
    };
    grant_entry_v1_t *shared;
    uint64_t gfn;        /* of the mapping domain */
    uint32_t state;      /* enum maptrack_state; atomic */
    grant_handle_t handle; /* its own; constant */
};

#define MAPTRACK_PER_PAGE ((uint32_t)(PAGE_SIZE / sizeof(struct grant_maptrack)))
#define RELINQUISH_SCAN 512u /* handles looked at in one stay at EL2 */
#define RELINQUISH_FRAMES 32u /* given back in one */
#define RELINQUISH_CHUNKS 4u

/* About what one operation costs, in EL2 instructions; one that splits a block or makes tables. */
#define COST_MAP 250u
#define COST_UNMAP 200u
#define COST_TABLES 4000u

/* One is the other and two bits: cheaper than choosing between two constants. */
static inline uint64_t leaf_kind(bool is_write)
{
    return stage2_kind(STAGE2_GRANT_RO, STAGE2_R) | (uint64_t)is_write << PTE_S2_TYPE_SHIFT |
           (uint64_t)is_write << (PTE_S2_AP_SHIFT + 1);
}
_Static_assert(STAGE2_GRANT_RW == (STAGE2_GRANT_RO | 1) && STAGE2_RW == (STAGE2_R | 2), "two bits");

/* --- handles ------------------------------------------------------------------------------ */

static struct grant_maptrack *maptrack_at(const struct grant_domain *g, uint32_t handle)
{
    return &g->maptrack[handle / MAPTRACK_PER_PAGE][handle % MAPTRACK_PER_PAGE];
}

/* The entry of a handle that a guest named, or NULL. */
static struct grant_maptrack *maptrack_find(const struct grant_domain *g, grant_handle_t handle)
{
    unsigned frames = __atomic_load_n(&g->maptrack_frames, __ATOMIC_ACQUIRE);

    return handle / MAPTRACK_PER_PAGE < frames ? maptrack_at(g, handle) : NULL;
}

static int maptrack_grow(struct grant_domain *g) LOCK_REQUIRES(g->maptrack_lock)
{
    uint32_t first = g->maptrack_frames * MAPTRACK_PER_PAGE;
    struct grant_maptrack *page;

    if (g->maptrack_frames == g->maptrack_frames_max)
        return -ENOSPC;
    if (!g->maptrack)
        g->maptrack = page_alloc_el2(g->maptrack_frames_max * sizeof(*g->maptrack));
    page = g->maptrack ? page_alloc_el2(PAGE_SIZE) : NULL;
    if (!page)
        return -ENOMEM;
    for (uint32_t i = 0; i < MAPTRACK_PER_PAGE; i++) {
        page[i].handle = first + i;
        page[i].next = i + 1 < MAPTRACK_PER_PAGE ? &page[i + 1] : g->maptrack_free;
    }
    g->maptrack[g->maptrack_frames] = page;
    g->maptrack_free = page;
    /* Release: who sees the count sees the page. */
    __atomic_store_n(&g->maptrack_frames, g->maptrack_frames + 1, __ATOMIC_RELEASE);
    return 0;
}

/* Takes up to `count` handles off the free list, *first and those that follow it: how many, or
 * -ENOSPC, -ENOMEM when it is none. */
static inline int maptrack_reserve(struct grant_domain *g, unsigned count,
                                   struct grant_maptrack **first)
{
    struct grant_maptrack *m;
    unsigned n = 0;
    int rc = 0;

    lock_acquire(&g->maptrack_lock);
    if (unlikely(g->is_closed))
        rc = -ENOSPC;
    else if (unlikely(!g->maptrack_free))
        rc = maptrack_grow(g);
    if (likely(!rc)) {
        *first = g->maptrack_free;
        for (m = *first; n < count && m; n++)
            m = m->next;
        g->maptrack_free = m;
        g->maptrack_used += n;
    }
    lock_release(&g->maptrack_lock);
    return n ? (int)n : rc;
}

/* Gives `count` handles back, from `first` on to `last`. */
static inline void maptrack_release(struct grant_domain *g, struct grant_maptrack *first,
                                    struct grant_maptrack *last, unsigned count)
{
    lock_acquire(&g->maptrack_lock);
    last->next = g->maptrack_free;
    g->maptrack_free = first;
    g->maptrack_used -= count;
    lock_release(&g->maptrack_lock);
}

/* --- the grant's side --------------------------------------------------------------------- */

/* The first use: the shared entry is checked and the page taken. GNTST_. */
static inline int16_t entry_begin_locked(const struct domain *owner, struct grant_active *a,
                                         grant_entry_v1_t *shared, domid_t to, bool is_write)
{
    uint16_t flags = is_write ? GTF_reading | GTF_writing : GTF_reading;
    int16_t rc = grant_entry_claim(shared, false, to, flags, GTF_type_mask | GTF_sub_page);
    void *va;

    if (unlikely(rc))
        return rc;
    /* untrusted; read once */
    va = stage2_ram_ptr(&owner->s2, READ_ONCE(shared->frame), is_write);
    a->page = likely(va) ? page_get_at(va, owner->id) : NULL;
    if (unlikely(!a->page)) {
        grant_entry_unclaim(shared, flags);
        return GNTST_bad_page;
    }
    a->pa = hw_virt_to_phys(va);
    a->domid = to;
    return GNTST_okay;
}

static inline int16_t entry_use_locked(const struct domain *owner, struct grant_active *a,
                                       grant_entry_v1_t *shared, domid_t to, bool is_write)
{
    int16_t rc = GNTST_okay;

    if (likely(!grant_entry_is_used(a)))
        rc = entry_begin_locked(owner, a, shared, to, is_write);
    else if (a->domid != to)
        rc = GNTST_general_error;
    else if (is_write && !a->writers)
        rc = grant_entry_claim(shared, true, to, GTF_reading | GTF_writing, 0);
    if (likely(!rc)) {
        a->writers += is_write;
        a->readers += !is_write;
    }
    return rc;
}

/* Checks the operation, whose flags have been read, and brings its grant into use: from then on m
 * names it. */
static inline int16_t entry_use(const struct domain *d, const grant_entry_map_t *op, uint32_t flags,
                                struct grant_entry_owner *last, struct grant_maptrack *m)
{
    domid_t id = op->dom;
    grant_entry_v1_t *shared;
    struct grant_active *a;
    struct domain *owner;
    int16_t rc;

    if (unlikely((flags & ~GNTMAP_readonly) != GNTMAP_host_map))
        return flags & (GNTMAP_host_map | GNTMAP_device_map) ? GNTST_general_error
                                                             : GNTST_bad_gntref;
    if (unlikely(id != last->id) && id == DOMID_SELF)
        return GNTST_bad_domain;
    owner = grant_entry_owner_find(last, id);
    if (unlikely(!owner))
        return grant_entry_owner_status(id);
    if (unlikely(!grant_entry_find(owner, op->ref, &a, &shared)))
        return GNTST_bad_gntref;
    lock_acquire(&a->lock);
    rc = entry_use_locked(owner, a, shared, d->id, !(flags & GNTMAP_readonly));
    lock_release(&a->lock);
    m->active = a;
    m->shared = shared;
    m->gfn = op->host_addr >> PAGE_SHIFT;
    return rc;
}

/* One mapping less. No TLB knows the page through it any more. */
static inline void entry_unuse(const struct grant_maptrack *m, bool is_write)
{
    struct grant_active *a = m->active;
    struct page *page = NULL;
    uint16_t flags = 0;

    lock_acquire(&a->lock);
    if (is_write && !--a->writers)
        flags = GTF_writing;
    else if (!is_write)
        a->readers--;
    if (likely(!grant_entry_is_used(a))) {
        flags |= GTF_reading;
        page = a->page;
        a->page = NULL;
    }
    if (likely(flags))
        grant_entry_unclaim(m->shared, flags);
    lock_release(&a->lock);
    if (likely(page))
        domain_page_put(page); /* may end the owner's life, and this table's with it */
}

/* --- the mapper's side -------------------------------------------------------------------- */

/* What stands where a grant is to appear goes: its own RAM, a foreign page, another grant (which
 * its handle still holds). *old must be put after the lock is released. */
static int leaf_remove(struct domain *d, uint64_t gfn, struct page **old) LOCK_REQUIRES(d->s2.lock)
{
    struct stage2_gather g;
    struct stage2_leaf leaf;
    int rc;

    if (!stage2_lookup(&d->s2, gfn_to_ipa(gfn), &leaf) || leaf.type == STAGE2_SHARED ||
        leaf.type == STAGE2_MMIO)
        return -EINVAL;
    stage2_gather_init(&g);
    rc = stage2_unmap(&d->s2, gfn, 0, &leaf, &g);
    if (rc)
        return rc;
    /* Break-before-make (DDI 0487): no TLB may know the old page when the new one appears. */
    stage2_flush(&d->s2, &g);
    /* A direct-mapped domain's RAM stays its own while it is not mapped. */
    if (leaf.type == STAGE2_FOREIGN || (leaf.type == STAGE2_RAM && !d->is_direct_mapped))
        *old = page_of(leaf.pa);
    return 0;
}

/* Removing may split a block: it takes long enough to be the chunk's last. */
static __attribute__((noinline)) int leaf_replace(struct domain *d, uint64_t gfn, uint64_t mfn,
                                                  uint64_t kind, int *left)
{
    struct page *old = NULL;
    int rc;

    *left = 1;
    lock_acquire(&d->s2.lock);
    rc = d->state < DOMAIN_DYING ? leaf_remove(d, gfn, &old) : -EINVAL;
    if (!rc)
        rc = stage2_map(&d->s2, gfn, mfn, 0, kind);
    lock_release(&d->s2.lock);
    if (old)
        domain_page_put(old);
    return rc;
}

static inline int16_t leaf_map(struct domain *d, const struct grant_maptrack *m, bool is_write,
                               int *left)
{
    uint64_t gfn = m->gfn, mfn = paddr_to_mfn(m->active->pa), kind = leaf_kind(is_write);
    int rc = -EINVAL;

    lock_acquire(&d->s2.lock);
    if (likely(d->state < DOMAIN_DYING)) /* a dying domain's address space does not change */
        rc = stage2_map_page(&d->s2, gfn, mfn, kind);
    lock_release(&d->s2.lock);
    if (unlikely(rc == -EEXIST))
        rc = leaf_replace(d, gfn, mfn, kind, left);
    return likely(!rc) ? GNTST_okay : GNTST_general_error;
}

/* --- map ---------------------------------------------------------------------------------- */

static inline int16_t map_one(struct domain *d, grant_entry_map_t *op,
                              struct grant_entry_owner *last, struct grant_maptrack *m, int *left)
{
    uint32_t flags = op->flags;
    bool is_write = !(flags & GNTMAP_readonly);
    int16_t rc = entry_use(d, op, flags, last, m);

    if (unlikely(rc))
        return rc;
    rc = leaf_map(d, m, is_write, left);
    if (unlikely(rc)) {
        entry_unuse(m, is_write);
        return rc;
    }
    op->handle = m->handle;
    op->dev_bus_addr = m->active->pa.v;
    /* Release: who claims the handle sees what it names. */
    __atomic_store_n(&m->state, is_write ? MAPTRACK_RW : MAPTRACK_RO, __ATOMIC_RELEASE);
    return rc;
}

int grant_map_chunk(struct domain *d, char *ops, unsigned count, unsigned *spent)
{
    struct grant_domain *g = &d->grants;
    struct grant_entry_owner last = GRANT_ENTRY_OWNER_NONE;
    grant_entry_map_t *op = (grant_entry_map_t *)ops;
    struct grant_maptrack *m, *next = NULL;
    int n = maptrack_reserve(g, count, &next), left = n, done;

    if (unlikely(n < 0)) {
        if (n == -ENOMEM && reclaim_progress())
            return -ERESTART;
        op->status = GNTST_no_space;
        return 1;
    }
    do {
        int16_t rc;

        m = next;
        next = m->next;
        rc = map_one(d, op, &last, m, &left);
        op->status = rc;
        if (unlikely(rc))
            maptrack_release(g, m, m, 1);
        op++;
    } while (--left);
    done = (int)(op - (grant_entry_map_t *)ops);
    *spent += COST_MAP * (unsigned)done + (done < n ? COST_TABLES : 0);
    for (int i = done; unlikely(i < n); i++) {
        m = next;
        next = m->next;
        maptrack_release(g, m, m, 1);
    }
    return done;
}

/* --- unmap -------------------------------------------------------------------------------- */

/* Claims a mapping: BUSY from now on, and the caller's. False: not one, or not any more. */
static inline bool maptrack_claim(struct grant_maptrack *m)
{
    uint32_t state = __atomic_load_n(&m->state, __ATOMIC_RELAXED);

    return likely(state - MAPTRACK_RO <= MAPTRACK_RW - MAPTRACK_RO &&
                  __atomic_compare_exchange_n(&m->state, &state, state | MAPTRACK_BUSY, false,
                                              __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
}

/* Takes m's leaf out, unless something else stands there by now. m is claimed. */
static inline void leaf_unmap(struct domain *d, const struct grant_maptrack *m,
                              struct stage2_gather *g) LOCK_REQUIRES(d->s2.lock)
{
    stage2_unmap_page(&d->s2, m->gfn, paddr_to_mfn(m->active->pa),
                      leaf_kind(m->state & MAPTRACK_RW), g);
}

/* The leaves are out: one flush, then the grants and the handles. */
static void unmap_finish(struct domain *d, struct grant_maptrack **m, unsigned count,
                         struct stage2_gather *g)
{
    struct grant_maptrack *list = NULL;

    if (unlikely(!count))
        return;
    stage2_flush(&d->s2, g);
    for (unsigned i = 0; i < count; i++) {
        entry_unuse(m[i], m[i]->state & MAPTRACK_RW);
        m[i]->next = list;
        list = m[i];
    }
    maptrack_release(&d->grants, list, m[0], count);
}

/* Claims the mapping that the operation names, if there is something to do: *m, else NULL. */
static inline int16_t unmap_begin(struct domain *d, const grant_entry_unmap_t *op,
                                  struct grant_maptrack **out)
{
    uint64_t host_addr = op->host_addr;
    struct grant_maptrack *m = maptrack_find(&d->grants, op->handle);

    *out = NULL;
    if (unlikely(!m))
        return GNTST_bad_handle;
    if (unlikely(!host_addr)) { /* the ABI: nothing asked for, nothing done */
        uint32_t state = __atomic_load_n(&m->state, __ATOMIC_RELAXED);

        return state == MAPTRACK_RO || state == MAPTRACK_RW ? GNTST_okay : GNTST_bad_handle;
    }
    if (unlikely(!maptrack_claim(m)))
        return GNTST_bad_handle;
    if (unlikely(m->gfn != host_addr >> PAGE_SHIFT)) {
        __atomic_fetch_and(&m->state, ~(uint32_t)MAPTRACK_BUSY, __ATOMIC_RELEASE);
        return GNTST_general_error;
    }
    *out = m;
    return GNTST_okay;
}

int grant_map_undo_chunk(struct domain *d, char *ops, unsigned count, unsigned *spent)
{
    struct grant_maptrack *claimed[GRANT_MAP_CHUNK];
    grant_entry_unmap_t *op = (grant_entry_unmap_t *)ops;
    struct stage2_gather g;
    unsigned n = 0;

    stage2_gather_init(&g);
    lock_acquire(&d->s2.lock);
    for (unsigned i = 0; i < count; i++, op++) {
        struct grant_maptrack *m;

        op->status = unmap_begin(d, op, &m);
        if (likely(m)) {
            leaf_unmap(d, m, &g);
            claimed[n++] = m;
        }
    }
    lock_release(&d->s2.lock);
    unmap_finish(d, claimed, n, &g);
    *spent += COST_UNMAP * count;
    return (int)count;
}

/* --- life and death ----------------------------------------------------------------------- */

void grant_map_init(struct grant_domain *g)
{
    lock_init(&g->maptrack_lock);
    g->maptrack_free = NULL;
}

int grant_map_reserve(struct grant_domain *g, unsigned frames)
{
    int rc = 0;

    lock_acquire(&g->maptrack_lock);
    while (!rc && g->maptrack_frames < MIN(frames, g->maptrack_frames_max))
        rc = maptrack_grow(g);
    lock_release(&g->maptrack_lock);
    return rc;
}

/* Claims up to a chunk of d's mappings from relinquish_handle on; how many. */
static unsigned relinquish_claim(struct grant_domain *g, struct grant_maptrack **claimed,
                                 unsigned *scan)
{
    uint32_t end = g->maptrack_frames * MAPTRACK_PER_PAGE;
    unsigned n = 0;

    for (; g->relinquish_handle < end && n < GRANT_MAP_CHUNK && *scan; (*scan)--) {
        struct grant_maptrack *m = maptrack_at(g, g->relinquish_handle++);

        if (maptrack_claim(m))
            claimed[n++] = m;
    }
    return n;
}

/* A vCPU that is still inside a map keeps its handles for a moment: the scan begins anew until no
 * handle is in use. */
int grant_map_relinquish(struct domain *d)
{
    struct grant_domain *g = &d->grants;
    unsigned scan = RELINQUISH_SCAN, n = 1;
    uint32_t used;

    for (unsigned i = 0; i < RELINQUISH_CHUNKS && n; i++) {
        struct grant_maptrack *claimed[GRANT_MAP_CHUNK];
        struct stage2_gather gather;

        stage2_gather_init(&gather);
        n = relinquish_claim(g, claimed, &scan);
        lock_acquire(&d->s2.lock);
        for (unsigned s = 0; s < n; s++)
            leaf_unmap(d, claimed[s], &gather);
        lock_release(&d->s2.lock);
        unmap_finish(d, claimed, n, &gather);
    }
    lock_acquire(&g->maptrack_lock);
    g->is_closed = true;
    used = g->maptrack_used;
    if (g->relinquish_handle >= g->maptrack_frames * MAPTRACK_PER_PAGE)
        g->relinquish_handle = 0;
    for (unsigned i = 0; !used && g->maptrack_frames && i < RELINQUISH_FRAMES; i++)
        page_free_el2(g->maptrack[--g->maptrack_frames]); /* readable until all have left */
    used += g->maptrack_frames;
    lock_release(&g->maptrack_lock);
    return used ? -ERESTART : 0;
}
