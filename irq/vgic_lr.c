/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * List registers: which interrupt is in which (the shadow), writing, reading back, making room.
 * What a list register holds is known for sure only when it has been read; the shadow says what
 * was written. Knows nothing of registers that guests see. Protected by the vgic_cpu's lock.
 */
#include "irq/vgic_lr.h"

void vgic_lr_forget(struct vgic_cpu *c, unsigned n)
{
    __atomic_store_n(&c->lr_irq[n]->lr, -1, __ATOMIC_RELEASE);
    c->lr_irq[n] = NULL;
    c->lr_used &= ~BIT(n);
    c->lr_eoi &= ~BIT(n);
}

/* What a list register said, into the interrupt. Where the GIC does not deactivate, a linked
 * interrupt asked for maintenance at EOI, and is deactivated now. */
static void merge(const struct vgic_cpu *c, struct vgic_irq *irq, const struct gic_lr *lr)
{
    bool is_linked = irq->pirq && (lr->hw || (c->has_linked_eoi && irq->is_hw_active));

    irq->is_active = lr->active;
    if (is_linked && !lr->hw && !lr->pending && !lr->active)
        gic_deactivate(irq->pirq);
    irq->is_hw_active = is_linked && (lr->pending || lr->active);
    if (irq->has_sources) {
        irq->active_source = (uint8_t)lr->pirq;
        irq->sources |= (uint8_t)(lr->pending ? 1u << lr->pirq : 0);
    }
    if (lr->pending && !irq->is_pended_by_line)
        irq->is_latched = true;
}

void vgic_lr_fold(struct vgic_cpu *c, unsigned n)
{
    struct vgic_irq *irq = c->lr_irq[n];
    struct gic_lr lr = gic_lr_read(n);

    /* One that asked for EOI maintenance is cleared also when it is invalid: it asks until then. */
    if (lr.pending || lr.active || (c->lr_eoi & BIT(n)))
        gic_lr_clear(n);
    merge(c, irq, &lr);
    vgic_lr_forget(c, n); /* last: what is in no list register and has no state is idle */
}

/* List register n has been seen empty, and lr_used says so. */
static ALWAYS_INLINE void mark_done(struct vgic_cpu *c, unsigned n) LOCK_REQUIRES(c->lock)
{
    struct vgic_irq *irq = c->lr_irq[n];

    if (unlikely(irq->is_hw_active && c->has_linked_eoi))
        gic_deactivate(irq->pirq);
    irq->is_active = irq->is_hw_active = false;
    irq->lr = -1;
    c->lr_irq[n] = NULL;
    if (unlikely(irq->is_latched || irq->is_line_high || irq->request || irq->target != c))
        vgic_irq_requeue(c, irq);
}

/* ELRSR leaves these out until the maintenance interrupt is served (IHI 0048, GICH_ELRSRn). */
static NOINLINE void reclaim_eoi(struct vgic_cpu *c) LOCK_REQUIRES(c->lock)
{
    for (uint64_t eoi = c->lr_eoi; eoi; eoi &= eoi - 1) {
        unsigned n = bit_lowest(eoi);
        struct gic_lr lr = gic_lr_read(n);

        if (lr.pending || lr.active)
            continue;
        gic_lr_clear(n);
        c->lr_used &= ~BIT(n);
        c->lr_eoi &= ~BIT(n);
        mark_done(c, n);
    }
}

inline void vgic_lr_reclaim(struct vgic_cpu *c)
{
    uint64_t used = c->lr_used, plain = used & ~c->lr_eoi;
    uint64_t done = plain ? plain & gic_lr_empty_mask() : 0;

    c->lr_used = used & ~done;
    for (; done; done &= done - 1)
        mark_done(c, bit_lowest(done));
    if (unlikely(c->lr_eoi))
        reclaim_eoi(c);
}

