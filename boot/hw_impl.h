/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The real body of core/base/hw.h: AArch64 at EL2, inline assembly. What is too long to be inlined
 * is in boot/world.S. Holds no state and no policy.
 */
#ifndef BOOT_HW_IMPL_H
#define BOOT_HW_IMPL_H

#include "core/base/string.h"
#include "core/base/sysreg_bits.h"
#include "core/base/types.h"
#include "mm/el2_map.h"

#define HW_INLINE static inline __attribute__((always_inline))

/* --- system registers: by the assembler's names --- */
#define hw_sysreg_read(reg) \
    ({ \
        uint64_t v_; \
        __asm__ volatile("mrs %0, " #reg : "=r"(v_) : : "memory"); \
        v_; \
    })
#define hw_sysreg_write(reg, v) \
    __asm__ volatile("msr " #reg ", %x0" : : "rZ"((uint64_t)(v)) : "memory")

/* --- boot/world.S --- */
void world_el1_save(struct hw_el1_state *s);
void world_el1_restore(const struct hw_el1_state *s);
void world_pauth_save(struct hw_el1_state *s);
void world_pauth_restore(const struct hw_el1_state *s);
void world_fp_save(struct hw_fp_state *s);
void world_fp_restore(const struct hw_fp_state *s);
void world_copy_bulk(void *dst, const void *src, size_t bytes);
_Noreturn void world_enter(struct vcpu *v);

/* --- barriers and events --- */
HW_INLINE void hw_isb(void) { __asm__ volatile("isb" : : : "memory"); }
HW_INLINE void hw_dsb_ish(void) { __asm__ volatile("dsb ish" : : : "memory"); }
HW_INLINE void hw_dsb_ishst(void) { __asm__ volatile("dsb ishst" : : : "memory"); }
HW_INLINE void hw_dsb_sy(void) { __asm__ volatile("dsb sy" : : : "memory"); }
HW_INLINE void hw_yield(void) { __asm__ volatile("yield" : : : "memory"); }
HW_INLINE void hw_wfe(void) { __asm__ volatile("wfe" : : : "memory"); }
HW_INLINE void hw_sev(void) { __asm__ volatile("sev" : : : "memory"); }
HW_INLINE uint16_t hw_load_exclusive16(const volatile uint16_t *p)
{
    uint32_t v;

    __asm__ volatile("ldaxrh %w0, %1" : "=r"(v) : "Q"(*p) : "memory");
    return (uint16_t)v;
}

#define HW_TRY(name, type, insn, w) \
    HW_INLINE bool name(type *p, type arg, type *old) \
    { \
        type was, now; \
        uint32_t failed; \
        __asm__ volatile("ldaxr %" w "0, %3\n\t" insn " %" w "1, %" w "0, %" w "4\n\t" \
                         "stlxr %w2, %" w "1, %3" : "=&r"(was), "=&r"(now), "=&r"(failed), \
                         "+Q"(*p) : "r"(arg) : "memory"); \
        *old = was; \
        return !failed; \
    }
HW_TRY(hw_try_or32, uint32_t, "orr", "w")
HW_TRY(hw_try_and32, uint32_t, "and", "w")
HW_TRY(hw_try_or64, uint64_t, "orr", "x")

/* In one exclusive pair, which the compiler's own compare and exchange is not. */
HW_INLINE bool hw_take32(uint32_t *count)
{
    uint32_t was, now, failed;

    __asm__ volatile goto("1:\tldaxr %w0, [%3]\n\tsub %w1, %w0, #1\n\tcmn %w1, #2\n\t"
                          "b.hs %l[none]\n\tadd %w1, %w0, #1\n\tstxr %w2, %w1, [%3]\n\t"
                          "cbnz %w2, 1b" : "=&r"(was), "=&r"(now), "=&r"(failed) : "r"(count)
                          : "memory", "cc" : none);
    return true;
none:
    return false;
}

/* DSB: what was written before is seen by those who may wake this CPU. */
HW_INLINE void hw_wfi(void) { __asm__ volatile("dsb sy\n\twfi" : : : "memory"); }

/* --- this CPU --- */
HW_INLINE struct percpu *hw_percpu(void)
{
    struct percpu *p;

    /* Not volatile: it never changes once C runs, so the compiler may keep it. */
    __asm__("mrs %0, tpidr_el2" : "=r"(p));
    return p;
}

/* --- time --- */
HW_INLINE uint64_t hw_counter(void)
{
    uint64_t v;

    __asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(v) : : "memory");
    return v;
}

/* --- SErrors --- */
uint64_t world_serror_take(void);
/* DSB: what the guest has stored has been answered; ISB: then ISR_EL1 is read. */
HW_INLINE uint64_t hw_serror_take(void)
{
    hw_dsb_sy();
    hw_isb();
    return hw_sysreg_read(ISR_EL1) & ISR_A ? world_serror_take() : 0;
}
HW_INLINE void hw_serror_unmask(void) { __asm__ volatile("msr daifclr, #4" : : : "memory"); }

/* --- memory --- */
HW_INLINE void *hw_phys_to_virt(paddr_t pa) { return (void *)(pa.v + EL2_DIRECT_BASE); }
HW_INLINE paddr_t hw_virt_to_phys(const void *va)
{
    return (paddr_t){ (uint64_t)va - EL2_DIRECT_BASE };
}

/* An instruction on operand 0's block or cache line, and on the next seven, each operand 1 further:
 * a page at most, for where a block should be larger than an eighth, it is met more than once. */
#define HW_TWO(op) op ", %0\n\tadd %0, %0, %1\n\t" op ", %0"
#define HW_FOUR(op) HW_TWO(op) "\n\tadd %0, %0, %1\n\t" HW_TWO(op)
#define HW_EIGHT(op) HW_FOUR(op) "\n\tadd %0, %0, %1\n\t" HW_FOUR(op)

/* DCZID_EL0.BS is log2 of the block in words; DZP never applies at EL2 (DDI 0487, DCZID_EL0). */
static inline void hw_page_zero(void *page)
{
    size_t block = MIN(4ul << (hw_sysreg_read(DCZID_EL0) & 15), PAGE_SIZE / 8);
    char *p = page, *end = p + PAGE_SIZE;

    do {
        __asm__ volatile(HW_EIGHT("dc zva") : "+&r"(p) : "r"(block) : "memory");
        p += block;
    } while (p < end);
}

HW_INLINE void hw_copy_bulk(void *dst, const void *src, size_t bytes)
{
    world_copy_bulk(dst, src, bytes);
}
HW_INLINE void hw_copy(void *dst, const void *src, size_t bytes) { memcpy(dst, src, bytes); }

/* --- MMIO: one register, no writeback: what a hypervisor below could emulate. Loads acquire: other
 * loads from devices may block a Cortex-A57 that is in an exclusive pair (erratum 832075) --- */
#define HW_MMIO(bits, width, reg) \
    HW_INLINE uint##bits##_t hw_mmio_read##bits(const volatile void *va) \
    { \
        uint##bits##_t v; \
        __asm__ volatile("ldar" width " %" reg "0, %1" \
                         : "=r"(v) : "Q"(*(const volatile uint##bits##_t *)va) : "memory"); \
        return v; \
    } \
    HW_INLINE void hw_mmio_write##bits(volatile void *va, uint##bits##_t v) \
    { \
        __asm__ volatile("str" width " %" reg "1, %0" \
                         : "=m"(*(volatile uint##bits##_t *)va) : "rZ"(v) : "memory"); \
    }
HW_MMIO(8, "b", "w")
HW_MMIO(32, "", "w")
HW_MMIO(64, "", "x")
#undef HW_MMIO

/* --- caches --- */
/* DminLine is log2 of words. DSB: complete before an agent that does not snoop is told to look. */
#define HW_DCACHE(name, op) \
    static inline void name(const void *va, size_t bytes) \
    { \
        size_t line = MIN(4ul << ((hw_sysreg_read(CTR_EL0) >> 16) & 15), PAGE_SIZE / 8); \
        uint64_t end = (uint64_t)va + bytes; \
        for (uint64_t p = (uint64_t)va & ~(8 * line - 1); p < end; p += line) \
            __asm__ volatile(HW_EIGHT("dc " op) : "+&r"(p) : "r"(line) : "memory"); \
        hw_dsb_sy(); \
    }
HW_DCACHE(hw_dcache_clean, "cvac")
HW_DCACHE(hw_dcache_clean_inval, "civac")
#undef HW_DCACHE

HW_INLINE void hw_icache_inval_all(void)
{
    __asm__ volatile("ic ialluis\n\tdsb ish\n\tisb" : : : "memory");
}

/* --- translation: the guest's PAR_EL1 is put back, for it may be between its own AT and MRS --- */
static inline uint64_t hw_at_s12e1(gva_t va, bool write)
{
    uint64_t old = hw_sysreg_read(PAR_EL1), par;

    if (write)
        __asm__ volatile("at s12e1w, %0\n\tisb" : : "r"(va.v) : "memory");
    else
        __asm__ volatile("at s12e1r, %0\n\tisb" : : "r"(va.v) : "memory");
    par = hw_sysreg_read(PAR_EL1);
    hw_sysreg_write(PAR_EL1, old);
    return par;
}

/* --- TLB --- */
extern uint64_t boot_no_guest; /* VTTBR_EL2 with VMID 0 and empty tables, enough for any VTCR_EL2 */

HW_INLINE void hw_vttbr_clear(void)
{
    hw_sysreg_write(VTTBR_EL2, boot_no_guest);
    hw_isb();
}

/* Makes vttbr's VMID current; returns what to hand to hw_vttbr_leave(). */
HW_INLINE uint64_t hw_vttbr_enter(uint64_t vttbr)
{
    uint64_t old = hw_sysreg_read(VTTBR_EL2);

    if (old != vttbr) {
        hw_sysreg_write(VTTBR_EL2, vttbr >> 48 << 48 | boot_no_guest);
        hw_isb(); /* the TLBI that follows takes the VMID from the new value */
    }
    return old;
}

HW_INLINE void hw_vttbr_leave(uint64_t old, uint64_t vttbr)
{
    if (old != vttbr) {
        hw_sysreg_write(VTTBR_EL2, old);
        hw_isb(); /* pairs with the next TLBI or AT that relies on the loaded guest's VMID */
    }
}

static inline void hw_tlbi_ipas(uint64_t vttbr, const ipa_t *a, unsigned count)
{
    uint64_t old = hw_vttbr_enter(vttbr);

    for (const ipa_t *end = a + count; a != end; a++)
        __asm__ volatile("tlbi ipas2le1is, %0" : : "r"(a->v >> PAGE_SHIFT) : "memory");
    /* First DSB: the IPA invalidations are complete, so the combined entries dropped next
     * cannot be made again from them. Second: complete before the page is used for else. */
    __asm__ volatile("dsb ish\n\ttlbi vmalle1is\n\tdsb ish\n\tisb" : : : "memory");
    hw_vttbr_leave(old, vttbr);
}

static inline void hw_tlbi_vmid(uint64_t vttbr)
{
    uint64_t old = hw_vttbr_enter(vttbr);

    __asm__ volatile("dsb ishst\n\ttlbi vmalls12e1is\n\tdsb ish\n\tisb" : : : "memory");
    hw_vttbr_leave(old, vttbr);
}

/* What this CPU has cached of the current VMID's stage 1. Complete at the next context
 * synchronisation. */
HW_INLINE void hw_tlbi_vmid_local(void)
{
    __asm__ volatile("isb\n\ttlbi vmalle1\n\tdsb nsh" : : : "memory");
}

HW_INLINE void hw_tlbi_all_guests(void)
{
    __asm__ volatile("dsb ishst\n\ttlbi alle1is\n\tdsb ish\n\tisb" : : : "memory");
}

HW_INLINE void hw_tlbi_el2_all(void)
{
    __asm__ volatile("dsb ishst\n\ttlbi alle2is\n\tdsb ish\n\tisb" : : : "memory");
}

/* --- firmware --- */
static inline struct hw_smc_result hw_smc(uint64_t fn, uint64_t a1, uint64_t a2, uint64_t a3)
{
    register uint64_t x0 __asm__("x0") = fn;
    register uint64_t x1 __asm__("x1") = a1;
    register uint64_t x2 __asm__("x2") = a2;
    register uint64_t x3 __asm__("x3") = a3;

    __asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) :
                     : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14",
                       "x15", "x16", "x17", "memory");
    return (struct hw_smc_result){ x0, x1, x2, x3 };
}

/* --- guest register state --- */
HW_INLINE void hw_el1_save(struct hw_el1_state *s) { world_el1_save(s); }
HW_INLINE void hw_pauth_save(struct hw_el1_state *s) { world_pauth_save(s); }
HW_INLINE void hw_el1_restore(const struct hw_el1_state *s) { world_el1_restore(s); }
HW_INLINE void hw_pauth_restore(const struct hw_el1_state *s) { world_pauth_restore(s); }
HW_INLINE void hw_fp_save(struct hw_fp_state *s) { world_fp_save(s); }
HW_INLINE void hw_fp_restore(const struct hw_fp_state *s) { world_fp_restore(s); }
HW_INLINE _Noreturn void hw_enter_guest(struct vcpu *v) { world_enter(v); }

#endif
