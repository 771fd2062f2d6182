/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fake machine's CPUs, RAM, registers, time, MMIO and event trace. State is global and made
 * for one test; the trace has a lock, so that threads may use locks and barriers.
 */
#include "core/base/hw.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>

#undef sched_yield /* the C library's */

#define RAM_BANKS_MAX 4u
#define MMIO_MAX 32u
#define TRACE_MAX 4096u

static struct { uint64_t base, bytes; char *mem; } ram[RAM_BANKS_MAX];
static unsigned ram_banks;

static struct fake_mmio mmio[MMIO_MAX];
static unsigned mmio_count;

static uint64_t sysregs[FAKE_CPUS_MAX][FAKE_SYSREGS];
static struct hw_el1_state el1_states[FAKE_CPUS_MAX];
static struct hw_fp_state fp_states[FAKE_CPUS_MAX];
static _Thread_local unsigned this_cpu;
static uint64_t counter;

static pthread_mutex_t trace_lock = PTHREAD_MUTEX_INITIALIZER;
static struct fake_event_record trace[TRACE_MAX];
static unsigned trace_length;
static unsigned counts[FAKE_EVENTS];

struct percpu fake_percpus[FAKE_CPUS_MAX];
_Thread_local struct percpu *fake_percpu;
__attribute__((weak)) struct percpu *percpu_table[NR_CPUS_MAX];
__attribute__((weak)) unsigned cpu_count;

uint64_t (*fake_sysreg_on_read[FAKE_SYSREGS])(enum fake_sysreg reg);
void (*fake_sysreg_on_write[FAKE_SYSREGS])(enum fake_sysreg reg, uint64_t v);
uint64_t fake_counter_step;
void (*fake_on_wfi)(void);
void (*fake_on_wfe)(void);
void (*fake_on_try)(void);
void (*fake_on_smc)(uint64_t x[4]);
void (*fake_on_enter_guest)(struct vcpu *v);

/* A Cortex-A57 as QEMU shows it, as far as EL2 looks. */
static void sysregs_init(unsigned cpu)
{
    uint64_t *r = sysregs[cpu];

    r[FAKE_MIDR_EL1] = 0x411fd070;
    r[FAKE_MPIDR_EL1] = 0x80000000ul | cpu;
    r[FAKE_CTR_EL0] = 0x8444c004;
    r[FAKE_DCZID_EL0] = 4;
    r[FAKE_ID_AA64PFR0_EL1] = 0x01002222;
    r[FAKE_ID_AA64MMFR0_EL1] = 0x00001124; /* PARange: 44 bits */
    r[FAKE_ID_AA64DFR0_EL1] = 0x10305106;
    r[FAKE_ID_AA64ISAR0_EL1] = 0x00011120;
    r[FAKE_CNTFRQ_EL0] = FAKE_COUNTER_HZ;
}

void fake_machine_init(unsigned cpus)
{
    fake_check(cpus >= 1 && cpus <= FAKE_CPUS_MAX, "fake_machine_init: %u CPUs", cpus);
    cpu_count = cpus;
    for (unsigned i = 0; i < cpus; i++) {
        sysregs_init(i);
        fake_percpus[i] = (struct percpu){ .id = i, .mpidr = i };
        percpu_table[i] = &fake_percpus[i];
    }
    fake_cpu_switch(0);
}

void fake_cpu_switch(unsigned cpu)
{
    fake_check(cpu < cpu_count, "fake_cpu_switch: no CPU %u", cpu);
    this_cpu = cpu;
    fake_percpu = &fake_percpus[cpu];
}

/* --- RAM ------------------------------------------------------------------------------------ */
void fake_ram_add(paddr_t base, uint64_t bytes)
{
    void *mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    fake_check(ram_banks < RAM_BANKS_MAX && mem != MAP_FAILED, "fake_ram_add: no room");
    ram[ram_banks].base = base.v;
    ram[ram_banks].bytes = bytes;
    ram[ram_banks++].mem = mem;
}

bool fake_is_ram(paddr_t pa)
{
    for (unsigned i = 0; i < ram_banks; i++)
        if (pa.v - ram[i].base < ram[i].bytes)
            return true;
    return false;
}

void *fake_phys_to_virt(paddr_t pa)
{
    for (unsigned i = 0; i < ram_banks; i++)
        if (pa.v - ram[i].base < ram[i].bytes)
            return ram[i].mem + (pa.v - ram[i].base);
    fake_fail("direct map: %#lx is not RAM", pa.v);
}

paddr_t fake_virt_to_phys(const void *va)
{
    for (unsigned i = 0; i < ram_banks; i++) {
        uint64_t offset = (uint64_t)((uintptr_t)va - (uintptr_t)ram[i].mem);

        if (offset < ram[i].bytes)
            return paddr(ram[i].base + offset);
    }
    fake_fail("direct map: %p is not in it", va);
}

/* --- registers ------------------------------------------------------------------------------ */
uint64_t fake_sysreg_get(enum fake_sysreg reg) { return sysregs[this_cpu][reg]; }
void fake_sysreg_set(enum fake_sysreg reg, uint64_t v) { sysregs[this_cpu][reg] = v; }