/* A free list register, or -1. */
static int take(struct vgic_cpu *c, struct vgic_irq *irq) LOCK_REQUIRES(c->lock)
{
    uint64_t unused = c->lr_all & ~c->lr_used;
    unsigned n;

    if (unlikely(!unused)) {
        vgic_lr_reclaim(c);
        unused = c->lr_all & ~c->lr_used;
        if (!unused)
            return -1;
    }
    n = bit_lowest(unused);
    c->lr_used |= BIT(n);
    c->lr_irq[n] = irq;
    irq->lr = (int8_t)n;
    return (int)n;
}

/* One sender at a time; the next one when this one's EOI is seen (IHI 0048: the acknowledge of an
 * SGI tells one source). */
static void compose_sgi(struct vgic_irq *irq, bool may_pend, struct gic_lr *lr)
{
    unsigned source = irq->is_active ? irq->active_source : bit_lowest(irq->sources | BIT(8));

    lr->pirq = source & 7;
    if (may_pend && ((irq->sources >> source) & 1)) {
        lr->pending = true;
        irq->sources &= (uint8_t)~(1u << source);
    }
    __atomic_store_n(&irq->is_latched, irq->sources != 0, __ATOMIC_RELEASE);
    lr->eoi_maintenance = may_pend && irq->sources;
}

/* What irq's list register must say now; what it will make pending leaves the latch, after irq->lr
 * says where it is: who looks without the lock (vgic_reg.c) finds it in one of the two. */
static void compose(const struct vgic_cpu *c, struct vgic_irq *irq, struct gic_lr *lr)
{
    bool may_pend = vgic_irq_is_allowed(irq), is_raised = vgic_irq_is_raised(irq);

    *lr = (struct gic_lr){
        .virq = irq->intid, .priority = irq->priority, .group1 = irq->is_group1,
        .active = irq->is_active,
    };
    if (irq->has_sources) {
        compose_sgi(irq, may_pend, lr);
        return;
    }
    if (irq->is_hw_active) {
        irq->is_pended_by_line = false;
        lr->hw = !c->has_linked_eoi;
        lr->pirq = lr->hw ? irq->pirq : 0;
        lr->eoi_maintenance = !lr->hw;
        lr->pending = may_pend && irq->is_latched && !irq->is_active;
    } else {
        lr->pending = may_pend && (irq->is_latched || (is_raised && !irq->is_active));
        irq->is_pended_by_line = !irq->is_latched;
        /* The level is sampled again at EOI; one that waits for another CPU then goes there. */
        lr->eoi_maintenance = (may_pend && is_raised) ||
                              ((irq->is_latched || is_raised) && irq->target != irq->home);
    }
    if (lr->pending)
        __atomic_store_n(&irq->is_latched, false, __ATOMIC_RELEASE);
}

/* What is written when irq becomes pending and nothing else is to be said (vgic_lr_place_quick). */
static void keep_raw(const struct vgic_cpu *c, struct vgic_irq *irq, const struct gic_lr *lr)
{
    struct gic_lr plain = {
        .virq = irq->intid, .pirq = irq->has_sources ? lr->pirq : c->has_linked_eoi ? 0 : irq->pirq,
        .priority = irq->priority, .group1 = irq->is_group1,
        .hw = irq->pirq && !c->has_linked_eoi,
        .eoi_maintenance = irq->pirq && c->has_linked_eoi, .pending = true,
    };

    irq->raw = gic_lr_encode(&plain);
    irq->raw_state = VGIC_IRQ_WANTED;
    if (irq->has_sources)
        irq->raw_state |= 1ul << (lr->pirq + VGIC_IRQ_SOURCES_SHIFT);
}

