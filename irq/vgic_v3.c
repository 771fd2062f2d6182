/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The GICv3 that guests see (IHI 0069): distributor with affinity routing always on, one security
 * state, a redistributor per vCPU without LPIs, SGIs by system register. vCPU n has affinity
 * 0.0.(n / 16).(n % 16), as a target list has 16 bits. Holds no lock of its own.
 */
#include "irq/vgic_reg.h"

#define AFF0_COUNT 16u
#define REDIST_SHIFT 17 /* RD_base and SGI_base frames, 64 KiB each */
#define FRAME_BYTES 0x10000u
#define ROUTER_FIRST 0x6000u
#define ROUTER_END 0x8000u
#define ID_FIRST 0xf000u /* the page of the identification registers */
#define PIDR2_GICV3 0x3bu

enum { GICD_CTLR = 0x000, GICD_TYPER = 0x004, GICD_IIDR = 0x008 };
enum { GICR_CTLR = 0x000, GICR_IIDR = 0x004, GICR_TYPER = 0x008, GICR_TYPER_HIGH = 0x00c,
       GICR_WAKER = 0x014 };

#define CTLR_ARE BIT(4)
#define CTLR_DS BIT(6)
#define CTLR_RWP BIT(31)
#define TYPER_ID_BITS (9ul << 19) /* 10 bits of INTID */
#define TYPER_NO_1N BIT(25)
#define GICR_CTLR_RWP BIT(3)
#define GICR_TYPER_LAST BIT(4)
#define WAKER_PROCESSOR_SLEEP BIT(1)
#define WAKER_CHILDREN_ASLEEP BIT(2)
#define SGIR_IRM BIT(40) /* all but self */
#define SGIR_INTID(v) ((unsigned)BITS_GET((v), 27, 24))
#define SGIR_FIRST(v) ((unsigned)BITS_GET((v), 23, 16) * AFF0_COUNT) /* Aff1 */
#define SGIR_NOBODY 0x00fff0ff00000000ul /* Aff3, RS, Aff2: no vCPU has any */

static uint64_t affinity(unsigned index)
{
    return index % AFF0_COUNT | (uint64_t)(index / AFF0_COUNT) << 8;
}

/* Acquire: pairs with vgic_irq_attend(): not pending any more means done. */
static uint64_t write_pending(const struct vgic *v, uint64_t bit)
{
    return __atomic_load_n(&v->requests, __ATOMIC_ACQUIRE) | READ_ONCE(v->regroup) ? bit : 0;
}

/* --- distributor ------------------------------------------------------------------------- */

static void control_read(struct vgic_access *a, struct vgic_bank *, unsigned)
{
    const struct vgic *v = a->cpu->vgic;
    uint64_t at = a->offset & ~3ul;

    vgic_reg_result(a, at == GICD_IIDR ? VGIC_REG_IIDR :
                       at == GICD_TYPER ? v->spis / 32 | TYPER_ID_BITS | TYPER_NO_1N :
                       at == GICD_CTLR ? v->ctlr | CTLR_ARE | CTLR_DS | write_pending(v, CTLR_RWP) :
                       0);
}

/* The vCPU of a packed affinity Aff3.Aff2.Aff1.Aff0, or NULL. */
static struct vgic_cpu *cpu_by_affinity(const struct vgic *v, uint32_t packed)
{
    unsigned index = (packed >> 8) * AFF0_COUNT + (packed & 0xff);

    if (packed >> 16 || (packed & 0xff) >= AFF0_COUNT || index >= v->vcpus)
        return NULL;
    return v->cpu[index];
}

