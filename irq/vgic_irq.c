/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state machine of one virtual interrupt (drawn at struct vgic_irq): every change ends in
 * vgic_irq_settle(), which brings home, queue and list registers in line with the state. A change
 * that needs a list register or a banked physical register of another CPU becomes a request on
 * the home's queue. Protected by the home's lock; knows no register layout.
 */
#include "irq/vgic_irq.h"

#include "irq/vgic_lr.h"

void vgic_irq_refresh(struct vgic_irq *irq)
{
    const struct vgic_bank *b = vgic_irq_bank(irq);
    unsigned bit = irq->intid % 32;

    irq->raw_state = 0;
    irq->is_group1 = (READ_ONCE(b->group1) >> bit) & 1;
    irq->is_edge = (READ_ONCE(b->edge) >> bit) & 1;
    irq->is_on = ((READ_ONCE(b->enabled) >> bit) & 1) &&
                 ((READ_ONCE(irq->home->vgic->ctlr) >> irq->is_group1) & 1);
}

bool vgic_irq_wants_lr(const struct vgic_irq *irq)
{
    if (irq->lr >= 0)
        return irq->is_latched && (irq->target != irq->home || vgic_irq_is_allowed(irq));
    return irq->is_active ||
           ((irq->is_latched || vgic_irq_is_raised(irq)) && vgic_irq_is_allowed(irq));
}

/* An active interrupt stays with the CPU that acknowledged it (IHI 0048, GICD_ITARGETSRn). */
static bool is_stray(const struct vgic_irq *irq)
{
    return irq->target != irq->home && irq->target && irq->lr < 0 && !irq->is_active &&
           !irq->request;
}

/* Requests go first; an active interrupt must be in a list register for its EOI to be seen. */
static unsigned rank(const struct vgic_irq *irq)
{
    return irq->request ? 0 : irq->is_active ? 1 : 2u + irq->priority;
}

void vgic_irq_enqueue(struct vgic_cpu *c, struct vgic_irq *irq)
{
    struct list *pos = &c->queue;

    while (pos->prev != &c->queue && rank(list_entry(pos->prev, struct vgic_irq, link)) > rank(irq))
        pos = pos->prev;
    list_insert_before(pos, &irq->link);
}

void vgic_irq_requeue(struct vgic_cpu *c, struct vgic_irq *irq)
{
    list_remove(&irq->link);
    if (irq->request || vgic_irq_wants_lr(irq))
        vgic_irq_enqueue(c, irq);
    else if (is_stray(irq))
        list_insert_before(&c->strays, &irq->link);
}

/* True when c has something new to look at. */
static bool update(struct vgic_cpu *c, struct vgic_irq *irq) LOCK_REQUIRES(c->lock)
{
    bool is_listed = !list_is_empty(&irq->link);

    if (!irq->request && !vgic_irq_wants_lr(irq)) {
        list_remove(&irq->link);
        return false;
    }
    if (vgic_cpu_is_here(c)) {
        if (!is_listed && (!list_is_empty(&c->queue) || irq->target != c || irq->request ||
                           !vgic_lr_place(c, irq)))
            vgic_irq_enqueue(c, irq);
        if (!list_is_empty(&c->queue))
            vgic_lr_flush(c);
        return true;
    }
    if (is_listed)
        return false;
    vgic_irq_enqueue(c, irq);
    return true;
}

static NOINLINE struct vgic_cpu *settle_slow(struct vgic_cpu *c, struct vgic_irq *irq)
    LOCK_UNCHECKED
{
    bool kick;

    if (is_stray(irq)) {
        list_remove(&irq->link);
        /* Release: pairs with vgic_irq_lock(). From here on the new home's lock protects irq. */
        __atomic_store_n(&irq->home, irq->target, __ATOMIC_RELEASE);
        lock_release(&c->lock);
        c = vgic_irq_lock(irq);
    }
    kick = update(c, irq);
    lock_release(&c->lock);
    return kick ? c : NULL;
}

struct vgic_cpu *vgic_irq_settle(struct vgic_cpu *c, struct vgic_irq *irq) LOCK_UNCHECKED
{
    irq->is_seen = false;
    if (unlikely((uint16_t)irq->state != VGIC_IRQ_WANTED || irq->target != c))
        return settle_slow(c, irq);
    if (vgic_cpu_is_here(c)) {
        if (!list_is_empty(&c->queue) || !vgic_lr_place_quick(c, irq, false))
            return settle_slow(c, irq);
    } else if (!list_is_empty(&irq->link)) {
        lock_release(&c->lock);
        return NULL;
    } else if (likely(list_is_empty(&c->queue))) {
        list_insert_before(&c->queue, &irq->link);
    } else {
        vgic_irq_enqueue(c, irq);
    }
    lock_release(&c->lock);
    return c;
}

/* A PPI's physical registers are those of the CPU that has it loaded. */
static bool is_reachable(const struct vgic_cpu *c, const struct vgic_irq *irq)
{
    return !vgic_irq_is_private(irq) || vgic_cpu_is_here(c);
}

