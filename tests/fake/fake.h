/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fake machine that host tests run on: RAM with a direct map, recorded system registers, a
 * counter that tests advance, MMIO hooks, and a TLB that keeps what it has seen until it is told
 * otherwise. Each test runs in a process of its own (fake_run_tests), so statics start fresh.
 *
 * A test's usual start:  fake_machine_init(cpus); fake_memory_init(bytes);
 */
#ifndef TESTS_FAKE_FAKE_H
#define TESTS_FAKE_FAKE_H

#include <setjmp.h>

#include "core/base/percpu.h"
#include "core/base/types.h"
#include "tests/fake/sysregs.h"

struct CMUnitTest;
struct hw_el1_state;
struct hw_fp_state;
struct vcpu;

/* --- running -------------------------------------------------------------------------------- */
/* main()'s body: each test in a process of its own, with a time limit; argv[1] selects by part of
 * the name. Prints failures and a last line `N passed, N failed`. */
int fake_run_tests(const struct CMUnitTest *tests, size_t count, int argc, char **argv);
#define FAKE_TEST_MAIN(tests) \
    int main(int argc, char **argv) \
    { \
        return fake_run_tests((tests), sizeof(tests) / sizeof((tests)[0]), argc, argv); \
    }

/* Ends the test as failed. */
_Noreturn void fake_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
#define fake_check(cond, ...) do { if (!(cond)) fake_fail(__VA_ARGS__); } while (0)

/* panic() ends the test as failed, unless it is expected: then the statement's rest is left out.
 * fake_panic_text is what it said. Not for threads. */
