/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bit and field helpers. Bitmaps are arrays of uint64_t. The atomic ones order nothing
 * (relaxed) unless their name says so; pair them with a lock or an explicit barrier.
 */
#ifndef CORE_BASE_BITS_H
#define CORE_BASE_BITS_H

#include "core/base/types.h"

#define BIT(n) (1ul << (n))
#define BITS_MASK(hi, lo) ((~0ul >> (63 - (hi))) & (~0ul << (lo)))
#define BITS_GET(v, hi, lo) (((v) >> (lo)) & (~0ul >> (63 - ((hi) - (lo)))))
#define BITMAP_WORDS(n) (((n) + 63) / 64)

static inline bool bitmap_test(const uint64_t *map, unsigned n)
{
    return (map[n / 64] >> (n % 64)) & 1;
}

static inline void bitmap_set(uint64_t *map, unsigned n) { map[n / 64] |= BIT(n % 64); }

static inline unsigned bit_lowest(uint64_t v) { return (unsigned)__builtin_ctzl(v); }
static inline unsigned bit_highest(uint64_t v) { return 63u - (unsigned)__builtin_clzl(v); }

#endif
