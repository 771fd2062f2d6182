/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loaded vCPU's memory by virtual address: the CPU's own two stages of translation, then
 * EL2's direct map. Checks that what comes out is RAM; what is in it is the caller's to check.
 * No state, no lock.
 */
#include "mm/guest_mem.h"

#include "core/base/errors.h"
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
        hw_isb(); /* the walk comes after that look */
        par = hw_at_s12e1(va, write);
    } while (par & GUEST_MEM_PAR_F && par & PAR_S && stage2_break_retry(s, seq));
    return par;
}

/* In line in both: `write` is a constant there. */
static ALWAYS_INLINE int copy(char *own, gva_t va, size_t bytes, bool write)
{
    while (bytes) {
        size_t n = MIN(bytes, PAGE_SIZE - (va.v & (PAGE_SIZE - 1)));
        void *theirs = guest_mem_ptr(va, write);

        if (unlikely(!theirs))
            return -EFAULT;
        hw_copy(write ? theirs : own, write ? own : theirs, n);
        own += n;
        va.v += n;
        bytes -= n;
    }
    return 0;
}

int guest_mem_read(void *dst, gva_t src, size_t bytes) { return copy(dst, src, bytes, false); }

int guest_mem_write(gva_t dst, const void *src, size_t bytes)
{
    return copy((char *)(uintptr_t)src, dst, bytes, true); /* only read from */
}
