/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtual CPU: everything a guest can observe of it, in plain form, plus its place in the
 * scheduler. While it is loaded on a physical CPU, PC/PSTATE are in ELR_EL2/SPSR_EL2, EL1 state in
 * the registers; vcpu_save() brings all here.
 */
#ifndef CORE_VCPU_H
#define CORE_VCPU_H

#include "core/base/hw.h"
#include "core/base/purlin_abi.h"
#include "core/base/sysreg_bits.h"
#include "core/base/xen_abi.h"
#include "drivers/timer.h"
#include "irq/vgic.h"
#include "irq/vtimer.h"

struct domain;

#define VCPU_XREGS 31u

/*
 * RUNNABLE <-> RUNNING: picked, preempted (sched.c)
 * RUNNING -> BLOCKED: WFI, sched_op block/poll, CPU_SUSPEND with nothing pending
 * BLOCKED -> RUNNABLE: an event, interrupt or timer (sched_wake)
 * any -> OFFLINE: CPU_OFF, setvcpucontext without VGCF_online, its domain's end
 * OFFLINE -> RUNNABLE: CPU_ON, setvcpucontext with VGCF_online
 * pause_count > 0 or the domain's: not eligible, whatever the state.
 */
enum vcpu_state { /* by the number of the run state that follows from it */
    VCPU_RUNNING = RUNSTATE_running, VCPU_RUNNABLE = RUNSTATE_runnable,
    VCPU_BLOCKED = RUNSTATE_blocked, VCPU_OFFLINE = RUNSTATE_offline,
};

/* NONE -> WAITS: sched_op poll; an upcall wakes it. WAITS -> DONE: an event on one of its ports. */
enum vcpu_poll { VCPU_POLL_NONE, VCPU_POLL_WAITS, VCPU_POLL_DONE };

struct sched_entity {
    struct list link;          /* run queue */
    enum vcpu_state state;     /* all of this: the lock of run queue `cpu`, but as noted */
    unsigned cpu;              /* whose run queue it belongs to; changes only when not loaded */
    struct runq *rq;           /* that queue */
    bool on_queue, is_loaded;  /* loaded: its registers are in CPU `cpu` */
    bool wants_block, wants_offline, wants_yield; /* of the current vCPU, for the way out */
    int pause_count;           /* atomic */
    uint64_t affinity_hard, affinity_soft; /* CPU masks */
    uint64_t place;            /* affinity_hard; the preferred part while it moves there */
    uint64_t vruntime;         /* weighted ns */
    uint64_t run_start;        /* ns since boot: it has been charged up to then */
    uint64_t untrapped_ns;     /* the part of its time with WFI not trapped, so perhaps idle */
};

/* Self-hosted debug, as the guest wrote it (debug.c). */
struct vcpu_debug {
    uint64_t value[4][16];     /* DBGBVRn, DBGBCRn, DBGWVRn, DBGWCRn */
    uint64_t mdscr;
    uint8_t locks, claims;
};

/* Performance monitors, valid when they are not in the machine (pmu.c). */
struct vcpu_pmu {
    uint64_t pmcr, cntenset, intenset, ovsset, selr, userenr, ccntr, ccfiltr, type[31], count[31];
};

struct vcpu {
    /* Known to the assembly (core/base/offsets.h). */
    uint64_t x[VCPU_XREGS + 1]; /* the last: XZR, always 0 */
    uint64_t pc, pstate;       /* valid when not loaded */
    void *stack_top;           /* of the CPU it is loaded on */
    struct purlin_counts counts; /* by v's own CPU, but upcalls, where one may be missed */

