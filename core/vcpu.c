/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual CPUs: creation, reset, what is loaded into and saved from the machine when the scheduler
 * switches, and the areas (vcpu_info, runstate) that a vCPU shares with its guest.
 * Refuses to know when to switch (sched.c). A vCPU's registers are touched only by the CPU that it
 * is loaded on, or by anyone while it is paused and not loaded.
 */
#include "core/vcpu.h"

#include "core/base/errors.h"
#include "core/base/offsets.h"
#include "core/debug.h"
#include "core/domain.h"
#include "core/fpsimd.h"
#include "core/pmu.h"
#include "core/sched.h"
#include "mm/page_alloc.h"
#include "mm/vmid.h"

_Static_assert(offsetof(struct percpu, todo) == PERCPU_TODO, "vectors.S");
_Static_assert(TODO_VGIC == PERCPU_TODO_VGIC, "vectors.S");
_Static_assert(offsetof(struct percpu, current) == PERCPU_CURRENT, "vectors.S");
_Static_assert(offsetof(struct percpu, stack_top) == PERCPU_STACK, "start.S");
_Static_assert(offsetof(struct percpu, mpidr) == PERCPU_STACK + 8, "start.S");
_Static_assert(offsetof(struct vcpu, x) == VCPU_X, "vectors.S");
_Static_assert(offsetof(struct vcpu, counts.interrupts) == VCPU_INTERRUPTS, "vectors.S");
_Static_assert(offsetof(struct vcpu, counts.traps) == VCPU_TRAPS, "vectors.S");
_Static_assert(offsetof(struct vcpu, stack_top) == VCPU_STACK, "vectors.S");
_Static_assert(offsetof(struct vcpu, counts.hypercalls) == VCPU_HYPERCALLS, "vectors.S");

#define VCPUS_AT_ONCE 16u /* a wake or a kick is 200 instructions */
#define PSTATE_RESET (PSTATE_D | PSTATE_A | PSTATE_I | PSTATE_F | PSTATE_EL1H)

void vcpu_wake_timer_set(struct vcpu *v)
{
    struct timer *t = &v->wake_timer;
    uint64_t deadline;

    if (__atomic_load_n(&t->is_set, __ATOMIC_ACQUIRE) &&
        t->deadline - v->vtimer.cntvoff <= v->vtimer.cntv_cval)
        return;
    deadline = vtimer_deadline(&v->vtimer);
    if (deadline != UINT64_MAX &&
        (!__atomic_load_n(&t->is_set, __ATOMIC_ACQUIRE) || t->deadline > deadline))
        timer_set(t, deadline);
}

/* It may have been set for what v waited for before. */
static void vcpu_wake_fired(struct timer *t)
{
    struct vcpu *v = container_of(t, struct vcpu, wake_timer);
    bool is_due = false;

    sched_vcpu_lock(v);
    if (!v->sched.is_loaded && v->sched.state == VCPU_BLOCKED) {
        is_due = !vtimer_deadline(&v->vtimer);
        if (!is_due)
            vcpu_wake_timer_set(v);
    }
    sched_vcpu_unlock(v);
    if (is_due)
        sched_wake(v);
}

static void vcpu_poll_fired(struct timer *t)
{
    sched_wake(container_of(t, struct vcpu, poll_timer));
}

/* The emulated physical timer (CNTP_*): its PPI is a level that follows ISTATUS. v may run on
 * another CPU and write the timer meanwhile; it sets the level after each write. So the level that
 * is set last is the right one, if this looks again after having set one. */
static void vcpu_cntp_fired(struct timer *t)
{
    struct vcpu *v = container_of(t, struct vcpu, cntp_timer);
    bool level;

    do {
        level = vtimer_cntp_level(&v->vtimer, timer_now());
        vcpu_kick_vgic(vgic_set_level(&v->domain->vgic, &v->vgic, VTIMER_PPI_PHYSICAL, level));
        __atomic_thread_fence(__ATOMIC_SEQ_CST); /* pairs with sysreg_cntp_update() */
    } while (level != vtimer_cntp_level(&v->vtimer, timer_now()));
}

