/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GICv3 (IHI 0069), affinity routing, non-secure group 1: distributor, one redistributor per CPU
 * found by its affinity, CPU interface and virtual interface by system registers. No LPIs. No lock:
 * everything here is one CPU's own or written whole; gic.c locks the rest.
 */
#include "core/base/errors.h"
#include "core/base/hw.h"
#include "core/base/log.h"
#include "irq/gic_ops.h"

#define GICD_BYTES        0x10000u
#define GICD_CTLR_GRP1    BIT(0) /* two security states, non-secure view; else group 0 */
#define GICD_CTLR_GRP1A   BIT(1) /* group 1, with affinity routing */
#define GICD_CTLR_ARE     BIT(4)
#define GICD_CTLR_RWP     BIT(31)

/* Redistributor: the RD frame, then the SGI frame. */
enum {
    GICR_CTLR = 0x000, GICR_TYPER = 0x008, GICR_WAKER = 0x014,
    GICR_SGI_FRAME = 0x10000, GICR_IGRPMODR0 = 0xd00,
};
#define GICR_BYTES         0x20000u
#define GICR_BYTES_VLPI    0x40000u /* two more frames */
#define GICR_CTLR_RWP      BIT(3)
#define GICR_TYPER_VLPIS   BIT(1)
#define GICR_TYPER_LAST    BIT(4)
#define GICR_WAKER_SLEEP   BIT(1)
#define GICR_WAKER_ASLEEP  BIT(2)

#define SRE_ALL            7ul /* SRE, no bypass; at EL2 also: guests' ICC_SRE_EL1 traps */
#define SRE_SRE            BIT(0)
#define ICC_CTLR_EOIMODE   BIT(1)
#define ICH_HCR_EN         BIT(0)
#define ICH_HCR_UIE        BIT(1)
#define ICH_HCR_TC         BIT(10)
#define ICH_HCR_TDIR       BIT(14)
#define ICH_VTR_TDS        BIT(19) /* ICH_HCR_EL2.TDIR is there */

#define LR_PIRQ_SHIFT      32
#define LR_EOI             BIT(41)
#define LR_PRIO_SHIFT      48
#define LR_GROUP1          BIT(60)
#define LR_HW              BIT(61)
#define LR_PENDING         BIT(62)
#define LR_ACTIVE          BIT(63)

static volatile uint8_t *gicd;
static volatile uint8_t *gicr_of_cpu[NR_CPUS_MAX];
/* ICC_SGI1R_EL1: the CPU's cluster (Aff3.Aff2.Aff1), the range of 16 Aff0 values, and its place in
 * that. */
static uint64_t sgi_target_of_cpu[NR_CPUS_MAX];
static struct { volatile uint8_t *va; uint64_t bytes; } gicr_region[8];
static unsigned gicr_regions;

/* Waits until `mask` in a register reads as 0. */
static bool wait_clear(volatile uint8_t *reg, uint32_t mask)
{
    for (unsigned n = 0; n < GIC_POLLS_MAX; n++)
        if (!(hw_mmio_read32(reg) & mask))
            return true;
    return false;
}

static int map_frames(const struct gic_config *config)
{
    if (!config->gicr_regions || config->gicr_regions > ARRAY_SIZE(gicr_region)) {
        log_error("gic: the GICv3 node has %u redistributor regions: 1 to %u are supported\n",
                  config->gicr_regions, (unsigned)ARRAY_SIZE(gicr_region));
        return -ENODEV;
    }
    gicd = config->map(paddr(config->gicd_base), GICD_BYTES);
    gicr_regions = config->gicr_regions;
    for (unsigned i = 0; i < gicr_regions; i++) {
        gicr_region[i].bytes = config->gicr[i].bytes;
        gicr_region[i].va = config->map(paddr(config->gicr[i].base), config->gicr[i].bytes);
        if (!gicr_region[i].va)
            gicd = NULL;
    }
    if (gicd)
        return 0;
    log_error("gic: no memory to map the GICv3's registers\n");
    return -ENOMEM;
}

