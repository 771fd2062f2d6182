/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Grant copy. A grant in use for a copy is marked so in its shared entry, so that its owner does
 * not take the page back meanwhile; its active entry's lock is held from there to the end, so
 * nothing is recorded there. Pages are used within this EL2 visit only and need no reference: what
 * is freed meanwhile is not reused before the visit ends (page_alloc.h).
 * Locks: the two active entries', the one at the lower address first.
 */
#include "core/grant_copy.h"

#include "core/base/hw.h"
#include "core/grant_entry.h"
#include "core/hypercall.h"

#define COST_COPY 250u  /* about, in EL2 instructions, but for the bytes */
#define COST_BYTES 8u   /* bytes copied by one instruction */
#define COPY_BULK 256u  /* bytes from which FP/SIMD registers pay */

/* One end of a copy. */
struct copy_side {
    const struct domain *domain;
    struct grant_active *active;  /* NULL: named by gfn */
    grant_entry_v1_t *shared;
    uint64_t gfn;                 /* active is NULL */
    uint16_t claimed;             /* GTF_ flags to take away again */
    char *page;
};

/* Finds what names the page, a grant of domain id's if is_gref; takes no lock. */
static inline int16_t side_find(struct domain *d, domid_t id, bool is_gref,
                                struct grant_entry_owner *last, struct copy_side *s)
{
    struct domain *owner;

    s->claimed = 0;
    s->domain = d;
    s->active = NULL;
    if (!is_gref)
        return id == DOMID_SELF ? GNTST_okay : GNTST_permission_denied;
    owner = grant_entry_owner_find(last, id);
    if (unlikely(!owner))
        return grant_entry_owner_status(id);
    s->domain = owner;
    return likely(grant_entry_find(owner, (grant_ref_t)s->gfn, &s->active, &s->shared))
               ? GNTST_okay : GNTST_bad_gntref;
}

static void sides_lock(struct grant_active *a, struct grant_active *b) LOCK_UNCHECKED
{
    struct grant_active *first = a < b ? a : b, *second = a < b ? b : a;

    if (first && first != second)
        lock_acquire(&first->lock);
    if (second)
        lock_acquire(&second->lock);
}

static void sides_unlock(struct grant_active *a, struct grant_active *b) LOCK_UNCHECKED
{
    if (a)
        lock_release(&a->lock);
    if (b && b != a)
        lock_release(&b->lock);
}

/* Validates the grant, marks it as in use and finds its page. Entry lock held. */
static inline __attribute__((always_inline)) int16_t grant_begin(domid_t to, struct copy_side *s,
                                                                 bool is_write)
{
    struct grant_active *a = s->active;
    bool is_used = grant_entry_is_used(a);

    if (unlikely(is_used && a->domid != to))
        return GNTST_general_error;
    if (!is_used || (is_write && !a->writers)) {
        uint16_t flags = is_write ? GTF_reading | GTF_writing : GTF_reading;
        int16_t rc = grant_entry_claim(s->shared, is_used, to, flags, GTF_type_mask);

        if (unlikely(rc))
            return rc;
        s->claimed = is_used ? GTF_writing : flags;
    }
    /* untrusted; read once */
    s->page = unlikely(is_used) ? hw_phys_to_virt(a->pa)
                                : stage2_ram_ptr(&s->domain->s2, READ_ONCE(s->shared->frame),
                                                 is_write);
    return likely(s->page) ? GNTST_okay : GNTST_bad_page;
}

static inline __attribute__((always_inline)) int16_t side_begin(domid_t to, struct copy_side *s,
                                                                bool is_write)
{
    if (s->active)
        return grant_begin(to, s, is_write);
    s->page = stage2_ram_ptr(&s->domain->s2, s->gfn, is_write);
    return likely(s->page) ? GNTST_okay : GNTST_bad_page;
}

static void side_end(const struct copy_side *s)
{
    if (s->claimed)
        grant_entry_unclaim(s->shared, s->claimed);
}

/* The bytes to copy, and where they are in their pages. */
struct copy_span {
    uint16_t from, to, bytes;
};

static inline int16_t copy_locked(domid_t to, const struct copy_span *span, struct copy_side *from,
                                  struct copy_side *dest)
{
    int16_t rc = side_begin(to, from, false);

    if (unlikely(rc))
        return rc;
    /* The same entry at both ends: what the first has marked, the second marks too. */
    rc = side_begin(to, dest, true);
    if (unlikely(rc))
        return rc;
    if (span->bytes >= COPY_BULK)
        hw_copy_bulk(dest->page + span->to, from->page + span->from, span->bytes);
    else
        hw_copy(dest->page + span->to, from->page + span->from, span->bytes);
    return rc;
}

static inline int16_t copy_one(struct domain *d, const grant_entry_copy_t *op, uint16_t bytes,
                               struct grant_entry_owner *last)
{
    struct copy_span span = { op->source.offset, op->dest.offset, bytes };
    struct copy_side from = { .gfn = op->source.u.gmfn }, dest = { .gfn = op->dest.u.gmfn };
    uint16_t flags = op->flags;
    int16_t rc;

    if (unlikely(!bytes))
        return GNTST_okay;
    if (unlikely(span.from + bytes > PAGE_SIZE || span.to + bytes > PAGE_SIZE))
        return GNTST_bad_copy_arg;
    rc = side_find(d, op->source.domid, flags & GNTCOPY_source_gref, last, &from);
    if (unlikely(rc))
        return rc;
    rc = side_find(d, op->dest.domid, flags & GNTCOPY_dest_gref, last, &dest);
    if (unlikely(rc))
        return rc;
    sides_lock(from.active, dest.active);
    rc = copy_locked(d->id, &span, &from, &dest);
    side_end(&dest);
    side_end(&from);
    sides_unlock(from.active, dest.active);
    return rc;
}

int grant_copy_chunk(struct domain *d, char *ops, unsigned count, unsigned *spent)
{
    struct grant_entry_owner last = GRANT_ENTRY_OWNER_NONE;
    grant_entry_copy_t *op = (grant_entry_copy_t *)ops;
    unsigned done = 0, cost = *spent;

    do {
        uint16_t bytes = op->len;

        op->status = copy_one(d, op, bytes, &last);
        cost += COST_COPY + bytes / COST_BYTES;
        op++;
    } while (++done < count && cost < HYPERCALL_BUDGET && !hypercall_preempt_check());
    *spent = cost;
    return (int)done;
}