static void vcpu_controls_init(struct vcpu *v)
{
    v->hcr = HCR_VM | HCR_PTW | HCR_FMO | HCR_IMO | HCR_AMO | HCR_FB | HCR_BSU_IS | HCR_TID3 |
             HCR_TSC | HCR_TIDCP | HCR_TACR | HCR_TLOR | HCR_RW | HCR_SWIO;
    if (sysreg_has_pauth())
        v->hcr |= HCR_APK | HCR_API | HCR_TERR;
    if (BITS_GET(hw_sysreg_read(ID_AA64PFR0_EL1), 31, 28)) /* RAS */
        v->hcr |= HCR_TERR;
    v->cptr = CPTR_RES1 | CPTR_TZ | CPTR_TFP | CPTR_TTA | CPTR_TAM;
    v->mdcr = MDCR_TPMCR | MDCR_TPM | MDCR_TDA | MDCR_TDOSA | MDCR_TDRA | MDCR_TPMS | MDCR_TTRF |
              MDCR_HPMD | MDCR_HCCD | BITS_GET(hw_sysreg_read(PMCR_EL0), 15, 11);
    v->vmpidr = BIT(31) | vcpu_mpidr(v->id);
}

int vcpu_create(struct domain *d, unsigned id)
{
    struct vcpu *v;
    int rc;

    if (id >= d->vcpu_max)
        return -EINVAL;
    if (d->vcpu[id])
        return -EEXIST;
    v = page_alloc_el2(sizeof(*v));
    if (!v)
        return -ENOMEM;
    v->domain = d;
    v->id = id;
    v->fp_cpu = -1;
    v->info = id < XEN_LEGACY_MAX_VCPUS && d->shared_info ? &d->shared_info->vcpu_info[id]
                                                          : &v->info_own;
    v->runstate.state = RUNSTATE_offline;
    v->runstate.state_entry_time = timer_now_ns();
    vcpu_controls_init(v);
    timer_setup(&v->wake_timer, vcpu_wake_fired);
    timer_setup(&v->cntp_timer, vcpu_cntp_fired);
    timer_setup(&v->poll_timer, vcpu_poll_fired);
    rc = vgic_cpu_init(&d->vgic, &v->vgic, id);
    if (rc) {
        page_free_el2(v);
        return rc;
    }
    vcpu_reset(v, 0, 0);
    sched_vcpu_init(v);
    /* Release: who finds it sees it whole. */
    __atomic_store_n(&d->vcpu[id], v, __ATOMIC_RELEASE);
    return 0;
}

void vcpu_destroy(struct vcpu *v)
{
    sched_vcpu_destroy(v); /* first: one that is not blocked sets no timer again */
    timer_cancel(&v->wake_timer);
    timer_cancel(&v->cntp_timer);
    timer_cancel(&v->poll_timer);
    vcpu_info_unregister(v);
    vcpu_runstate_unregister(v);
    vgic_cpu_destroy(&v->vgic);
    v->domain->vcpu[v->id] = NULL;
    page_free_el2(v);
}

void vcpu_reset(struct vcpu *v, uint64_t pc, uint64_t x0)
{
    memset(v->x, 0, sizeof(v->x));
    memset(&v->el1, 0, sizeof(v->el1));
    memset(&v->fp, 0, sizeof(v->fp));
    v->fp_cpu = -1;
    debug_reset(v);
    pmu_reset(v);
    v->serror = 0;
    v->x[0] = x0;
    v->pc = pc;
    v->pstate = PSTATE_RESET;
    v->el1.sctlr = SCTLR_EL1_RESET;
    v->el1.actlr = hw_sysreg_read(ACTLR_EL1);
    v->evtchn_poll = VCPU_POLL_NONE;
    timer_cancel(&v->cntp_timer);
    timer_cancel(&v->poll_timer);
    vtimer_reset(&v->vtimer, v->domain->cntvoff);
    vgic_set_level(&v->domain->vgic, &v->vgic, VTIMER_PPI_PHYSICAL, false);
    vgic_cpu_reset(&v->vgic);
}