/* GICD_IROUTERn, 64 bit or halves. Interrupt_Routing_Mode is RAZ/WI (GICD_TYPER.No1N). */
static bool router_access(struct vgic *v, struct vgic_access *a)
{
    unsigned intid = (unsigned)(a->offset - ROUTER_FIRST) / 8, shift = a->offset & 4 ? 32 : 0;
    struct vgic_irq *irq = intid < VGIC_PRIVATE ? NULL : vgic_irq_find(v, NULL, intid);
    uint64_t route, mask = a->size == 8 ? ~0ul : 0xfffffffful << shift;

    if (a->size < 4)
        return false;
    route = irq ? (irq->route & 0xffffff) | (uint64_t)(irq->route >> 24) << 32 : 0;
    if (!a->is_write) {
        a->value = a->size == 8 ? route : (uint32_t)(route >> shift);
        return true;
    }
    if (!irq)
        return true;
    route = (route & ~mask) | ((a->value << shift) & mask);
    WRITE_ONCE(irq->route, (uint32_t)((route & 0xffffff) | BITS_GET(route, 39, 32) << 24));
    vgic_reg_kick(a, vgic_irq_retarget(irq, cpu_by_affinity(v, irq->route)));
    return true;
}

const struct vgic_reg vgic_v3_dist[VGIC_REG_BLOCKS] = {
    [0] = { 0x000, VGIC_REG_PLAIN, { control_read, vgic_reg_ctlr_write } },
    VGIC_REG_COMMON,
};

/* Where no table reaches: RAZ/WI but for the identification. */
static bool rest_of_frame(struct vgic_access *a)
{
    if (a->offset & (a->size - 1))
        return false;
    a->value = 0;
    if (a->offset >= ID_FIRST)
        vgic_reg_id_read(a, PIDR2_GICV3);
    return true;
}

bool vgic_v3_dist_rest(struct vgic *v, struct vgic_access *a)
{
    if (a->offset >= FRAME_BYTES || a->size > 8 || (a->offset & (a->size - 1)))
        return false;
    if (a->offset >= ROUTER_FIRST && a->offset < ROUTER_END)
        return router_access(v, a);
    return rest_of_frame(a);
}

/* --- redistributors ------------------------------------------------------------------------ */

/* The RD_base frame. GICR_WAKER is told back, as software waits for that; it stops nothing: what
 * arrives for a sleeping one may wake it (IHI 0069, Powering down the redistributor). */
static bool rd_access(const struct vgic *v, struct vgic_access *a, unsigned index)
{
    struct vgic_cpu *c = v->cpu[index];
    uint64_t typer = affinity(index) << 32 | (uint64_t)index << 8 |
                     (index + 1 == v->vcpus ? GICR_TYPER_LAST : 0);
    uint64_t at = a->offset & ~3ul;
    uint64_t asleep = c && c->is_asleep ? WAKER_PROCESSOR_SLEEP | WAKER_CHILDREN_ASLEEP : 0;

    if (a->is_write) {
        if (a->offset == GICR_WAKER && c)
            c->is_asleep = a->value & WAKER_PROCESSOR_SLEEP;
        return true;
    }
    if (a->offset >= ID_FIRST)
        return rest_of_frame(a);
    vgic_reg_result(a, at == GICR_WAKER ? asleep :
                       at == GICR_CTLR ? write_pending(v, GICR_CTLR_RWP) :
                       at == GICR_IIDR ? VGIC_REG_IIDR :
                       at == GICR_TYPER ? typer :
                       at == GICR_TYPER_HIGH ? typer >> 32 : 0);
    return true;
}

static const struct vgic_reg sgi_table[VGIC_REG_BLOCKS] = { VGIC_REG_COMMON };

NOINLINE bool vgic_v3_redist_access(struct vgic *v, struct vgic_access *a)
{
    uint64_t index = a->offset >> REDIST_SHIFT;
    bool is_sgi_frame = a->offset & FRAME_BYTES;

    if (index >= v->vcpus || a->size > 8 || (a->offset & (a->size - 1)))
        return false;
    a->offset &= FRAME_BYTES - 1;
    if (!is_sgi_frame)
        return rd_access(v, a, (unsigned)index);
    if (!v->cpu[index] || a->offset >= VGIC_DIST_FIRST_BYTES)
        return rest_of_frame(a);
    return vgic_reg_access(sgi_table, a, v->cpu[index]->privates, false);
}

