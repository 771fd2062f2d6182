/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Masks in and out of the control interface. Little-endian on both sides. No state.
 */
#include "core/ctl_bitmap.h"

#include "core/base/errors.h"
#include "mm/guest_mem.h"

#define CTL_BITMAP_BYTES_MAX 1024u

int ctl_bitmap_read(uint64_t *mask, const struct xenctl_bitmap *b)
{
    unsigned bits = MIN(b->nr_bits, 64u);
    uint64_t v = 0;

    if (guest_mem_read(&v, gva((uint64_t)b->bitmap.p), (bits + 7) / 8))
        return -EFAULT;
    *mask = bits < 64 ? v & ~(~0ul << bits) : v;
    return 0;
}

int ctl_bitmap_write(const struct xenctl_bitmap *b, uint64_t mask)
{
    size_t bytes = ((size_t)b->nr_bits + 7) / 8;
    uint64_t at = (uint64_t)b->bitmap.p;
    uint64_t v = b->nr_bits < 64 ? mask & ~(~0ul << b->nr_bits) : mask;

    if (bytes > CTL_BITMAP_BYTES_MAX)
        return -E2BIG;
    while (bytes) {
        size_t n = MIN(bytes, sizeof(v));

        if (guest_mem_write(gva(at), &v, n))
            return -EFAULT;
        v = 0;
        at += n;
        bytes -= n;
    }
    return 0;
}
