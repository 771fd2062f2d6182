/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Grant copy. A grant in use for a copy is marked so in its shared entry, so that its owner does
 * not take the page back meanwhile; its active entry's lock is held from there to the end, so
 * nothing is recorded there. Pages are used within this EL2 visit only and need no reference: what
 * is freed meanwhile is not reused before the visit ends (page_alloc.h).
 * A packet's pieces meet in pages: each goes on where the one before stopped, at one of its ends.
 * So an end stays open for the next operation, unless both are grants.
 * Locks: the active entry's of an open end; of two grants', the one at the lower address first.
 */
#include "core/grant_copy.h"

#include "core/grant_entry.h"
#include "core/hypercall.h"

#define COST_COPY 250u  /* about, in EL2 instructions, but for the bytes */
#define COST_BYTES 8u   /* bytes copied by one instruction, at least */
#define COPY_BULK 256u  /* bytes from which FP/SIMD registers pay */

/* One end of a copy: a page of the caller's, or one granted to it. */
struct copy_end {
    uint64_t name;                /* gfn or reference */
    uint32_t whose;               /* the domain's id, and END_GREF; END_CLOSED */
    uint16_t claimed;             /* open grant: GTF_ flags to take away again */
    struct grant_active *active;  /* open grant: its lock is held */
    grant_entry_v1_t *shared;
    char *page;                   /* open: in EL2's map */
};
#define END_GREF 0x10000u /* by reference */
#define END_CLOSED 0x20000u

struct copy_ends {
    struct copy_end from, to;
    struct grant_entry_owner last;
};

/* What one operation asks for. Untrusted: read once. */
struct copy_args {
    uint64_t from, to;            /* as copy_end.name and .whose */
    uint32_t from_whose, to_whose;
    uint16_t from_offset, to_offset, bytes;
};

/* Finds a grant's entries; takes no lock. */
static inline int16_t grant_find(struct copy_end *e, uint64_t ref, uint32_t whose,
                                 struct grant_entry_owner *last)
{
    struct domain *owner = grant_entry_owner_find(last, (domid_t)whose);

    if (unlikely(!owner))
        return grant_entry_owner_status((domid_t)whose);
    e->claimed = 0;
    return likely(grant_entry_find(owner, (grant_ref_t)ref, &e->active, &e->shared))
               ? GNTST_okay : GNTST_bad_gntref;
}

/* Validates the grant, marks it as in use and finds its page. */
static inline __attribute__((always_inline)) int16_t
grant_begin_locked(domid_t by, struct copy_end *e, const struct domain *owner, bool is_write)
{
    struct grant_active *a = e->active;
    bool is_used = grant_entry_is_used(a);

    if (unlikely(is_used && a->domid != by))
        return GNTST_general_error;
    if (!is_used || (is_write && !a->writers)) {
        uint16_t flags = is_write ? GTF_reading | GTF_writing : GTF_reading;
        int16_t rc = grant_entry_claim(e->shared, is_used, by, flags, GTF_type_mask);

        if (unlikely(rc))
            return rc;
        e->claimed = is_used ? GTF_writing : flags;
    }
    /* untrusted; read once */
    e->page = unlikely(is_used) ? hw_phys_to_virt(a->pa)
                                : stage2_ram_ptr(&owner->s2, READ_ONCE(e->shared->frame), is_write);
    return likely(e->page) ? GNTST_okay : GNTST_bad_page;
}

static inline void grant_end_locked(const struct copy_end *e)
{
    if (likely(e->claimed))
        grant_entry_unclaim(e->shared, e->claimed);
}

static inline void end_close(struct copy_end *e) LOCK_UNCHECKED
{
    if (e->whose & END_GREF) {
        grant_end_locked(e);
        lock_release(&e->active->lock);
    }
    e->whose = END_CLOSED;
}

/* Closes e unless it is that one. */
static inline void end_keep(struct copy_end *e, uint64_t name, uint32_t whose)
{
    if (e->name != name || e->whose != whose)
        end_close(e);
}

/* Opens e, unless it has stayed open. No other grant is. */
static inline __attribute__((always_inline)) int16_t
end_open(struct domain *d, struct copy_end *e, uint64_t name, uint32_t whose, bool is_write,
         struct grant_entry_owner *last) LOCK_UNCHECKED
{
    int16_t rc;

