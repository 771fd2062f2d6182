/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The modelled body of core/base/hw.h, for host tests. What tests set and look at is in
 * tests/fake/fake.h. Unlike the machine, it fails the test when it is used wrongly.
 */
#ifndef TESTS_FAKE_HW_IMPL_H
#define TESTS_FAKE_HW_IMPL_H

#include <string.h>

#include "tests/fake/fake.h"

#define hw_sysreg_read(reg) fake_sysreg_read(FAKE_##reg)
#define hw_sysreg_write(reg, v) fake_sysreg_write(FAKE_##reg, (v))

static inline void hw_isb(void) { fake_note(FAKE_EV_ISB, 0, 0); }

static inline void hw_dsb_ish(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    fake_note(FAKE_EV_DSB_ISH, 0, 0);
}

static inline void hw_dsb_ishst(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    fake_note(FAKE_EV_DSB_ISHST, 0, 0);
}

static inline void hw_dsb_sy(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    fake_note(FAKE_EV_DSB_SY, 0, 0);
}

static inline uint16_t hw_load_exclusive16(const volatile uint16_t *p)
{
    return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

#define FAKE_TRY(name, type, op) \
    static inline bool name(type *p, type arg, type *old) \
    { \
        *old = __atomic_load_n(p, __ATOMIC_RELAXED); \
        if (fake_on_try) \
            fake_on_try(); \
        return __atomic_compare_exchange_n(p, old, *old op arg, false, __ATOMIC_SEQ_CST, \
                                           __ATOMIC_RELAXED); \
    }
FAKE_TRY(hw_try_or32, uint32_t, |)
FAKE_TRY(hw_try_and32, uint32_t, &)
FAKE_TRY(hw_try_or64, uint64_t, |)
#undef FAKE_TRY

static inline bool hw_take32(uint32_t *count)
{
    uint32_t was = __atomic_load_n(count, __ATOMIC_RELAXED);

    while (was != 0 && was != UINT32_MAX)
        if (__atomic_compare_exchange_n(count, &was, was + 1, true, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
            return true;
    return false;
}

static inline void hw_wfe(void) { fake_wait(FAKE_EV_WFE); }
static inline void hw_sev(void) { fake_note(FAKE_EV_SEV, 0, 0); }
static inline void hw_yield(void) { fake_wait(FAKE_EV_YIELD); }
static inline void hw_wfi(void) { fake_wait(FAKE_EV_WFI); }

static inline struct percpu *hw_percpu(void) { return fake_percpu; }

static inline uint64_t hw_counter(void) { return fake_counter_read(); }

static inline void *hw_phys_to_virt(paddr_t pa) { return fake_phys_to_virt(pa); }
static inline paddr_t hw_virt_to_phys(const void *va) { return fake_virt_to_phys(va); }

static inline void hw_page_zero(void *page)
{
    fake_check(IS_ALIGNED((uintptr_t)page, PAGE_SIZE), "hw_page_zero: %p is not a page", page);
    fake_note(FAKE_EV_PAGE_ZERO, (uintptr_t)page, 0);
    memset(page, 0, PAGE_SIZE);
}

static inline void hw_copy_bulk(void *dst, const void *src, size_t bytes)
{
    memcpy(dst, src, bytes);
}

static inline void hw_copy(void *dst, const void *src, size_t bytes) { memcpy(dst, src, bytes); }

static inline uint8_t hw_mmio_read8(const volatile void *va)
{
    return (uint8_t)fake_mmio_read((uintptr_t)va, 1);
}

static inline uint32_t hw_mmio_read32(const volatile void *va)
{
    return (uint32_t)fake_mmio_read((uintptr_t)va, 4);
}

static inline uint64_t hw_mmio_read64(const volatile void *va)
{
    return fake_mmio_read((uintptr_t)va, 8);
}

static inline void hw_mmio_write8(volatile void *va, uint8_t v)
{
    fake_mmio_write((uintptr_t)va, 1, v);
}

static inline void hw_mmio_write32(volatile void *va, uint32_t v)
{
    fake_mmio_write((uintptr_t)va, 4, v);
}

static inline void hw_mmio_write64(volatile void *va, uint64_t v)
{
    fake_mmio_write((uintptr_t)va, 8, v);
}

static inline void hw_dcache_clean(const void *va, size_t bytes)
{
    fake_note(FAKE_EV_DCACHE_CLEAN, (uintptr_t)va, bytes);
}

static inline void hw_dcache_clean_inval(const void *va, size_t bytes)
{
    fake_note(FAKE_EV_DCACHE_CLEAN_INVAL, (uintptr_t)va, bytes);
}

static inline void hw_icache_inval_all(void) { fake_note(FAKE_EV_ICACHE_INVAL, 0, 0); }

static inline uint64_t hw_at_s12e1(gva_t va, bool write) { return fake_at(va, write); }

static inline void hw_vttbr_clear(void)
{
    hw_sysreg_write(VTTBR_EL2, 0);
    hw_isb();
}

static inline void hw_tlbi_ipas(uint64_t vttbr, const ipa_t *a, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        fake_tlbi_ipa(vttbr, a[i]);
    fake_tlbi_ipa_finish(vttbr);
}

static inline void hw_tlbi_vmid(uint64_t vttbr) { fake_tlbi_vmid(vttbr); }
static inline void hw_tlbi_vmid_local(void) { fake_note(FAKE_EV_TLBI_LOCAL, 0, 0); }
static inline void hw_tlbi_all_guests(void) { fake_tlbi_all_guests(); }

static inline void hw_tlbi_el2_all(void) { fake_note(FAKE_EV_TLBI_EL2_ALL, 0, 0); }

static inline struct hw_smc_result hw_smc(uint64_t fn, uint64_t a1, uint64_t a2, uint64_t a3)
{
    uint64_t x[4] = { fn, a1, a2, a3 };

    fake_smc_call(x);
    return (struct hw_smc_result){ x[0], x[1], x[2], x[3] };
}

static inline uint64_t hw_serror_take(void)
{
    uint64_t esr = fake_serror;

    hw_dsb_sy();
    fake_serror = 0;
    return esr;
}

static inline void hw_el1_save(struct hw_el1_state *s)
{
    memcpy(s, fake_el1_state(), sizeof(*s));
}

static inline void hw_el1_restore(const struct hw_el1_state *s)
{
    fake_note(FAKE_EV_EL1_RESTORE, fake_sysreg_get(FAKE_VTTBR_EL2), 0);
    memcpy(fake_el1_state(), s, sizeof(*s));
}

static inline void hw_pauth_save(struct hw_el1_state *) {} /* the two above have done it */
static inline void hw_pauth_restore(const struct hw_el1_state *) {}

static inline void hw_fp_save(struct hw_fp_state *s) { memcpy(s, fake_fp_state(), sizeof(*s)); }

static inline void hw_fp_restore(const struct hw_fp_state *s)
{
    memcpy(fake_fp_state(), s, sizeof(*s));
}

static inline _Noreturn void hw_enter_guest(struct vcpu *v) { fake_enter_guest(v); }

#endif
