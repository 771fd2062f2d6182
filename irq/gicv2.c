/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GICv2 with the virtualization extensions (IHI 0048): distributor, CPU interface, virtual
 * interface control. Interrupt groups are left as the firmware made them: seen from the non-secure
 * side, or on a GIC without security states, one group is ours. No lock: registers are banked per
 * CPU, or written whole; gic.c locks the rest.
 */
#include "core/base/errors.h"
#include "core/base/hw.h"
#include "core/base/log.h"
#include "irq/gic_ops.h"

enum {
    GICC_CTLR = 0x00, GICC_PMR = 0x04, GICC_BPR = 0x08, GICC_IAR = 0x0c, GICC_EOIR = 0x10,
    GICC_APR0 = 0xd0, GICC_IIDR = 0xfc, GICC_DIR = 0x1000,
};
enum {
    GICH_HCR = 0x00, GICH_VTR = 0x04, GICH_VMCR = 0x08, GICH_ELRSR0 = 0x30, GICH_APR = 0xf0,
    GICH_LR0 = 0x100,
};

#define IAR_INTID        0x3ffu  /* above it, an SGI's source CPU */
#define GICC_BYTES       0x2000u
#define GICC_CTLR_ENABLE BIT(0)
#define GICC_CTLR_BYPASS 0x1e0u /* FIQ and IRQ bypass disable: the firmware's business */
#define GICC_CTLR_EOIMODE BIT(9)
#define GICH_HCR_EN      BIT(0)
#define GICH_HCR_UIE     BIT(1)

#define LR_PIRQ_SHIFT    10
#define LR_EOI           BIT(19)
#define LR_PRIO_SHIFT    23 /* the 5 high bits of the priority */
#define LR_PENDING       BIT(28)
#define LR_ACTIVE        BIT(29)
#define LR_GROUP1        BIT(30)
#define LR_HW            BIT(31)

/* Some boards decode each 4 KiB page 16 times over, so that with 64 KiB pages the two pages of the
 * CPU interface can be mapped apart. There, they follow each other at this offset only. */
#define ALIAS_OFFSET     0xf000u

static volatile uint8_t *gicd, *gicc, *gich;
static volatile uint32_t *gich_lr; /* GICH_LR0.. */
static bool is_flawed;                       /* see struct gic_config */
static uint8_t target_of_cpu[NR_CPUS_MAX];   /* CPU interface bit in ITARGETSR and SGIR */

/* Maps the 8 KiB of a CPU interface (GICC or GICV), whatever way it is laid out; *base becomes the
 * address of its first page next to its second. */
static volatile uint8_t *map_interface(const struct gic_config *config, uint64_t *base)
{
    volatile uint8_t *va = config->map(paddr(*base), GICC_BYTES);
    uint32_t iidr;

    if (!va)
        return NULL;
    iidr = hw_mmio_read32(va + GICC_IIDR);
    /* The second page holds DIR alone: an identification there means that it is the first again. */
    if (iidr && hw_mmio_read32(va + GICC_DIR + GICC_IIDR) == iidr) {
        *base += ALIAS_OFFSET;
        return config->map(paddr(*base), GICC_BYTES);
    }
    return va;
}

static int map_frames(const struct gic_config *config, struct gic_info *info)
{
    uint64_t gicc_base = config->gicc_base, gicv_base = config->gicv_base;

    if (!config->gicc_base || !config->gich_base || !config->gicv_base) {
        log_error("gic: the GICv2 node lacks the CPU interface (reg 1), the virtual interface "
                  "control (reg 2) or the virtual CPU interface (reg 3)\n");
        return -ENODEV;
    }
    gicd = config->map(paddr(config->gicd_base), PAGE_SIZE);
    gich = config->map(paddr(config->gich_base), PAGE_SIZE);
    gicc = map_interface(config, &gicc_base);
    gich_lr = (volatile uint32_t *)(gich + GICH_LR0);
    if (!gicd || !gich || !gicc || !map_interface(config, &gicv_base)) {
        log_error("gic: no memory to map the GICv2's registers\n");
        return -ENOMEM;
    }
    info->gicv_base = gicv_base;
    info->is_flawed = is_flawed = config->is_flawed;
    return 0;
}

/* This CPU's interface bit. RAZ on a uniprocessor GIC, whose one interface is number 0. */
static uint8_t own_target(void)
{
    uint32_t mask = 0;

    for (unsigned intid = 0; intid < 32; intid += 4)
        mask |= hw_mmio_read32(GIC_REG(gicd + GICD_ITARGETSR, intid, 4));
    mask |= mask >> 16;
    mask |= mask >> 8;
    return (mask & 0xff) ? (uint8_t)mask : 1;
}

int gicv2_init(const struct gic_config *config, struct gic_info *info)
{
    uint32_t target;
    int error = map_frames(config, info);

    if (error)
        return error;
    gic_read_type(info, hw_mmio_read32(gicd + GICD_TYPER), hw_mmio_read32(gich + GICH_VTR));
    hw_mmio_write32(gicd + GICD_CTLR, 0);
    gic_reset_spis(gicd, info->intids);
    target = own_target() * 0x01010101u;
    for (unsigned i = 32; i < info->intids; i += 4)
        hw_mmio_write32(GIC_REG(gicd + GICD_ITARGETSR, i, 4), target);
    hw_mmio_write32(gicd + GICD_CTLR, 1);
    return 0;
}

