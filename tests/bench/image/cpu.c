/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPUs and their MMU: one table of 1 GiB blocks, 1:1. Memory is where the image and the device
 * tree are; everything else is devices.
 */
#include "tests/bench/image/cpu.h"

#include "tests/bench/image/bench.h"
#include "tests/bench/image/gic.h"

/* MPIDR of a virtual CPU by its number, as Xen and Purlin have it. */
#define AFFINITY(id) (((id) & 15u) | ((id) & ~15u) << 4)
#define STACK_BYTES 1024u
#define GIB_SHIFT 30u
#define TABLE_ENTRIES 512u          /* 39 bits */

#define BLOCK 1ul
#define ATTR(index) ((uint64_t)(index) << 2)
#define SHARED_INNER (3ul << 8)
#define ACCESSED (1ul << 10)
#define NO_EXECUTE (3ul << 53)
#define MAIR 0x04fful               /* 0: write-back memory, 1: Device-nGnRE */
#define TCR_39_BITS 25ul
#define TCR_WALKS_CACHED (1ul << 8 | 1ul << 10 | 3ul << 12)
#define TCR_NO_TTBR1 (1ul << 23)
#define SCTLR_ON (1ul << 0 | 1ul << 2 | 1ul << 12)

extern char _start[], sled_end[];
extern void secondary_entry(void);

struct cpu cpus[CPUS_MAX];
static char stacks[CPUS_MAX][STACK_BYTES] __attribute__((aligned(16)));
static uint64_t table[TABLE_ENTRIES] __attribute__((aligned(4096)));

void mmu_tables(uint64_t also)
{
    uint64_t image = (uintptr_t)_start >> GIB_SHIFT;

    for (uint64_t i = 0; i < TABLE_ENTRIES; i++) {
        bool is_memory = i == image || i == also >> GIB_SHIFT;

        table[i] = i << GIB_SHIFT | BLOCK | ACCESSED |
                   (is_memory ? ATTR(0) | SHARED_INNER : ATTR(1) | NO_EXECUTE);
    }
    dsb();
}

void mmu_on(void)
{
    uint64_t pa_range = SYSREG_READ("id_aa64mmfr0_el1") & 7;

    SYSREG_WRITE("mair_el1", MAIR);
    SYSREG_WRITE("tcr_el1", TCR_39_BITS | TCR_WALKS_CACHED | TCR_NO_TTBR1 | pa_range << 32);
    SYSREG_WRITE("ttbr0_el1", (uintptr_t)table);
    __asm__ volatile("tlbi vmalle1\n\tic iallu" : : : "memory");
    dsb();
    isb();
    SYSREG_WRITE("sctlr_el1", SYSREG_READ("sctlr_el1") | SCTLR_ON);
    isb();
}

void cpu_sled(unsigned nops)
{
    cpu_current()->sled = (uintptr_t)sled_end - 4 * nops;
}

bool cpu_start(unsigned id)
{
    struct cpu *cpu = &cpus[id];

    if (cpu->is_up)
        return true;
    cpu->id = id;
    cpu->stack_top = (uintptr_t)stacks[id] + STACK_BYTES;
    dsb();
    if (smccc(facts.psci_by_hvc, PSCI_CPU_ON64, AFFINITY(id), (uintptr_t)secondary_entry,
              (uintptr_t)cpu))
        return false;
    while (!__atomic_load_n(&cpu->is_up, __ATOMIC_ACQUIRE))
        bench_yield();
    return true;
}

/* A secondary, for ever. It waits with interrupts as its last work left them. */
void cpu_run(void)
{
    struct cpu *cpu = cpu_current();

    gic_cpu_init();
    __atomic_store_n(&cpu->is_up, true, __ATOMIC_RELEASE);
    for (;;) {
        void (*work)(void) = __atomic_load_n(&cpu->work, __ATOMIC_ACQUIRE);

        if (work) {
            work();
            __atomic_store_n(&cpu->work, NULL, __ATOMIC_RELEASE);
        }
        bench_pause();
    }
}

void cpu_give(unsigned id, void (*work)(void))
{
    __atomic_store_n(&cpus[id].work, work, __ATOMIC_RELEASE);
}

void cpu_wait(unsigned id)
{
    while (__atomic_load_n(&cpus[id].work, __ATOMIC_ACQUIRE))
        bench_pause();
}
