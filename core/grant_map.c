/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Grant mappings. A handle names a maptrack entry: which grant, and at which gfn of the mapping
 * domain. Invariant: a STAGE2_GRANT leaf for a page exists only while a handle for that page and
 * gfn does, and a handle in use keeps its active entry in use, which holds the page's reference.
 * So the page outlives its last mapping, whatever its owner does.
 * Locks: maptrack_lock for the free list; a maptrack entry belongs to who set its state to BUSY.
 */
#include "core/grant_map.h"

#include "core/base/bits.h"
#include "core/base/errors.h"
#include "core/grant_entry.h"
#include "core/reclaim.h"
#include "mm/page_alloc.h"

/*
 * FREE -> BUSY: reserved, under the lock;  BUSY -> RO, RW: mapped
 * RO, RW -> BUSY: claimed by an unmap (compare and exchange);  BUSY -> FREE: given back
 */
enum maptrack_state { MAPTRACK_FREE, MAPTRACK_BUSY, MAPTRACK_RO, MAPTRACK_RW };

struct grant_maptrack {
    struct grant_active *active;
    grant_entry_v1_t *shared;
    uint64_t gfn;        /* of the mapping domain */
    uint32_t state;      /* enum maptrack_state; atomic */
    uint32_t next;       /* FREE: the next free handle */
};

#define MAPTRACK_PER_PAGE ((uint32_t)(PAGE_SIZE / sizeof(struct grant_maptrack)))
#define MAPTRACK_NONE UINT32_MAX
#define RELINQUISH_SCAN 1024u /* handles looked at in one stay at EL2 */
#define RELINQUISH_CHUNKS 4u

/* About what one operation costs, in EL2 instructions. */
#define COST_MAP 300u
#define COST_UNMAP 250u

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
    for (uint32_t i = 0; i < MAPTRACK_PER_PAGE; i++)
        page[i].next = i + 1 < MAPTRACK_PER_PAGE ? first + i + 1 : g->maptrack_free;
    g->maptrack[g->maptrack_frames] = page;
    g->maptrack_free = first;
    /* Release: who sees the count sees the page. */
    __atomic_store_n(&g->maptrack_frames, g->maptrack_frames + 1, __ATOMIC_RELEASE);
    return 0;
}

/* Takes up to `count` handles, BUSY; how many, or -ENOSPC, -ENOMEM when it is none. */
static int maptrack_reserve(struct grant_domain *g, grant_handle_t *handles, unsigned count)
{
    unsigned n = 0;
    int rc = 0;

    lock_acquire(&g->maptrack_lock);
    if (g->is_closed)
        rc = -ENOSPC;
    while (!rc && n < count) {
        struct grant_maptrack *m;

        if (g->maptrack_free == MAPTRACK_NONE) {
            rc = maptrack_grow(g);
            continue;
        }
        handles[n] = g->maptrack_free;
        m = maptrack_at(g, handles[n++]);
        g->maptrack_free = m->next;
        __atomic_store_n(&m->state, MAPTRACK_BUSY, __ATOMIC_RELAXED);
    }
    g->maptrack_used += n;
    lock_release(&g->maptrack_lock);
    return n ? (int)n : rc;
}

/* Gives BUSY handles back; MAPTRACK_NONE in the array is passed over. */
static void maptrack_release(struct grant_domain *g, const grant_handle_t *handles, unsigned count)
{
    lock_acquire(&g->maptrack_lock);
    for (unsigned i = 0; i < count; i++) {
        struct grant_maptrack *m;

        if (handles[i] == MAPTRACK_NONE)
            continue;
        m = maptrack_at(g, handles[i]);
        __atomic_store_n(&m->state, MAPTRACK_FREE, __ATOMIC_RELAXED);
        m->next = g->maptrack_free;
        g->maptrack_free = handles[i];
        g->maptrack_used--;
    }
    lock_release(&g->maptrack_lock);
}

/* --- the grant's side --------------------------------------------------------------------- */

/* The page of a grant that is coming into use; NULL: none, or not to be had any more. */
static struct page *page_take(const struct domain *owner, const grant_entry_v1_t *shared,
                              bool is_write, paddr_t *pa)
{
    uint32_t gfn = READ_ONCE(shared->frame); /* untrusted; read once */
    struct page *p;

    if (!grant_entry_page(owner, gfn, is_write, pa))
        return NULL;
    p = page_of(*pa);
    return p && page_get(p, owner->id) ? p : NULL;
}

