/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's stage-2 address space (DDI 0487, VMSAv8-64, 4 KiB granule): one walker, blocks
 * wherever alignment lets them, break-before-make in one function, invalidation gathered over a
 * batch. Knows nothing of domains; what became unmapped is returned as a value.
 */
#ifndef MM_STAGE2_H
#define MM_STAGE2_H

#include "core/base/hw.h"
#include "core/base/lock.h"
#include "mm/pte.h"

/* What a leaf is; kept in the descriptor's software bits [58:55]. */
enum stage2_type {
    STAGE2_INVALID = 0,
    STAGE2_RAM,       /* own RAM: one allocation reference per page */
    STAGE2_SHARED,    /* shared_info, grant table frames: PAGE_SHARED, one mapping reference */
    STAGE2_FOREIGN,   /* another domain's page, foreign mapping: one reference each */
    STAGE2_GRANT_RO,  /* a granted page; the grant table's active entry holds the reference */
    STAGE2_GRANT_RW,
    STAGE2_MMIO,      /* device, no struct page */
};

enum stage2_prot {
    STAGE2_R = 1, STAGE2_W = 2, STAGE2_X = 4, STAGE2_RW = 3, STAGE2_RWX = 7,
    STAGE2_DEVICE = 8, /* Device-nGnRE instead of Normal write-back */
};

/* What to map: a type and how it may be used, as a leaf's attributes. */
static inline uint64_t stage2_kind(enum stage2_type type, uint32_t prot)
{
    return (uint64_t)type << PTE_S2_TYPE_SHIFT | PTE_AF | (prot & STAGE2_X ? 0 : PTE_XN) |
           (uint64_t)(prot & STAGE2_RW) << PTE_S2_AP_SHIFT |
           (prot & STAGE2_DEVICE ? PTE_S2_MEMATTR_DEVICE : PTE_S2_MEMATTR_NORMAL | PTE_SH_INNER);
}

struct stage2 {
    struct lock lock;     /* everything below, and the tables; readers walk without it */
    paddr_t root;         /* concatenated root tables */
    uint64_t vtcr;        /* VTCR_EL2 for it */
    unsigned ipa_bits;
    unsigned root_shift;  /* an entry of the root covers 2^that bytes */
    unsigned table_pages; /* pages used for tables, root included */
    unsigned table_limit; /* at most (paging mempool), 0: no limit */
    uint64_t leaf_region; /* gfn / PTE_ENTRIES of the last page looked for with the lock; ~0 */
    uint64_t *leaf_table; /* the level 3 table for it */
    uint64_t *reserve;    /* tables made ahead, each names the next in its first entry */
    uint16_t break_seq;   /* odd: a leaf is being replaced (break-before-make); atomic */
    uint64_t relinquished; /* address below which stage2_relinquish() has freed the tables */
    uint64_t vmid_state;  /* generation and VMID, 0: never had one; vmid.c; atomic */
};

/* A batch's invalidation; on the stack of who unmaps, emptied by stage2_flush(). */
#define STAGE2_GATHER_MAX 16u
struct stage2_gather {
    unsigned count;            /* 0: nothing; > STAGE2_GATHER_MAX: the whole VMID */
    ipa_t ipa[STAGE2_GATHER_MAX];
};

static inline void stage2_entry_clear(uint64_t *e, ipa_t a, struct stage2_gather *g)
{
    WRITE_ONCE(*e, 0);
    if (likely(g->count < STAGE2_GATHER_MAX))
        g->ipa[g->count] = a;
    if (likely(g->count <= STAGE2_GATHER_MAX))
        g->count++;
}

struct stage2_leaf {
    paddr_t pa;           /* of the IPA asked for, not of the block */
    enum stage2_type type;
    enum stage2_prot prot;
    unsigned order;       /* of the leaf: 0, 9 or 18 */
};

/* More bits than SHORT cost each walk one level more. */
#define STAGE2_BITS_SHORT 43u
#define STAGE2_BITS_MAX 48u
/* ipa_bits: 32 .. the CPU's PARange. 0, -ENOMEM. */
int stage2_init(struct stage2 *s, unsigned ipa_bits);
/* Frees the tables; nothing may be mapped that holds references (the caller unmapped it), and no
 * vCPU runs on it. Unbounded: for a large domain call stage2_relinquish() before. Harmless after a
 * failed stage2_init() or when repeated. */
void stage2_destroy(struct stage2 *s);
/* The bounded part of it: goes on where the last call stopped, and looks at so many entries of
 * tables. From the first call on nothing is mapped any more. 0: the root alone is left, -ERESTART.
 */
int stage2_relinquish(struct stage2 *s, unsigned entries);

/* Makes tables ahead, which are used before any new ones: so that splitting blocks later neither
 * fails nor changes how much memory is free. 0, -ENOMEM (those that were made stay). */
int stage2_reserve(struct stage2 *s, unsigned tables) LOCK_REQUIRES(s->lock);

