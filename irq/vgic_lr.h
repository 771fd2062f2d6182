/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inside the vGIC: the list registers of the vCPU loaded on this CPU, and their shadow. They are
 * written only to deliver something, and read only when it matters what became of it. All with
 * the vgic_cpu's lock.
 */
#ifndef IRQ_VGIC_LR_H
#define IRQ_VGIC_LR_H

#include "irq/vgic_irq.h"

/* Writes irq to a list register: the one it has, merging what that says, or a free one. False: none
 * is free. irq is on no list. */
bool vgic_lr_place(struct vgic_cpu *c, struct vgic_irq *irq) LOCK_REQUIRES(c->lock);
/* Would irq, pending, be the next that c's CPU, this one, delivers? */
static inline bool vgic_lr_is_next(const struct vgic_cpu *c, const struct vgic_irq *irq)
{
    return irq->target == c && list_is_empty(&c->queue) && vgic_cpu_is_here(c);
}
/*
 * vgic_lr_place() for the common case, from the value kept in irq->raw: irq's target is c, which is
 * loaded here, and its list register, if it has one, is empty (is_empty: known to be). False: it is
 * not the common case, nothing has changed.
 */
static inline bool vgic_lr_place_quick(struct vgic_cpu *c, struct vgic_irq *irq, bool is_empty)
{
    uint64_t unused = c->lr_all & ~c->lr_used;
    int n = irq->lr;

    if (unlikely(irq->state != irq->raw_state))
        return false;
    if (n >= 0 && !is_empty) {
        if ((c->lr_eoi & BIT((unsigned)n)) || !gic_lr_refill((unsigned)n, irq->raw))
            return false;
    } else {
        if (n < 0) {
            if (unlikely(!unused))
                return false;
            n = (int)bit_lowest(unused);
            c->lr_used |= BIT((unsigned)n);
            c->lr_irq[n] = irq;
            irq->lr = (int8_t)n;
        }
        gic_lr_write_raw((unsigned)n, irq->raw);
    }
    if (unlikely(c->has_linked_eoi && irq->pirq))
        c->lr_eoi |= BIT((unsigned)n);
    __atomic_store_n(&irq->state, VGIC_IRQ_ON, __ATOMIC_RELEASE); /* after irq->lr: vgic_reg.c */
    return true;
}

/* Reads list register n back into its interrupt, which leaves it. */
void vgic_lr_fold(struct vgic_cpu *c, unsigned n) LOCK_REQUIRES(c->lock);
/* Forgets list register n of the shadow, which is known to be empty. */
void vgic_lr_forget(struct vgic_cpu *c, unsigned n) LOCK_REQUIRES(c->lock);
/* Empties the queue into the list registers as far as they go. */
void vgic_lr_flush(struct vgic_cpu *c) LOCK_REQUIRES(c->lock);
/* Finds list registers that have become empty. */
void vgic_lr_reclaim(struct vgic_cpu *c) LOCK_REQUIRES(c->lock);
/* Is something pending in a list register? */
bool vgic_lr_has_pending(struct vgic_cpu *c) LOCK_REQUIRES(c->lock);
/* Folds all, so that c's state is in memory only. */
void vgic_lr_save(struct vgic_cpu *c) LOCK_REQUIRES(c->lock);

#endif
