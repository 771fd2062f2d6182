/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The vGIC towards the rest of the hypervisor: set-up, injection, links to physical interrupts,
 * and what happens when a vCPU is loaded, flushed and saved. vgic.lock protects the links; the
 * rest is the homes' business (vgic_irq.c). Knows no vcpu, domain or register.
 */
#include "irq/vgic.h"

#include "core/base/errors.h"
#include "irq/vgic_lr.h"
#include "irq/vgic_reg.h"
#include "mm/page_alloc.h"

static void bank_init(struct vgic_bank *b, unsigned first, bool group1)
{
    b->group1 = group1 ? ~0u : 0;
    for (unsigned i = 0; i < 32; i++) {
        struct vgic_irq *irq = &b->irq[i];

        list_init(&irq->link);
        irq->intid = (uint16_t)(first + i);
        irq->lr = -1;
        irq->is_group1 = group1;
    }
}

int vgic_init(struct vgic *v, enum gic_version version, unsigned spis, unsigned vcpus)
{
    unsigned vcpus_max = version == GIC_V2 ? VGIC_VCPUS_MAX_V2 : VGIC_VCPUS_MAX_V3;

    spis = ALIGN_UP(spis, 32u);
    if (spis > VGIC_SPIS_MAX + 4 || !vcpus || vcpus > vcpus_max)
        return -EINVAL;
    *v = (struct vgic){ .version = version, .vcpus = vcpus, .spis = spis };
    v->dist = version == GIC_V2 ? vgic_v2_dist : vgic_v3_dist;
    v->priority_mask = (uint8_t)(0xff00u >> gic_info()->priority_bits);
    if (!spis)
        return 0;
    v->spi = page_alloc_el2(spis / 32 * sizeof(struct vgic_bank));
    if (!v->spi)
        return -ENOMEM;
    for (unsigned i = 1; i <= spis / 32; i++) {
        v->bank[i] = &v->spi[i - 1];
        bank_init(v->bank[i], i * 32, version == GIC_V3);
    }
    return 0;
}

void vgic_destroy(struct vgic *v)
{
    if (v->spi)
        page_free_el2(v->spi);
    v->spi = NULL;
    v->spis = 0;
}

int vgic_cpu_init(struct vgic *v, struct vgic_cpu *c, unsigned index)
{
    if (index >= v->vcpus || v->cpu[index])
        return -EINVAL;
    *c = (struct vgic_cpu){ .vgic = v, .index = index, .lr_all = BIT(gic_info()->lrs) - 1 };
    c->privates = page_alloc_el2(sizeof(*c->privates));
    if (!c->privates)
        return -ENOMEM;
    c->in_dist = v->version == GIC_V2 ? c->privates : NULL;
    c->has_linked_eoi = gic_info()->is_flawed;
    list_init(&c->queue);
    list_init(&c->strays);
    bank_init(c->privates, 0, v->version == GIC_V3);
    c->privates->enabled = c->privates->edge = 0xffff;
    for (unsigned i = 0; i < VGIC_PRIVATE; i++) {
        struct vgic_irq *irq = &c->privates->irq[i];

        irq->home = irq->target = c;
        irq->has_sources = v->version == GIC_V2 && i < VGIC_SGIS;
        irq->pirq = v->private_link[i];
        vgic_irq_refresh(irq);
    }
    /* SPIs are as vgic_init() made them, disabled, and 988 at most. */
    for (unsigned i = 0; i < v->spis && index == 0; i++) {
        struct vgic_irq *irq = vgic_irq_find(v, c, VGIC_PRIVATE + i);

        irq->home = irq->target = c;
        irq->route = v->version == GIC_V2;
    }
    v->cpu[index] = c;
    return 0;
}

void vgic_cpu_destroy(struct vgic_cpu *c)
{
    c->vgic->cpu[c->index] = NULL;
    page_free_el2(c->privates); /* named still: an event or timer may be on its way */
}

void vgic_cpu_reset(struct vgic_cpu *c)
{
    lock_acquire(&c->lock);
    c->state = (struct gic_vcpu_state){ 0 };
    c->hw_ppis = c->pend_ppis = 0;
    for (unsigned i = 0; i < VGIC_PRIVATE; i++) {
        struct vgic_irq *irq = &c->privates->irq[i];

        if (irq->is_hw_active)
            irq->is_latched = false;
        irq->is_active = irq->is_hw_active = false;
        vgic_irq_requeue(c, irq);
    }
    lock_release(&c->lock);
}

