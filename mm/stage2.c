/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage-2 tables: making, changing and taking them down. Reading them is stage2_walk.c's. Knows no
 * domains and no pages but its own tables. s->lock protects the tables; the hardware and
 * lock-free readers walk them at any time, so an entry is written once, whole, after what it points
 * to.
 */
#include "mm/stage2.h"

#include "core/base/assert.h"
#include "core/base/errors.h"
#include "mm/page_alloc.h"
#include "mm/stage2_walk.h"
#include "mm/vmid.h"

#define VTCR_RES1 BIT(31)
#define VTCR_VS BIT(19)             /* 16-bit VMIDs */
#define VTCR_PS_SHIFT 16
#define VTCR_WALKS (3ul << 12 | 1ul << 10 | 1ul << 8) /* SH0 inner, ORGN0 and IRGN0 write-back */
#define VTCR_SL0_SHIFT 6            /* 0: level 2, 1: level 1, 2: level 0 */

/* --- making --------------------------------------------------------------------------------- */
/* DDI 0487, VTCR_EL2 and concatenated translation tables: up to 43 bits start at level 1, with up
 * to 16 tables side by side; more start at level 0. */
static uint64_t vtcr_make(unsigned ipa_bits)
{
    uint64_t pa_range = MIN(hw_sysreg_read(ID_AA64MMFR0_EL1) & 0xf, 5ul);
    uint64_t vtcr = VTCR_RES1 | VTCR_WALKS | pa_range << VTCR_PS_SHIFT | (64 - ipa_bits);

    vtcr |= (2ul - stage2_walk_start(ipa_bits)) << VTCR_SL0_SHIFT;
    return vmid_bits() == 16 ? vtcr | VTCR_VS : vtcr;
}

int stage2_init(struct stage2 *s, unsigned ipa_bits)
{
    size_t bytes = PAGE_SIZE << stage2_walk_root_order(ipa_bits);
    void *root;

    assert(ipa_bits >= 32 && ipa_bits <= STAGE2_BITS_MAX);
    *s = (struct stage2){ .ipa_bits = ipa_bits, .vtcr = vtcr_make(ipa_bits),
                         .root_shift = PTE_SHIFT(stage2_walk_start(ipa_bits)),
                         .leaf_region = ~0ul };
    lock_init(&s->lock);
    root = page_alloc_el2(bytes);
    if (!root)
        return -ENOMEM;
    s->root = hw_virt_to_phys(root);
    s->table_pages = (unsigned)(bytes >> PAGE_SHIFT);
    return 0;
}

/* An empty table, counted. NULL: no memory, or at the limit. */
static uint64_t *table_alloc(struct stage2 *s, bool is_split) LOCK_REQUIRES(s->lock)
{
    uint64_t *t;

    if (s->table_limit && s->table_pages >= s->table_limit)
        return NULL;
    t = s->reserve;
    if (t) {
        s->reserve = (uint64_t *)t[0];
        t[0] = 0;
    } else {
        t = is_split ? page_alloc_split() : page_alloc_el2(PAGE_SIZE);
    }
    if (t)
        s->table_pages++;
    return t;
}

int stage2_reserve(struct stage2 *s, unsigned tables)
{
    while (tables--) {
        uint64_t *t = page_alloc_el2(PAGE_SIZE);

        if (!t)
            return -ENOMEM;
        t[0] = (uint64_t)(uintptr_t)s->reserve;
        s->reserve = t;
    }
    return 0;
}

/* Nothing walks through it any more, TLBs included. */
static void table_free(struct stage2 *s, uint64_t *t)
{
    s->leaf_region = ~0ul;
    page_free_el2(t);
    s->table_pages--;
}

static uint64_t table_descriptor(const uint64_t *t)
{
    return hw_virt_to_phys(t).v | PTE_VALID | PTE_TABLE;
}

/* --- changing ------------------------------------------------------------------------------- */
/*
 * The one place that changes a valid entry to another valid one: break, invalidate, make. Between
 * break and make the address is unmapped for walkers that need it; break_seq is odd meanwhile, and
 * those who look by software wait (stage2_lookup).
 */