static int16_t entry_use_locked(const struct domain *owner, struct grant_active *a,
                                grant_entry_v1_t *shared, domid_t to, bool is_write)
{
    uint16_t flags = is_write ? GTF_reading | GTF_writing : GTF_reading;
    bool is_used = grant_entry_is_used(a);

    if (is_used && a->domid != to)
        return GNTST_general_error;
    if (!is_used || (is_write && !a->writers)) {
        int16_t rc = grant_entry_claim(shared, is_used, to, flags, GTF_type_mask | GTF_sub_page);

        if (rc)
            return rc;
    }
    if (!is_used) {
        a->page = page_take(owner, shared, is_write, &a->pa);
        if (!a->page) {
            grant_entry_unclaim(shared, flags);
            return GNTST_bad_page;
        }
        a->domid = to;
    }
    if (is_write)
        a->writers++;
    else
        a->readers++;
    return GNTST_okay;
}

/* Checks the operation and brings its grant into use: from then on m names it. */
static inline int16_t entry_use(const struct domain *d, const gnttab_map_grant_ref_t *op,
                                struct grant_entry_owner *last, struct grant_maptrack *m)
{
    int16_t rc = GNTST_bad_domain;
    struct domain *owner;

    if (unlikely((op->flags & ~GNTMAP_readonly) != GNTMAP_host_map))
        return op->flags & (GNTMAP_host_map | GNTMAP_device_map) ? GNTST_general_error
                                                                 : GNTST_bad_gntref;
    owner = unlikely(op->dom == DOMID_SELF) ? NULL : grant_entry_owner_find(last, op->dom, &rc);
    if (unlikely(!owner))
        return rc;
    m->active = grant_entry_find(owner, op->ref, &m->shared);
    if (unlikely(!m->active))
        return GNTST_bad_gntref;
    m->gfn = op->host_addr >> PAGE_SHIFT;
    lock_acquire(&m->active->lock);
    rc = entry_use_locked(owner, m->active, m->shared, d->id, !(op->flags & GNTMAP_readonly));
    lock_release(&m->active->lock);
    return rc;
}

/* One mapping less. No TLB knows the page through it any more. */
static void entry_unuse(const struct grant_maptrack *m, bool is_write)
{
    struct grant_active *a = m->active;
    struct page *page = NULL;
    uint16_t flags = 0;

    lock_acquire(&a->lock);
    if (is_write && !--a->writers)
        flags = GTF_writing;
    else if (!is_write)
        a->readers--;
    if (!grant_entry_is_used(a)) {
        flags |= GTF_reading;
        page = a->page;
        a->page = NULL;
    }
    if (flags)
        grant_entry_unclaim(m->shared, flags);
    lock_release(&a->lock);
    if (page)
        domain_page_put(page); /* may end the owner's life, and this table's with it */
}

/* --- the mapper's side -------------------------------------------------------------------- */

/* What stood where a grant is to appear goes: its own RAM, a foreign page, another grant (which
 * its handle still holds). *old must be put after the lock is released. */
static int leaf_replace(struct domain *d, uint64_t gfn, struct page **old)
    LOCK_REQUIRES(d->s2.lock)
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

static int16_t leaf_map(struct domain *d, const struct grant_maptrack *m, bool is_write,
                        struct page **old) LOCK_REQUIRES(d->s2.lock)
{
    uint32_t prot = is_write ? STAGE2_RW : STAGE2_R;
    enum stage2_type type = is_write ? STAGE2_GRANT_RW : STAGE2_GRANT_RO;
    uint64_t mfn = paddr_to_mfn(m->active->pa);
    int rc = stage2_map(&d->s2, m->gfn, mfn, 0, stage2_kind(type, prot));

    if (unlikely(rc == -EEXIST)) {
        rc = leaf_replace(d, m->gfn, old);
        if (!rc)
            rc = stage2_map(&d->s2, m->gfn, mfn, 0, stage2_kind(type, prot));
    }
    return rc ? GNTST_general_error : GNTST_okay;
}

/* Takes m's leaf out, unless something else stands there by now: that is put back. */
static void leaf_unmap(struct domain *d, const struct grant_maptrack *m, struct stage2_gather *g)
    LOCK_REQUIRES(d->s2.lock)
{
    struct stage2_leaf old;

    if (stage2_unmap(&d->s2, m->gfn, 0, &old, g))
        return;
    if (unlikely(old.pa.v != m->active->pa.v ||
                 (old.type != STAGE2_GRANT_RW && old.type != STAGE2_GRANT_RO)))
        stage2_map(&d->s2, m->gfn, paddr_to_mfn(old.pa), 0, stage2_kind(old.type, old.prot));
}

