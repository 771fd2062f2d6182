/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What every part of the benchmark image shares: facts about where it runs, output, the table of
 * rows. A row does its operation n times, checks that it really happened, and answers the ticks
 * that it took; a check that fails ends the run.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include "tests/bench/image/arch.h"
#include "tests/bench/plugin/marks.h"

#define PAGE_BYTES 4096u
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct facts {
    unsigned gic;           /* 2 or 3 */
    uint64_t gicd, gicc;    /* gicc: the CPU interface (v2) or the first redistributor (v3) */
    unsigned cpus;          /* in the device tree */
    bool has_xen;           /* Xen's ABI */
    unsigned event_intid;   /* PPI of the event upcall */
    bool psci_by_hvc, has_hypervisor;
    uint64_t uart;          /* a PL011, or 0 */
    const char *args;       /* never NULL */
};
extern struct facts facts;

/* Reads the device tree; false: it is none. */
bool facts_read(const void *fdt);

/* %s %u %lu %lx; to the hypervisor's console or the UART. */
void bench_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
#define bench_check(condition) \
    do { if (!(condition)) bench_fail("%s:%u: %s", __func__, __LINE__, #condition); } while (0)
/* One round of waiting for another vCPU: it may share this one's CPU. */
void bench_pause(void);
/* Lets another vCPU of this CPU run, if there is a hypervisor. */
void bench_yield(void);
/* The machine's shape, and how many other domains there shall be. */
unsigned bench_shape(void);
unsigned bench_domains(void);
/* A delay that is another one each time: one tick is many instructions long, so a single interval
 * is measured right only in the mean over all phases. */
void bench_jitter(void);

/* What the counting plugin shall know; nothing happens without it. */
#define bench_mark(number) __asm__ volatile("hint %0" : : "i"(number) : "memory")

/* What is measured lies between these; bench_end answers the ticks since. */
static inline uint64_t bench_begin(void)
{
    bench_mark(MARK_ON);
    return ticks();
}

static inline uint64_t bench_end(uint64_t start)
{
    uint64_t now = ticks();

    bench_mark(MARK_OFF);
    return now - start;
}

/* Shapes of machine that a row can be measured on. */
enum {
    SHAPE_SINGLE = 1,       /* one CPU, one vCPU */
    SHAPE_PAIR = 2,         /* two CPUs, a vCPU on each */
    SHAPE_SHARE = 4,        /* one CPU, two vCPUs */
    SHAPE_PEER = 8,         /* one CPU, a vCPU, other domains */
    SHAPE_PEER_PAIR = 16,   /* two CPUs, a vCPU on the first, another domain's on the second */
    SHAPE_LIFE = 32,        /* one CPU, a vCPU, domains come and go */
    SHAPE_WORST = 64,       /* one CPU, a vCPU, the longest requests */
    SHAPE_BATCH = 128,      /* one CPU, a vCPU, calls with more and more operations */
};

struct row {
    const char *name;
    unsigned shapes;
    bool needs_xen;
    uint64_t (*run)(unsigned n);
    unsigned operations;    /* in each of n steps */
    unsigned divisor;       /* n is the wanted number by this */
};

uint64_t event_masked(unsigned n);  /* event_rows.c */

extern const struct row trap_rows[], irq_rows[], event_rows[], grant_rows[], peer_rows[],
    worst_rows[], crowd_rows[];
extern const unsigned trap_row_count, irq_row_count, event_row_count, grant_row_count,
    peer_row_count, worst_row_count, crowd_row_count;

#endif
