/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers with some bits per interrupt, the same in every frame, and the dispatch through a
 * frame's table. Enable, group and configuration bits are words of a bank, so that a read is one
 * load; a change is a bit set or cleared first (atomic, no lock), then the interrupt settled.
 * Byte and halfword accesses work wherever words do.
 */
#include "irq/vgic_reg.h"


inline bool vgic_dist_first(struct vgic_access *a)
{
    return vgic_reg_access(a->cpu->vgic->dist, a, a->cpu->in_dist, true);
}

NOINLINE bool vgic_dist_access(struct vgic *v, struct vgic_access *a)
{
    if (a->offset < VGIC_DIST_FIRST_BYTES)
        return vgic_dist_first(a);
    return v->version == GIC_V3 && vgic_v3_dist_rest(v, a);
}

static bool is_private(const struct vgic_bank *b) { return b->irq[0].intid == 0; }

/* Interrupts of b that a write of ones names. INTIDs from 1020 on are special, not interrupts. */
static uint32_t selected(const struct vgic_access *a, const struct vgic_bank *b, unsigned i)
{
    uint32_t mask = (uint32_t)(a->value & (BIT(a->size * 8) - 1)) << i;

    return b->irq[0].intid == 992 ? mask & 0x0fffffff : mask;
}

static bool has_fixed_sgis(const struct vgic_access *a, const struct vgic_bank *b)
{
    return is_private(b) && a->cpu->vgic->version == GIC_V2;
}

/* Nothing can be known of it that is not idle: no need to lock. Its state may be on its way to or
 * from a list register meanwhile. */
static bool is_idle(const struct vgic_irq *irq)
{
    return __atomic_load_n(&irq->lr, __ATOMIC_ACQUIRE) < 0 &&
           !__atomic_load_n(&irq->is_latched, __ATOMIC_ACQUIRE) &&
           !__atomic_load_n(&irq->is_active, __ATOMIC_ACQUIRE) &&
           !READ_ONCE(irq->is_line_high) && !irq->pirq && !READ_ONCE(irq->request) &&
           READ_ONCE(irq->lr) < 0;
}

static void each(struct vgic_access *a, struct vgic_bank *b, uint32_t mask, enum vgic_op op)
{
    for (; mask; mask &= mask - 1)
        if (!(op & (VGIC_OP_UNPEND | VGIC_OP_DEACTIVATE)) || !is_idle(&b->irq[bit_lowest(mask)]))
            vgic_reg_kick(a, vgic_irq_op(&b->irq[bit_lowest(mask)], op));
}

/* --- group, enable ----------------------------------------------------------------------- */

void vgic_reg_group_read(struct vgic_access *a, struct vgic_bank *b, unsigned i)
{
    a->value = READ_ONCE(b->group1) >> i;
}

void vgic_reg_group_write(struct vgic_access *a, struct vgic_bank *b, unsigned i)
{
    uint32_t covered = (uint32_t)(BIT(a->size * 8) - 1) << i;
    uint32_t set = selected(a, b, i), clear = covered & ~set;
    uint32_t changed;

    changed = set & ~__atomic_fetch_or(&b->group1, set, __ATOMIC_RELAXED);
    changed |= clear & __atomic_fetch_and(&b->group1, ~clear, __ATOMIC_RELAXED);
    each(a, b, changed, VGIC_OP_RECALL);
}

void vgic_reg_enable_read(struct vgic_access *a, struct vgic_bank *b, unsigned i)
{
    a->value = READ_ONCE(b->enabled) >> i;
}

