/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * __HYPERVISOR_grant_table_op (Xen public grant_table.h). Arrays are worked on in place, in guest
 * memory, as far as one translation reaches; the work itself is grant_map.c's and grant_copy.c's.
 * Between chunks the hypercall continues with the rest when it has used up its time. The small
 * operations on tables are here. No lock of its own.
 */
#include "core/base/errors.h"
#include "core/grant_copy.h"
#include "core/grant_entry.h"
#include "core/grant_map.h"
#include "core/hypercall.h"
#include "core/reclaim.h"
#include "mm/guest_mem.h"

/* Xen public grant_table.h: the command is below, the continuation's state above. */
#define CMD_MASK 0xfffu

#define CACHE_FLUSH_SCAN 1024u /* active entries looked at in one stay at EL2 */

/* --- arrays ------------------------------------------------------------------------------- */

struct op_array {
    int (*chunk)(struct domain *d, char *ops, unsigned count, unsigned *spent);
    unsigned bytes;     /* of an element */
    unsigned max;       /* elements in a chunk */
};

#define ELEMENT_BYTES_MAX 40u
_Static_assert(sizeof(gnttab_copy_t) <= ELEMENT_BYTES_MAX &&
               sizeof(gnttab_map_grant_ref_t) <= ELEMENT_BYTES_MAX, "the largest element");

/* An element that crosses a page boundary goes through a copy. */
static int array_element(const struct op_array *a, struct domain *d, uint64_t arg, unsigned *spent)
{
    char copy[ELEMENT_BYTES_MAX];
    int n;

    if (guest_mem_read(copy, gva(arg), a->bytes))
        return -EFAULT;
    n = a->chunk(d, copy, 1, spent);
    return n < 0 || !guest_mem_write(gva(arg), copy, a->bytes) ? n : -EFAULT;
}

/* The number of elements done, -EFAULT, -ERESTART. */
static inline int array_chunk(const struct op_array *a, struct domain *d, uint64_t arg,
                              uint32_t count, unsigned *spent)
{
    uint32_t here = (uint32_t)(PAGE_SIZE - arg % PAGE_SIZE) / a->bytes;
    uint32_t fit = MIN(MIN(count, a->max), here);
    char *ops;

    if (unlikely(!fit))
        return array_element(a, d, arg, spent);
    ops = guest_mem_ptr(gva(arg), true);
    return likely(ops) ? a->chunk(d, ops, fit, spent) : -EFAULT;
}

static __attribute__((noinline)) int64_t array_rest(const struct op_array *a, uint32_t cmd,
                                                    uint64_t arg, uint32_t count)
{
    struct domain *d = domain_current();
    unsigned spent = 0;

    while (count) {
        int n;

        if (unlikely(spent && (spent >= HYPERCALL_BUDGET || hypercall_preempt_check())))
            return hypercall_continue(3, cmd, arg, count);
        n = array_chunk(a, d, arg, count, &spent);
        if (unlikely(n < 0))
            return n == -ERESTART ? hypercall_continue(3, cmd, arg, count) : n;
        vcpu_tally(&vcpu_current()->counts.grant_ops[cmd], (unsigned)n);
        arg += (uint64_t)n * a->bytes;
        count -= (uint32_t)n;
    }
    return 0;
}

/* Most calls are one chunk within one page. */
static inline int64_t array_call(const struct op_array *a, uint32_t cmd, uint64_t arg,
                                 uint32_t count)
{
    unsigned spent = 0;
    char *ops;
    int n;

    if (unlikely(count - 1 >= a->max || arg % PAGE_SIZE + count * a->bytes > PAGE_SIZE))
        return array_rest(a, cmd, arg, count);
    ops = guest_mem_ptr(gva(arg), true);
    if (unlikely(!ops))
        return -EFAULT;
    n = a->chunk(domain_current(), ops, count, &spent);
    n = n > 0 ? n : 0; /* memory is on its way */
    vcpu_tally(&vcpu_current()->counts.grant_ops[cmd], (unsigned)n);
    if (likely(n == (int)count))
        return 0;
    return hypercall_continue(3, cmd, arg + (uint64_t)n * a->bytes, count - (uint32_t)n);
}

/* --- tables ------------------------------------------------------------------------------- */