/* The interrupt, locked, and its home in *c; or NULL. */
static inline struct vgic_irq *find_locked(struct vgic *v, struct vgic_cpu **c, unsigned intid)
    LOCK_UNCHECKED
{
    struct vgic_irq *irq = vgic_irq_find(v, *c, intid);

    if (!irq || unlikely(!irq->home))
        return NULL;
    *c = vgic_irq_lock(irq);
    return irq;
}

struct vgic_cpu *vgic_inject(struct vgic *v, struct vgic_cpu *c, unsigned intid) LOCK_UNCHECKED
{
    struct vgic_irq *irq = find_locked(v, &c, intid);

    if (!irq)
        return NULL;
    if (unlikely(irq->pirq)) {
        lock_release(&c->lock);
        return vgic_irq_op(irq, VGIC_OP_PEND);
    }
    if (irq->has_sources)
        irq->sources |= 1;
    irq->is_latched = true;
    return vgic_irq_settle(c, irq);
}

struct vgic_cpu *vgic_set_level(struct vgic *v, struct vgic_cpu *c, unsigned intid, bool level)
    LOCK_UNCHECKED
{
    struct vgic_irq *irq = find_locked(v, &c, intid);

    if (!irq)
        return NULL;
    if (irq->is_line_high == level) {
        lock_release(&c->lock);
        return NULL;
    }
    irq->is_line_high = level;
    irq->is_latched |= level && irq->is_edge;
    lock_release(&c->lock);
    return vgic_irq_op(irq, VGIC_OP_RECALL);
}

int vgic_link_physical(struct vgic *v, unsigned intid, unsigned pirq) LOCK_UNCHECKED
{
    struct vgic_irq *irq;
    int error = 0;

    if (intid < VGIC_SGIS || intid >= VGIC_PRIVATE + v->spis || pirq < VGIC_SGIS ||
        pirq >= gic_info()->intids || (intid < VGIC_PRIVATE) != (pirq < VGIC_PRIVATE))
        return -EINVAL;
    lock_acquire(&v->lock);
    if (intid >= VGIC_PRIVATE) {
        irq = vgic_irq_find(v, NULL, intid);
        error = irq->pirq ? -EBUSY : 0;
        if (!error) {
            irq->pirq = (uint16_t)pirq;
            irq->raw_state = 0;
        }
    } else if (v->private_link[intid]) {
        error = -EBUSY;
    } else {
        v->private_link[intid] = (uint16_t)pirq;
        for (unsigned i = 0; i < v->vcpus; i++)
            if (v->cpu[i])
                v->cpu[i]->privates->irq[intid].pirq = (uint16_t)pirq;
    }
    lock_release(&v->lock);
    return error;
}

void vgic_unlink_physical(struct vgic *v, unsigned intid) LOCK_UNCHECKED
{
    struct vgic_irq *irq = intid >= VGIC_PRIVATE ? vgic_irq_find(v, NULL, intid) : NULL;
    unsigned pirq = irq ? irq->pirq : 0;

    if (!pirq)
        return;
    gic_irq_disable(pirq);
    if (irq->home) {
        struct vgic_cpu *c;

        vgic_irq_op(irq, VGIC_OP_RECALL);
        c = vgic_irq_lock(irq);
        irq->pirq = 0;
        irq->raw_state = 0;
        irq->is_latched = irq->is_active = irq->is_hw_active = false;
        vgic_irq_settle(c, irq);
    }
    irq->pirq = 0;
    gic_irq_set_pending(pirq, false);
    gic_irq_set_active(pirq, false);
}

struct vgic_cpu *vgic_physical_fired(struct vgic *v, struct vgic_cpu *c, unsigned intid)
    LOCK_UNCHECKED
{
    struct vgic_irq *irq = find_locked(v, &c, intid);

    if (!irq)
        return NULL;
    if (unlikely(!irq->pirq)) { /* unlinked just now */
        lock_release(&c->lock);
        return NULL;
    }
    irq->is_latched = irq->is_hw_active = true;
    if (intid < VGIC_PRIVATE)
        c->hw_ppis |= 1u << intid;
    else if (unlikely(c->loaded && !vgic_cpu_is_here(c)))
        gic_irq_set_target(irq->pirq, c->cpu);
    /* It was inactive: so the guest has done the EOI, and its list register is empty. */
    irq->is_active = false;
    if (likely(vgic_lr_is_next(c, irq)) && vgic_lr_place_quick(c, irq, true)) {
        lock_release(&c->lock);
        return c;
    }
    if (irq->lr >= 0)
        vgic_lr_forget(c, (unsigned)irq->lr);
    return vgic_irq_settle(c, irq);
}

