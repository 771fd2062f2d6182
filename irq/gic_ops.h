/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a GIC driver provides: the functions of irq/gic.h, same contracts. gic.c branches to the one
 * or the other: the compiler puts both in line, where a table of pointers would keep them out.
 */
#ifndef IRQ_GIC_OPS_H
#define IRQ_GIC_OPS_H

#include "irq/gic.h"

/* Priority, enable and similar bits of one INTID live in arrays of 32-bit registers. */
#define GIC_REG(base, intid, per_reg) ((base) + 4u * ((intid) / (per_reg)))
#define GIC_BIT(intid) (1u << ((intid) % 32))

#define GIC_PRIO_GUEST_X4 (GIC_PRIO_GUEST * 0x01010101u)
#define GIC_PRIO_SGI_X4 0xc0c0c0c0u /* after all others: a guest can send as many as it likes */
#define GIC_INTIDS_MAX 1020u
#define GICV2_LR_BUSY (3ul << 28) /* pending, active */
#define GICV3_LR_BUSY (3ul << 62)
/* Polls of a register-write-pending or sleep bit, at least 50 ns each, before giving up. */
#define GIC_POLLS_MAX 1000000u

/* Distributor registers that v2 and v3 share (IHI 0048, IHI 0069); bases of arrays. */
enum {
    GICD_CTLR = 0x000, GICD_TYPER = 0x004, GICD_IGROUPR = 0x080, GICD_ISENABLER = 0x100,
    GICD_ICENABLER = 0x180, GICD_ISPENDR = 0x200, GICD_ICPENDR = 0x280, GICD_ISACTIVER = 0x300,
    GICD_ICACTIVER = 0x380, GICD_IPRIORITYR = 0x400, GICD_ITARGETSR = 0x800, GICD_ICFGR = 0xc00,
    GICD_SGIR = 0xf00, GICD_IROUTER = 0x6000,
};

#define GIC_OPS(v) \
    int gicv##v##_init(const struct gic_config *config, struct gic_info *info); \
    int gicv##v##_cpu_init(void); \
    uint32_t gicv##v##_ack(void);           /* IAR; an INTID >= 1020: none */ \
    void gicv##v##_eoi(uint32_t iar);       /* priority drop */ \
    void gicv##v##_deactivate(uint32_t iar); \
    /* The frame that has the registers of intid: the distributor, or this CPU's redistributor. */ \
    volatile uint8_t *gicv##v##_frame(unsigned intid); \
    void gicv##v##_set_target(unsigned intid, unsigned cpu); \
    void gicv##v##_sgi_send(uint64_t cpu_mask, unsigned sgi); \
    void gicv##v##_lr_write_raw(unsigned n, uint64_t raw); \
    uint64_t gicv##v##_lr_read_raw(unsigned n); \
    uint64_t gicv##v##_lr_encode(const struct gic_lr *lr); \
    struct gic_lr gicv##v##_lr_decode(uint64_t raw); \
    uint64_t gicv##v##_lr_empty_mask(void); \
    void gicv##v##_set_underflow_irq(bool on); \
    void gicv##v##_vcpu_save(struct gic_vcpu_state *s); \
    void gicv##v##_vcpu_restore(const struct gic_vcpu_state *s);
GIC_OPS(2)
GIC_OPS(3)
#undef GIC_OPS
void gicv3_disable_wait(unsigned intid); /* until a disable has taken effect; v2: at once */

/* For the drivers, in gic.c: what GICD_TYPER and GICH_VTR or ICH_VTR_EL2 say alike. */
void gic_read_type(struct gic_info *info, uint32_t typer, uint64_t vtr);
/* All SPIs below `intids` off, idle, at GIC_PRIO_GUEST, level. */
void gic_reset_spis(volatile uint8_t *gicd, unsigned intids);
/* This CPU's PPIs and SGIs in its frame: SGIs on, PPIs off, idle, at GIC_PRIO_GUEST. */
void gic_reset_private(volatile uint8_t *frame);

#endif
