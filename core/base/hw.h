/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one door to the machine. Two bodies: boot/hw_impl.h (AArch64 at EL2) and
 * tests/fake/hw_impl.h (a model with memory, recorded registers and a TLB); the include path
 * chooses. Everything here is `static inline` there; hw_serror_unmask() and hw_tlbi_vmid_local()
 * are there only. Nothing else at EL2 contains inline assembly, but for an empty one in lock.h.
 */
#ifndef CORE_BASE_HW_H
#define CORE_BASE_HW_H

#include "core/base/bits.h"
#include "core/base/types.h"
#include "core/base/percpu.h"

/*
 * hw_sysreg_read(REG), hw_sysreg_write(REG, v): a system register by the name of DDI 0487 (or
 * IHI 0069 for ICC_ and ICH_), or by its encoding, S<op0>_<op1>_C<CRn>_C<CRm>_<op2>; no barrier.
 * REG is a token that the assembler knows.
 */

/* --- barriers and events (DDI 0487, Barriers) ------------------------------------------- */
static inline void hw_isb(void);
static inline void hw_dsb_ish(void);    /* all accesses and TLB maintenance, inner shareable */
static inline void hw_dsb_ishst(void);  /* stores only */
static inline void hw_dsb_sy(void);     /* full system: before a device or another agent looks */
static inline void hw_yield(void); /* in a wait: others may go first */
static inline void hw_wfe(void);
static inline void hw_sev(void);
/* LDAXRH: acquire order, and arms the exclusive monitor, so that another CPU's store to *p is an
 * event that ends hw_wfe() (DDI 0487, Wait for Event; global monitor clearing). */
static inline uint16_t hw_load_exclusive16(const volatile uint16_t *p);
/* One attempt of *p |= arg, *p &= arg: LDAXR, STLXR. False: the store failed, nothing has changed.
 * *old is the value before. */
static inline bool hw_try_or32(uint32_t *p, uint32_t arg, uint32_t *old);
static inline bool hw_try_and32(uint32_t *p, uint32_t arg, uint32_t *old);
static inline bool hw_try_or64(uint64_t *p, uint64_t arg, uint64_t *old);
/* Adds one to a count that is neither 0 nor UINT32_MAX, acquire order; false: it is. */
static inline bool hw_take32(uint32_t *count);
static inline void hw_wfi(void);        /* returns on a physical interrupt, even a masked one */
static inline _Noreturn void hw_halt(void); /* this CPU does nothing any more */

/* --- this CPU ---------------------------------------------------------------------------- */
static inline struct percpu *hw_percpu(void);            /* TPIDR_EL2 */

/* --- time: CNTPCT_EL0 ticks ------------------------------------------------------------- */
static inline uint64_t hw_counter(void);                 /* ordered by an ISB before */

/* --- memory ------------------------------------------------------------------------------ */
/* EL2's map of all RAM (the direct map); pa must be RAM. */
static inline void *hw_phys_to_virt(paddr_t pa);
/* Inverse, for addresses in the direct map. */
static inline paddr_t hw_virt_to_phys(const void *va);
static inline void hw_page_zero(void *page);             /* 4 KiB, by DC ZVA */
/* hw_copy() for 256 bytes and more, through FP/SIMD registers, which it leaves as they are. */
static inline void hw_copy_bulk(void *dst, const void *src, size_t bytes);
/* Byte copy that never uses FP/SIMD and never faults; both in the direct map. */
static inline void hw_copy(void *dst, const void *src, size_t bytes);

/* --- MMIO (Device-nGnRE; va from el2_map_device) ---------------------------------------- */
static inline uint8_t hw_mmio_read8(const volatile void *va);
static inline uint32_t hw_mmio_read32(const volatile void *va);
static inline uint64_t hw_mmio_read64(const volatile void *va);
static inline void hw_mmio_write8(volatile void *va, uint8_t v);
static inline void hw_mmio_write32(volatile void *va, uint32_t v);
static inline void hw_mmio_write64(volatile void *va, uint64_t v);