static void physical_active(struct vgic_cpu *c, struct vgic_irq *irq, bool active)
{
    irq->is_hw_active = active;
    if (is_reachable(c, irq))
        gic_irq_set_active(irq->pirq, active);
    if (active && vgic_irq_is_private(irq))
        c->hw_ppis |= 1u << irq->intid;
}

static void physical_pending(struct vgic_cpu *c, struct vgic_irq *irq, bool pending)
{
    uint32_t bit = vgic_irq_is_private(irq) ? 1u << irq->intid : 0;

    c->pend_ppis &= ~bit;
    if (is_reachable(c, irq)) {
        gic_irq_set_pending(irq->pirq, pending);
        c->pended_ppis |= pending ? bit : 0;
    } else if (pending) {
        c->pend_ppis |= bit;
    }
}

/* Undoes the acknowledge of a linked interrupt that the guest has not seen: an edge is put back, a
 * level will speak for itself. */
static void unpark(struct vgic_cpu *c, struct vgic_irq *irq)
{
    if (!irq->is_hw_active || !irq->is_latched || irq->is_active)
        return;
    irq->is_latched = false;
    if (irq->is_edge)
        physical_pending(c, irq, true);
    physical_active(c, irq, false);
}

static void unpend(struct vgic_cpu *c, struct vgic_irq *irq)
{
    if (irq->is_hw_active && irq->is_latched && !irq->is_active)
        physical_active(c, irq, false);
    irq->is_latched = irq->is_pended_by_guest = false;
    irq->sources = 0;
    if (irq->pirq)
        physical_pending(c, irq, false);
}

static void pend(struct vgic_cpu *c, struct vgic_irq *irq)
{
    irq->is_pended_by_guest = irq->pirq;
    if (irq->pirq)
        physical_pending(c, irq, true);
    else
        irq->is_latched = true;
}

/* A list register with HW=1 can't be pending and active (IHI 0048, GICH_LRn): the physical
 * interrupt is, and fires when it is deactivated. */
static void activate(struct vgic_cpu *c, struct vgic_irq *irq)
{
    if (irq->is_active)
        return;
    irq->is_active = true;
    if (!irq->pirq)
        return;
    if (irq->is_hw_active && irq->is_latched) {
        irq->is_latched = false;
        physical_pending(c, irq, true);
    }
    physical_active(c, irq, true);
}

static void deactivate(struct vgic_cpu *c, struct vgic_irq *irq)
{
    if (!irq->is_active)
        return;
    irq->is_active = false;
    list_remove(&irq->link); /* it has another rank, and may be what home waits for */
    if (irq->is_hw_active)
        physical_active(c, irq, false);
}

static bool is_taken_back(const struct vgic_cpu *c, const struct vgic_irq *irq)
{
    return irq->is_hw_active && !irq->is_edge && !irq->is_pended_by_guest &&
           !(vgic_irq_is_private(irq) && irq->request) &&
           is_reachable(c, irq) && !gic_irq_is_pending(irq->pirq);
}

static void apply(struct vgic_cpu *c, struct vgic_irq *irq, unsigned ops) LOCK_REQUIRES(c->lock)
{
    if (irq->lr >= 0)
        vgic_lr_fold(c, (unsigned)irq->lr);
    if (ops & VGIC_OP_UNPEND)
        unpend(c, irq);
    if ((ops & VGIC_OP_UNPARK) || is_taken_back(c, irq))
        unpark(c, irq);
    if (ops & VGIC_OP_PEND)
        pend(c, irq);
    if (ops & VGIC_OP_DEACTIVATE)
        deactivate(c, irq);
    if (ops & VGIC_OP_ACTIVATE)
        activate(c, irq);
    if (ops & VGIC_OP_DROP_SOURCES) {
        irq->sources &= (uint8_t)~irq->drop_sources;
        irq->is_latched = irq->sources;
        irq->drop_sources = 0;
    }
}

static uint32_t state_in_memory(const struct vgic_cpu *c, const struct vgic_irq *irq)
{
    bool pending = irq->is_latched || vgic_irq_is_raised(irq);

    if (irq->pirq && is_reachable(c, irq))
        pending |= gic_irq_is_pending(irq->pirq);
    return (pending ? VGIC_STATE_PENDING : 0) | (irq->is_active ? VGIC_STATE_ACTIVE : 0) |
           (uint32_t)irq->sources << VGIC_STATE_SOURCES_SHIFT;
}

void vgic_irq_attend(struct vgic_cpu *c, struct vgic_irq *irq)
{
    unsigned ops = irq->request;

    apply(c, irq, ops);
    irq->request = 0;
    if (ops & VGIC_OP_READ) {
        irq->seen = (uint16_t)state_in_memory(c, irq);
        irq->is_seen = true;
    }
    /* Release: RWP read as 0 (vgic_v3.c) means that it has been done. */
    __atomic_fetch_sub(&c->vgic->requests, 1, __ATOMIC_RELEASE);
}