    struct percpu *percpu;     /* CPU it is loaded on */
    struct domain *domain;
    unsigned id;
    uint64_t hcr, cptr, mdcr;  /* HCR_EL2, CPTR_EL2, MDCR_EL2 */
    uint64_t serror;           /* HCR_VSE: a virtual SError waits; valid when not loaded */
    uint64_t vsesr;            /* VSESR_EL2 */
    uint64_t vmpidr;
    struct hw_el1_state el1;
    struct hw_fp_state fp;
    bool awaits_memory;        /* its domctl is tried again when no freed memory is on its way */
    uint64_t waited_since, waited_at; /* ticks: for freed memory, reclaim.c */
    int fp_cpu;                /* CPU whose registers hold fp, -1: memory is current */
    unsigned fp_turns;         /* 0: not used in its last turn; 1: it was; > 1: so many more times
                                  fp is loaded without having been asked for (fpsimd.c) */
    struct vcpu_debug debug;
    struct vcpu_pmu pmu;

    struct vgic_cpu vgic;
    struct vtimer vtimer;
    struct timer wake_timer;   /* blocked: the virtual timer's deadline, or earlier (sched.c) */
    struct timer cntp_timer;   /* emulated physical timer */
    struct timer poll_timer;   /* sched_op poll timeout, singleshot */
    struct sched_entity sched;

    struct page *info_page;    /* page of vcpu_info, referenced; NULL: shared_info's or none */
    vcpu_info_t *info;         /* direct map; never NULL */
    vcpu_info_t info_own;      /* what info points to before the guest registers one (id > 0) */
    uint64_t *runstate_ptr[2]; /* registered runstate area, direct map, its pages referenced; the
                                  second part when it crosses a page; NULL: none */
    vcpu_runstate_info_t runstate;
    bool is_initialised;       /* has had a context (setvcpucontext, CPU_ON) */
    bool is_online;            /* PSCI on */
    bool in_multicall;         /* hypercall.c: a sub-call runs */
    bool multicall_continued;  /* ... and wants to go on, with multicall_args */
    uint64_t multicall_args[5];
    uint64_t evtchn_poll;      /* sched_op poll: enum vcpu_poll; atomic */
    struct evtchn_fifo_vcpu *evtchn_fifo; /* evtchn_fifo.c */
    uint32_t virq_port[NR_VIRQS]; /* VIRQ -> port, 0: none; written under the event lock, atomic */
};

static inline struct vcpu *vcpu_current(void) { return hw_percpu()->current; }

/* Cheap: one of two CPUs that count at the same time may be missed. */
static inline void vcpu_tally(uint64_t *count, unsigned n)
{
    WRITE_ONCE(*count, READ_ONCE(*count) + n);
}

/* The affinity fields of vCPU id's MPIDR: Aff0 counts to 16, as a GICv3 target list has 16 bits
 * (IHI 0069, ICC_SGI1R_EL1.TargetList). */
static inline uint64_t vcpu_mpidr(unsigned id) { return id % 16 | (uint64_t)(id / 16) << 8; }

/* Allocates vCPU id of d; state OFFLINE. 0, -ENOMEM, -EEXIST, -EINVAL. */
int vcpu_create(struct domain *d, unsigned id);
void vcpu_destroy(struct vcpu *v);
/* Architectural reset state (DDI 0487, reset of EL1 with the MMU off) and entry point. */
void vcpu_reset(struct vcpu *v, uint64_t pc, uint64_t x0);
/* domctl setvcpucontext / getvcpucontext. Not running. -EINVAL on values EL1 can't have. */
int vcpu_context_set(struct vcpu *v, const vcpu_guest_context_t *c);
void vcpu_context_get(struct vcpu *v, vcpu_guest_context_t *c);

/* Loads/saves all but general registers; vcpu.c, called by sched.c only. */
void vcpu_load(struct vcpu *v);
void vcpu_save(struct vcpu *v);
/* Under v's run queue's lock, v blocked and not loaded: sets the timer that ends its wait. An
 * earlier one that is still set is left, and looks again. */
void vcpu_wake_timer_set(struct vcpu *v);

/* Makes v look at its virtual interrupts: a no-op when it will anyway; an SGI when it runs on
 * another CPU; a wake when it blocks. Any CPU. */