/* --- caches: by VA to the point of coherency, DSB included ------------------------------- */
static inline void hw_dcache_clean(const void *va, size_t bytes);
static inline void hw_dcache_clean_inval(const void *va, size_t bytes);
static inline void hw_icache_inval_all(void);            /* IC IALLUIS; DSB; ISB */

/* --- translation ------------------------------------------------------------------------- */
/* AT S12E1R / S12E1W on the loaded vCPU's regime; returns PAR_EL1's value, and leaves the
 * guest's own PAR_EL1 as it was. Bit 0 set: the walk failed (DDI 0487, PAR_EL1). */
static inline uint64_t hw_at_s12e1(gva_t va, bool write);

/* --- TLB (DDI 0487, TLB maintenance instructions; all inner shareable) -------------------- */
/* VTTBR_EL2 of nobody, with tables that hold nothing: while EL1's registers are not, or not only,
 * those of the guest whose VMID is current, no walk succeeds, not even a speculative one (errata
 * 1319367 and 1319537 of Cortex-A72 and A57, and their like). Synchronised when it returns. */
static inline void hw_vttbr_clear(void);
/* Stage-2 entries of vttbr's VMID for `count` leaves' IPAs (last level only), and the combined
 * stage-1/2 entries of the VMID; waits. Makes the VMID current around it when it is not. */
static inline void hw_tlbi_ipas(uint64_t vttbr, const ipa_t *a, unsigned count);
static inline void hw_tlbi_vmid(uint64_t vttbr);         /* VMALLS12E1IS; waits */
static inline void hw_tlbi_all_guests(void);             /* ALLE1IS; waits */
static inline void hw_tlbi_el2_all(void);                /* ALLE2IS; waits; ISB */

/* --- firmware ---------------------------------------------------------------------------- */
struct hw_smc_result { uint64_t x0, x1, x2, x3; };
/* SMC #0 per SMCCC (DEN 0028); clobbers x0-x17 only. */
static inline struct hw_smc_result hw_smc(uint64_t fn, uint64_t a1, uint64_t a2, uint64_t a3);

/* --- guest register state that C never holds (boot/world.S) ------------------------------ */
struct hw_el1_state;
struct hw_fp_state;
/* What this CPU has stored is complete; an SError that was pending for it is taken: its ESR_EL2, 0:
 * there is none. The guest's registers, ELR_EL2 and SPSR_EL2 have been saved before. */
static inline uint64_t hw_serror_take(void);
/* All but the PAuth keys; and those, if the CPU has them. */
static inline void hw_el1_save(struct hw_el1_state *s);
static inline void hw_el1_restore(const struct hw_el1_state *s);
static inline void hw_pauth_save(struct hw_el1_state *s);
static inline void hw_pauth_restore(const struct hw_el1_state *s);
static inline void hw_fp_save(struct hw_fp_state *s);    /* FP/SIMD access enabled by the caller */
static inline void hw_fp_restore(const struct hw_fp_state *s);
/* Leaves EL2 for v, which vcpu_load() has loaded, by v->x[] and ELR_EL2/SPSR_EL2. The stack is
 * abandoned: it starts at its top at the next exception. */
static inline _Noreturn void hw_enter_guest(struct vcpu *v);

/*
 * A guest's EL1 and EL0 registers that are only saved when it is switched out (DDI 0487 names).
 * Order known to boot/world.S: change both together.
 */
struct hw_el1_state {
    uint64_t sp_el0, sp_el1, elr_el1, spsr_el1;
    uint64_t sctlr, cpacr, ttbr0, ttbr1;
    uint64_t tcr, mair, amair, vbar;
    uint64_t esr, far, afsr0, afsr1;
    uint64_t contextidr, tpidr_el0, tpidrro_el0, tpidr_el1;
    uint64_t par, csselr, cntkctl, mdscr;
    uint64_t actlr, spare;
    uint64_t pauth[10]; /* APIA, APIB, APDA, APDB, APGA: low, high; used when the CPU has PAuth */
};

struct hw_fp_state {
    __uint128_t v[32];
    uint64_t fpsr, fpcr;
};

#include "hw_impl.h"

static inline _Noreturn void hw_halt(void)
{
    for (;;)
        hw_wfi();
}

#endif
