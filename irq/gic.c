/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The physical GIC's front: chooses the driver, and does here what both versions do alike through
 * register arrays of the same shape. gic_lock protects read-modify-writes of shared registers
 * (ICFGR); everything else is a single write or belongs to one CPU.
 */
#include "irq/gic.h"

#include "core/base/assert.h"
#include "core/base/hw.h"
#include "core/base/lock.h"
#include "core/base/log.h"
#include "irq/gic_ops.h"

static struct gic_info info;
static struct lock gic_lock = LOCK_INIT;

#define GIC_OP(name, ...) \
    (info.version == GIC_V3 ? gicv3_##name(__VA_ARGS__) : gicv2_##name(__VA_ARGS__))

int gic_init(const struct gic_config *config)
{
    int error;

    info = (struct gic_info){ .version = config->version,
                              .maintenance_irq = config->maintenance_irq };
    error = GIC_OP(init, config, &info);
    if (error)
        return error;
    log_info("gic: GICv%u, %u interrupts, %u list registers, %u priority bits\n",
             (unsigned)info.version, info.intids, info.lrs, info.priority_bits);
    return 0;
}

int gic_cpu_init(void) { return GIC_OP(cpu_init); }
const struct gic_info *gic_info(void) { return &info; }

void gic_deactivate(uint32_t iar) { GIC_OP(deactivate, iar); }

static void write_bit(unsigned intid, unsigned array)
{
    hw_mmio_write32(GIC_REG(GIC_OP(frame, intid) + array, intid, 32), GIC_BIT(intid));
}

static bool read_bit(unsigned intid, unsigned array)
{
    return hw_mmio_read32(GIC_REG(GIC_OP(frame, intid) + array, intid, 32)) & GIC_BIT(intid);
}

void gic_irq_enable(unsigned intid) { write_bit(intid, GICD_ISENABLER); }

void gic_irq_disable(unsigned intid)
{
    write_bit(intid, GICD_ICENABLER);
    if (info.version == GIC_V3)
        gicv3_disable_wait(intid);
}

void gic_irq_set_target(unsigned intid, unsigned cpu)
{
    assert(intid >= 32 && cpu < cpu_count);
    GIC_OP(set_target, intid, cpu);
}

/* The architecture leaves a change while the interrupt is enabled UNPREDICTABLE (IHI 0048,
 * GICD_ICFGRn): off around it. */
void gic_irq_set_type(unsigned intid, bool edge)
{
    volatile uint8_t *reg = GIC_REG(GIC_OP(frame, intid) + GICD_ICFGR, intid, 16);
    uint32_t bit = 2u << (intid % 16 * 2), old;
    bool was_enabled;

    if (intid < 16)
        return; /* SGIs are edges */
    lock_acquire(&gic_lock);
    old = hw_mmio_read32(reg);
    if (!(old & bit) == edge) {
        was_enabled = read_bit(intid, GICD_ISENABLER);
        if (was_enabled)
            gic_irq_disable(intid);
        hw_mmio_write32(reg, old ^ bit);
        if (was_enabled)
            gic_irq_enable(intid);
    }
    lock_release(&gic_lock);
}

void gic_irq_set_active(unsigned intid, bool active)
{
    write_bit(intid, active ? GICD_ISACTIVER : GICD_ICACTIVER);
    if (!active)
        return;
    /* In effect before a guest deactivates it, or its timer fires. */
    read_bit(intid, GICD_ISACTIVER);
    hw_dsb_sy();
}

bool gic_irq_is_active(unsigned intid) { return read_bit(intid, GICD_ISACTIVER); }
bool gic_irq_is_pending(unsigned intid) { return read_bit(intid, GICD_ISPENDR); }

void gic_irq_set_pending(unsigned intid, bool pending)
{
    write_bit(intid, pending ? GICD_ISPENDR : GICD_ICPENDR);
}

void gic_sgi_send(uint64_t cpu_mask, unsigned sgi)
{
    if (cpu_mask)
        GIC_OP(sgi_send, cpu_mask, sgi);
}

void gic_lr_write(unsigned n, const struct gic_lr *lr) { gic_lr_write_raw(n, gic_lr_encode(lr)); }
void gic_lr_clear(unsigned n) { gic_lr_write_raw(n, 0); }
struct gic_lr gic_lr_read(unsigned n) { return GIC_OP(lr_decode, gic_lr_read_raw(n)); }
uint64_t gic_lr_encode(const struct gic_lr *lr) { return GIC_OP(lr_encode, lr); }
void gic_lr_write_raw(unsigned n, uint64_t raw) { GIC_OP(lr_write_raw, n, raw); }
uint64_t gic_lr_read_raw(unsigned n) { return GIC_OP(lr_read_raw, n); }
uint64_t gic_lr_empty_mask(void) { return GIC_OP(lr_empty_mask); }
NOINLINE void gic_set_underflow_irq(bool on) { GIC_OP(set_underflow_irq, on); }

bool gic_lr_refill(unsigned n, uint64_t raw)
{
    bool is_v3 = info.version == GIC_V3;

    if (is_v3 ? gicv3_lr_read_raw(n) & GICV3_LR_BUSY : gicv2_lr_read_raw(n) & GICV2_LR_BUSY)
        return false;
    is_v3 ? gicv3_lr_write_raw(n, raw) : gicv2_lr_write_raw(n, raw);
    return true;
}

/* In line, as each switch needs them. */
ALWAYS_INLINE void gic_vcpu_save(struct gic_vcpu_state *s) { GIC_OP(vcpu_save, s); }
ALWAYS_INLINE void gic_vcpu_restore(const struct gic_vcpu_state *s) { GIC_OP(vcpu_restore, s); }

void gic_read_type(struct gic_info *out, uint32_t typer, uint64_t vtr)
{
    out->intids = MIN(32 * (BITS_GET(typer, 4, 0) + 1), GIC_INTIDS_MAX);
    out->vtr = (uint32_t)vtr;
    out->lrs = (unsigned)MIN(BITS_GET(vtr, 5, 0) + 1, GIC_LRS_MAX);
    out->priority_bits = (unsigned)BITS_GET(vtr, 31, 29) + 1;
}

void gic_reset_spis(volatile uint8_t *gicd, unsigned intids)
{
    for (unsigned i = 32; i < intids; i += 32) {
        hw_mmio_write32(GIC_REG(gicd + GICD_ICENABLER, i, 32), ~0u);
        hw_mmio_write32(GIC_REG(gicd + GICD_ICPENDR, i, 32), ~0u);
        hw_mmio_write32(GIC_REG(gicd + GICD_ICACTIVER, i, 32), ~0u);
    }
    for (unsigned i = 32; i < intids; i += 16)
        hw_mmio_write32(GIC_REG(gicd + GICD_ICFGR, i, 16), 0);
    for (unsigned i = 32; i < intids; i += 4)
        hw_mmio_write32(GIC_REG(gicd + GICD_IPRIORITYR, i, 4), GIC_PRIO_GUEST_X4);
}

void gic_reset_private(volatile uint8_t *frame)
{
    hw_mmio_write32(frame + GICD_ICENABLER, 0xffff0000u);
    hw_mmio_write32(frame + GICD_ICACTIVER, ~0u);
    hw_mmio_write32(frame + GICD_ICPENDR, 0xffff0000u);
    for (unsigned i = 0; i < 32; i += 4)
        hw_mmio_write32(GIC_REG(frame + GICD_IPRIORITYR, i, 4),
                        i < 16 ? GIC_PRIO_SGI_X4 : GIC_PRIO_GUEST_X4);
    hw_mmio_write32(frame + GICD_ISENABLER, 0x0000ffffu);
}