uint64_t fake_sysreg_read(enum fake_sysreg reg)
{
    if (fake_sysreg_on_read[reg])
        return fake_sysreg_on_read[reg](reg);
    if (reg == FAKE_CNTPCT_EL0)
        return fake_counter_read();
    if (reg == FAKE_CNTVCT_EL0)
        return fake_counter_read() - sysregs[this_cpu][FAKE_CNTVOFF_EL2];
    return sysregs[this_cpu][reg];
}

void fake_sysreg_write(enum fake_sysreg reg, uint64_t v)
{
    fake_note(FAKE_EV_SYSREG_WRITE, reg, v);
    sysregs[this_cpu][reg] = v;
    if (fake_sysreg_on_write[reg])
        fake_sysreg_on_write[reg](reg, v);
}

const char *fake_sysreg_name(enum fake_sysreg reg)
{
#define SYSREG_NAME(name) #name,
    static const char *const names[] = { FAKE_REGISTERS(SYSREG_NAME) };
#undef SYSREG_NAME

    return names[reg];
}

_Thread_local uint64_t fake_serror;

struct hw_el1_state *fake_el1_state(void) { return &el1_states[this_cpu]; }
struct hw_fp_state *fake_fp_state(void) { return &fp_states[this_cpu]; }

/* --- time ----------------------------------------------------------------------------------- */
uint64_t fake_counter_read(void)
{
    return __atomic_add_fetch(&counter, fake_counter_step, __ATOMIC_RELAXED);
}

void fake_counter_set(uint64_t ticks) { __atomic_store_n(&counter, ticks, __ATOMIC_RELAXED); }

void fake_counter_advance(uint64_t ticks)
{
    __atomic_fetch_add(&counter, ticks, __ATOMIC_RELAXED);
}

/* --- MMIO ----------------------------------------------------------------------------------- */
__attribute__((weak)) volatile void *el2_map_device(paddr_t pa, size_t bytes);

volatile void *el2_map_device(paddr_t pa, size_t bytes)
{
    (void)bytes;
    return (volatile void *)(uintptr_t)pa.v;
}

void fake_mmio_add(const struct fake_mmio *region)
{
    fake_check(mmio_count < MMIO_MAX, "fake_mmio_add: no room");
    mmio[mmio_count++] = *region;
}

static uint64_t memory_read(void *context, uint64_t offset, unsigned size)
{
    uint64_t v = 0;

    memcpy(&v, (char *)context + offset, size);
    return v;
}

static void memory_write(void *context, uint64_t offset, unsigned size, uint64_t v)
{
    memcpy((char *)context + offset, &v, size);
}

void fake_mmio_add_memory(uint64_t base, uint64_t bytes, uint32_t *words)
{
    fake_mmio_add(&(struct fake_mmio){ base, bytes, memory_read, memory_write, words });
}

static const struct fake_mmio *mmio_find(uint64_t va, unsigned size)
{
    fake_check(va % size == 0, "MMIO at %#lx: not aligned to %u", va, size);
    for (unsigned i = mmio_count; i-- > 0;)
        if (va - mmio[i].base < mmio[i].bytes)
            return &mmio[i];
    fake_fail("MMIO at %#lx, size %u: no device there", va, size);
}

uint64_t fake_mmio_read(uint64_t va, unsigned size)
{
    const struct fake_mmio *m = mmio_find(va, size);
    uint64_t v = m->read(m->context, va - m->base, size);

    fake_note(FAKE_EV_MMIO_READ, va, v);
    return v;
}

void fake_mmio_write(uint64_t va, unsigned size, uint64_t v)
{
    const struct fake_mmio *m = mmio_find(va, size);

    fake_note(FAKE_EV_MMIO_WRITE, va, v);
    m->write(m->context, va - m->base, size, v);
}

/* --- waiting, firmware, guests -------------------------------------------------------------- */
void fake_host_yield(void) { sched_yield(); }

void fake_wait(enum fake_event event)
{
    fake_note(event, 0, 0);
    if (event == FAKE_EV_WFI && fake_on_wfi)
        fake_on_wfi();
    if (event == FAKE_EV_WFE && fake_on_wfe)
        fake_on_wfe();
    if (event == FAKE_EV_WFE || event == FAKE_EV_YIELD)
        fake_host_yield();
}

void fake_smc_call(uint64_t x[4])
{
    fake_note(FAKE_EV_SMC, x[0], x[1]);
    if (fake_on_smc)
        fake_on_smc(x);
    else
        x[0] = UINT64_MAX;
}

void fake_enter_guest(struct vcpu *v)
{
    if (fake_on_enter_guest)
        fake_on_enter_guest(v);
    fake_fail("a guest is entered, and no test waits for it");
}

/* --- trace ---------------------------------------------------------------------------------- */
void fake_note(enum fake_event event, uint64_t a, uint64_t b)
{
    pthread_mutex_lock(&trace_lock);
    counts[event]++;
    if (trace_length < TRACE_MAX)
        trace[trace_length++] = (struct fake_event_record){ event, a, b };
    pthread_mutex_unlock(&trace_lock);
}

unsigned fake_count(enum fake_event event) { return counts[event]; }

const struct fake_event_record *fake_trace(unsigned n)
{
    return n < trace_length ? &trace[n] : NULL;
}

void fake_trace_reset(void)
{
    trace_length = 0;
    memset(counts, 0, sizeof(counts));
}