void vcpu_kick(struct vcpu *v);
/* The same of the vCPU that is loaded on this CPU: if it runs, it blocks later. */
static inline void vcpu_kick_loaded(struct vcpu *v)
{
    if (unlikely(READ_ONCE(v->sched.state) != VCPU_RUNNING))
        vcpu_kick(v);
    else if (unlikely(vgic_cpu_needs_flush(&v->vgic)))
        percpu_todo_set(hw_percpu(), TODO_VGIC);
}
/* Kicks, or resumes (sched.h), vCPUs of d by index; those that do not exist are left out. No stay
 * at EL2 grows with their number: some at once, the others by a timer, some each time that it
 * fires, as soon as this CPU has left EL2. */
enum vcpus_act { VCPUS_KICK, VCPUS_RESUME };
void vcpus_act(struct domain *d, enum vcpus_act act, const uint64_t who[2]);
void vcpus_init(struct domain *d);
/* Whom v's vGIC wants kicked: taken out of it. On v's CPU, or under its run queue's lock. */
void vcpu_take_kicks(struct vcpu *v, uint64_t kick[2]);
/* Those whom v's vGIC wants kicked; v is loaded here. */
void vcpu_kick_others(struct vcpu *v);
/* v, loaded here: what is queued goes to its list registers; kicks whom that concerns. */
void vcpu_flush(struct vcpu *v);
/* The current vCPU waits for an interrupt: blocks on the way out, unless one is pending. */
void vcpu_wait(struct vcpu *v);
/* For the value returned by vgic_inject and friends; NULL is fine. */
void vcpu_kick_vgic(struct vgic_cpu *c);
/* Something for v to wake up for: a deliverable interrupt, or what it polls for. */
bool vcpu_has_pending(struct vcpu *v);
/* An event channel became pending for v: sets evtchn_upcall_pending, and if that was clear,
 * injects the domain's upcall interrupt and wakes v. Called without the event lock or with it. */
void vcpu_event_upcall(struct vcpu *v);

/* Injected faults, on the current vCPU, before it returns to the guest (DDI 0487 names). */
void vcpu_inject_undefined(void);
/* The abort of ESR_EL2, FAR_EL2 and HPFAR_EL2, as if there were no stage 2, but nothing on the bus
 * there. */
void vcpu_inject_abort(uint64_t esr);
/* A physical SError is v's, as far as can be told (docs/ARCHITECTURE.md): logged, and pending for
 * it as a virtual one from vcpu_serror_load() on. */
void vcpu_serror_raise(struct vcpu *v, uint64_t esr, uint64_t pc);
/* HCR_EL2 and VSESR_EL2 of v, on its CPU. The CPU clears HCR_EL2.VSE when the guest takes it. */
void vcpu_serror_load(const struct vcpu *v);
/* ELR_EL2 past the trapped instruction; pstate is SPSR_EL2, and has one of VCPU_ODD. */
void vcpu_skip_odd(uint64_t pstate);
#define VCPU_ODD (PSTATE_AARCH32 | PSTATE_SS | PSTATE_BTYPE)
static inline void vcpu_skip_instruction(void)
{
    uint64_t pstate = hw_sysreg_read(SPSR_EL2);

    if (unlikely(pstate & VCPU_ODD))
        vcpu_skip_odd(pstate);
    else
        hw_sysreg_write(ELR_EL2, hw_sysreg_read(ELR_EL2) + 4);
}

/* register_vcpu_info: 0, -EINVAL (already, crosses a page, no RAM there). */
int vcpu_info_register(struct vcpu *v, uint64_t gfn, uint32_t offset);
void vcpu_info_unregister(struct vcpu *v);
/* register_runstate_memory_area: written once now and at each change. 0, -EINVAL (alignment),
 * -EFAULT. */
int vcpu_runstate_register(struct vcpu *v, gva_t area);
void vcpu_runstate_unregister(struct vcpu *v);

#endif