/* The domain `id`, if the caller may control it; else NULL and the status that says why not. */
static struct domain *domain_find(domid_t id, int16_t *status)
{
    struct domain *d;
    int rc = domain_target(id, &d);

    *status = rc == -ESRCH ? GNTST_bad_domain : GNTST_permission_denied;
    return rc ? NULL : d;
}

/* Shows where the frames are mapped; the table is at least op->nr_frames long by then. */
static int16_t setup_list(struct domain *d, const gnttab_setup_table_t *op)
{
    xen_pfn_t gfns[32];
    uint64_t to = (uint64_t)op->frame_list.p;

    for (unsigned i = 0, n; i < op->nr_frames; i += n) {
        n = MIN(op->nr_frames - i, (unsigned)ARRAY_SIZE(gfns));
        for (unsigned k = 0; k < n; k++)
            gfns[k] = grant_frame_gfn(d, i + k);
        if (guest_mem_write(gva(to + i * sizeof(*gfns)), gfns, n * sizeof(*gfns)))
            return GNTST_bad_virt_addr;
    }
    return GNTST_okay;
}

/* Adds a few frames; 0, -ERESTART: there are more to add, or memory is on its way. */
static int setup_grow(struct domain *d, gnttab_setup_table_t *op)
{
    int rc = grant_grow(d, op->nr_frames);

    op->status = rc ? GNTST_general_error : GNTST_okay;
    return rc == -ERESTART || (rc == -ENOMEM && reclaim_progress()) ? -ERESTART : 0;
}

static int setup_table(void *arg)
{
    gnttab_setup_table_t *op = arg;
    struct domain *d = domain_find(op->dom, &op->status);
    int rc = d ? setup_grow(d, op) : 0;

    if (!rc && op->status == GNTST_okay)
        op->status = setup_list(d, op);
    return rc;
}

static int query_size(void *arg)
{
    gnttab_query_size_t *op = arg;
    struct domain *d = domain_find(op->dom, &op->status);

    if (d) {
        op->nr_frames = __atomic_load_n(&d->grants.frames, __ATOMIC_ACQUIRE);
        op->max_nr_frames = d->grants.frames_max;
        op->status = GNTST_okay;
    }
    return 0;
}

static int set_version(void *arg)
{
    gnttab_set_version_t *op = arg;
    uint32_t version = op->version;

    op->version = 1;
    return version == 1 ? 0 : version == 2 ? -ENOSYS : -EINVAL;
}

static int get_version(void *arg)
{
    gnttab_get_version_t *op = arg;
    struct domain *d;

    op->version = 1;
    return domain_target(op->dom, &d);
}

struct op_single {
    int (*call)(void *op);
    unsigned bytes;
    bool takes_one;   /* the count must be 1 */
    bool always_out;  /* the structure is written back on an error, too */
};

static __attribute__((noinline)) int64_t single_call(const struct op_single *s, uint32_t cmd,
                                                     uint64_t arg, uint32_t count)
{
    union {
        gnttab_setup_table_t setup_table;
        gnttab_query_size_t query_size;
        gnttab_set_version_t set_version;
        gnttab_get_version_t get_version;
    } op;
    int rc;

    if (s->takes_one && count != 1)
        return -EINVAL;
    if (guest_mem_read(&op, gva(arg), s->bytes))
        return -EFAULT;
    rc = s->call(&op);
    if (rc == -ERESTART)
        return hypercall_continue(3, cmd, arg, count);
    return (!rc || s->always_out) && guest_mem_write(gva(arg), &op, s->bytes) ? -EFAULT : rc;
}

/* --- cache_flush -------------------------------------------------------------------------- */

/* Has d one of owner's grants of this page mapped? 0, -EINVAL, -ERESTART: go on from *ref. */
static int flush_find(const struct domain *d, const struct domain *owner, paddr_t pa, uint32_t *ref)
{
    uint32_t end = *ref + CACHE_FLUSH_SCAN;

    for (; *ref < end; ++*ref) {
        grant_entry_v1_t *shared;
        struct grant_active *a;
        bool is_it;

        if (!grant_entry_find(owner, *ref, &a, &shared))
            return -EINVAL;
        lock_acquire(&a->lock);
        is_it = grant_entry_is_used(a) && a->domid == d->id && a->pa.v == pa.v;
        lock_release(&a->lock);
        if (is_it)
            return 0;
    }
    return -ERESTART;
}

