/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading and writing the loaded vCPU's memory by the virtual addresses that hypercalls pass:
 * the CPU's own translation (AT S12E1), then EL2's direct map. Only RAM that has a struct page is
 * touched; never a device. Guest memory is untrusted: read once into EL2 memory, then check.
 */
#ifndef MM_GUEST_MEM_H
#define MM_GUEST_MEM_H

#include "core/base/hw.h"
#include "mm/page_bank.h"

/* 0 or -EFAULT; what was copied before the fault stays copied. Any length within a call's bound. */
int guest_mem_read(void *dst, gva_t src, size_t bytes);
int guest_mem_write(gva_t dst, const void *src, size_t bytes);

/* PAR_EL1 (DDI 0487) of a walk that failed with `par`, tried again if it may have met a leaf that
 * another CPU was just replacing. */
uint64_t guest_mem_translate_again(gva_t va, bool write, uint64_t par);
#define GUEST_MEM_PAR_F 1ul /* the walk failed */

static ALWAYS_INLINE void *guest_mem_find(gva_t va, bool write, bool is_own)
{
    uint64_t par = hw_at_s12e1(va, write), mfn, index;
    const struct page_bank *b;

    if (unlikely(par & GUEST_MEM_PAR_F)) {
        par = guest_mem_translate_again(va, write, par);
        if (par & GUEST_MEM_PAR_F)
            return NULL;
    }
    mfn = BITS_GET(par, 47, PAGE_SHIFT);
    b = page_bank_find(mfn, &index);
    if (unlikely(!b || (is_own && b->table[index].owner != hw_percpu()->domid &&
                        b->table[index].owner != DOMID_INVALID)))
        return NULL;
    return (char *)hw_phys_to_virt(mfn_to_paddr(mfn)) + va.v % PAGE_SIZE;
}

/* Translates one guest virtual address to a direct map pointer, valid for this EL2 visit only, to
 * the end of its page; NULL when it does not translate, or to another domain's page: that may be
 * taken back meanwhile, and no invalidation of the guest's TLB would stop EL2. */
static inline void *guest_mem_ptr(gva_t va, bool write) { return guest_mem_find(va, write, true); }
/* For a word that is read at once, by the next instruction. */
static inline void *guest_mem_word(gva_t va) { return guest_mem_find(va, false, false); }

/* Handles of the ABI: arrays and structures. index counts elements. */
#define guest_mem_read_handle(dst, handle, index) \
    guest_mem_read((dst), gva((uint64_t)(handle).p + (index) * sizeof(*(handle).p)), \
                   sizeof(*(handle).p))
#define guest_mem_write_handle(handle, index, src) \
    guest_mem_write(gva((uint64_t)(handle).p + (index) * sizeof(*(handle).p)), (src), \
                    sizeof(*(handle).p))

#endif
