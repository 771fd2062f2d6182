/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs the rows that the machine's shape allows and prints a line for each:
 *   bench: row NAME n STEPS x OPERATIONS ps PICOSECONDS
 * the mean of one operation. Arguments: n=NUMBER, rows=NAME-PREFIX.
 */
#include "core/base/string.h"
#include "tests/bench/image/bench.h"
#include "core/base/xen_abi.h"
#include "tests/bench/image/cpu.h"
#include "tests/bench/image/gic.h"
#include "tests/bench/image/peer.h"

#define DEFAULT_N 10000u
#define PS_PER_S 1000000000000ul

static unsigned shape, jitter_state;

void bench_pause(void)
{
    if (shape == SHAPE_SHARE)
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0);
    else
        relax();
}

void bench_yield(void)
{
    if (facts.has_xen)
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0);
    relax();
}

/* Up to 64 instructions more or fewer, odd and even. */
void bench_jitter(void)
{
    unsigned loops;

    jitter_state = jitter_state * 1103515245u + 12345u;
    loops = (jitter_state >> 16 & 31) + 1;
    if (jitter_state >> 24 & 1)
        __asm__ volatile("nop");
    __asm__ volatile("1: subs %w0, %w0, #1\n\tb.ne 1b" : "+r"(loops) : : "cc");
}

/* The value of NAME= in the arguments, or NULL. */
static const char *argument(const char *name)
{
    size_t length = strlen(name);

    for (const char *at = facts.args; *at; at++) {
        if ((at == facts.args || at[-1] == ' ') && !strncmp(at, name, length) && at[length] == '=')
            return at + length + 1;
    }
    return NULL;
}

static unsigned number_argument(const char *name, unsigned otherwise)
{
    const char *text = argument(name);
    unsigned value = 0;

    if (!text)
        return otherwise;
    for (; *text >= '0' && *text <= '9'; text++)
        value = value * 10 + (unsigned)(*text - '0');
    return value;
}

static bool is_wanted(const struct row *row)
{
    const char *prefix = argument("rows");
    size_t length = 0;

    if (!(row->shapes & shape) || (row->needs_xen && !facts.has_xen))
        return false;
    if (!prefix)
        return true;
    while (prefix[length] && prefix[length] != ' ')
        length++;
    return !strncmp(row->name, prefix, length);
}

static void run_rows(const struct row *rows, unsigned count)
{
    unsigned wanted = number_argument("n", DEFAULT_N);
    uint64_t tick_ps = PS_PER_S / SYSREG_READ("cntfrq_el0");

    for (unsigned i = 0; i < count; i++) {
        unsigned n = wanted / rows[i].divisor;
        uint64_t total;

        if (!is_wanted(&rows[i]))
            continue;
        n += !n;
        rows[i].run(n / 16 + 1);    /* what is needed only once is done now */
        bench_mark(MARK_DROP);
        total = rows[i].run(n);
        bench_mark(MARK_ROW);
        bench_print("bench: row %s n %u x %u ps %lu\n", rows[i].name, n, rows[i].operations,
                    total * tick_ps / n / rows[i].operations);
    }
}

static void find_shape(void)
{
    unsigned wanted = number_argument("shape", 0);

    if (wanted)
        shape = wanted;
    else
        shape = facts.cpus > 1 ? SHAPE_PAIR : SHAPE_SINGLE;
    if (shape & (SHAPE_PAIR | SHAPE_SHARE))
        bench_check(cpu_start(1));
}

unsigned bench_shape(void) { return shape; }
unsigned bench_domains(void) { return number_argument("domains", 1); }

void bench_main(void *fdt)
{
    struct peer_page *page = fdt;

    if (page && page->magic == PEER_MAGIC)
        peer_main(page);
    if (!facts_read(fdt))
        bench_fail("no device tree");
    bench_print("bench: GICv%u cpus %u xen %u %s\n", facts.gic, facts.cpus, facts.has_xen,
                facts.args);
    gic_init();
    find_shape();
    run_rows(trap_rows, trap_row_count);
    run_rows(irq_rows, irq_row_count);
    run_rows(event_rows, event_row_count);
    run_rows(grant_rows, grant_row_count);
    run_rows(peer_rows, peer_row_count);
    run_rows(worst_rows, worst_row_count);
    run_rows(crowd_rows, crowd_row_count);
    bench_print("bench: end\n");
    smccc(facts.psci_by_hvc, PSCI_SYSTEM_OFF, 0, 0, 0);
    for (;;)
        wfi();
}