    if (e->whose != END_CLOSED)
        return GNTST_okay;
    if (!(whose & END_GREF)) {
        if (unlikely(whose != DOMID_SELF))
            return GNTST_permission_denied;
        e->page = stage2_ram_ptr(&d->s2, name, is_write);
        if (unlikely(!e->page))
            return GNTST_bad_page;
    } else {
        rc = grant_find(e, name, whose, last);
        if (unlikely(rc))
            return rc;
        lock_acquire(&e->active->lock);
        rc = grant_begin_locked(d->id, e, last->domain, is_write);
        if (unlikely(rc)) {
            grant_end_locked(e);
            lock_release(&e->active->lock);
            return rc;
        }
    }
    e->name = name;
    e->whose = whose;
    return GNTST_okay;
}

static inline void copy_bytes(char *to, const char *from, const struct copy_args *a)
{
    if (a->bytes >= COPY_BULK)
        hw_copy_bulk(to + a->to_offset, from + a->from_offset, a->bytes);
    else
        hw_copy(to + a->to_offset, from + a->from_offset, a->bytes);
}

static inline int16_t copy_between_grants(struct domain *d, struct grant_entry_owner *last,
                                          const struct copy_args *a) LOCK_UNCHECKED
{
    struct grant_active *low, *high;
    struct copy_end from, to;
    const struct domain *owner;
    int16_t rc;

    rc = grant_find(&from, a->from, a->from_whose, last);
    owner = last->domain;
    if (likely(!rc))
        rc = grant_find(&to, a->to, a->to_whose, last);
    if (unlikely(rc))
        return rc;
    low = MIN(from.active, to.active);
    high = MAX(from.active, to.active);
    lock_acquire(&low->lock);
    if (high != low)
        lock_acquire(&high->lock);
    rc = grant_begin_locked(d->id, &from, owner, false);
    /* The same entry at both ends: what the first has marked, the second marks too. */
    if (likely(!rc))
        rc = grant_begin_locked(d->id, &to, last->domain, true);
    if (likely(!rc))
        copy_bytes(to.page, from.page, a);
    grant_end_locked(&to);
    grant_end_locked(&from);
    lock_release(&low->lock);
    if (high != low)
        lock_release(&high->lock);
    return rc;
}

static inline int16_t copy_one(struct domain *d, struct copy_ends *ends, const struct copy_args *a)
{
    int16_t rc;

    if (unlikely(!a->bytes))
        return GNTST_okay;
    if (unlikely(a->from_offset + a->bytes > PAGE_SIZE || a->to_offset + a->bytes > PAGE_SIZE))
        return GNTST_bad_copy_arg;
    if (a->from_whose & a->to_whose & END_GREF) {
        end_close(&ends->from);
        end_close(&ends->to);
        return copy_between_grants(d, &ends->last, a);
    }
    end_keep(&ends->from, a->from, a->from_whose);
    end_keep(&ends->to, a->to, a->to_whose);
    rc = end_open(d, &ends->from, a->from, a->from_whose, false, &ends->last);
    if (likely(!rc))
        rc = end_open(d, &ends->to, a->to, a->to_whose, true, &ends->last);
    if (likely(!rc))
        copy_bytes(ends->to.page, ends->from.page, a);
    return rc;
}

static inline struct copy_args args_read(const grant_entry_copy_t *op)
{
    uint32_t flags = op->flags;

    _Static_assert(GNTCOPY_source_gref == 1 && GNTCOPY_dest_gref == 2, "bits 0 and 1");
    return (struct copy_args){
        .from = op->source.u.gmfn, .to = op->dest.u.gmfn, .bytes = op->len,
        .from_whose = op->source.domid | (flags & 1) << 16,
        .to_whose = op->dest.domid | (flags & 2) << 15,
        .from_offset = op->source.offset, .to_offset = op->dest.offset,
    };
}

int grant_copy_chunk(struct domain *d, char *ops, unsigned count, unsigned *spent)
{
    struct copy_ends ends;
    grant_entry_copy_t *op = (grant_entry_copy_t *)ops;
    unsigned done = 0, cost = *spent;

    ends.last = GRANT_ENTRY_OWNER_NONE;
    ends.from.whose = ends.to.whose = END_CLOSED;
    do {
        struct copy_args args = args_read(op);

        op->status = copy_one(d, &ends, &args);
        cost += COST_COPY + args.bytes / COST_BYTES;
        op++;
    } while (++done < count && cost < HYPERCALL_BUDGET && !hypercall_preempt_check());
    end_close(&ends.to);
    end_close(&ends.from);
    *spent = cost;
    return (int)done;
}