/* --- map ---------------------------------------------------------------------------------- */

struct map_slot {
    struct grant_maptrack *m;
    struct page *old;     /* what the mapping replaced, to be put */
    int16_t status;
    bool is_write;
    bool is_used;         /* the entry is in use by this slot */
};

static void map_leaves(struct domain *d, struct map_slot *slots, unsigned count)
{
    lock_acquire(&d->s2.lock);
    for (unsigned i = 0; i < count; i++) {
        struct map_slot *s = &slots[i];

        if (s->status != GNTST_okay)
            continue;
        /* A dying domain's address space does not change. */
        s->status = likely(d->state < DOMAIN_DYING) ? leaf_map(d, s->m, s->is_write, &s->old)
                                                    : GNTST_general_error;
    }
    lock_release(&d->s2.lock);
}

/* Publishes the mapping or takes everything back; true: the handle stays in use. */
static bool map_finish(struct map_slot *s, char *op, grant_handle_t handle)
{
    if (unlikely(s->old))
        domain_page_put(s->old);
    GRANT_ENTRY_OP_WRITE(op, gnttab_map_grant_ref_t, status, s->status);
    if (unlikely(s->status != GNTST_okay)) {
        if (s->is_used)
            entry_unuse(s->m, s->is_write);
        return false;
    }
    GRANT_ENTRY_OP_WRITE(op, gnttab_map_grant_ref_t, handle, handle);
    GRANT_ENTRY_OP_WRITE(op, gnttab_map_grant_ref_t, dev_bus_addr, s->m->active->pa.v);
    /* Release: who claims the handle sees what it names. */
    __atomic_store_n(&s->m->state, s->is_write ? MAPTRACK_RW : MAPTRACK_RO, __ATOMIC_RELEASE);
    return true;
}

int grant_map_chunk(struct domain *d, char *ops, unsigned count, unsigned *spent)
{
    struct map_slot slots[GRANT_MAP_CHUNK];
    grant_handle_t handles[GRANT_MAP_CHUNK];
    struct grant_entry_owner last = { .domain = NULL };
    bool has_failed = false;
    int n = maptrack_reserve(&d->grants, handles, count);

    *spent += COST_MAP * count;
    if (unlikely(n < 0)) {
        if (n == -ENOMEM && reclaim_progress())
            return -ERESTART;
        GRANT_ENTRY_OP_WRITE(ops, gnttab_map_grant_ref_t, status, GNTST_no_space);
        return 1;
    }
    for (int i = 0; i < n; i++) {
        struct map_slot *s = &slots[i];
        gnttab_map_grant_ref_t op;

        GRANT_ENTRY_OP_READ(&op, ops + i * sizeof(op));
        s->m = maptrack_at(&d->grants, handles[i]);
        s->old = NULL;
        s->is_write = !(op.flags & GNTMAP_readonly);
        s->status = entry_use(d, &op, &last, s->m);
        s->is_used = s->status == GNTST_okay;
    }
    map_leaves(d, slots, (unsigned)n);
    for (int i = 0; i < n; i++) {
        if (map_finish(&slots[i], ops + i * sizeof(gnttab_map_grant_ref_t), handles[i]))
            handles[i] = MAPTRACK_NONE;
        else
            has_failed = true;
    }
    if (unlikely(has_failed))
        maptrack_release(&d->grants, handles, (unsigned)n);
    return n;
}

/* --- unmap -------------------------------------------------------------------------------- */

struct unmap_slot {
    struct grant_maptrack *m; /* NULL: nothing to undo */
    bool is_write;
};

/* Claims a mapping: BUSY from now on, and the caller's. False: not one, or not any more. */
static bool maptrack_claim(struct grant_maptrack *m, struct unmap_slot *s)
{
    uint32_t state = __atomic_load_n(&m->state, __ATOMIC_RELAXED);

    if ((state != MAPTRACK_RO && state != MAPTRACK_RW) ||
        !__atomic_compare_exchange_n(&m->state, &state, MAPTRACK_BUSY, false, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED))
        return false;
    s->m = m;
    s->is_write = state == MAPTRACK_RW;
    return true;
}

