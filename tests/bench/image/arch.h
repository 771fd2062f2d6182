/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The machine as a guest sees it: registers, barriers, the counter, calls upward. Time is counted
 * in ticks of CNTPCT_EL0, which no hypervisor of ours traps and which all domains share.
 */
#ifndef TESTS_BENCH_ARCH_H
#define TESTS_BENCH_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYSREG_READ(name) ({ \
    uint64_t value_; \
    __asm__ volatile("mrs %0, " name : "=r"(value_) : : "memory"); \
    value_; })
#define SYSREG_WRITE(name, value) \
    __asm__ volatile("msr " name ", %0" : : "r"((uint64_t)(value)) : "memory")

static inline void isb(void) { __asm__ volatile("isb" : : : "memory"); }
static inline void dsb(void) { __asm__ volatile("dsb sy" : : : "memory"); }
static inline void wfi(void) { __asm__ volatile("wfi" : : : "memory"); }
/* Under -icount the other CPU gets time only when this one yields. */
static inline void relax(void) { __asm__ volatile("yield" : : : "memory"); }
static inline void irqs_on(void) { __asm__ volatile("msr daifclr, #2" : : : "memory"); }
static inline void irqs_off(void) { __asm__ volatile("msr daifset, #2" : : : "memory"); }

/* For intervals: what stands before has happened, what stands behind has not begun. */
static inline uint64_t ticks(void)
{
    uint64_t value;

    __asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(value) : : "memory");
    return value;
}

static inline uint32_t mmio_read(uint64_t address)
{
    uint32_t value;

    __asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return value;
}

static inline void mmio_write(uint64_t address, uint32_t value)
{
    __asm__ volatile("str %w0, [%1]" : : "r"(value), "r"(address) : "memory");
}

static inline void mmio_write8(uint64_t address, uint8_t value)
{
    __asm__ volatile("strb %w0, [%1]" : : "r"(value), "r"(address) : "memory");
}

/* Xen's hypercall (arch-arm.h): it may change x16 and its arguments. */
static inline int64_t hypercall(uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2)
{
    register uint64_t x0 __asm__("x0") = a0;
    register uint64_t x1 __asm__("x1") = a1;
    register uint64_t x2 __asm__("x2") = a2;
    register uint64_t x16 __asm__("x16") = nr;

    __asm__ volatile("hvc #0xea1" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x16)
                     : : "memory");
    return (int64_t)x0;
}

#define SMCCC_CLOBBERS "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", \
    "x15", "x16", "x17", "memory"

static inline int64_t smccc(bool by_hvc, uint64_t fn, uint64_t a1, uint64_t a2, uint64_t a3)
{
    register uint64_t x0 __asm__("x0") = fn;
    register uint64_t x1 __asm__("x1") = a1;
    register uint64_t x2 __asm__("x2") = a2;
    register uint64_t x3 __asm__("x3") = a3;

    if (by_hvc)
        __asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : SMCCC_CLOBBERS);
    else
        __asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : SMCCC_CLOBBERS);
    return (int64_t)x0;
}

#define PSCI_VERSION 0x84000000u
#define PSCI_SYSTEM_OFF 0x84000008u
#define PSCI_CPU_ON64 0xc4000003u

#endif
