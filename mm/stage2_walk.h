/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one walker of stage-2 tables, for stage2.c and stage2_walk.c: inlined, because mapping a
 * page is little more than this.
 */
#ifndef MM_STAGE2_WALK_H
#define MM_STAGE2_WALK_H

#include "mm/stage2.h"

static inline unsigned stage2_walk_start(unsigned ipa_bits)
{
    return ipa_bits > STAGE2_BITS_SHORT ? 0 : 1; /* 39 and 16 concatenated tables */
}

/* Order of the root: concatenated tables where the start level has more than 512 entries. */
static inline unsigned stage2_walk_root_order(unsigned ipa_bits)
{
    unsigned bits = PTE_SHIFT(stage2_walk_start(ipa_bits)) + 9;

    return ipa_bits > bits ? ipa_bits - bits : 0;
}

static inline uint64_t *stage2_walk_table(uint64_t descriptor)
{
    return hw_phys_to_virt(paddr(descriptor & PTE_ADDRESS));
}

/* Where a walk ended: the entry, what it held when it was read (once: without the lock it may
 * change any time), and its level. */
struct stage2_walk {
    uint64_t *entry, descriptor;
    unsigned level;
};

/* From the level before to `level`; false: the walk has ended. */
static inline bool stage2_walk_down(struct stage2_walk *w, uint64_t address, unsigned level,
                                    unsigned target)
{
    if (level > target || !pte_is_table(w->descriptor, level - 1))
        return false;
    w->entry = &stage2_walk_table(w->descriptor)[pte_index(address, level)];
    w->descriptor = READ_ONCE(*w->entry);
    w->level = level;
    return true;
}

/* To the entry for an address in range of `target` level, or of the level where the tables end
 * before. No loop: each level's shifts are constants. */
static inline struct stage2_walk stage2_walk_to(const struct stage2 *s, uint64_t address,
                                                unsigned target)
{
    uint64_t *e = (uint64_t *)hw_phys_to_virt(s->root) + (address >> s->root_shift);
    unsigned start = likely(s->root_shift == PTE_SHIFT(1)) ? 1 : 0;
    struct stage2_walk w = { e, READ_ONCE(*e), start };

    if ((start || stage2_walk_down(&w, address, 1, target)) &&
        stage2_walk_down(&w, address, 2, target))
        stage2_walk_down(&w, address, 3, target);
    return w;
}

/* What a valid leaf says about the address. */
static inline void stage2_walk_leaf(uint64_t d, uint64_t address, unsigned level,
                                    struct stage2_leaf *leaf)
{
    uint32_t prot = (uint32_t)(d >> PTE_S2_AP_SHIFT) & STAGE2_RW;

    if (!(d & PTE_XN))
        prot |= STAGE2_X;
    if ((d & PTE_S2_MEMATTR_NORMAL) != PTE_S2_MEMATTR_NORMAL)
        prot |= STAGE2_DEVICE;
    leaf->pa = paddr((d & PTE_ADDRESS) | (address & (PTE_BYTES(level) - 1)));
    leaf->type = (enum stage2_type)((d >> PTE_S2_TYPE_SHIFT) & 15);
    leaf->prot = (enum stage2_prot)prot;
    leaf->order = PTE_ORDER(level);
}

#endif