/* Where a register is in vcpu_guest_context_t and in struct vcpu, the first 31 apart. */
#define CONTEXT_REGISTERS(X) \
    X(user_regs.pc64, pc) X(user_regs.cpsr, pstate) \
    X(user_regs.sp_el0, el1.sp_el0) X(user_regs.sp_el1, el1.sp_el1) \
    X(user_regs.elr_el1, el1.elr_el1) X(user_regs.spsr_el1, el1.spsr_el1) \
    X(sctlr, el1.sctlr) X(ttbr0, el1.ttbr0) X(ttbr1, el1.ttbr1) X(ttbcr, el1.tcr)

int vcpu_context_set(struct vcpu *v, const vcpu_guest_context_t *c)
{
    uint64_t mode = c->user_regs.cpsr & 0x1f;

    if (mode != PSTATE_EL1H && mode != PSTATE_EL1T && mode != PSTATE_EL0T)
        return -EINVAL;
    memcpy(v->x, &c->user_regs.x0, VCPU_XREGS * sizeof(v->x[0]));
#define X(theirs, ours) v->ours = c->theirs;
    CONTEXT_REGISTERS(X)
#undef X
    v->is_initialised = true;
    v->is_online = c->flags & VGCF_online;
    return 0;
}

void vcpu_context_get(struct vcpu *v, vcpu_guest_context_t *c)
{
    memset(c, 0, sizeof(*c));
    c->flags = v->is_online ? VGCF_online : 0;
    memcpy(&c->user_regs.x0, v->x, VCPU_XREGS * sizeof(v->x[0]));
#define X(theirs, ours) c->theirs = v->ours;
    CONTEXT_REGISTERS(X)
#undef X
}

/* Where HCR_EL2.TERR is set: CPUs with PAuth or RAS, as all with SME are. Guests see neither RAS
 * nor SME, but nothing traps DISR_EL1, which is VDISR_EL2 for them (HCR_EL2.AMO), and only
 * fine-grained traps TPIDR2_EL0. So they are nobody's: none finds what another has left there. */
static NOINLINE void vcpu_load_extras(const struct vcpu *v)
{
    if (v->hcr & HCR_APK)
        hw_pauth_restore(&v->el1);
    if (BITS_GET(hw_sysreg_read(ID_AA64PFR0_EL1), 31, 28))
        hw_sysreg_write(S3_4_C12_C1_1, 0); /* VDISR_EL2 */
    if (BITS_GET(hw_sysreg_read(ID_AA64PFR1_EL1), 27, 24) &&
        !BITS_GET(hw_sysreg_read(ID_AA64MMFR0_EL1), 59, 56))
        hw_sysreg_write(S3_3_C13_C0_5, 0); /* TPIDR2_EL0; it may be EL3's where nobody has it */
}

void vcpu_load(struct vcpu *v)
{
    struct percpu *p = hw_percpu();
    bool is_other = !vmid_is_current(&v->domain->s2);

    v->percpu = p;
    v->stack_top = p->stack_top;
    if (is_other)
        hw_vttbr_clear();
    hw_sysreg_write(VMPIDR_EL2, v->vmpidr);
    vcpu_serror_load(v);
    hw_sysreg_write(MDCR_EL2, v->mdcr);
    fpsimd_load(v);
    hw_el1_restore(&v->el1);
    if (unlikely(v->hcr & HCR_TERR))
        vcpu_load_extras(v);
    if (is_other) {
        p->domid = v->domain->id;
        hw_isb(); /* no walk with this guest's tables before all its EL1 registers are there */
        hw_sysreg_write(VTCR_EL2, v->domain->s2.vtcr);
        hw_sysreg_write(VTTBR_EL2, vmid_activate(&v->domain->s2));
    }
    /* A guest's CPUs may each have translations of their own under one ASID (DDI 0487, CnP 0), and
     * those made while EL1's registers were partly one's and partly the other's go, too. */
    if (unlikely(v->domain->last_vcpu[p->id] != v->id)) {
        v->domain->last_vcpu[p->id] = (uint8_t)v->id;
        hw_tlbi_vmid_local();
    }
    vgic_load(&v->vgic, p->id);
    vtimer_load(&v->vtimer);
    if (unlikely(v->el1.mdscr & MDSCR_MDE))
        debug_load(v);
    if (unlikely(pmu_is_used(v)))
        pmu_load(v);
    hw_sysreg_write(ELR_EL2, v->pc);
    hw_sysreg_write(SPSR_EL2, v->pstate);
    /* No ISB: the ERET is one, and what EL2 does until then, in sched_exit(), neither uses the
     * guest's translation nor its TLB entries. */
}