/* --- SGIs ------------------------------------------------------------------------------------ */

/* ICC_SGI1R_EL1 reaches interrupts of both groups, the other two group 0 only (IHI 0069, with
 * GICD_CTLR.DS set). */
static struct vgic_cpu *sgi_send(struct vgic_cpu *from, struct vgic_cpu *kick, unsigned index,
                                 unsigned intid, unsigned op2)
{
    struct vgic_cpu *c = from->vgic->cpu[index];
    struct vgic_irq *irq = c ? &c->privates->irq[intid] : NULL;

    if (!c || (op2 != 5 && READ_ONCE(irq->is_group1)))
        return kick;
    return vgic_kick_add(from, kick, vgic_irq_sgi(c, irq, 0));
}

/* Not one CPU of a list. */
static NOINLINE struct vgic_cpu *sgi_many(struct vgic_cpu *from, uint64_t value, unsigned op2)
{
    bool is_others = value & SGIR_IRM;
    unsigned first = is_others ? 0 : SGIR_FIRST(value), n = is_others ? VGIC_VCPUS_MAX_V3 : 16;
    struct vgic_cpu *kick = NULL;

    if (!is_others && (value & SGIR_NOBODY))
        return NULL;
    for (unsigned i = first; i < first + n && i < from->vgic->vcpus; i++)
        if (is_others ? i != from->index : (value >> (i - first)) & 1)
            kick = sgi_send(from, kick, i, SGIR_INTID(value), op2);
    return kick;
}

struct vgic_cpu *vgic_v3_sgi(struct vgic_cpu *from, uint64_t value, unsigned op2)
{
    uint64_t list = value & 0xffff;
    unsigned index = SGIR_FIRST(value) + bit_lowest(list | BIT(16));

    if (unlikely((value & (SGIR_IRM | SGIR_NOBODY)) || !list || (list & (list - 1))))
        return sgi_many(from, value, op2);
    return index < from->vgic->vcpus ? sgi_send(from, NULL, index, SGIR_INTID(value), op2) : NULL;
}

/* --- what traps with ICC_DIR_EL1 ------------------------------------------------------------ */

#define VMCR_PMR_SHIFT 24

static uint64_t running_priority(const struct gic_vcpu_state *s)
{
    unsigned preemption_bits = (unsigned)BITS_GET(gic_info()->vtr, 28, 26) + 1;

    for (unsigned i = 0; i < ARRAY_SIZE(s->apr); i += 2)
        if (s->apr[i] | s->apr[i + 1])
            return (i * 16 + bit_lowest(s->apr[i] | s->apr[i + 1])) << (8 - preemption_bits);
    return 0xff;
}

bool vgic_v3_common_access(struct vgic_cpu *c, unsigned crm, uint64_t *value, bool is_write)
{
    struct gic_vcpu_state *s = &c->state;
    uint64_t in = *value, vtr = gic_info()->vtr;

    gic_vcpu_save(s);
    if (crm == 6) {
        *value = s->vmcr >> VMCR_PMR_SHIFT;
        s->vmcr = (s->vmcr & (BIT(VMCR_PMR_SHIFT) - 1)) |
                  (in & c->vgic->priority_mask) << VMCR_PMR_SHIFT;
    } else if (crm == 12) {
        /* CBPR, EOImode; PRIbits, IDbits, SEIS, A3V. */
        *value = BITS_GET(s->vmcr, 4, 4) | BITS_GET(s->vmcr, 9, 9) << 1 |
                 BITS_GET(vtr, 31, 29) << 8 | BITS_GET(vtr, 25, 23) << 11 |
                 BITS_GET(vtr, 22, 22) << 14 | BITS_GET(vtr, 21, 21) << 15;
        s->vmcr = (s->vmcr & ~(BIT(4) | GIC_VMCR_EOIM)) | (in & 1) << 4 | (in & 2) << 8;
    } else {
        *value = running_priority(s);
        return !is_write;
    }
    if (is_write)
        gic_vcpu_restore(s);
    return true;
}
