/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The Xen console, exceptions, the second vCPU, and the order of the checks. Runs with an identity
 * map of the first two GiB.
 */
#include "tests/guests/arch/arch.h"

#define HVMOP_GET_PARAM 1
#define PARAM_CONSOLE_PFN 17
#define PARAM_CONSOLE_EVTCHN 18
#define EVTCHNOP_SEND 4
#define PSCI_CPU_ON 0xc4000003
#define PSCI_SYSTEM_OFF 0x84000008

/* Stage 1: the first GiB is Device memory, the second RAM; the next two show EL0 the same, RAM
 * first. The fifth names a table where no memory is. */
static const uint64_t map[] = {
    BIT(54) | BIT(53) | 0x401, 0x40000000 | 0x701 | 1 << 2,
    0x40000000 | BIT(53) | 0x741 | 1 << 2, BIT(54) | BIT(53) | 0x441, NOTHING | 3,
};

/* Xen public io/console.h. */
struct console_ring {
    char in[1024], out[2048];
    uint32_t in_cons, in_prod, out_cons, out_prod;
};

volatile struct caught caught;
uint64_t argument;
void (*volatile on_caught)(struct frame *f);
void (*volatile on_irq)(void);
static struct console_ring *ring;
static uint32_t ring_port;
static unsigned failures;
static void (*volatile second_work)(void);
static uint64_t table[512] __attribute__((aligned(4096)));
extern char vectors[], second_entry[], back_from_below[];
void run_below(const void *pc, uint64_t spsr);

void mmu_on(void)
{
    for (unsigned i = 0; i < sizeof(map) / sizeof(map[0]); i++)
        table[i] = map[i];
    msr(mair_el1, 0xff00);
    msr(tcr_el1, 25ul | 1ul << 8 | 1ul << 10 | 3ul << 12 | BIT(23) | 2ul << 32);
    msr(ttbr0_el1, (uint64_t)table);
    dsb();
    __asm__ volatile("tlbi vmalle1\n\tdsb nsh\n\tisb" : : : "memory");
    msr(sctlr_el1, mrs(sctlr_el1) | 1 | BIT(2) | BIT(12));
    isb();
}

static uint64_t hypercall(uint64_t nr, uint64_t a0, void *a1)
{
    register uint64_t x0 __asm__("x0") = a0;
    register void *x1 __asm__("x1") = a1;
    register uint64_t x16 __asm__("x16") = nr;

    __asm__ volatile("hvc #0xea1" : "+r"(x0), "+r"(x1), "+r"(x16) : : "memory", "x2", "x3", "x4");
    return x0;
}

uint64_t psci(uint64_t fn, uint64_t a1, uint64_t a2, uint64_t a3)
{
    register uint64_t x0 __asm__("x0") = fn;
    register uint64_t x1 __asm__("x1") = a1;
    register uint64_t x2 __asm__("x2") = a2;
    register uint64_t x3 __asm__("x3") = a3;

    __asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "memory");
    return x0;
}

static uint64_t param(uint32_t index)
{
    struct { uint16_t domid; uint16_t pad; uint32_t index; uint64_t value; } p = {
        .domid = 0x7ff0, .index = index
    };

    hypercall(34, HVMOP_GET_PARAM, &p);
    return p.value;
}

void print(const char *text)
{
    for (; *text; text++) {
        while (ring->out_prod - __atomic_load_n(&ring->out_cons, __ATOMIC_ACQUIRE) >= 2048) {
            hypercall(32, EVTCHNOP_SEND, &ring_port);
            hypercall(29, 0, NULL);              /* sched_op yield */
        }
        ring->out[ring->out_prod % 2048] = *text;
        __atomic_store_n(&ring->out_prod, ring->out_prod + 1, __ATOMIC_RELEASE);
    }
    hypercall(32, EVTCHNOP_SEND, &ring_port);
}

static void print_hex(uint64_t v)
{
    char text[19] = "0x", *p = text + 2;

    for (int shift = 60; shift >= 0; shift -= 4)
        if (v >> shift || !shift)
            *p++ = "0123456789abcdef"[v >> shift & 15];
    *p = 0;
    print(text);
}

