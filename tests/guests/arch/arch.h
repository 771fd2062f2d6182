/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The guest that checks the architecture, from inside: each check prints "ok NAME" or
 * "FAIL NAME: got, wanted" on the Xen console.
 */
#ifndef TESTS_GUESTS_ARCH_H
#define TESTS_GUESTS_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BIT(n) (1ul << (n))

#define mrs(reg) \
    ({ \
        uint64_t v_; \
        __asm__ volatile("mrs %0, " #reg : "=r"(v_) : : "memory"); \
        v_; \
    })
#define msr(reg, v) __asm__ volatile("msr " #reg ", %x0" : : "rZ"((uint64_t)(v)) : "memory")
#define isb() __asm__ volatile("isb" : : : "memory")
#define dsb() __asm__ volatile("dsb sy" : : : "memory")

static inline uint32_t rd32(uint64_t a)
{
    uint32_t v;

    __asm__ volatile("ldr %w0, [%1]" : "=r"(v) : "r"(a) : "memory");
    return v;
}
static inline void wr32(uint64_t a, uint32_t v)
{
    __asm__ volatile("str %w0, [%1]" : : "r"(v), "r"(a) : "memory");
}
static inline uint8_t rd8(uint64_t a)
{
    uint32_t v;

    __asm__ volatile("ldrb %w0, [%1]" : "=r"(v) : "r"(a) : "memory");
    return (uint8_t)v;
}
static inline void wr8(uint64_t a, uint8_t v)
{
    __asm__ volatile("strb %w0, [%1]" : : "r"((uint32_t)v), "r"(a) : "memory");
}
static inline uint64_t rd64(uint64_t a)
{
    uint64_t v;

    __asm__ volatile("ldr %0, [%1]" : "=r"(v) : "r"(a) : "memory");
    return v;
}
static inline void wr64(uint64_t a, uint64_t v)
{
    __asm__ volatile("str %0, [%1]" : : "r"(v), "r"(a) : "memory");
}

/* --- main.c --- */
struct frame { uint64_t x[31], elr, spsr; };

/* The last exception that was not an interrupt. */
struct caught { unsigned count, vector; uint64_t esr, far, elr, spsr, pstate, x[6]; };
extern volatile struct caught caught;
/* What the handler does with the frame after noting it; NULL: skips the instruction. */
extern void (*volatile on_caught)(struct frame *f);
/* What an IRQ does; it acknowledges. */
extern void (*volatile on_irq)(void);

void check(const char *name, uint64_t got, uint64_t wanted);
void print(const char *text);
/* x4 for below(). */
extern uint64_t argument;
/* Goes to pc with this SPSR until the next exception, which is caught. */
void below(const void *pc, uint64_t spsr);
uint64_t psci(uint64_t fn, uint64_t a1, uint64_t a2, uint64_t a3);
/* The second vCPU runs fn once; returns when it has. */
void on_second(void (*fn)(void));
/* True as soon as *word is not 0; false after two seconds. */
bool wait_for(volatile unsigned *word);

#define NOTHING 0x10000000ul         /* no memory there */
#define USER_RAM 0x40000000ul        /* added to an address in RAM: EL0 may use it */
#define USER_DEVICE 0xc0000000ul     /* added to an address in the first GiB */
#define LOST_TABLE 0x100000000ul     /* its level 2 table is not there */
#define SPSR_EL1H 0x3c5ul
#define SPSR_EL1T 0x3c4ul
#define SPSR_EL0 0ul
#define SPSR_EL0_32 0x10ul

/* --- the rest --- */
#define GICD 0x03001000ul
#define GICC 0x03002000ul
#define GICR 0x03020000ul
extern unsigned gic_version;
void gic_start(void);             /* on each vCPU: on, all priorities pass */
uint32_t gic_ack(void);
void gic_end(uint32_t iar);
void gic_ppi_enable(unsigned intid, bool on);
void gic_checks(void);
void fault_checks(void);
void debug_checks(void);
void pmu_checks(void);
void aarch32_checks(void);

#endif