void vcpu_save(struct vcpu *v)
{
    uint64_t serror;

    v->pc = hw_sysreg_read(ELR_EL2);
    v->pstate = hw_sysreg_read(SPSR_EL2);
    vtimer_save(&v->vtimer);
    if (unlikely(pmu_is_used(v)))
        pmu_save(v);
    vgic_save(&v->vgic);
    hw_el1_save(&v->el1);
    if (unlikely(v->hcr & HCR_APK))
        hw_pauth_save(&v->el1);
    fpsimd_save(v);
    v->serror = hw_sysreg_read(HCR_EL2) & HCR_VSE; /* 0: the guest has taken it */
    serror = hw_serror_take(); /* late: it uses what was saved before */
    if (unlikely(serror))
        vcpu_serror_raise(v, serror, v->pc);
}

void vcpu_kick(struct vcpu *v)
{
    struct percpu *p;

    /* Pairs with the barrier in sched.c's block: either it sees what became pending before this
     * call, or we see that it blocks. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    switch (READ_ONCE(v->sched.state)) {
    case VCPU_RUNNING:
        p = percpu_table[READ_ONCE(v->sched.cpu)];
        if (p != hw_percpu())
            sched_cpu_kick(p, TODO_VGIC);
        else if (vgic_cpu_needs_flush(&v->vgic))
            percpu_todo_set(p, TODO_VGIC);
        break;
    case VCPU_BLOCKED:
        sched_wake(v);
        break;
    default: /* looks when it is loaded */
        break;
    }
}

void vcpus_act(struct domain *d, enum vcpus_act act, const uint64_t who[2])
{
    static void (*const acts[])(struct vcpu *) = { vcpu_kick, sched_resume };
    unsigned more = VCPUS_AT_ONCE;
    uint64_t left = 0;

    for (unsigned w = 0; w < 2; w++) {
        uint64_t m = who[w];

        for (; m && more; m &= m - 1) {
            struct vcpu *v = domain_vcpu(d, w * 64 + bit_lowest(m));

            if (v) {
                acts[act](v);
                more--;
            }
        }
        left |= m;
        if (m)
            __atomic_fetch_or(&d->vcpus_left[act][w], m, __ATOMIC_SEQ_CST);
    }
    if (!left)
        return;
    timer_set(&d->vcpus_timer, timer_now() + 1); /* not in the same stay */
    if (d->state >= DOMAIN_DYING) /* looked at after the timer is set: its end cancels it once */
        timer_cancel(&d->vcpus_timer);
}

static void vcpus_left(struct timer *t)
{
    struct domain *d = container_of(t, struct domain, vcpus_timer);

    for (unsigned act = 0; act < ARRAY_SIZE(d->vcpus_left); act++) {
        uint64_t who[2];

        for (unsigned w = 0; w < 2; w++)
            who[w] = __atomic_exchange_n(&d->vcpus_left[act][w], 0, __ATOMIC_SEQ_CST);
        vcpus_act(d, act, who);
    }
}

void vcpus_init(struct domain *d) { timer_setup(&d->vcpus_timer, vcpus_left); }

void vcpu_take_kicks(struct vcpu *v, uint64_t kick[2])
{
    for (unsigned w = 0; w < 2; w++) {
        kick[w] = v->vgic.kick[w];
        v->vgic.kick[w] = 0;
    }
}

void vcpu_kick_others(struct vcpu *v)
{
    uint64_t kick[2];

    if (likely(!(v->vgic.kick[0] | v->vgic.kick[1])))
        return;
    vcpu_take_kicks(v, kick);
    vcpus_act(v->domain, VCPUS_KICK, kick);
}

void vcpu_flush(struct vcpu *v)
{
    if (unlikely(vgic_flush(&v->vgic)))
        vcpu_kick_others(v);
}

