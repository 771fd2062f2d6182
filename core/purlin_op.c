/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Purlin's own hypercall (core/base/purlin_abi.h): a domain's memory in bulk. No state, no lock:
 * pages are found and used within one EL2 visit.
 */
#include "core/base/errors.h"
#include "core/domain.h"
#include "core/hypercall.h"
#include "mm/guest_mem.h"

/* Estimated EL2 instructions to find, copy and clean a page. */
#define COPY_PAGE_COST 420u

/* The other domain's leaf that was met last: all of it is RAM. */
struct copy_leaf {
    uint64_t first, bytes; /* its IPA, and its size: 0 before the first */
    char *va;
};

static bool copy_find(const struct domain *d, uint64_t address, struct copy_leaf *at)
{
    struct stage2_leaf leaf;
    uint64_t in_leaf;

    if (!stage2_lookup(&d->s2, ipa(address), &leaf) || leaf.type != STAGE2_RAM)
        return false;
    at->bytes = PAGE_SIZE << leaf.order;
    in_leaf = address & (at->bytes - 1);
    at->first = address - in_leaf;
    at->va = (char *)hw_phys_to_virt(leaf.pa) - in_leaf;
    return true;
}

/* What of it lies in one page of both sides. Dom0's pages may go while it is at EL2 on another CPU;
 * they are not reused before this visit ends. */
static int copy_piece(const struct domain *d, struct purlin_copy *c, struct copy_leaf *at)
{
    bool to_domain = c->direction == PURLIN_COPY_to_domain;
    size_t n = MIN(c->bytes, PAGE_SIZE - MAX(c->address % PAGE_SIZE, c->buffer % PAGE_SIZE));
    char *theirs, *own;

    if (c->address - at->first >= at->bytes && !copy_find(d, c->address, at))
        return -ENOENT;
    own = guest_mem_ptr(gva(c->buffer), !to_domain);
    if (!own)
        return -EFAULT;
    theirs = at->va + (c->address - at->first);
    (n == PAGE_SIZE ? hw_copy_bulk : hw_copy)(to_domain ? theirs : own,
                                              to_domain ? own : theirs, n);
    /* Guests start with their caches off: pairs with their first loads. */
    if (to_domain)
        hw_dcache_clean_inval(theirs, n);
    c->address += n;
    c->buffer += n;
    c->bytes -= n;
    return 0;
}

static int copy_chunk(struct purlin_copy *c)
{
    struct domain *d = domain_by_id(c->domid);
    struct copy_leaf at = { 0 };
    unsigned spent = 0;
    int rc = 0;

    if (c->version != PURLIN_ABI_VERSION)
        return -EACCES;
    if (!d || d->state >= DOMAIN_DYING)
        return -ESRCH;
    if (d == domain_current() || c->direction > PURLIN_COPY_from_domain)
        return -EINVAL;
    while (c->bytes && !rc) {
        if (spent > HYPERCALL_BUDGET || (spent && hypercall_preempt_check()))
            rc = -ERESTART;
        else
            rc = copy_piece(d, c, &at);
        spent += COPY_PAGE_COST;
    }
    /* What instruction caches remember of the pages' earlier life must be gone. */
    if (c->direction == PURLIN_COPY_to_domain)
        hw_icache_inval_all();
    return rc;
}

int64_t purlin_hypercall(uint64_t op, uint64_t arg, uint64_t, uint64_t, uint64_t)
{
    struct purlin_copy c;
    int rc;

    if (!domain_current()->is_privileged)
        return -EPERM;
    if (op != PURLIN_OP_copy)
        return op == PURLIN_OP_version ? PURLIN_ABI_VERSION : -ENOSYS;
    if (guest_mem_read(&c, gva(arg), sizeof(c)))
        return -EFAULT;
    rc = copy_chunk(&c);
    if (guest_mem_write(gva(arg), &c, sizeof(c)))
        return -EFAULT;
    return rc == -ERESTART ? hypercall_continue(2, op, arg, 0) : rc;
}