static NOINLINE bool look_for_pending(struct vgic_cpu *c)
{
    bool is_pending;

    lock_acquire(&c->lock);
    is_pending = c->lr_used && (!vgic_cpu_is_here(c) || vgic_lr_has_pending(c));
    list_for_each(l, &c->queue) {
        const struct vgic_irq *irq = list_entry(l, struct vgic_irq, link);

        is_pending |= irq->request || (!irq->is_active && vgic_irq_is_allowed(irq) &&
                                       (irq->is_latched || vgic_irq_is_raised(irq)));
    }
    is_pending |= !list_is_empty(&c->strays);
    lock_release(&c->lock);
    return is_pending;
}

inline bool vgic_cpu_has_pending(struct vgic_cpu *c)
{
    /* Without the lock: the list registers and their shadow are this CPU's own. */
    if (likely(!vgic_cpu_needs_flush(c) && !c->lr_eoi) &&
        (!c->lr_used || !(c->lr_used & ~gic_lr_empty_mask())))
        return false;
    return look_for_pending(c);
}

/* Hands strays to their targets; the lock is released in between. */
static NOINLINE void hand_over(struct vgic_cpu *c) LOCK_UNCHECKED
{
    while (!list_is_empty(&c->strays)) {
        struct vgic_irq *irq = list_entry(c->strays.next, struct vgic_irq, link);
        struct vgic_cpu *other;

        list_remove(&irq->link);
        other = vgic_irq_settle(c, irq);
        if (other && other != c)
            bitmap_set(c->kick, other->index);
        lock_acquire(&c->lock);
    }
}

static bool leave(struct vgic_cpu *c) LOCK_UNCHECKED
{
    if (unlikely(!list_is_empty(&c->strays)))
        hand_over(c);
    lock_release(&c->lock);
    return c->kick[0] | c->kick[1];
}

bool vgic_flush(struct vgic_cpu *c) LOCK_UNCHECKED
{
    if (!vgic_cpu_needs_flush(c))
        return false;
    lock_acquire(&c->lock);
    vgic_lr_flush(c);
    return leave(c);
}

bool vgic_maintenance(struct vgic_cpu *c) LOCK_UNCHECKED
{
    lock_acquire(&c->lock);
    vgic_lr_reclaim(c);
    vgic_lr_flush(c);
    return leave(c);
}

/* The physical side of linked PPIs is banked: it goes with the vCPU. */
static NOINLINE void ppis_load(struct vgic_cpu *c)
{
    for (uint32_t m = c->hw_ppis; m; m &= m - 1) {
        const struct vgic_irq *irq = &c->privates->irq[bit_lowest(m)];

        if (irq->is_hw_active)
            gic_irq_set_active(irq->pirq, true);
    }
    for (uint32_t m = c->pend_ppis; m; m &= m - 1)
        gic_irq_set_pending(c->privates->irq[bit_lowest(m)].pirq, true);
    c->pended_ppis |= c->pend_ppis;
    c->pend_ppis = 0;
}

static NOINLINE void ppis_save(struct vgic_cpu *c)
{
    for (uint32_t m = c->hw_ppis; m; m &= m - 1) {
        const struct vgic_irq *irq = &c->privates->irq[bit_lowest(m)];

        if (irq->is_hw_active)
            gic_irq_set_active(irq->pirq, false);
        else
            c->hw_ppis &= ~(1u << irq->intid);
    }
    for (uint32_t m = c->pended_ppis; m; m &= m - 1) {
        const struct vgic_irq *irq = &c->privates->irq[bit_lowest(m)];

        if (!gic_irq_is_pending(irq->pirq))
            continue;
        gic_irq_set_pending(irq->pirq, false);
        c->pend_ppis |= 1u << irq->intid;
    }
    c->pended_ppis = 0;
}

void vgic_load(struct vgic_cpu *c, unsigned cpu)
{
    lock_acquire(&c->lock);
    c->loaded = hw_percpu();
    c->cpu = cpu;
    gic_vcpu_restore(&c->state);
    if (unlikely(c->hw_ppis | c->pend_ppis))
        ppis_load(c);
    if (!list_is_empty(&c->queue))
        vgic_lr_flush(c);
    lock_release(&c->lock);
}

bool vgic_save(struct vgic_cpu *c) LOCK_UNCHECKED
{
    lock_acquire(&c->lock);
    if (c->lr_used || c->is_underflow_on || !list_is_empty(&c->queue))
        vgic_lr_save(c);
    if (unlikely(c->hw_ppis | c->pended_ppis))
        ppis_save(c);
    gic_vcpu_save(&c->state);
    c->loaded = NULL;
    return leave(c);
}
