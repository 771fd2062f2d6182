/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows about interrupts: IPIs, completion, the timer. Single intervals, each with another delay
 * before it.
 */
#include "tests/bench/image/bench.h"
#include "tests/bench/image/cpu.h"
#include "tests/bench/image/gic.h"

#define SGI 1u
#define TIMER_ENABLE 1u
#define TIMER_MASKED 3u
#define SLEEP_TICKS 4000u       /* longer than any hypervisor takes to put a vCPU to sleep */
#define TARGET 1u

static unsigned taken;          /* interrupts so far */
static bool target_ends;

static void count(void) { __atomic_store_n(&taken, taken + 1, __ATOMIC_RELEASE); }

static unsigned taken_now(void) { return __atomic_load_n(&taken, __ATOMIC_ACQUIRE); }

/* --- to oneself --------------------------------------------------------------------------- */

/* To the handler's first instruction. */
static uint64_t send_to_self(unsigned n, bool is_measured)
{
    struct cpu *cpu = cpu_current();
    uint64_t total = 0;

    gic_on(SGI, count);
    taken = 0;
    irqs_on();
    for (unsigned i = 0; i < n; i++) {
        uint64_t start;

        bench_jitter();
        start = is_measured ? bench_begin() : ticks();
        gic_send_sgi(cpu->id, SGI);
        while (taken_now() == i)
            relax();
        bench_mark(MARK_OFF);
        total += cpu->stamp - start;
    }
    irqs_off();
    bench_check(taken == n);
    return total;
}

static uint64_t sgi_self(unsigned n) { return send_to_self(n, true); }

/* The interrupt's end: nobody else needs to know of it. */
static uint64_t completion(unsigned n)
{
    uint64_t before = gic_eoi_ticks();

    gic_time_eoi(true);
    send_to_self(n, false);
    gic_time_eoi(false);
    return gic_eoi_ticks() - before;
}

/* --- to the other CPU --------------------------------------------------------------------- */

static void wait_awake(void)
{
    irqs_on();
    while (!__atomic_load_n(&target_ends, __ATOMIC_RELAXED))
        relax();
    irqs_off();
}

/* Masked: an interrupt between the test and the WFI is not lost but ends the WFI. */
static void wait_asleep(void)
{
    while (!__atomic_load_n(&target_ends, __ATOMIC_RELAXED)) {
        wfi();
        irqs_on();
        isb();
        irqs_off();
    }
}

struct ipi_times { uint64_t to_handler, to_flag; };

static struct ipi_times send_ipis(unsigned n, void (*wait)(void), uint64_t settle)
{
    struct ipi_times total = { 0, 0 };

    gic_on(SGI, count);
    taken = 0;
    target_ends = false;
    cpu_give(TARGET, wait);
    for (unsigned i = 0; i < n; i++) {
        uint64_t start = ticks();

        while (ticks() - start < settle)
            relax();
        bench_jitter();
        start = bench_begin();
        gic_send_sgi(TARGET, SGI);
        while (taken_now() == i)
            relax();
        total.to_flag += bench_end(start);
        total.to_handler += cpus[TARGET].stamp - start;
    }
    __atomic_store_n(&target_ends, true, __ATOMIC_RELAXED);
    gic_send_sgi(TARGET, SGI);
    cpu_wait(TARGET);
    return total;
}

#define SETTLE_AWAKE 16u
#define SETTLE_ASLEEP 1000u     /* the target is at rest in WFI by then */

static uint64_t ipi_awake_handler(unsigned n)
{
    return send_ipis(n, wait_awake, SETTLE_AWAKE).to_handler;
}

static uint64_t ipi_awake_flag(unsigned n)
{
    return send_ipis(n, wait_awake, SETTLE_AWAKE).to_flag;
}

static uint64_t ipi_asleep_handler(unsigned n)
{
    return send_ipis(n, wait_asleep, SETTLE_ASLEEP).to_handler;
}

/* --- the timer ---------------------------------------------------------------------------- */

static void timer_set(uint64_t value)
{
    SYSREG_WRITE("cntv_cval_el0", value);
    SYSREG_WRITE("cntv_ctl_el0", TIMER_ENABLE);
    isb();
}

static void timer_stop(void)
{
    SYSREG_WRITE("cntv_ctl_el0", TIMER_MASKED);
    isb();
}

static void timer_fired(void)
{
    timer_stop();
    count();
}

/* From the deadline to the handler. The guest's own virtual counter counts the deadline. */
static uint64_t timer_fires(unsigned n)
{
    uint64_t offset = SYSREG_READ("cntpct_el0") - SYSREG_READ("cntvct_el0"), total = 0;
    struct cpu *cpu = cpu_current();

    gic_on(TIMER_INTID, timer_fired);
    taken = 0;
    irqs_on();
    for (unsigned i = 0; i < n; i++) {
        uint64_t deadline;

        bench_jitter();
        cpu_sled(i % (SLED_NOPS + 1));
        deadline = SYSREG_READ("cntvct_el0") + 64;
        bench_mark(MARK_ON);
        timer_set(deadline);
        while (taken_now() == i)
            __asm__ volatile("");
        bench_mark(MARK_OFF);
        total += cpu->stamp - offset - deadline;
    }
    cpu_sled(0);
    irqs_off();
    return total;
}

/* From the deadline until the instruction behind WFI. */
static uint64_t timer_wakes(unsigned n)
{
    uint64_t total = 0;

    gic_on(TIMER_INTID, timer_fired);
    taken = 0;
    for (unsigned i = 0; i < n; i++) {
        uint64_t deadline = SYSREG_READ("cntvct_el0") + SLEEP_TICKS;

        bench_mark(MARK_ON);
        timer_set(deadline);
        total += wfi_then(i % (SLED_NOPS + 1)) - deadline;
        bench_mark(MARK_OFF);
        irqs_on();
        isb();
        irqs_off();
    }
    bench_check(taken == n);
    return total;
}

const struct row irq_rows[] = {
    { "sgi_self", SHAPE_SINGLE, false, sgi_self, 1, 1 },
    { "irq_completion", SHAPE_SINGLE, false, completion, 1, 1 },
    { "timer_fires", SHAPE_SINGLE, false, timer_fires, 1, 1 },
    { "timer_wakes", SHAPE_SINGLE, false, timer_wakes, 1, 1 },
    { "ipi_awake_handler", SHAPE_PAIR, false, ipi_awake_handler, 1, 1 },
    { "ipi_awake_flag", SHAPE_PAIR, false, ipi_awake_flag, 1, 1 },
    { "ipi_asleep_handler", SHAPE_PAIR, false, ipi_asleep_handler, 1, 1 },
};
const unsigned irq_row_count = ARRAY_SIZE(irq_rows);
