/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows that enter the hypervisor and come back: calls, emulated registers, an abort. Each loop
 * compares the answer with what it must be, with as few instructions as that takes.
 */
#include "tests/bench/image/bench.h"
#include "core/base/xen_abi.h"
#include "tests/bench/image/cpu.h"
#include "tests/bench/image/gic.h"

#define NOWHERE 0x7f00000000ul    /* above all RAM and devices, but in our map and in stage 2 */

static uint64_t empty_loop(unsigned n)
{
    uint64_t start = bench_begin();

    for (unsigned i = n; i; i--)
        __asm__ volatile("");
    return bench_end(start);
}

static uint64_t hypercall_row(unsigned n)
{
    int64_t version = hypercall(__HYPERVISOR_xen_version, XENVER_version, 0, 0);
    uint64_t start, wrong = 0;

    bench_check(version > 0);
    start = bench_begin();
    for (unsigned i = n; i; i--)
        wrong |= (uint64_t)(hypercall(__HYPERVISOR_xen_version, XENVER_version, 0, 0) ^ version);
    start = bench_end(start);
    bench_check(!wrong);
    return start;
}

static uint64_t psci_row(unsigned n)
{
    int64_t version = smccc(true, PSCI_VERSION, 0, 0, 0);
    uint64_t start, wrong = 0;

    bench_check(version >= 0x10000);
    start = bench_begin();
    for (unsigned i = n; i; i--)
        wrong |= (uint64_t)(smccc(true, PSCI_VERSION, 0, 0, 0) ^ version);
    start = bench_end(start);
    bench_check(!wrong);
    return start;
}

static uint64_t read_row(uint64_t address, unsigned n)
{
    uint32_t value = mmio_read(address), wrong = 0;
    uint64_t start = bench_begin();

    for (unsigned i = n; i; i--)
        wrong |= mmio_read(address) ^ value;
    start = bench_end(start);
    bench_check(!wrong);
    return start;
}

static uint64_t gicd_iidr(unsigned n) { return read_row(facts.gicd + GICD_IIDR, n); }

static uint64_t gicd_isenabler(unsigned n)
{
    return read_row(facts.gicd + GICD_ISENABLER + 4, n);
}

/* The first SPI that a guest may have. A guest without it sees zeroes, which cost as much. */
static uint64_t gicd_ipriorityr(unsigned n)
{
    uint64_t address = facts.gicd + GICD_IPRIORITYR + 32, start;
    uint32_t before = mmio_read(address);

    start = bench_begin();
    for (unsigned i = n; i; i--)
        mmio_write(address, before);
    start = bench_end(start);
    bench_check(mmio_read(address) == before);
    return start;
}

static uint64_t id_register(unsigned n)
{
    uint64_t value = SYSREG_READ("id_aa64mmfr0_el1"), wrong = 0;
    uint64_t start = bench_begin();

    for (unsigned i = n; i; i--)
        wrong |= SYSREG_READ("id_aa64mmfr0_el1") ^ value;
    start = bench_end(start);
    bench_check(!wrong);
    return start;
}

/* To the hypervisor and back as the guest's own abort, whose handler goes on behind the load. */
static uint64_t stage2_fault(unsigned n)
{
    struct cpu *cpu = cpu_current();
    uint64_t start;

    cpu->aborts = 0;
    cpu->expects_abort = 1;
    start = bench_begin();
    for (unsigned i = n; i; i--)
        (void)mmio_read(NOWHERE);
    start = bench_end(start);
    cpu->expects_abort = 0;
    bench_check(cpu->aborts == n);
    return start;
}

/* Nobody else wants the CPU. */
static uint64_t yield_alone(unsigned n)
{
    uint64_t start = bench_begin();

    for (unsigned i = n; i; i--)
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0);
    return bench_end(start);
}

static unsigned switches;
static bool switch_ends;

static void yield_until_end(void)
{
    while (!__atomic_load_n(&switch_ends, __ATOMIC_RELAXED)) {
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0);
        switches++;
    }
}

/* Two vCPUs of this domain on one CPU: each yield is one switch, and two make a step. */
static uint64_t switch_vcpus(unsigned n)
{
    uint64_t start;
    unsigned others;

    switch_ends = false;
    cpu_give(1, yield_until_end);
    for (unsigned i = 0; i < 16; i++)
        bench_pause();
    others = switches;
    start = bench_begin();
    for (unsigned i = n; i; i--)
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0);
    start = bench_end(start);
    others = switches - others;
    __atomic_store_n(&switch_ends, true, __ATOMIC_RELAXED);
    cpu_wait(1);
    bench_check(others >= n - 1 && others <= n + 1);
    return start;
}

const struct row trap_rows[] = {
    { "empty_loop", SHAPE_SINGLE, false, empty_loop, 1, 1 },
    { "hypercall", SHAPE_SINGLE, true, hypercall_row, 1, 1 },
    { "psci_version", SHAPE_SINGLE, false, psci_row, 1, 1 },
    { "gicd_iidr_read", SHAPE_SINGLE, false, gicd_iidr, 1, 1 },
    { "gicd_isenabler_read", SHAPE_SINGLE, false, gicd_isenabler, 1, 1 },
    { "gicd_ipriorityr_write", SHAPE_SINGLE, false, gicd_ipriorityr, 1, 1 },
    { "id_register_read", SHAPE_SINGLE, false, id_register, 1, 1 },
    { "stage2_fault", SHAPE_SINGLE, true, stage2_fault, 1, 1 },
    { "yield_alone", SHAPE_SINGLE, true, yield_alone, 1, 1 },
    { "switch_vcpus", SHAPE_SHARE, true, switch_vcpus, 2, 1 },
};
const unsigned trap_row_count = ARRAY_SIZE(trap_rows);