void gicv3_set_target(unsigned intid, unsigned cpu)
{
    hw_mmio_write64(gicd + GICD_IROUTER + 8 * intid, percpu_table[cpu]->mpidr);
}

int gicv3_init(const struct gic_config *config, struct gic_info *info)
{
    uint64_t vtr;
    int error = map_frames(config);

    if (error)
        return error;
    hw_sysreg_write(ICC_SRE_EL2, SRE_ALL);
    hw_isb(); /* ICH_ registers may be read only once SRE is on */
    if (!(hw_sysreg_read(ICC_SRE_EL2) & SRE_SRE)) {
        log_error("gic: system register access is disabled by the firmware (ICC_SRE_EL3)\n");
        return -ENODEV;
    }
    vtr = hw_sysreg_read(ICH_VTR_EL2);
    info->aprs = 1u << (MIN(MAX(BITS_GET(vtr, 28, 26) + 1, 5), 7) - 5);
    gic_read_type(info, hw_mmio_read32(gicd + GICD_TYPER), vtr);

    hw_mmio_write32(gicd + GICD_CTLR, 0);
    if (!wait_clear(gicd + GICD_CTLR, GICD_CTLR_RWP))
        log_warning("gic: the distributor does not finish its writes\n");
    for (unsigned i = 32; i < info->intids; i += 32)
        hw_mmio_write32(GIC_REG(gicd + GICD_IGROUPR, i, 32), ~0u);
    gic_reset_spis(gicd, info->intids);
    hw_mmio_write32(gicd + GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_GRP1A | GICD_CTLR_GRP1);
    wait_clear(gicd + GICD_CTLR, GICD_CTLR_RWP);
    for (unsigned i = 32; i < info->intids; i++)
        gicv3_set_target(i, hw_percpu()->id);
    return 0;
}

/* The redistributor whose TYPER has this CPU's affinity, in one region. NULL: not there. */
static volatile uint8_t *find_in_region(unsigned region, uint32_t affinity)
{
    volatile uint8_t *rd = gicr_region[region].va, *end = rd + gicr_region[region].bytes;
    uint64_t typer;

    while (rd + GICR_BYTES <= end) {
        typer = hw_mmio_read64(rd + GICR_TYPER);
        if ((uint32_t)(typer >> 32) == affinity)
            return rd;
        if (typer & GICR_TYPER_LAST)
            break;
        rd += typer & GICR_TYPER_VLPIS ? GICR_BYTES_VLPI : GICR_BYTES;
    }
    return NULL;
}

static volatile uint8_t *find_redistributor(void)
{
    uint64_t mpidr = hw_percpu()->mpidr;
    uint32_t affinity = (uint32_t)(BITS_GET(mpidr, 39, 32) << 24 | BITS_GET(mpidr, 23, 0));
    volatile uint8_t *rd = NULL;

    for (unsigned i = 0; i < gicr_regions && !rd; i++)
        rd = find_in_region(i, affinity);
    return rd;
}

static int redistributor_init(void)
{
    volatile uint8_t *rd = find_redistributor();

    if (!rd) {
        log_error("gic: no redistributor for CPU %u (MPIDR %lx) in %u regions\n", hw_percpu()->id,
                  (unsigned long)hw_percpu()->mpidr, gicr_regions);
        return -ENODEV;
    }
    hw_mmio_write32(rd + GICR_WAKER, hw_mmio_read32(rd + GICR_WAKER) & ~(uint32_t)GICR_WAKER_SLEEP);
    if (!wait_clear(rd + GICR_WAKER, GICR_WAKER_ASLEEP)) {
        log_error("gic: the redistributor of CPU %u does not wake\n", hw_percpu()->id);
        return -EIO;
    }
    gicr_of_cpu[hw_percpu()->id] = rd;
    hw_mmio_write32(rd + GICR_SGI_FRAME + GICD_IGROUPR, ~0u);
    hw_mmio_write32(rd + GICR_SGI_FRAME + GICR_IGRPMODR0, 0);
    gic_reset_private(rd + GICR_SGI_FRAME);
    wait_clear(rd + GICR_CTLR, GICR_CTLR_RWP);
    return 0;
}