static void entry_replace(struct stage2 *s, uint64_t *e, uint64_t with, struct stage2_gather *g)
    LOCK_REQUIRES(s->lock)
{
    __atomic_fetch_add(&s->break_seq, 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(e, 0, __ATOMIC_RELEASE); /* after break_seq */
    stage2_flush(s, g);
    WRITE_ONCE(*e, with);
    hw_dsb_ishst(); /* made before anyone is told to look again */
    __atomic_fetch_add(&s->break_seq, 1, __ATOMIC_RELEASE);
}

/* The block at e becomes a table of the same pages. */
static int block_split(struct stage2 *s, uint64_t *e, unsigned level, uint64_t address)
    LOCK_REQUIRES(s->lock)
{
    uint64_t *t = table_alloc(s, true), d = *e & ~(PTE_VALID | PTE_TABLE);
    struct stage2_gather g = { .count = 1, .ipa = { ipa(address) } };

    if (!t)
        return -ENOMEM;
    d |= pte_leaf_bits(level + 1);
    for (unsigned i = 0; i < PTE_ENTRIES; i++, d += PTE_BYTES(level + 1))
        t[i] = d;
    hw_dsb_ishst(); /* the table's entries before the link to it */
    entry_replace(s, e, table_descriptor(t), &g);
    return 0;
}

/* A leaf takes the place of an empty table. -EEXIST: it is not empty. */
static int table_to_leaf(struct stage2 *s, uint64_t *e, uint64_t leaf) LOCK_REQUIRES(s->lock)
{
    uint64_t *t = stage2_walk_table(*e);
    /* Cached pointers to the table only go with the whole VMID. */
    struct stage2_gather g = { .count = STAGE2_GATHER_MAX + 1 };

    for (unsigned i = 0; i < PTE_ENTRIES; i++)
        if (t[i] & PTE_VALID)
            return -EEXIST;
    entry_replace(s, e, leaf, &g);
    table_free(s, t);
    return 0;
}

/* Makes the tables from the invalid entry e of level `level` down to `target`; the entry there,
 * NULL: no memory. */
static uint64_t *tables_make(struct stage2 *s, uint64_t *e, uint64_t address, unsigned level,
                             unsigned target) LOCK_REQUIRES(s->lock)
{
    while (level < target) {
        uint64_t *t = table_alloc(s, false);

        if (!t)
            return NULL;
        hw_dsb_ishst(); /* the table's zeroes before the link to it */
        WRITE_ONCE(*e, table_descriptor(t));
        e = &t[pte_index(address, ++level)];
    }
    return e;
}

static int leaf_map(struct stage2 *s, uint64_t address, unsigned level, uint64_t leaf)
    LOCK_REQUIRES(s->lock)
{
    struct stage2_walk w = stage2_walk_to(s, address, level);

    if (unlikely(w.descriptor & PTE_VALID)) {
        bool is_table = w.level == level && pte_is_table(w.descriptor, level);

        return is_table ? table_to_leaf(s, w.entry, leaf) : -EEXIST;
    }
    if (unlikely(w.level < level)) {
        w.entry = tables_make(s, w.entry, address, w.level, level);
        if (!w.entry)
            return -ENOMEM;
    }
    stage2_entry_write(w.entry, leaf);
    return 0;
}

static bool range_is_valid(const struct stage2 *s, uint64_t gfn, uint64_t mfn, uint64_t pages)
{
    uint64_t gfns = 1ul << (s->ipa_bits - PAGE_SHIFT), mfns = 1ul << (STAGE2_BITS_MAX - PAGE_SHIFT);

    return gfn < gfns && pages <= gfns - gfn && mfn < mfns && pages <= mfns - mfn;
}

/* The level of the largest leaf that fits. */
static unsigned leaf_level(uint64_t gfn, uint64_t mfn, uint64_t pages)
{
    for (unsigned level = 1; level < PTE_LEVEL_LAST; level++) {
        uint64_t size = 1ul << PTE_ORDER(level);

        if (pages >= size && IS_ALIGNED(gfn | mfn, size))
            return level;
    }
    return PTE_LEVEL_LAST;
}

/* Takes back the first `pages` pages of a mapping that was being made. */
static void range_unmap(struct stage2 *s, uint64_t gfn, uint64_t pages) LOCK_REQUIRES(s->lock)
{
    struct stage2_gather g;
    struct stage2_leaf leaf;
    uint64_t end = gfn + pages;

    stage2_gather_init(&g);
    while (gfn < end && stage2_lookup(s, gfn_to_ipa(gfn), &leaf)) {
        stage2_unmap(s, gfn, leaf.order, &leaf, &g);
        gfn += 1ul << leaf.order;
    }
    stage2_flush(s, &g);
}

int stage2_map_range(struct stage2 *s, uint64_t gfn, uint64_t mfn, uint64_t pages, uint64_t kind)
{
    uint64_t done = 0;

    if (!range_is_valid(s, gfn, mfn, pages))
        return -EINVAL;
    while (done < pages) {
        unsigned level = leaf_level(gfn + done, mfn + done, pages - done);
        uint64_t address = gfn_to_ipa(gfn + done).v, pa = mfn_to_paddr(mfn + done).v;
        int rc = leaf_map(s, address, level, pa | kind | pte_leaf_bits(level));

        /* Tables that are empty but for tables are in the way of the largest leaf. */
        while (rc == -EEXIST && level < PTE_LEVEL_LAST) {
            level++;
            rc = leaf_map(s, address, level, pa | kind | pte_leaf_bits(level));
        }
        if (rc) {
            range_unmap(s, gfn, done);
            return rc;
        }
        done += 1ul << PTE_ORDER(level);
    }
    return 0;
}

uint64_t *stage2_entry_find(struct stage2 *s, uint64_t gfn)
{
    struct stage2_walk w;

    if (!range_is_valid(s, gfn, 0, 1))
        return NULL;
    w = stage2_walk_to(s, gfn_to_ipa(gfn).v, PTE_LEVEL_LAST);
    if (w.level != PTE_LEVEL_LAST)
        return NULL;
    s->leaf_region = gfn / PTE_ENTRIES;
    s->leaf_table = w.entry - gfn % PTE_ENTRIES;
    return w.entry;
}

int stage2_map(struct stage2 *s, uint64_t gfn, uint64_t mfn, unsigned order, uint64_t kind)
{
    return order > 2 * BLOCK_1G_ORDER ? -EINVAL : stage2_map_range(s, gfn, mfn, 1ul << order, kind);
}

int stage2_unmap(struct stage2 *s, uint64_t gfn, unsigned order, struct stage2_leaf *old,
                 struct stage2_gather *g)
{
    unsigned level = PTE_LEVEL_LAST - order / BLOCK_2M_ORDER;
    uint64_t address = gfn_to_ipa(gfn).v;
    struct stage2_walk w;

    if (unlikely(!range_is_valid(s, gfn, 0, 1) || order > BLOCK_1G_ORDER ||
                 order % BLOCK_2M_ORDER || !IS_ALIGNED(gfn, 1ul << order)))
        return -EINVAL;
    w = stage2_walk_to(s, address, level);
    while (unlikely(w.level < level && w.descriptor & PTE_VALID)) {
        if (block_split(s, w.entry, w.level, address & ~(PTE_BYTES(w.level) - 1)))
            return -ENOMEM;
        w = stage2_walk_to(s, address, level);
    }
    if (unlikely(!(w.descriptor & PTE_VALID)))
        return -ENOENT;
    if (unlikely(pte_is_table(w.descriptor, level)))
        return -EINVAL;
    stage2_walk_leaf(w.descriptor, address, level, old);
    stage2_entry_clear(w.entry, ipa(address), g);
    return 0;
}

void stage2_flush(struct stage2 *s, struct stage2_gather *g)
{
    uint64_t vttbr;

    if (!g->count)
        return;
    /* Entries before the invalidation, and before the VMID is read: a VMID that s gets later
     * (vmid.c) is used only for walks that see them. */
    hw_dsb_ish();
    vttbr = vmid_vttbr(s);
    if (!vmid_was_used(s)) {
        /* Never loaded on a CPU: no TLB has anything of it. */
    } else if (g->count > STAGE2_GATHER_MAX) {
        hw_tlbi_vmid(vttbr);
    } else {
        hw_tlbi_ipas(vttbr, g->ipa, g->count);
    }
    stage2_gather_init(g);
}

#define RELINQUISH_TABLE_ENTRIES 16u /* to free a table costs as much as looking at so many */

/* --- taking down ---------------------------------------------------------------------------- */
/* Frees the tables below t, the deepest first, from s->relinquished on, which lies in t. *budget:
 * entries that may still be looked at; true: none is left. */
static bool tables_free(struct stage2 *s, uint64_t *t, unsigned entries, unsigned level,
                        unsigned *budget)
{
    for (unsigned i = (unsigned)(s->relinquished >> PTE_SHIFT(level)) % entries; i < entries; i++) {
        uint64_t *below, here = s->relinquished & ~(PTE_BYTES(level) - 1);

        if (*budget == 0)
            return false;
        --*budget;
        if (pte_is_table(t[i], level)) {
            below = stage2_walk_table(t[i]);
            if (level + 1 < PTE_LEVEL_LAST &&
                !tables_free(s, below, PTE_ENTRIES, level + 1, budget))
                return false;
            WRITE_ONCE(t[i], 0);
            table_free(s, below);
            *budget -= MIN(*budget, RELINQUISH_TABLE_ENTRIES);
        }
        s->relinquished = here + PTE_BYTES(level);
    }
    return true;
}

int stage2_relinquish(struct stage2 *s, unsigned entries)
{
    struct stage2_gather all = { .count = STAGE2_GATHER_MAX + 1 };
    bool is_done;

    if (!s->table_pages || s->relinquished >> s->ipa_bits)
        return 0;
    is_done = tables_free(s, hw_phys_to_virt(s->root),
                          PTE_ENTRIES << stage2_walk_root_order(s->ipa_bits),
                          stage2_walk_start(s->ipa_bits), &entries);
    /* The tables are quiescent, not reused, until after this visit. */
    stage2_flush(s, &all);
    return is_done ? 0 : -ERESTART;
}

void stage2_destroy(struct stage2 *s)
{
    if (!s->table_pages)
        return;
    stage2_relinquish(s, UINT32_MAX);
    while (s->reserve) {
        uint64_t *t = s->reserve;

        s->reserve = (uint64_t *)t[0];
        page_free_el2(t);
    }
    /* Named still: another CPU's visit may be about to walk it. */
    page_free_el2(hw_phys_to_virt(s->root));
    s->table_pages = 0;
}