/* Invalidating alone could undo another's writes: it cleans as well (DDI 0487 allows that any
 * line is cleaned at any time). */
static int flush_one(const gnttab_cache_flush_t *op, uint32_t *ref)
{
    paddr_t pa = paddr(op->a.dev_bus_addr & PAGE_MASK);
    struct domain *d = domain_current(), *owner;
    struct page *p;
    char *va;
    int rc = 0;

    if (op->op & ~(GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL))
        return op->op & GNTTAB_CACHE_SOURCE_GREF ? -EOPNOTSUPP : -EINVAL;
    if (op->offset >= PAGE_SIZE || op->length > PAGE_SIZE || op->offset + op->length > PAGE_SIZE)
        return -EINVAL;
    if (!op->length || !op->op)
        return 0;
    p = page_of(pa);
    if (!p)
        return -EINVAL;
    /* No reference: the page may be one that is given back at once (page_alloc_undo). To clean any
     * RAM does no harm, and its owner is asked only who it is. */
    owner = domain_by_id(READ_ONCE(p->owner));
    if (owner != d)
        rc = owner ? flush_find(d, owner, pa, ref) : -EPERM;
    va = (char *)page_to_virt(p) + op->offset;
    if (!rc && op->op & GNTTAB_CACHE_INVAL)
        hw_dcache_clean_inval(va, op->length);
    else if (!rc)
        hw_dcache_clean(va, op->length);
    return rc;
}

/* One operation a stay: it may cost a search. How far that has come stands in the command, in
 * units of CACHE_FLUSH_SCAN entries. */
static __attribute__((noinline)) int64_t cache_flush(uint32_t cmd, uint64_t arg, uint32_t count)
{
    uint32_t ref = (cmd & ~CMD_MASK) / (CMD_MASK + 1) * CACHE_FLUSH_SCAN;
    gnttab_cache_flush_t op;
    int rc;

    if (!count)
        return 0;
    if (guest_mem_read(&op, gva(arg), sizeof(op)))
        return -EFAULT;
    rc = flush_one(&op, &ref);
    if (rc == -ERESTART)
        return hypercall_continue(3, GNTTABOP_cache_flush |
                                     ref / CACHE_FLUSH_SCAN * (CMD_MASK + 1), arg, count);
    if (rc || count == 1)
        return rc;
    return hypercall_continue(3, GNTTABOP_cache_flush, arg + sizeof(op), count - 1);
}

/* --- dispatch ----------------------------------------------------------------------------- */

static const struct op_array arrays[] = {
    [GNTTABOP_map_grant_ref] = { grant_map_chunk, sizeof(gnttab_map_grant_ref_t), GRANT_MAP_CHUNK },
    [GNTTABOP_unmap_grant_ref] = { grant_map_undo_chunk, sizeof(gnttab_unmap_grant_ref_t),
                                   GRANT_MAP_CHUNK },
    [GNTTABOP_copy] = { grant_copy_chunk, sizeof(gnttab_copy_t), GRANT_COPY_CHUNK },
};

static const struct op_single singles[] = {
    [GNTTABOP_setup_table] = { setup_table, sizeof(gnttab_setup_table_t), true, false },
    [GNTTABOP_query_size] = { query_size, sizeof(gnttab_query_size_t), true, false },
    [GNTTABOP_set_version] = { set_version, sizeof(gnttab_set_version_t), false, true },
    [GNTTABOP_get_version] = { get_version, sizeof(gnttab_get_version_t), false, false },
};

int64_t grant_hypercall(uint64_t op, uint64_t arg, uint64_t ops, uint64_t, uint64_t)
{
    uint32_t cmd = (uint32_t)op, count = (uint32_t)ops;

    if (unlikely(count > INT32_MAX))
        return -EINVAL;
    if (likely(cmd < ARRAY_SIZE(arrays) && arrays[cmd].chunk))
        return array_call(&arrays[cmd], cmd, arg, count);
    if (cmd < ARRAY_SIZE(singles) && singles[cmd].call)
        return single_call(&singles[cmd], cmd, arg, count);
    if ((cmd & CMD_MASK) == GNTTABOP_cache_flush)
        return cache_flush(cmd, arg, count);
    return cmd & ~CMD_MASK ? -EINVAL : -ENOSYS;
}
