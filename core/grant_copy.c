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
#define COST_BYTES 6u   /* bytes copied by one instruction */

/* One end of a copy. */
struct copy_side {
    const struct domain *domain;
    struct grant_active *active;  /* NULL: named by gfn */
    grant_entry_v1_t *shared;
    uint64_t gfn;                 /* active is NULL */
    uint16_t claimed;             /* GTF_ flags to take away again */
    char *page;
};

/* Finds what names the page; takes no lock. */
static inline int16_t side_find(struct domain *d, const struct gnttab_copy_ptr *p, bool is_gref,
                                struct grant_entry_owner *last, struct copy_side *s)
{
    int16_t status = GNTST_bad_domain;
    struct domain *owner;

    *s = (struct copy_side){ .domain = d, .gfn = p->u.gmfn };
    if (!is_gref)
        return p->domid == DOMID_SELF ? GNTST_okay : GNTST_permission_denied;
    owner = grant_entry_owner_find(last, p->domid, &status);
    if (unlikely(!owner))
        return status;
    s->domain = owner;
    s->active = grant_entry_find(owner, p->u.ref, &s->shared);
    return likely(s->active) ? GNTST_okay : GNTST_bad_gntref;
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
    paddr_t pa = a->pa;

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
    if (!is_used && unlikely(!grant_entry_page(s->domain, READ_ONCE(s->shared->frame), is_write,
                                               &pa)))
        return GNTST_bad_page;
    s->page = hw_phys_to_virt(pa);
    return GNTST_okay;
}

static inline __attribute__((always_inline)) int16_t side_begin(domid_t to, struct copy_side *s,
                                                                bool is_write)
{
    paddr_t pa;

    if (s->active)
        return grant_begin(to, s, is_write);
    if (unlikely(!grant_entry_page(s->domain, s->gfn, is_write, &pa)))
        return GNTST_bad_page;
    s->page = hw_phys_to_virt(pa);
    return GNTST_okay;
}

static void side_end(const struct copy_side *s)
{
    if (s->claimed)
        grant_entry_unclaim(s->shared, s->claimed);
}

static inline int16_t copy_locked(domid_t to, const gnttab_copy_t *op, struct copy_side *from,
                           struct copy_side *dest)
{
    int16_t rc = side_begin(to, from, false);

    if (unlikely(rc))
        return rc;
    /* The same entry at both ends: what the first has marked, the second marks too. */
    rc = side_begin(to, dest, true);
    if (likely(!rc)) {
        if (op->len == PAGE_SIZE)
            hw_page_copy(dest->page, from->page);
        else
            hw_copy(dest->page + op->dest.offset, from->page + op->source.offset, op->len);
    }
    return rc;
}

static inline int16_t copy_one(struct domain *d, const gnttab_copy_t *op,
                               struct grant_entry_owner *last)
{
    struct copy_side from, dest;
    int16_t rc;

    if (unlikely(!op->len))
        return GNTST_okay;
    if (unlikely(op->source.offset + op->len > PAGE_SIZE || op->dest.offset + op->len > PAGE_SIZE))
        return GNTST_bad_copy_arg;
    rc = side_find(d, &op->source, op->flags & GNTCOPY_source_gref, last, &from);
    if (unlikely(rc))
        return rc;
    rc = side_find(d, &op->dest, op->flags & GNTCOPY_dest_gref, last, &dest);
    if (unlikely(rc))
        return rc;
    sides_lock(from.active, dest.active);
    rc = copy_locked(d->id, op, &from, &dest);
    side_end(&dest);
    side_end(&from);
    sides_unlock(from.active, dest.active);
    return rc;
}

int grant_copy_chunk(struct domain *d, char *ops, unsigned count, unsigned *spent)
{
    struct grant_entry_owner last = { .domain = NULL };

    for (unsigned i = 0; i < count; i++) {
        char *at = ops + i * sizeof(gnttab_copy_t);
        gnttab_copy_t op;

        GRANT_ENTRY_OP_READ(&op, at);
        GRANT_ENTRY_OP_WRITE(at, gnttab_copy_t, status, copy_one(d, &op, &last));
        *spent += COST_COPY + op.len / COST_BYTES;
        if (*spent >= HYPERCALL_BUDGET || hypercall_preempt_check())
            return (int)i + 1;
    }
    return (int)count;
}
