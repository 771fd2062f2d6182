/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Both GIC versions behind one interface (IHI 0048, IHI 0069). Groups are left as Linux leaves
 * them: what it boots with works here.
 */
#include "tests/bench/image/gic.h"

#include "tests/bench/image/bench.h"
#include "tests/bench/image/cpu.h"

#define GICD_CTLR 0x000u
#define GICD_IGROUPR 0x080u
#define GICD_ICENABLER 0x180u
#define GICD_SGIR 0xf00u
#define GICC_CTLR 0x000u
#define GICC_PMR 0x004u
#define GICC_IAR 0x00cu
#define GICC_EOIR 0x010u
#define GICR_WAKER 0x014u
#define GICR_BYTES 0x20000u
#define GICR_SGI_FRAME 0x10000u
#define ICC_SRE "s3_0_c12_c12_5"
#define ICC_PMR "s3_0_c4_c6_0"
#define ICC_IGRPEN1 "s3_0_c12_c12_7"
#define ICC_IAR1 "s3_0_c12_c12_0"
#define ICC_EOIR1 "s3_0_c12_c12_1"
#define ICC_SGI1R "s3_0_c12_c11_5"
#define PRIORITY_LOWEST_WANTED 0xf0u
#define PRIORITY_USED 0xa0a0a0a0u
#define SGIR_OTHERS (1u << 24)
#define SGI1R_IRM (1ul << 40)
#define SPURIOUS 1020u

static irq_handler handlers[INTIDS_MAX];
static bool times_eoi;
static uint64_t eoi_ticks;

static uint64_t local_base(void)
{
    if (facts.gic == 2)
        return facts.gicd;
    return facts.gicc + cpu_current()->id * GICR_BYTES + GICR_SGI_FRAME;
}

void gic_init(void)
{
    mmio_write(facts.gicd + GICD_CTLR, facts.gic == 2 ? 1 : 0x12);
    gic_cpu_init();
}

void gic_cpu_init(void)
{
    uint64_t local = local_base();

    if (facts.gic == 3) {
        uint64_t waker = local - GICR_SGI_FRAME + GICR_WAKER;

        mmio_write(waker, mmio_read(waker) & ~2u);
        while (mmio_read(waker) & 4)
            relax();
        mmio_write(local + GICD_IGROUPR, ~0u);
    }
    mmio_write(local + GICD_ICENABLER, 0xffff0000u);
    mmio_write(local + GICD_ISENABLER, 0xffffu);
    for (unsigned i = 0; i < INTIDS_MAX; i += 4)
        mmio_write(local + GICD_IPRIORITYR + i, PRIORITY_USED);
    if (facts.gic == 2) {
        mmio_write(facts.gicc + GICC_PMR, PRIORITY_LOWEST_WANTED);
        mmio_write(facts.gicc + GICC_CTLR, 1);
        return;
    }
    SYSREG_WRITE(ICC_SRE, 7);
    isb();
    SYSREG_WRITE(ICC_PMR, PRIORITY_LOWEST_WANTED);
    SYSREG_WRITE(ICC_IGRPEN1, 1);
    isb();
}

void gic_on(unsigned intid, irq_handler handler)
{
    handlers[intid] = handler;
    gic_enable(intid);
}

void gic_enable(unsigned intid)
{
    mmio_write(local_base() + GICD_ISENABLER, 1u << intid);
}

void gic_send_sgi(unsigned cpu, unsigned intid)
{
    __asm__ volatile("dsb ishst" : : : "memory"); /* what the receiver reads is there */
    if (facts.gic == 2) {
        mmio_write(facts.gicd + GICD_SGIR, 1u << (16 + cpu) | intid);
    } else {
        SYSREG_WRITE(ICC_SGI1R, (uint64_t)intid << 24 | 1ul << cpu);
        isb();
    }
}

void gic_send_sgi_others(unsigned intid)
{
    __asm__ volatile("dsb ishst" : : : "memory");
    if (facts.gic == 2) {
        mmio_write(facts.gicd + GICD_SGIR, SGIR_OTHERS | intid);
    } else {
        SYSREG_WRITE(ICC_SGI1R, (uint64_t)intid << 24 | SGI1R_IRM);
        isb();
    }
}

void gic_time_eoi(bool is_on) { times_eoi = is_on; }
uint64_t gic_eoi_ticks(void) { return eoi_ticks; }

static inline void end(uint32_t iar)
{
    if (facts.gic == 2) {
        mmio_write(facts.gicc + GICC_EOIR, iar);
    } else {
        SYSREG_WRITE(ICC_EOIR1, iar);
        isb();
    }
}

/* From start.S, interrupts masked. */
void irq_take(void)
{
    uint32_t iar = facts.gic == 2 ? mmio_read(facts.gicc + GICC_IAR) : SYSREG_READ(ICC_IAR1);
    unsigned intid = iar & 0x3ff;
    uint64_t before;

    if (intid >= SPURIOUS)
        return;
    if (intid >= INTIDS_MAX || !handlers[intid])
        bench_fail("interrupt %u: nobody expects it", intid);
    handlers[intid]();
    if (!times_eoi) {
        end(iar);
        return;
    }
    before = bench_begin();
    end(iar);
    eoi_ticks += bench_end(before);
}