bool vgic_lr_place(struct vgic_cpu *c, struct vgic_irq *irq)
{
    struct gic_lr lr;
    int n = irq->lr;

    if (n < 0) {
        n = take(c, irq);
        if (n < 0)
            return false;
    } else {
        lr = gic_lr_read((unsigned)n);
        merge(c, irq, &lr);
    }
    compose(c, irq, &lr);
    if (unlikely(lr.eoi_maintenance))
        c->lr_eoi |= BIT((unsigned)n);
    else
        c->lr_eoi &= ~BIT((unsigned)n);
    gic_lr_write((unsigned)n, &lr);
    keep_raw(c, irq, &lr);
    return true;
}

/* All list registers are in use: takes out one that is pending, not active, and less urgent than
 * irq. False: there is none. */
static bool make_room(struct vgic_cpu *c, const struct vgic_irq *irq) LOCK_REQUIRES(c->lock)
{
    int limit = irq->is_active ? -1 : irq->priority;
    struct vgic_irq *victim = NULL;

    for (uint64_t m = c->lr_used; m; m &= m - 1) {
        struct vgic_irq *held = c->lr_irq[bit_lowest(m)];
        struct gic_lr lr = gic_lr_read(bit_lowest(m));

        if (lr.active || held->priority <= limit)
            continue;
        limit = held->priority;
        victim = held;
    }
    if (!victim)
        return false;
    vgic_lr_fold(c, (unsigned)victim->lr);
    vgic_irq_requeue(c, victim);
    return true;
}

static void set_underflow(struct vgic_cpu *c, bool on) LOCK_REQUIRES(c->lock)
{
    if (likely(c->is_underflow_on == on))
        return;
    c->is_underflow_on = on;
    gic_set_underflow_irq(on);
}

static NOINLINE void flush_slow(struct vgic_cpu *c) LOCK_REQUIRES(c->lock)
{
    /* A bound: priorities may change under us. */
    unsigned evictions = 0;

    while (!list_is_empty(&c->queue)) {
        struct vgic_irq *irq = list_entry(c->queue.next, struct vgic_irq, link);

        list_remove(&irq->link);
        if (unlikely(irq->request)) {
            vgic_irq_attend(c, irq);
            vgic_irq_requeue(c, irq);
            continue;
        }
        if (unlikely(irq->lr >= 0 && irq->target != c)) {
            vgic_lr_fold(c, (unsigned)irq->lr);
            vgic_irq_requeue(c, irq);
            continue;
        }
        if (!vgic_irq_wants_lr(irq) || vgic_lr_place(c, irq))
            continue;
        vgic_irq_enqueue(c, irq);
        if (evictions++ == GIC_LRS_MAX || !make_room(c, irq))
            break;
    }
    set_underflow(c, !list_is_empty(&c->queue));
}

ALWAYS_INLINE void vgic_lr_flush(struct vgic_cpu *c)
{
    while (!list_is_empty(&c->queue)) {
        struct vgic_irq *irq = list_entry(c->queue.next, struct vgic_irq, link);

        if (irq->target != c || !vgic_lr_place_quick(c, irq, false)) {
            flush_slow(c);
            return;
        }
        list_remove(&irq->link);
    }
    set_underflow(c, false);
}

bool vgic_lr_has_pending(struct vgic_cpu *c)
{
    vgic_lr_reclaim(c);
    for (uint64_t m = c->lr_used; m; m &= m - 1) {
        struct gic_lr lr = gic_lr_read(bit_lowest(m));

        if (lr.pending && !lr.active)
            return true;
    }
    return false;
}

inline void vgic_lr_save(struct vgic_cpu *c)
{
    vgic_lr_reclaim(c);
    while (c->lr_used) {
        unsigned n = bit_lowest(c->lr_used);
        struct vgic_irq *irq = c->lr_irq[n];

        vgic_lr_fold(c, n);
        vgic_irq_requeue(c, irq);
    }
    while (!list_is_empty(&c->queue)) {
        struct vgic_irq *irq = list_entry(c->queue.next, struct vgic_irq, link);

        if (!irq->request)
            break;
        vgic_irq_attend(c, irq);
        vgic_irq_requeue(c, irq);
    }
    set_underflow(c, false);
}