/* Hands the list register's name to an expression for index n, which is not a constant, and 0 most
 * of the time. */
#define LR_CASE(n, X) case n: X(ICH_LR##n##_EL2); break;
#define LR_DISPATCH(n, X) \
    if (likely(n == 0)) \
        X(ICH_LR0_EL2); \
    else switch (n) { \
    LR_CASE(1, X) LR_CASE(2, X) LR_CASE(3, X) LR_CASE(4, X) LR_CASE(5, X) LR_CASE(6, X) \
    LR_CASE(7, X) LR_CASE(8, X) LR_CASE(9, X) LR_CASE(10, X) LR_CASE(11, X) LR_CASE(12, X) \
    LR_CASE(13, X) LR_CASE(14, X) \
    default: X(ICH_LR15_EL2); break; \
    }

uint64_t gicv3_lr_read_raw(unsigned n)
{
    uint64_t raw;

#define X(reg) raw = hw_sysreg_read(reg)
    LR_DISPATCH(n, X)
#undef X
    return raw;
}

void gicv3_lr_write_raw(unsigned n, uint64_t raw)
{
#define X(reg) hw_sysreg_write(reg, raw)
    LR_DISPATCH(n, X)
#undef X
}

/* Guests' ICC_DIR_EL1 traps: the CPU would look in its own list registers only (vgic_deactivate).
 * On CPUs that cannot trap it alone, the others that both groups have in common do, too. */
void gicv3_set_underflow_irq(bool on)
{
    uint64_t trap = gic_info()->vtr & ICH_VTR_TDS ? ICH_HCR_TDIR : ICH_HCR_TC;

    hw_sysreg_write(ICH_HCR_EL2, ICH_HCR_EN | trap | (on ? ICH_HCR_UIE : 0));
}

int gicv3_cpu_init(void)
{
    uint64_t affinity = hw_percpu()->mpidr;
    int error = redistributor_init();

    if (error)
        return error;
    sgi_target_of_cpu[hw_percpu()->id] =
        (affinity & 0xff00000000) << 16 | (affinity & 0xff0000) << 16 | (affinity & 0xff00) << 8 |
        (affinity & 0xf0) << 40 | BIT(affinity & 15);
    hw_sysreg_write(ICC_SRE_EL2, SRE_ALL);
    hw_isb(); /* SRE_EL1 can be set, ICC_ and ICH_ accessed, only once SRE_EL2 is */
    hw_sysreg_write(ICC_SRE_EL1, SRE_ALL);
    hw_isb(); /* the ICC_ registers below are EL1's */
    hw_sysreg_write(ICC_AP1R0_EL1, 0);
    hw_sysreg_write(ICC_PMR_EL1, 0xff);
    hw_sysreg_write(ICC_BPR1_EL1, 0);
    hw_sysreg_write(ICC_CTLR_EL1, ICC_CTLR_EOIMODE);
    hw_sysreg_write(ICC_IGRPEN1_EL1, 1);
    for (unsigned n = 0; n < gic_info()->lrs; n++)
        gicv3_lr_write_raw(n, 0);
    gicv3_set_underflow_irq(false);
    hw_isb(); /* in effect before this CPU unmasks or waits */
    return 0;
}

uint32_t gicv3_ack(void) { return (uint32_t)hw_sysreg_read(ICC_IAR1_EL1); }

void gicv3_eoi(uint32_t iar)
{
    hw_sysreg_write(ICC_EOIR1_EL1, iar);
    hw_isb(); /* the priority has dropped before deactivation, and before the next acknowledge */
}