extern char fake_panic_text[512];
extern jmp_buf fake_panic_jump;
extern bool fake_panic_is_expected;
#define fake_expect_panic(statement) \
    do { \
        fake_panic_is_expected = true; \
        if (setjmp(fake_panic_jump) == 0) { \
            statement; \
            fake_panic_is_expected = false; \
            fake_fail("%s:%d: no panic: %s", __FILE__, __LINE__, #statement); \
        } \
    } while (0)

/* --- CPUs ----------------------------------------------------------------------------------- */
#define FAKE_CPUS_MAX 8u
/* 1 .. FAKE_CPUS_MAX CPUs, all up, percpu_table filled; this thread is CPU 0. No RAM yet. */
void fake_machine_init(unsigned cpus);
/* This thread goes on as that CPU: its percpu and its register bank. */
void fake_cpu_switch(unsigned cpu);
extern _Thread_local struct percpu *fake_percpu;
extern struct percpu fake_percpus[FAKE_CPUS_MAX];

/* --- RAM ------------------------------------------------------------------------------------ */
#define FAKE_RAM_BASE 0x40000000ul
/* Zeroed RAM at base; up to 4 banks. */
void fake_ram_add(paddr_t base, uint64_t bytes);
/* RAM at FAKE_RAM_BASE, handed to page_alloc.c, which is started. */
void fake_memory_init(uint64_t bytes);
void *fake_phys_to_virt(paddr_t pa);
paddr_t fake_virt_to_phys(const void *va);
bool fake_is_ram(paddr_t pa);

/* --- system registers: one bank per CPU ----------------------------------------------------- */
uint64_t fake_sysreg_read(enum fake_sysreg reg);
void fake_sysreg_write(enum fake_sysreg reg, uint64_t v);
/* The stored value, with no hook and no note: for tests. Of the current CPU. */
uint64_t fake_sysreg_get(enum fake_sysreg reg);
void fake_sysreg_set(enum fake_sysreg reg, uint64_t v);
const char *fake_sysreg_name(enum fake_sysreg reg);
/* Hooks, NULL: plain storage. The read hook's result is what is read; the write hook sees the
 * value after it has been stored. */
extern uint64_t (*fake_sysreg_on_read[FAKE_SYSREGS])(enum fake_sysreg reg);
extern void (*fake_sysreg_on_write[FAKE_SYSREGS])(enum fake_sysreg reg, uint64_t v);
struct hw_el1_state *fake_el1_state(void);
struct hw_fp_state *fake_fp_state(void);

/* --- time ----------------------------------------------------------------------------------- */
#define FAKE_COUNTER_HZ 62500000u
uint64_t fake_counter_read(void);
void fake_counter_set(uint64_t ticks);
void fake_counter_advance(uint64_t ticks);
/* Ticks that each read adds: for code that polls with a time limit. 0 at the start. */
extern uint64_t fake_counter_step;

/* --- MMIO ----------------------------------------------------------------------------------- */
/* The fake el2_map_device() (weak: a program that links mm/el2_map.c's other functions gets the
 * real one) returns the physical address itself, so hooks are by physical address. An access
 * without a hook fails the test. */
struct fake_mmio {
    uint64_t base, bytes;
    uint64_t (*read)(void *context, uint64_t offset, unsigned size);
    void (*write)(void *context, uint64_t offset, unsigned size, uint64_t v);
    void *context;
};
void fake_mmio_add(const struct fake_mmio *region);
/* Plain storage: reads give what was written, `words` the memory behind (32 bit each). */
void fake_mmio_add_memory(uint64_t base, uint64_t bytes, uint32_t *words);
uint64_t fake_mmio_read(uint64_t va, unsigned size);
void fake_mmio_write(uint64_t va, unsigned size, uint64_t v);

/* --- waiting, firmware, guests -------------------------------------------------------------- */
/* Called at WFE and WFI; WFE also yields the host's CPU. NULL at the start. */
extern void (*fake_on_wfi)(void);
extern void (*fake_on_wfe)(void);
extern void (*fake_on_try)(void); /* before each attempt on a word of a guest's */
/* SMC: x[0..3] in, results out. NULL: x0 = -1 (not supported). */
extern void (*fake_on_smc)(uint64_t x[4]);
void fake_smc_call(uint64_t x[4]);
/* hw_enter_guest: must not return (longjmp). NULL: the test fails. */
extern void (*fake_on_enter_guest)(struct vcpu *v);
_Noreturn void fake_enter_guest(struct vcpu *v);

/* ESR_EL2 of the SError that is pending at EL2 on this thread's CPU; 0: none. */
extern _Thread_local uint64_t fake_serror;

/* --- what happened, in order ---------------------------------------------------------------- */
enum fake_event {
    FAKE_EV_ISB, FAKE_EV_DSB_ISH, FAKE_EV_DSB_ISHST, FAKE_EV_DSB_SY,
    FAKE_EV_WFE, FAKE_EV_WFI, FAKE_EV_SEV, FAKE_EV_YIELD,
    FAKE_EV_PAGE_ZERO,                                    /* a: address */
    FAKE_EV_DCACHE_CLEAN, FAKE_EV_DCACHE_CLEAN_INVAL,     /* a: address, b: bytes */
    FAKE_EV_ICACHE_INVAL,
    FAKE_EV_TLBI_IPA,                                     /* a: vttbr, b: IPA */
    FAKE_EV_TLBI_IPA_FINISH, FAKE_EV_TLBI_VMID,           /* a: vttbr */
    FAKE_EV_TLBI_LOCAL, FAKE_EV_TLBI_ALL_GUESTS, FAKE_EV_TLBI_EL2_ALL,
    FAKE_EV_EL1_RESTORE,                                  /* a: VTTBR_EL2 meanwhile */
    FAKE_EV_SYSREG_WRITE,                                 /* a: enum fake_sysreg, b: value */
    FAKE_EV_MMIO_READ, FAKE_EV_MMIO_WRITE,                /* a: address, b: value */
    FAKE_EV_SMC,                                          /* a: function */
    FAKE_EVENTS
};
struct fake_event_record { enum fake_event event; uint64_t a, b; };
void fake_note(enum fake_event event, uint64_t a, uint64_t b);
/* How often since the last fake_trace_reset(). */
unsigned fake_count(enum fake_event event);
/* The n-th event since then, oldest first (4096 are kept), or NULL. */
const struct fake_event_record *fake_trace(unsigned n);
void fake_trace_reset(void);
void fake_wait(enum fake_event event);
/* For a test's threads that wait for each other. */
void fake_host_yield(void);

/* --- translation and the TLB (fake_tlb.c) --------------------------------------------------- */
#ifndef FAKE_TLB_ENTRIES
#define FAKE_TLB_ENTRIES 16384u /* more than a test fills; fuzzers, which search it often, less */
#endif
enum fake_access { FAKE_ACCESS_OK, FAKE_ACCESS_TRANSLATION, FAKE_ACCESS_PERMISSION };
/* A guest's access by IPA, through the TLB, which keeps what the walk read: leaves, combined
 * entries and table pointers. pa may be NULL. */
enum fake_access fake_guest_access(uint64_t vttbr, uint64_t vtcr, ipa_t a, bool write,
                                   paddr_t *pa);
/* Walks the tables in memory only. */
enum fake_access fake_stage2_walk(uint64_t vttbr, uint64_t vtcr, ipa_t a, bool write, paddr_t *pa);
/* Fails the test when the TLB holds for vttbr's VMID what the tables do not say (any more). */
void fake_tlb_check(uint64_t vttbr, uint64_t vtcr);
/* Does any entry of any VMID still lead to pa: as a leaf, or as a table? */
bool fake_tlb_has(paddr_t pa);
/* Calls fn with what each entry leads to: a leaf's memory, or a table. */
void fake_tlb_for_each(void (*fn)(paddr_t pa, uint64_t bytes));
unsigned fake_tlb_entries(void);
/* Stage 1 for hw_at_*; NULL: identity. False: the walk fails. */
extern bool (*fake_stage1)(gva_t va, bool write, ipa_t *out);
/* AT S12 uses this CPU's VTTBR_EL2 and VTCR_EL2; VTTBR_EL2 of 0: stage 2 is the identity. */
uint64_t fake_at(gva_t va, bool write);
void fake_tlbi_ipa(uint64_t vttbr, ipa_t a);
void fake_tlbi_ipa_finish(uint64_t vttbr);
void fake_tlbi_vmid(uint64_t vttbr);
void fake_tlbi_all_guests(void);

#endif
