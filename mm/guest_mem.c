/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loaded vCPU's memory by virtual address: the CPU's own two stages of translation, then
 * EL2's direct map. Checks that what comes out is RAM; what is in it is the caller's to check.
 * No state, no lock.
 */
#include "mm/guest_mem.h"

#include "core/base/errors.h"
#include "mm/stage2.h"
#include "mm/vmid.h"

#define PAR_S (1ul << 9) /* the walk failed in stage 2 */

uint64_t guest_mem_translate_again(gva_t va, bool write, uint64_t par)
{
    const struct stage2 *s = vmid_active();
    uint32_t seq;

    if (!s || !(par & PAR_S))
        return par;
    do {
        seq = stage2_break_begin(s);
        par = hw_at_s12e1(va, write);
    } while (par & GUEST_MEM_PAR_F && par & PAR_S && stage2_break_retry(s, seq));
    return par;
}

static size_t to_page_end(gva_t va, size_t bytes)
{
    return MIN(bytes, PAGE_SIZE - (va.v & (PAGE_SIZE - 1)));
}

int guest_mem_read(void *dst, gva_t src, size_t bytes)
{
    while (bytes) {
        size_t n = to_page_end(src, bytes);
        const void *from = guest_mem_ptr(src, false);

        if (unlikely(!from))
            return -EFAULT;
        hw_copy(dst, from, n);
        dst = (char *)dst + n;
        src.v += n;
        bytes -= n;
    }
    return 0;
}

int guest_mem_write(gva_t dst, const void *src, size_t bytes)
{
    while (bytes) {
        size_t n = to_page_end(dst, bytes);
        void *to = guest_mem_ptr(dst, true);

        if (unlikely(!to))
            return -EFAULT;
        hw_copy(to, src, n);
        src = (const char *)src + n;
        dst.v += n;
        bytes -= n;
    }
    return 0;
}