void vgic_reg_enable_set(struct vgic_access *a, struct vgic_bank *b, unsigned i)
{
    uint32_t mask = selected(a, b, i);

    mask &= ~__atomic_fetch_or(&b->enabled, mask, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    for (uint32_t m = is_private(b) ? 0 : mask; m; m &= m - 1)
        vgic_irq_physical_enable(&b->irq[bit_lowest(m)]);
    each(a, b, mask, VGIC_OP_UNPARK);
}

/* GICv2's SGIs are always enabled, as on the GIC-400 (IHI 0048, GICD_ICENABLERn: IMPLEMENTATION
 * DEFINED). */
void vgic_reg_enable_clear(struct vgic_access *a, struct vgic_bank *b, unsigned i)
{
    uint32_t mask = selected(a, b, i) & (has_fixed_sgis(a, b) ? 0xffff0000 : ~0u);

    mask &= __atomic_fetch_and(&b->enabled, ~mask, __ATOMIC_RELAXED);
    for (uint32_t m = is_private(b) ? 0 : mask; m; m &= m - 1)
        if (b->irq[bit_lowest(m)].pirq)
            gic_irq_disable(b->irq[bit_lowest(m)].pirq);
    each(a, b, mask, VGIC_OP_RECALL);
}

/* --- pending, active --------------------------------------------------------------------- */

void vgic_reg_states(struct vgic_access *a, struct vgic_irq *irq, unsigned n, uint32_t *states)
{
    for (unsigned k = 0; k < n; k++) {
        struct vgic_cpu *kick;

        states[k] = 0;
        if (is_idle(&irq[k]) || unlikely(!irq[k].home))
            continue;
        states[k] = vgic_irq_state(&irq[k], &kick);
        vgic_reg_kick(a, kick);
        a->retry |= states[k] == VGIC_STATE_ASKED;
    }
    /* The answers of other CPUs are good for one read, when all are there. Without the lock: one
     * that is lost to this is asked for again. */
    for (unsigned k = 0; k < n && !a->retry; k++)
        if (READ_ONCE(irq[k].is_seen))
            WRITE_ONCE(irq[k].is_seen, false);
}

static void state_bits(struct vgic_access *a, struct vgic_bank *b, unsigned i, uint32_t flag)
{
    uint32_t states[32];
    unsigned n = a->size * 8;
    uint64_t value = 0;

    vgic_reg_states(a, &b->irq[i], n, states);
    for (unsigned k = 0; k < n; k++)
        value |= states[k] & flag ? BIT(k) : 0;
    a->value = value;
}

void vgic_reg_pending_read(struct vgic_access *a, struct vgic_bank *b, unsigned i)
{
    state_bits(a, b, i, VGIC_STATE_PENDING);
}

/* GICv2's SGIs are made pending by GICD_SGIR and GICD_SPENDSGIR only, with a source (IHI 0048,
 * GICD_ISPENDRn). */
void vgic_reg_pending_set(struct vgic_access *a, struct vgic_bank *b, unsigned i)
{
    each(a, b, selected(a, b, i) & (has_fixed_sgis(a, b) ? 0xffff0000 : ~0u), VGIC_OP_PEND);
}

void vgic_reg_pending_clear(struct vgic_access *a, struct vgic_bank *b, unsigned i)
{
    each(a, b, selected(a, b, i) & (has_fixed_sgis(a, b) ? 0xffff0000 : ~0u), VGIC_OP_UNPEND);
}

void vgic_reg_active_read(struct vgic_access *a, struct vgic_bank *b, unsigned i)
{
    state_bits(a, b, i, VGIC_STATE_ACTIVE);
}

void vgic_reg_active_set(struct vgic_access *a, struct vgic_bank *b, unsigned i)
{
    each(a, b, selected(a, b, i), VGIC_OP_ACTIVATE);
}

void vgic_reg_active_clear(struct vgic_access *a, struct vgic_bank *b, unsigned i)
{
    each(a, b, selected(a, b, i), VGIC_OP_DEACTIVATE);
}

/* --- priority, configuration ------------------------------------------------------------- */

void vgic_reg_priority_read(struct vgic_access *a, struct vgic_bank *b, unsigned i)
{
    a->value = READ_ONCE(b->priority_word[i / 4]) >> (i % 4 * 8);
}

/* Takes effect when the interrupt next goes to a list register: what is pending may keep its
 * priority (IHI 0048, GICD_IPRIORITYRn). */
void vgic_reg_priority_write(struct vgic_access *a, struct vgic_bank *b, unsigned i)
{
    uint32_t implemented = a->cpu->vgic->priority_mask * 0x01010101u;
    uint32_t value = (uint32_t)a->value & implemented & (uint32_t)(BIT(a->size * 8) - 1);
    uint32_t old = READ_ONCE(b->priority_word[i / 4]) >> (i % 4 * 8);

    for (unsigned k = 0; k < a->size; k++, value >>= 8, old >>= 8) {
        if (likely(value == old))
            break;
        if ((uint8_t)value != (uint8_t)old)
            vgic_irq_set_priority(&b->irq[i + k], (uint8_t)value);
    }
}

void vgic_reg_config_read(struct vgic_access *a, struct vgic_bank *b, unsigned i)
{
    uint32_t edge = READ_ONCE(b->edge) >> i;
    uint64_t value = 0;

    for (unsigned k = 0; k < a->size * 4; k++)
        value |= (edge >> k) & 1 ? 2ul << (k * 2) : 0;
    a->value = value;
}

/* SGIs are edges and PPIs levels, for good (IHI 0048, GICD_ICFGRn: IMPLEMENTATION DEFINED). */
void vgic_reg_config_write(struct vgic_access *a, struct vgic_bank *b, unsigned i)
{
    if (is_private(b))
        return;
    for (unsigned k = 0; k < a->size * 4; k++) {
        uint32_t bit = 1u << (i + k);
        bool edge = (a->value >> (k * 2 + 1)) & 1;
        uint32_t old = edge ? __atomic_fetch_or(&b->edge, bit, __ATOMIC_RELAXED)
                            : __atomic_fetch_and(&b->edge, ~bit, __ATOMIC_RELAXED);

        if (!!(old & bit) == edge)
            continue;
        if (b->irq[i + k].pirq)
            gic_irq_set_type(b->irq[i + k].pirq, edge);
        each(a, b, bit, VGIC_OP_RECALL);
    }
}

/* --- identification ---------------------------------------------------------------------- */

void vgic_reg_id_read(struct vgic_access *a, uint8_t pidr2)
{
    static const uint8_t cidr[4] = { 0x0d, 0xf0, 0x05, 0xb1 };
    unsigned offset = a->offset & 0xffc;

    if (offset == 0xfe8)
        vgic_reg_result(a, pidr2);
    else if (offset >= 0xff0)
        vgic_reg_result(a, cidr[offset / 4 % 4]);
}

/* --- GICD_CTLR --------------------------------------------------------------------------- */

static void regroup(struct vgic_access *a, struct vgic_bank *b, uint32_t changed, uint32_t ctlr)
{
    for (uint32_t m = READ_ONCE(b->enabled); m; m &= m - 1) {
        struct vgic_irq *irq = &b->irq[bit_lowest(m)];
        uint32_t group = 1u << ((READ_ONCE(b->group1) >> bit_lowest(m)) & 1);

        if ((changed & group) && irq->home)
            each(a, b, m & -m, ctlr & group ? VGIC_OP_UNPARK : VGIC_OP_RECALL);
    }
}

/* c writes ctlr, or goes on with that: the bank that is next, if one does not know ctlr's new bits,
 * which are *bits then. True: there are more. What another vCPU writes meanwhile stays. */
static bool regroup_claim(struct vgic_cpu *c, uint32_t ctlr, unsigned *at, uint32_t *bits)
{
    struct vgic *v = c->vgic;
    unsigned banks = v->vcpus + v->spis / 32;
    bool is_first = c->ctlr_writing != ctlr + 1, has_more;

    lock_acquire(&v->lock);
    if (is_first && v->ctlr != ctlr) {
        v->regroup |= v->ctlr ^ ctlr;
        v->regroup_at = 0;
        WRITE_ONCE(v->ctlr, ctlr);
    }
    *bits = v->regroup;
    *at = v->regroup_at++;
    if (v->regroup_at >= banks)
        v->regroup = 0;
    has_more = v->regroup;
    lock_release(&v->lock);
    c->ctlr_writing = has_more ? (uint8_t)(ctlr + 1) : 0;
    return has_more;
}

/* One bank in one go: there may be 128 vCPUs, each with 32 interrupts that are enabled. The guest
 * executes its write again, which then goes on, until all know. */
void vgic_reg_ctlr_write(struct vgic_access *a, struct vgic_bank *, unsigned)
{
    struct vgic *v = a->cpu->vgic;
    uint32_t bits, ctlr = a->value & 3;
    unsigned at;

    if (a->offset)
        return;
    a->retry = regroup_claim(a->cpu, ctlr, &at, &bits);
    if (!bits)
        return;
    ctlr = READ_ONCE(v->ctlr);
    /* Pairs with that in vgic_reg_enable_set(): it sees the new CTLR, or we what it enabled. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (at >= v->vcpus)
        regroup(a, &v->spi[at - v->vcpus], bits, ctlr);
    else if (v->cpu[at])
        regroup(a, v->cpu[at]->privates, bits, ctlr);
}
