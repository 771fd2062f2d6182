/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one physical CPU owns. TPIDR_EL2 holds its address (hw_percpu()). The first part is known
 * to the assembly by the offsets in core/base/offsets.h. Once it is made only the owner writes it,
 * but for todo, in which other CPUs set bits atomically before they send an SGI, and is_taken,
 * which the boot CPU may set.
 */
#ifndef CORE_BASE_PERCPU_H
#define CORE_BASE_PERCPU_H

#include "core/base/types.h"

struct vcpu;
struct runq;

/* "Anything to do?" before the return to the guest. Zero is the fast path. */
enum {
    TODO_RESCHED = 1u << 0, /* run the scheduler */
    TODO_VGIC = 1u << 1,    /* the loaded vCPU has virtual interrupts to put in list registers */
    TODO_TIMER = 1u << 2,   /* the EL2 timer fired: run expired timers */
};

struct percpu {
    uint64_t todo;          /* TODO_*; atomic */
    struct vcpu *current;   /* the vCPU whose state is loaded; never NULL once CPUs run guests */
    void *stack_top;        /* EL2 stack */
    uint64_t mpidr;         /* affinity fields only */
    unsigned id;            /* 0 .. cpu_count - 1 */
    bool is_idle;           /* waits at EL2; read by other CPUs' schedulers */
    bool is_taken;          /* boot: by its CPU, or by who waits for that no longer; atomic */
    struct runq *runq;      /* sched.c */
    struct timer_queue *timers; /* timer.c */
    struct vcpu *fp_owner;  /* whose FP/SIMD registers are in this CPU, or NULL */
    uint64_t idle_ns;       /* time spent waiting at EL2 */
    uint16_t domid;         /* whose vCPU is loaded, or was last */
    bool is_memory_coming;  /* when an allocation failed last, freed pages were on their way back */
    uint16_t evtchn_section; /* not 0 while this CPU delivers an event; evtchn_port.h */
};

extern struct percpu *percpu_table[NR_CPUS_MAX]; /* filled by boot, then constant */
extern unsigned cpu_count;                       /* CPUs that are up */

/* All of them, as a mask. */
static inline uint64_t percpu_all(void) { return ~0ul >> (NR_CPUS_MAX - cpu_count); }

/* Sets TODO bits of any CPU (release order: what the bit announces is visible before it). */
static inline void percpu_todo_set(struct percpu *p, uint64_t bits)
{
    __atomic_fetch_or(&p->todo, bits, __ATOMIC_RELEASE);
}

/* Takes all TODO bits of this CPU (acquire order). */
static inline uint64_t percpu_todo_take(struct percpu *p)
{
    return __atomic_exchange_n(&p->todo, 0, __ATOMIC_ACQUIRE);
}

#endif
