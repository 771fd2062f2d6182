/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The GICv2 distributor that guests see (IHI 0048, chapter Programmers' Model): its table, and the
 * registers that only it has: targets by CPU interface, SGIs with a source. The CPU interface is
 * the hardware's GICV, but for GICC_DIR. No security states. Holds no lock of its own.
 */
#include "irq/vgic_reg.h"

enum {
    GICD_CTLR = 0x000, GICD_TYPER = 0x004, GICD_IIDR = 0x008,
    GICD_CPENDSGIR = 0xf10, GICD_SPENDSGIR = 0xf20, GICC_DIR = 0x1000,
};
enum { SGIR_LIST, SGIR_OTHERS, SGIR_SELF };

static void control_read(struct vgic_access *a, struct vgic_bank *, unsigned)
{
    const struct vgic *v = a->cpu->vgic;
    uint64_t at = a->offset & ~3ul;

    vgic_reg_result(a, at == GICD_IIDR ? VGIC_REG_IIDR :
                       at == GICD_TYPER ? v->spis / 32 | (v->vcpus - 1) << 5 :
                       at == GICD_CTLR ? v->ctlr : 0);
}

/* --- targets ------------------------------------------------------------------------------ */

/* With one CPU these are RAZ/WI (IHI 0048, GICD_ITARGETSRn). */
static void targets_read(struct vgic_access *a, struct vgic_bank *b, unsigned i)
{
    uint64_t value = 0;

    if (a->cpu->vgic->vcpus == 1)
        return;
    for (unsigned k = 0; k < a->size; k++) {
        uint8_t targets = b == a->cpu->privates ? (uint8_t)(1u << a->cpu->index)
                                                : (uint8_t)READ_ONCE(b->irq[i + k].route);

        value |= (uint64_t)targets << (k * 8);
    }
    a->value = value;
}

static void targets_write(struct vgic_access *a, struct vgic_bank *b, unsigned i)
{
    struct vgic *v = a->cpu->vgic;

    if (b == a->cpu->privates || v->vcpus == 1)
        return;
    for (unsigned k = 0; k < a->size; k++) {
        uint32_t targets = (a->value >> (k * 8)) & ((1u << v->vcpus) - 1);
        struct vgic_cpu *target = NULL;

        for (uint32_t m = targets; m && !target; m &= m - 1)
            target = v->cpu[bit_lowest(m)];
        WRITE_ONCE(b->irq[i + k].route, targets);
        vgic_reg_kick(a, vgic_irq_retarget(&b->irq[i + k], target));
    }
}

/* --- SGIs ----------------------------------------------------------------------------------- */

static inline struct vgic_cpu *sgi_send(struct vgic_cpu *from, struct vgic_cpu *kick,
                                        uint64_t target, uint64_t value)
{
    struct vgic_cpu *c = from->vgic->cpu[bit_lowest(target)];

    return c ? vgic_kick_add(from, kick, vgic_irq_sgi(c, &c->privates->irq[value & 15],
                                                      (uint8_t)(1u << from->index))) : kick;
}

static NOINLINE struct vgic_cpu *sgi_many(struct vgic_cpu *from, uint64_t value)
{
    uint32_t all = (1u << from->vgic->vcpus) - 1, self = 1u << from->index;
    unsigned filter = BITS_GET(value, 25, 24);
    uint32_t targets = filter == SGIR_LIST ? (value >> 16) & all :
                       filter == SGIR_OTHERS ? all & ~self :
                       filter == SGIR_SELF ? self : 0;
    struct vgic_cpu *kick = NULL;

    for (; targets; targets &= targets - 1)
        kick = sgi_send(from, kick, targets, value);
    return kick;
}

inline struct vgic_cpu *vgic_v2_sgi(struct vgic_cpu *from, uint64_t value)
{
    uint64_t to = BITS_GET(value, 25, 16); /* one in a list, with filter 0: one bit */

    if (unlikely(to - 1 >= 0xff || (to & (to - 1))))
        return sgi_many(from, value);
    return sgi_send(from, NULL, to, value);
}

/* GICD_SPENDSGIRn, GICD_CPENDSGIRn: a byte an SGI, a bit a sender. */
static NOINLINE void sgi_pending_write(struct vgic_access *a, unsigned sgi, bool set)
{
    struct vgic_irq *irq = &a->cpu->privates->irq[sgi];
    uint8_t all = (uint8_t)((1u << a->cpu->vgic->vcpus) - 1);

    for (unsigned k = 0; k < a->size; k++) {
        uint8_t sources = (uint8_t)(a->value >> (k * 8)) & all;

        if (!set && sources)
            vgic_reg_kick(a, vgic_irq_sources_drop(&irq[k], sources));
        else if (sources)
            vgic_reg_kick(a, vgic_irq_sgi(a->cpu, &irq[k], sources));
    }
}

static void sgi_write(struct vgic_access *a, struct vgic_bank *, unsigned)
{
    unsigned array = a->offset & ~15ul;

    if (a->offset == VGIC_V2_SGIR && a->size == 4)
        a->kick = vgic_v2_sgi(a->cpu, a->value);
    else if (array == GICD_CPENDSGIR || array == GICD_SPENDSGIR)
        sgi_pending_write(a, a->offset % 16, array == GICD_SPENDSGIR);
}

static void sgi_read(struct vgic_access *a, struct vgic_bank *, unsigned)
{
    unsigned array = a->offset & ~15ul;
    uint32_t states[4];
    uint64_t value = 0;

    if (array != GICD_CPENDSGIR && array != GICD_SPENDSGIR)
        return;
    vgic_reg_states(a, &a->cpu->privates->irq[a->offset % 16], a->size, states);
    for (unsigned k = 0; k < a->size; k++)
        value |= (uint64_t)((states[k] >> VGIC_STATE_SOURCES_SHIFT) & 0xff) << (k * 8);
    a->value = value;
}

NOINLINE bool vgic_v2_interface_access(struct vgic_access *a)
{
    if (a->is_write && a->offset == GICC_DIR && a->size == 4)
        a->kick = vgic_deactivate(a->cpu, a->value & 0x3ff);
    a->value = 0;
    return !(a->offset & (a->size - 1));
}

/* IHI 0048, Identification registers: architecture version 2. */
static void id_read(struct vgic_access *a, struct vgic_bank *, unsigned)
{
    vgic_reg_id_read(a, 0x2b);
}

const struct vgic_reg vgic_v2_dist[VGIC_REG_BLOCKS] = {
    [0] = { 0x000, VGIC_REG_PLAIN, { control_read, vgic_reg_ctlr_write } },
    VGIC_REG_COMMON,
    [16 ... 23] = { 0x800, VGIC_REG_8BITS, { targets_read, targets_write } },
    [30] = { 0xf00, VGIC_REG_PLAIN, { sgi_read, sgi_write } },
    [31] = { 0xf80, VGIC_REG_PLAIN, { id_read, NULL } },
};
