/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translation table descriptors (DDI 0487, VMSAv8-64 translation table format descriptors; 4 KiB
 * granule, 48-bit output addresses): stage 2 of guests and EL2's own stage 1. Private to mm/.
 */
#ifndef MM_PTE_H
#define MM_PTE_H

#include "core/base/bits.h"

#define PTE_ENTRIES 512u
#define PTE_LEVEL_LAST 3u

/* Levels 0 to 3: an entry covers 512 GiB, 1 GiB, 2 MiB, 4 KiB. */
#define PTE_SHIFT(level) (PAGE_SHIFT + 9u * (PTE_LEVEL_LAST - (level)))
#define PTE_ORDER(level) (9u * (PTE_LEVEL_LAST - (level))) /* pages, log2 */
#define PTE_BYTES(level) (1ul << PTE_SHIFT(level))

#define PTE_VALID BIT(0)
#define PTE_TABLE BIT(1) /* levels 0-2: a table; level 3: must be set for a page */
#define PTE_ADDRESS BITS_MASK(47, 12)
#define PTE_SH_INNER (3ul << 8)
#define PTE_AF BIT(10)
#define PTE_XN BIT(54)

/* Stage 2 leaves. */
#define PTE_S2_MEMATTR_DEVICE (1ul << 2)  /* Device-nGnRE */
#define PTE_S2_MEMATTR_NORMAL (15ul << 2) /* inner and outer write-back */
#define PTE_S2_AP_SHIFT 6                 /* bit 0 read, bit 1 write */
#define PTE_S2_TYPE_SHIFT 55              /* enum stage2_type, ignored by hardware: [58:55] */

/* EL2 stage 1 leaves. */
#define PTE_EL2_INDEX(n) ((uint64_t)(n) << 2) /* MAIR_EL2 */
#define PTE_EL2_AP1 BIT(6)                    /* RES1 where there is one privilege level */
#define PTE_EL2_RO BIT(7)

static inline bool pte_is_table(uint64_t d, unsigned level)
{
    return level < PTE_LEVEL_LAST && (d & (PTE_VALID | PTE_TABLE)) == (PTE_VALID | PTE_TABLE);
}

/* Bits [1:0] of a leaf. */
static inline uint64_t pte_leaf_bits(unsigned level)
{
    return level == PTE_LEVEL_LAST ? PTE_VALID | PTE_TABLE : PTE_VALID;
}

static inline unsigned pte_index(uint64_t address, unsigned level)
{
    return (address >> PTE_SHIFT(level)) & (PTE_ENTRIES - 1);
}

#endif