void gicv2_set_underflow_irq(bool on)
{
    hw_mmio_write32(gich + GICH_HCR, GICH_HCR_EN | (on ? GICH_HCR_UIE : 0));
}

int gicv2_cpu_init(void)
{
    uint32_t bypass = hw_mmio_read32(gicc + GICC_CTLR) & GICC_CTLR_BYPASS;

    target_of_cpu[hw_percpu()->id] = own_target();
    hw_mmio_write32(gicc + GICC_CTLR, bypass);
    gic_reset_private(gicd);
    for (unsigned i = 0; i < 4; i++)
        hw_mmio_write32(gicc + GICC_APR0 + 4 * i, 0);
    hw_mmio_write32(gicc + GICC_PMR, 0xff);
    hw_mmio_write32(gicc + GICC_BPR, 0);
    hw_mmio_write32(gicc + GICC_CTLR, bypass | GICC_CTLR_ENABLE | GICC_CTLR_EOIMODE);

    hw_mmio_write32(gich + GICH_APR, 0);
    for (unsigned n = 0; n < gic_info()->lrs; n++)
        hw_mmio_write32(&gich_lr[n], 0);
    gicv2_set_underflow_irq(false);
    return 0;
}

uint32_t gicv2_ack(void) { return hw_mmio_read32(gicc + GICC_IAR); }
void gicv2_eoi(uint32_t iar) { hw_mmio_write32(gicc + GICC_EOIR, iar); }

void gicv2_deactivate(uint32_t iar)
{
    unsigned intid = iar & IAR_INTID;

    if (unlikely(is_flawed && intid >= 32))
        hw_mmio_write32(GIC_REG(gicd + GICD_ICACTIVER, intid, 32), GIC_BIT(intid));
    else
        hw_mmio_write32(gicc + GICC_DIR, iar);
}

/* Private interrupts' registers are banked. */
volatile uint8_t *gicv2_frame(unsigned) { return gicd; }

/* Active and pending state, to an SPI's new target as well. At worst an edge that is just being
 * acknowledged comes once more. Nobody deactivates meanwhile: gic_irq_set_target(). */
static void carry_over(unsigned intid)
{
    bool is_edge = hw_mmio_read32(GIC_REG(gicd + GICD_ICFGR, intid, 16)) & 2u << intid % 16 * 2;

    if (gic_irq_is_active(intid))
        gic_irq_set_active(intid, true);
    if (is_edge && gic_irq_is_pending(intid))
        gic_irq_set_pending(intid, true);
}

void gicv2_set_target(unsigned intid, unsigned cpu)
{
    hw_mmio_write8(gicd + GICD_ITARGETSR + intid, target_of_cpu[cpu]);
    if (unlikely(is_flawed))
        carry_over(intid);
}

void gicv2_sgi_send(uint64_t cpu_mask, unsigned sgi)
{
    uint32_t targets = 0;

    for (; cpu_mask; cpu_mask &= cpu_mask - 1)
        targets |= target_of_cpu[bit_lowest(cpu_mask)];
    hw_dsb_ishst(); /* pairs with the receiver's DSB in irq_dispatch() */
    hw_mmio_write32(gicd + GICD_SGIR, targets << 16 | sgi);
}

uint64_t gicv2_lr_encode(const struct gic_lr *lr)
{
    uint32_t raw = lr->virq | (uint32_t)(lr->priority >> 3) << LR_PRIO_SHIFT |
                   lr->pirq << LR_PIRQ_SHIFT;

    if (lr->hw)
        raw |= LR_HW;
    else if (lr->eoi_maintenance)
        raw |= LR_EOI;
    return raw | (lr->pending ? LR_PENDING : 0) | (lr->active ? LR_ACTIVE : 0) |
           (lr->group1 ? LR_GROUP1 : 0);
}

struct gic_lr gicv2_lr_decode(uint64_t raw)
{
    struct gic_lr lr = {
        .virq = (uint32_t)BITS_GET(raw, 9, 0), .priority = (uint8_t)(BITS_GET(raw, 27, 23) << 3),
        .hw = raw & LR_HW, .pending = raw & LR_PENDING, .active = raw & LR_ACTIVE,
        .group1 = raw & LR_GROUP1,
    };

    lr.pirq = (uint32_t)(lr.hw ? BITS_GET(raw, 19, 10) : BITS_GET(raw, 12, 10));
    lr.eoi_maintenance = !lr.hw && (raw & LR_EOI);
    return lr;
}

void gicv2_lr_write_raw(unsigned n, uint64_t raw) { hw_mmio_write32(&gich_lr[n], (uint32_t)raw); }
uint64_t gicv2_lr_read_raw(unsigned n) { return hw_mmio_read32(&gich_lr[n]); }

uint64_t gicv2_lr_empty_mask(void) { return hw_mmio_read32(gich + GICH_ELRSR0); }

ALWAYS_INLINE void gicv2_vcpu_save(struct gic_vcpu_state *s)
{
    s->vmcr = hw_mmio_read32(gich + GICH_VMCR);
    s->apr[0] = hw_mmio_read32(gich + GICH_APR);
}

ALWAYS_INLINE void gicv2_vcpu_restore(const struct gic_vcpu_state *s)
{
    hw_mmio_write32(gich + GICH_VMCR, (uint32_t)s->vmcr);
    hw_mmio_write32(gich + GICH_APR, s->apr[0]);
}