/* Maps 2^order pages at gfn to mfn.., as stage2_kind() says, splitting and using blocks as
 * alignment allows. What was there before must be invalid: -EEXIST (the caller unmaps first).
 * -ENOMEM: tables (nothing changed), -EINVAL: outside the IPA space. */
int stage2_map(struct stage2 *s, uint64_t gfn, uint64_t mfn, unsigned order, uint64_t kind)
    LOCK_REQUIRES(s->lock);
/* The entry for one page, NULL: there is no table for it. What is mapped and unmapped page by page
 * lies together: the last table is kept, and freeing a table forgets it. */
uint64_t *stage2_entry_find(struct stage2 *s, uint64_t gfn) LOCK_REQUIRES(s->lock);
static inline uint64_t *stage2_entry(struct stage2 *s, uint64_t gfn) LOCK_REQUIRES(s->lock)
{
    return likely(gfn / PTE_ENTRIES == s->leaf_region) ? &s->leaf_table[gfn % PTE_ENTRIES]
                                                       : stage2_entry_find(s, gfn);
}
/* An invalid entry needs no invalidation (DDI 0487: a translation fault is never cached). */
static inline void stage2_entry_write(uint64_t *e, uint64_t leaf)
{
    WRITE_ONCE(*e, leaf);
    hw_dsb_ishst(); /* before the guest is told that it may use it */
}
/* stage2_map() of one page, inline where a table is there for it. */
static inline int stage2_map_page(struct stage2 *s, uint64_t gfn, uint64_t mfn, uint64_t kind)
    LOCK_REQUIRES(s->lock)
{
    uint64_t *e = stage2_entry(s, gfn);

    if (unlikely(!e || *e & PTE_VALID))
        return stage2_map(s, gfn, mfn, 0, kind);
    stage2_entry_write(e, mfn << PAGE_SHIFT | kind | PTE_VALID | PTE_TABLE);
    return 0;
}
/* Maps `pages` pages from gfn on, any count; largest blocks. For boot. */
int stage2_map_range(struct stage2 *s, uint64_t gfn, uint64_t mfn, uint64_t pages, uint64_t kind)
    LOCK_REQUIRES(s->lock);
/* Makes the page at gfn (order 0) or an aligned block (order 9, 18) invalid (larger leaves are
 * split, -ENOMEM then possible), tells what it was in *old, adds to *g what must be invalidated:
 * before stage2_flush() the old page must not be put. -ENOENT when nothing was there, -EINVAL for
 * a block that is mapped in smaller leaves. */
int stage2_unmap(struct stage2 *s, uint64_t gfn, unsigned order, struct stage2_leaf *old,
                 struct stage2_gather *g) LOCK_REQUIRES(s->lock);
/* The same for the page at gfn, only if it is mapped to mfn as `kind` says; false: it is not. */
static inline bool stage2_unmap_page(struct stage2 *s, uint64_t gfn, uint64_t mfn, uint64_t kind,
                                     struct stage2_gather *g) LOCK_REQUIRES(s->lock)
{
    uint64_t *e = stage2_entry(s, gfn);

    if (unlikely(!e || *e != (mfn << PAGE_SHIFT | kind | PTE_VALID | PTE_TABLE)))
        return false;
    stage2_entry_clear(e, gfn_to_ipa(gfn), g);
    return true;
}
/* Issues what was gathered and waits; g is empty after. */
void stage2_flush(struct stage2 *s, struct stage2_gather *g);
static inline void stage2_gather_init(struct stage2_gather *g) { g->count = 0; }

/* Walks without the lock (an EL2 visit is a read-side section; freed tables are quiescent first),
 * and never sees the moment between break and make: so when a guest's access has faulted and this
 * finds a leaf that allows it, the guest is to try again. False: nothing mapped. */
bool stage2_lookup(const struct stage2 *s, ipa_t a, struct stage2_leaf *leaf);
/* The page at gfn in EL2's map, if it is STAGE2_RAM, and writable if that is asked; NULL. It can't
 * be reused during this EL2 visit; longer uses take a reference. */
void *stage2_ram_ptr(const struct stage2 *s, uint64_t gfn, bool is_write);
/* Is nothing mapped in the aligned block at gfn, any number? Of order 9 at most. A hint: no lock is
 * held. False beyond the IPA space. */
bool stage2_is_free(const struct stage2 *s, uint64_t gfn, unsigned order);
/* The first mapped leaf at or after *gfn; *gfn moves to its first page. For teardown, cacheflush
 * and dumps: bounded by `tables` table pages visited, then -EAGAIN with *gfn to go on from. 0:
 * found, -ENOENT: no more. */
#define STAGE2_TABLE_COST 2700u /* instructions to look through a table */
int stage2_next(const struct stage2 *s, uint64_t *gfn, struct stage2_leaf *leaf, unsigned tables);

/* For those who read the tables, or let the hardware read them (AT), without the lock: a failed
 * look between begin and a true retry may have hit the moment between break and make. Begin waits
 * for the breaking CPU, which is a few instructions from done. */
uint32_t stage2_break_begin(const struct stage2 *s);
bool stage2_break_retry(const struct stage2 *s, uint32_t seq);

#endif
