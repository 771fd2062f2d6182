/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The physical GIC: one interface, two drivers (gicv2.c: GICD+GICC+GICH, IHI 0048; gicv3.c: GICD,
 * GICR, ICC, ICH, IHI 0069). Physical interrupts are acknowledged with EOImode 1: priority drop at
 * once, deactivation by hw-linked list registers (guest's EOI) or by gic_deactivate().
 */
#ifndef IRQ_GIC_H
#define IRQ_GIC_H

#include "core/base/bits.h"
#include "core/base/types.h"

#define GIC_LRS_MAX 16u
#define GIC_PRIO_GUEST 0xa0u /* of all physical interrupts but SGIs, which come after */

enum gic_version { GIC_V2 = 2, GIC_V3 = 3 };

/* A list register in canonical form; gicv2.c and gicv3.c translate. */
struct gic_lr {
    uint32_t virq;    /* virtual INTID */
    uint32_t pirq;    /* hw: physical INTID, deactivated by the guest's EOI; else SGI source CPU */
    uint8_t priority; /* 8 bits, low 3 ignored by 5-bit implementations */
    bool hw, pending, active, group1;
    bool eoi_maintenance; /* !hw only: maintenance interrupt at EOI */
};

#define GIC_VMCR_EOIM BIT(9) /* EOImode 1: priority drop only */

/* Saved virtual CPU interface of a vCPU that is not loaded, but for its list registers. At reset
 * all zero. */
struct gic_vcpu_state {
    uint64_t vmcr; /* GICH_VMCR, ICH_VMCR_EL2: GIC_VMCR_* */
    uint32_t apr[8]; /* v2: [0]; v3: AP0R0, AP1R0, AP0R1, ... */
};

struct gic_info {
    enum gic_version version;
    unsigned aprs;            /* v3: active priority registers of each group: 1, 2 or 4 */
    uint32_t vtr;             /* GICH_VTR, ICH_VTR_EL2 */
    unsigned intids;          /* SPIs end below this */
    unsigned lrs;
    unsigned maintenance_irq; /* PPI */
    unsigned priority_bits;   /* of the virtual interface */
    uint64_t gicv_base;       /* v2: physical GICV, mapped to guests; 0 on v3 */
    bool is_flawed;           /* see struct gic_config */
};

/* What boot/platform.c found in the device tree. */
struct gic_config {
    enum gic_version version;
    uint64_t gicd_base;
    uint64_t gicc_base, gich_base, gicv_base; /* v2 */
    struct { uint64_t base, bytes; } gicr[8]; /* v3 */
    unsigned gicr_regions, maintenance_irq;
    /* The EOI of a linked list register cannot be relied on. QEMU's GICv2 (7.2,
     * hw/intc/arm_gic.c): a level that rises again before it deactivates the physical interrupt is
     * not signalled until something else touches the GIC. An SPI's active bit is that of the CPU
     * that acknowledged it, and GICC_DIR of another CPU leaves it. An edge stays pending for the
     * CPU that was its target when it came. X-Gene 1's GIC at its secure alias, which Linux's
     * device tree names: that EOI does not deactivate (Xen's platforms/xgene-storm.c). */
    bool is_flawed;
    volatile void *(*map)(paddr_t pa, size_t bytes); /* el2_map_device */
};

/* Boot CPU, after el2_map_init. 0 or -errno, with a message logged. */
int gic_init(const struct gic_config *config);
/* Each CPU, the boot CPU included: CPU interface, SGIs and PPIs, the virtual interface empty. */
int gic_cpu_init(void);
const struct gic_info *gic_info(void);

void gic_deactivate(uint32_t iar);      /* DIR */
void gic_irq_enable(unsigned intid);    /* PPI, SGI: of this CPU */
void gic_irq_disable(unsigned intid);
/* SPI; the caller keeps others from deactivating it meanwhile. */
void gic_irq_set_target(unsigned intid, unsigned cpu);
void gic_irq_set_type(unsigned intid, bool edge);
void gic_irq_set_active(unsigned intid, bool active);  /* PPI: of this CPU */
bool gic_irq_is_active(unsigned intid);
bool gic_irq_is_pending(unsigned intid);               /* a level: its line; not so QEMU's GICv3 */
void gic_irq_set_pending(unsigned intid, bool pending);
/* SGI to the CPUs of the mask (Purlin's CPU ids). Stores before it are visible first (DSB). */
void gic_sgi_send(uint64_t cpu_mask, unsigned sgi);

/* List registers of the vCPU loaded on this CPU. */
void gic_lr_write(unsigned n, const struct gic_lr *lr);
void gic_lr_clear(unsigned n);
struct gic_lr gic_lr_read(unsigned n);
/* The same in the GIC's own format, for who keeps a value to write it again. */
uint64_t gic_lr_encode(const struct gic_lr *lr);
void gic_lr_write_raw(unsigned n, uint64_t raw);
uint64_t gic_lr_read_raw(unsigned n);
/* Writes it if nothing is pending or active in it. */
bool gic_lr_refill(unsigned n, uint64_t raw);
uint64_t gic_lr_empty_mask(void);       /* ELRSR: bit n set, LR n, if there is one, is empty */
/* Underflow/no-pending maintenance interrupt on or off (asked for when more interrupts are
 * pending than list registers fit). */
void gic_set_underflow_irq(bool on);
/* Switching, and emulation, of what the loaded vCPU's interface has besides list registers. */
void gic_vcpu_save(struct gic_vcpu_state *s);
void gic_vcpu_restore(const struct gic_vcpu_state *s);

#endif
