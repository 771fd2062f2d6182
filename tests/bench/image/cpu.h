/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The image's CPUs (vCPUs of a guest): start, work for the other CPU, MMU. CPU 0 runs the rows and
 * gives the others a function at a time.
 */
#ifndef TESTS_BENCH_CPU_H
#define TESTS_BENCH_CPU_H

#include "tests/bench/image/arch.h"
#include "tests/bench/image/offsets.h"

#define CPUS_MAX 128u

struct cpu {
    uint64_t stack_top;
    uint64_t stamp;             /* ticks at the last interrupt's first instruction */
    uint64_t expects_abort;     /* data aborts are counted in aborts and skipped */
    uint64_t aborts;
    uint64_t sled;              /* where an interrupt enters the NOPs before its stamp is taken */
    unsigned id;
    void (*work)(void);         /* what a secondary does now; NULL: nothing */
    bool is_up;
};
_Static_assert(offsetof(struct cpu, stack_top) == CPU_STACK_TOP &&
               offsetof(struct cpu, stamp) == CPU_STAMP &&
               offsetof(struct cpu, expects_abort) == CPU_EXPECTS_ABORT &&
               offsetof(struct cpu, aborts) == CPU_ABORTS &&
               offsetof(struct cpu, sled) == CPU_SLED, "start.S");

extern struct cpu cpus[CPUS_MAX];

static inline struct cpu *cpu_current(void)
{
    struct cpu *cpu;

    __asm__("mrs %0, tpidr_el1" : "=r"(cpu));
    return cpu;
}

/* The calling CPU's interrupts execute so many NOPs before they take the time. An event on a tick's
 * edge is measured exactly by the mean over 0 to SLED_NOPS of them: the sum of floor((x + i) / 16)
 * over 16 values of i is x. */
void cpu_sled(unsigned nops);
uint64_t wfi_then(uint64_t nops);

/* Starts CPU `id` by PSCI and waits until it is up. False: there is none. */
bool cpu_start(unsigned id);
/* Gives it something to do, and waits until it has come back from it. */
void cpu_give(unsigned id, void (*work)(void));
void cpu_wait(unsigned id);

/* Maps 1:1 what holds the image and `also` as memory, the rest as devices. */
void mmu_tables(uint64_t also);
void mmu_on(void);

#endif