/* Leaves op to the CPU that has c loaded. Of opposites the last one counts. */
static void request(struct vgic_cpu *c, struct vgic_irq *irq, enum vgic_op op)
    LOCK_REQUIRES(c->lock)
{
    unsigned undone = 0;

    if (op & (VGIC_OP_PEND | VGIC_OP_UNPEND))
        undone = VGIC_OP_PEND | VGIC_OP_UNPEND;
    if (op & (VGIC_OP_ACTIVATE | VGIC_OP_DEACTIVATE))
        undone = VGIC_OP_ACTIVATE | VGIC_OP_DEACTIVATE;
    if (!irq->request)
        __atomic_fetch_add(&c->vgic->requests, 1, __ATOMIC_RELAXED);
    irq->request = (uint8_t)((irq->request & ~undone) | op);
    list_remove(&irq->link);
    list_insert_after(&c->queue, &irq->link);
}

/* Is what concerns irq in the registers of another CPU? */
static bool is_elsewhere(const struct vgic_cpu *c, const struct vgic_irq *irq)
{
    return c->loaded && (irq->lr >= 0 || (irq->pirq && vgic_irq_is_private(irq))) &&
           !vgic_cpu_is_here(c);
}

/* Does op here and now, or asks for it. */
static struct vgic_cpu *perform(struct vgic_cpu *c, struct vgic_irq *irq, enum vgic_op op)
    LOCK_UNCHECKED
{
    vgic_irq_refresh(irq);
    if (is_elsewhere(c, irq)) {
        request(c, irq, op);
        lock_release(&c->lock);
        return c;
    }
    apply(c, irq, op);
    return vgic_irq_settle(c, irq);
}

struct vgic_cpu *vgic_irq_op(struct vgic_irq *irq, enum vgic_op op) LOCK_UNCHECKED
{
    return perform(vgic_irq_lock(irq), irq, op);
}

struct vgic_cpu *vgic_deactivate(struct vgic_cpu *c, unsigned intid)
{
    struct vgic_irq *irq = vgic_irq_find(c->vgic, c, intid);

    gic_vcpu_save(&c->state);
    if (!irq || !(c->state.vmcr & GIC_VMCR_EOIM))
        return NULL;
    return vgic_kick_add(c, NULL, vgic_irq_op(irq, VGIC_OP_DEACTIVATE));
}

void vgic_irq_set_priority(struct vgic_irq *irq, uint8_t priority) LOCK_UNCHECKED
{
    struct vgic_cpu *c = vgic_irq_lock(irq);

    irq->priority = vgic_irq_bank(irq)->priority[irq->intid % 32] = priority;
    irq->raw_state = 0;
    lock_release(&c->lock);
}

NOINLINE struct vgic_cpu *vgic_irq_sgi(struct vgic_cpu *c, struct vgic_irq *irq, uint8_t sources)
    LOCK_UNCHECKED
{
    lock_acquire(&c->lock);
    irq->sources |= sources;
    irq->is_latched = true;
    return vgic_irq_settle(c, irq);
}

struct vgic_cpu *vgic_irq_sources_drop(struct vgic_irq *irq, uint8_t sources) LOCK_UNCHECKED
{
    struct vgic_cpu *c = vgic_irq_lock(irq);

    irq->drop_sources |= sources;
    return perform(c, irq, VGIC_OP_DROP_SOURCES);
}

void vgic_irq_physical_enable(struct vgic_irq *irq) LOCK_UNCHECKED
{
    struct vgic_cpu *c;

    if (!irq->pirq)
        return;
    c = vgic_irq_lock(irq);
    if (irq->target)
        gic_irq_set_target(irq->pirq, irq->target->cpu);
    lock_release(&c->lock);
    gic_irq_enable(irq->pirq);
}

struct vgic_cpu *vgic_irq_retarget(struct vgic_irq *irq, struct vgic_cpu *target) LOCK_UNCHECKED
{
    struct vgic_cpu *c = vgic_irq_lock(irq);

    if (irq->target == target) {
        lock_release(&c->lock);
        return NULL;
    }
    irq->target = target;
    if (irq->pirq && target)
        gic_irq_set_target(irq->pirq, target->cpu);
    return perform(c, irq, VGIC_OP_RECALL);
}

uint32_t vgic_irq_state(struct vgic_irq *irq, struct vgic_cpu **kick) LOCK_UNCHECKED
{
    struct vgic_cpu *c = vgic_irq_lock(irq);
    uint32_t state = irq->seen;

    *kick = NULL;
    if (!is_elsewhere(c, irq)) {
        apply(c, irq, 0);
        state = state_in_memory(c, irq);
        *kick = vgic_irq_settle(c, irq);
        return state;
    }
    if (!irq->is_seen) {
        request(c, irq, VGIC_OP_READ);
        *kick = c;
        state = VGIC_STATE_ASKED;
    }
    lock_release(&c->lock);
    return state;
}