void check(const char *name, uint64_t got, uint64_t wanted)
{
    print(got == wanted ? "ok " : "FAIL ");
    print(name);
    if (got != wanted) {
        failures++;
        print(": got ");
        print_hex(got);
        print(", wanted ");
        print_hex(wanted);
    }
    print("\r\n");
}

/* Vectors 1, 5, 9, 13 are IRQs. */
void exception(unsigned vector, struct frame *f)
{
    if (vector % 4 == 1) {
        on_irq();
        return;
    }
    caught.count++;
    caught.vector = vector;
    caught.esr = mrs(esr_el1);
    caught.far = mrs(far_el1);
    caught.elr = f->elr;
    caught.spsr = f->spsr;
    for (unsigned i = 0; i < 6; i++)
        caught.x[i] = f->x[i];
    caught.pstate = mrs(daif) | mrs(spsel) << 2 | mrs(currentel);
    if (on_caught)
        on_caught(f);
    else
        f->elr += 4;
}

static void return_here(struct frame *f)
{
    f->elr = (uint64_t)back_from_below;
    f->spsr = 0x3c5;
}

void below(const void *pc, uint64_t spsr)
{
    void (*old)(struct frame *) = on_caught;

    on_caught = return_here;
    run_below(pc, spsr);
    on_caught = old;
}

bool wait_for(volatile unsigned *word)
{
    uint64_t end = mrs(cntvct_el0) + 2 * mrs(cntfrq_el0);

    while (!*word && mrs(cntvct_el0) < end)
        ;
    return *word;
}

void second_main(void)
{
    gic_start();
    for (;;) {
        void (*work)(void) = __atomic_load_n(&second_work, __ATOMIC_ACQUIRE);

        if (!work)
            continue;
        work();
        __atomic_store_n(&second_work, NULL, __ATOMIC_RELEASE);
    }
}

void on_second(void (*fn)(void))
{
    __atomic_store_n(&second_work, fn, __ATOMIC_RELEASE);
    while (__atomic_load_n(&second_work, __ATOMIC_ACQUIRE))
        ;
}

static void no_irq(void)
{
    gic_end(gic_ack());
}

static void nothing(void) {}

/* 0 where it is undefined: the instruction is skipped. */
#define mrs_or_0(reg) \
    ({ \
        uint64_t v_ = 0; \
        __asm__ volatile("mrs %0, " #reg : "+r"(v_) : : "memory"); \
        v_; \
    })

static volatile uint64_t second_disr, second_tpidr2;

static void other_vcpu(void)
{
    second_disr = mrs_or_0(S3_0_C12_C1_1);
    second_tpidr2 = mrs_or_0(S3_3_C13_C0_5);
    msr(S3_0_C12_C1_1, 0x80000022);
    msr(S3_3_C13_C0_5, 0x2222);
}

/* DISR_EL1 and TPIDR2_EL0, which are not for guests, but undefined only where the CPU does not have
 * them. */
static void messages(void)
{
    msr(S3_0_C12_C1_1, 0x80000011);
    msr(S3_3_C13_C0_5, 0x1111);
    on_second(other_vcpu);
    check("DISR does not show another vCPU's", second_disr == 0x80000011, 0);
    check("TPIDR2 does not show another vCPU's", second_tpidr2 == 0x1111, 0);
    check("DISR does not come from another vCPU", mrs_or_0(S3_0_C12_C1_1) == 0x80000022, 0);
    check("TPIDR2 does not come from another vCPU", mrs_or_0(S3_3_C13_C0_5) == 0x2222, 0);
}

void guest_main(void)
{
    ring = (struct console_ring *)(param(PARAM_CONSOLE_PFN) << 12);
    ring_port = (uint32_t)param(PARAM_CONSOLE_EVTCHN);
    on_irq = no_irq;
    gic_version = mrs(id_aa64pfr0_el1) >> 24 & 15 ? 3 : 2;
    print("arch: begins\r\n");
    gic_start();
    fault_checks();
    check("CPU_ON", psci(PSCI_CPU_ON, 1, (uint64_t)second_entry, 0), 0);
    on_second(nothing);
    gic_checks();
    debug_checks();
    pmu_checks();
    aarch32_checks();
    messages();
    print(failures ? "arch: FAILED\r\n" : "arch: all ok\r\n");
    psci(PSCI_SYSTEM_OFF, 0, 0, 0);
}