void vcpu_wait(struct vcpu *v)
{
    v->evtchn_poll = VCPU_POLL_NONE;
    sched_block(v); /* which looks, as the last thing, whether something is pending */
}

void vcpu_kick_vgic(struct vgic_cpu *c)
{
    if (c)
        vcpu_kick(container_of(c, struct vcpu, vgic));
}

/* No exclusive pair: the guest could keep it from ever succeeding. One that clears the byte between
 * load and store looks for events after that; two senders that both find it clear do no harm. */
void vcpu_event_upcall(struct vcpu *v)
{
    uint8_t *pending = &v->info->evtchn_upcall_pending;

    if (__atomic_load_n(pending, __ATOMIC_SEQ_CST))
        return;
    __atomic_store_n(pending, 1, __ATOMIC_SEQ_CST);
    vcpu_tally(&v->counts.upcalls, 1);
    if (v->domain->event_irq)
        vcpu_kick_vgic(vgic_inject(&v->domain->vgic, &v->vgic, v->domain->event_irq));
    if (unlikely(__atomic_load_n(&v->evtchn_poll, __ATOMIC_SEQ_CST)))
        vcpu_kick(v);
}

/* From AArch32 EL0: instructions of 2 bytes, and the IT state moves on (DDI 0487, ITAdvance).
 * Software step and BTI: an emulated instruction leaves neither pending. */
void vcpu_skip_odd(uint64_t pstate)
{
    uint64_t it = BITS_GET(pstate, 15, 10) << 2 | BITS_GET(pstate, 26, 25);

    if (!(pstate & PSTATE_AARCH32)) {
        hw_sysreg_write(ELR_EL2, hw_sysreg_read(ELR_EL2) + 4);
        hw_sysreg_write(SPSR_EL2, pstate & ~(PSTATE_SS | PSTATE_BTYPE));
        return;
    }
    it = it & 7 ? (it & 0xe0) | (it << 1 & 0x1f) : 0;
    pstate &= ~(PSTATE_SS | PSTATE_IT_HIGH | PSTATE_IT_LOW);
    pstate |= (it >> 2) << 10 | (it & 3) << 25;
    hw_sysreg_write(ELR_EL2, hw_sysreg_read(ELR_EL2) + (hw_sysreg_read(ESR_EL2) & ESR_IL ? 4 : 2));
    hw_sysreg_write(SPSR_EL2, pstate);
}

/* The domain's lock is held: two vCPUs may try it for the same one. */
static int vcpu_info_set(struct vcpu *v, uint64_t gfn, uint32_t offset)
{
    struct page *page;
    vcpu_info_t *info;

    if (v->info_page)
        return -EINVAL;
    page = domain_gfn_page_get(v->domain, gfn, true);
    if (!page)
        return -EINVAL;
    info = (vcpu_info_t *)((char *)page_to_virt(page) + offset);
    memcpy(info, v->info, sizeof(*info));
    v->info_page = page;
    /* Release: who sees the new place sees its contents. */
    __atomic_store_n(&v->info, info, __ATOMIC_RELEASE);
    evtchn_vcpu_info_moved(v);
    return 0;
}

int vcpu_info_register(struct vcpu *v, uint64_t gfn, uint32_t offset)
{
    int rc;

    if (offset > PAGE_SIZE - sizeof(vcpu_info_t) || offset % sizeof(uint64_t))
        return -EINVAL;
    lock_acquire(&v->domain->lock);
    rc = vcpu_info_set(v, gfn, offset);
    lock_release(&v->domain->lock);
    return rc;
}

void vcpu_info_unregister(struct vcpu *v)
{
    struct page *page = v->info_page;

    if (!page)
        return;
    memset(&v->info_own, 0, sizeof(v->info_own));
    v->info = &v->info_own;
    v->info_page = NULL;
    domain_page_put(page);
}

inline bool vcpu_has_pending(struct vcpu *v)
{
    return vgic_cpu_has_pending(&v->vgic) || v->evtchn_poll == VCPU_POLL_DONE ||
           (v->evtchn_poll && v->info->evtchn_upcall_pending);
}