void gicv3_deactivate(uint32_t iar) { hw_sysreg_write(ICC_DIR_EL1, iar); }

volatile uint8_t *gicv3_frame(unsigned intid)
{
    return intid < 32 ? gicr_of_cpu[hw_percpu()->id] + GICR_SGI_FRAME : gicd;
}

void gicv3_disable_wait(unsigned intid)
{
    if (intid < 32)
        wait_clear(gicr_of_cpu[hw_percpu()->id] + GICR_CTLR, GICR_CTLR_RWP);
    else
        wait_clear(gicd + GICD_CTLR, GICD_CTLR_RWP);
}

void gicv3_sgi_send(uint64_t cpu_mask, unsigned sgi)
{
    hw_dsb_ishst(); /* pairs with the receiver's DSB in irq_dispatch() */
    for (; cpu_mask; cpu_mask &= cpu_mask - 1)
        hw_sysreg_write(ICC_SGI1R_EL1, sgi_target_of_cpu[bit_lowest(cpu_mask)] | sgi << 24);
    hw_isb(); /* sent now, not at the next synchronisation */
}

uint64_t gicv3_lr_encode(const struct gic_lr *lr)
{
    uint64_t raw = lr->virq | (uint64_t)lr->priority << LR_PRIO_SHIFT;

    if (lr->hw)
        raw |= LR_HW | (uint64_t)lr->pirq << LR_PIRQ_SHIFT;
    else if (lr->eoi_maintenance)
        raw |= LR_EOI;
    return raw | (lr->pending ? LR_PENDING : 0) | (lr->active ? LR_ACTIVE : 0) |
           (lr->group1 ? LR_GROUP1 : 0);
}

struct gic_lr gicv3_lr_decode(uint64_t raw)
{
    bool hw = raw & LR_HW;

    return (struct gic_lr){
        .virq = (uint32_t)raw, .pirq = hw ? (uint32_t)BITS_GET(raw, 41, 32) : 0,
        .priority = (uint8_t)(raw >> LR_PRIO_SHIFT), .hw = hw,
        .pending = raw & LR_PENDING, .active = raw & LR_ACTIVE,
        .group1 = raw & LR_GROUP1, .eoi_maintenance = !hw && (raw & LR_EOI),
    };
}

uint64_t gicv3_lr_empty_mask(void)
{
    hw_isb(); /* list registers written since the guest's exit are seen */
    return hw_sysreg_read(ICH_ELRSR_EL2);
}

/* Active priorities: unused registers of the 4 + 4 do not exist and must not be touched. */
#define AP_READ(s, i) \
    (s)->apr[2 * (i)] = (uint32_t)hw_sysreg_read(ICH_AP0R##i##_EL2); \
    (s)->apr[2 * (i) + 1] = (uint32_t)hw_sysreg_read(ICH_AP1R##i##_EL2)
#define AP_WRITE(s, i) \
    hw_sysreg_write(ICH_AP0R##i##_EL2, (s)->apr[2 * (i)]); \
    hw_sysreg_write(ICH_AP1R##i##_EL2, (s)->apr[2 * (i) + 1])

#define AP_ALL(op, s) \
    do { \
        op(s, 0); \
        if (unlikely(gic_info()->aprs > 1)) { \
            op(s, 1); \
            if (gic_info()->aprs > 2) { \
                op(s, 2); \
                op(s, 3); \
            } \
        } \
    } while (0)

ALWAYS_INLINE void gicv3_vcpu_save(struct gic_vcpu_state *s)
{
    s->vmcr = hw_sysreg_read(ICH_VMCR_EL2);
    AP_ALL(AP_READ, s);
}

ALWAYS_INLINE void gicv3_vcpu_restore(const struct gic_vcpu_state *s)
{
    hw_sysreg_write(ICH_VMCR_EL2, s->vmcr);
    AP_ALL(AP_WRITE, s);
}