/* Undoes what the slots have claimed: leaves, one flush, then the grants and the handles. */
static void unmap_slots(struct domain *d, const struct unmap_slot *slots,
                        const grant_handle_t *handles, unsigned count)
{
    struct stage2_gather g;

    stage2_gather_init(&g);
    lock_acquire(&d->s2.lock);
    for (unsigned i = 0; i < count; i++) {
        if (slots[i].m)
            leaf_unmap(d, slots[i].m, &g);
    }
    lock_release(&d->s2.lock);
    stage2_flush(&d->s2, &g);
    for (unsigned i = 0; i < count; i++) {
        if (slots[i].m)
            entry_unuse(slots[i].m, slots[i].is_write);
    }
    maptrack_release(&d->grants, handles, count);
}

/* Checks the operation and claims its mapping, if there is something to do. */
static int16_t unmap_begin(struct domain *d, const gnttab_unmap_grant_ref_t *op,
                           struct unmap_slot *s)
{
    struct grant_maptrack *m = maptrack_find(&d->grants, op->handle);

    s->m = NULL;
    if (unlikely(!m || __atomic_load_n(&m->state, __ATOMIC_RELAXED) < MAPTRACK_RO))
        return GNTST_bad_handle;
    if (unlikely(!op->host_addr)) /* the ABI: nothing asked for, nothing done */
        return GNTST_okay;
    if (unlikely(!maptrack_claim(m, s)))
        return GNTST_bad_handle;
    if (likely(m->gfn == op->host_addr >> PAGE_SHIFT))
        return GNTST_okay;
    s->m = NULL;
    __atomic_store_n(&m->state, s->is_write ? MAPTRACK_RW : MAPTRACK_RO, __ATOMIC_RELEASE);
    return GNTST_general_error;
}

int grant_map_undo_chunk(struct domain *d, char *ops, unsigned count, unsigned *spent)
{
    struct unmap_slot slots[GRANT_MAP_CHUNK];
    grant_handle_t handles[GRANT_MAP_CHUNK];
    bool is_any = false;

    for (unsigned i = 0; i < count; i++) {
        char *at = ops + i * sizeof(gnttab_unmap_grant_ref_t);
        gnttab_unmap_grant_ref_t op;
        int16_t status;

        GRANT_ENTRY_OP_READ(&op, at);
        status = unmap_begin(d, &op, &slots[i]);
        handles[i] = slots[i].m ? op.handle : MAPTRACK_NONE;
        is_any |= slots[i].m != NULL;
        GRANT_ENTRY_OP_WRITE(at, gnttab_unmap_grant_ref_t, status, status);
    }
    if (likely(is_any))
        unmap_slots(d, slots, handles, count);
    *spent += COST_UNMAP * count;
    return (int)count;
}

/* --- life and death ----------------------------------------------------------------------- */

void grant_map_init(struct grant_domain *g)
{
    lock_init(&g->maptrack_lock);
    g->maptrack_free = MAPTRACK_NONE;
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
static unsigned relinquish_claim(struct grant_domain *g, struct unmap_slot *slots,
                                 grant_handle_t *handles, unsigned *scan)
{
    uint32_t end = g->maptrack_frames * MAPTRACK_PER_PAGE;
    unsigned n = 0;

    for (; g->relinquish_handle < end && n < GRANT_MAP_CHUNK && *scan; (*scan)--) {
        uint32_t handle = g->relinquish_handle++;

        if (maptrack_claim(maptrack_at(g, handle), &slots[n]))
            handles[n++] = handle;
    }
    return n;
}

/* A vCPU that is still inside a map keeps its handles for a moment: the scan begins anew until no
 * handle is in use. */
int grant_map_relinquish(struct domain *d)
{
    struct grant_domain *g = &d->grants;
    unsigned scan = RELINQUISH_SCAN;
    uint32_t used;

    for (unsigned i = 0; i < RELINQUISH_CHUNKS; i++) {
        struct unmap_slot slots[GRANT_MAP_CHUNK];
        grant_handle_t handles[GRANT_MAP_CHUNK];
        unsigned n = relinquish_claim(g, slots, handles, &scan);

        if (!n)
            break;
        unmap_slots(d, slots, handles, n);
    }
    lock_acquire(&g->maptrack_lock);
    g->is_closed = true;
    used = g->maptrack_used;
    if (g->relinquish_handle >= g->maptrack_frames * MAPTRACK_PER_PAGE)
        g->relinquish_handle = 0;
    lock_release(&g->maptrack_lock);
    return used ? -ERESTART : 0;
}

void grant_map_free(struct grant_domain *g)
{
    if (!g->maptrack)
        return;
    for (unsigned i = 0; i < g->maptrack_frames; i++)
        page_free_el2(g->maptrack[i]);
    page_free_el2(g->maptrack);
    g->maptrack = NULL;
    g->maptrack_frames = 0;
}
