/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's virtual and physical timers: register values only. The condition of a timer is an
 * unsigned comparison, counter >= compare value (DDI 0487, Operation of the CompareValue views of
 * the timers). No lock: a vCPU's timers are touched by the CPU that runs it, or when it is not
 * loaded.
 */
#include "irq/vtimer.h"

#include "core/base/hw.h"

#define MIDR_APPLIED_MICRO 0x50u /* implementer */
#define CTL_ENABLE BIT(0)
#define CTL_IMASK BIT(1)
#define CTL_ISTATUS BIT(2)

static unsigned physical_irq = VTIMER_PPI_VIRTUAL; /* constant after boot */

void vtimer_init(unsigned pirq) { physical_irq = pirq; }
unsigned vtimer_physical_irq(void) { return physical_irq; }

void vtimer_reset(struct vtimer *t, uint64_t cntvoff)
{
    *t = (struct vtimer){ .cntvoff = cntvoff };
}

void vtimer_load(const struct vtimer *t)
{
    hw_sysreg_write(CNTVOFF_EL2, t->cntvoff);
    hw_sysreg_write(CNTV_CVAL_EL0, t->cntv_cval);
    /* The compare value before the enable, or the old one fires. */
    hw_isb();
    hw_sysreg_write(CNTV_CTL_EL0, t->cntv_ctl);
}

void vtimer_save(struct vtimer *t)
{
    uint64_t ctl = hw_sysreg_read(CNTV_CTL_EL0) & (CTL_ENABLE | CTL_IMASK);

    t->cntv_ctl = ctl;
    t->cntv_cval = hw_sysreg_read(CNTV_CVAL_EL0);
    if (ctl & CTL_ENABLE) {
        hw_sysreg_write(CNTV_CTL_EL0, 0);
        /* The output is low before the interrupt's active state is taken away (vgic_save). */
        hw_isb();
    }
}

static bool is_unmasked(uint64_t ctl) { return (ctl & (CTL_ENABLE | CTL_IMASK)) == CTL_ENABLE; }

void vtimer_catch_up(struct vtimer *t)
{
    uint64_t now = hw_counter() - t->cntvoff;

    if (hw_sysreg_read(MIDR_EL1) >> 24 == MIDR_APPLIED_MICRO)
        t->cntv_cval = MAX(t->cntv_cval, now - MIN(now, INT32_MAX / 2));
}

uint64_t vtimer_deadline(const struct vtimer *t)
{
    uint64_t now = hw_counter(), left;

    if (!is_unmasked(t->cntv_ctl))
        return UINT64_MAX;
    if (now - t->cntvoff >= t->cntv_cval)
        return 0;
    left = t->cntv_cval - (now - t->cntvoff);
    return left < UINT64_MAX - now ? now + left : UINT64_MAX;
}

uint64_t vtimer_cntp_read(const struct vtimer *t, enum vtimer_cntp_reg reg, uint64_t now)
{
    switch (reg) {
    case VTIMER_CNTP_TVAL:
        return (uint32_t)(t->cntp_cval - now);
    case VTIMER_CNTP_CTL:
        return t->cntp_ctl | ((t->cntp_ctl & CTL_ENABLE) && now >= t->cntp_cval ? CTL_ISTATUS : 0);
    case VTIMER_CNTP_CVAL:
        return t->cntp_cval;
    }
    return 0;
}

void vtimer_cntp_write(struct vtimer *t, enum vtimer_cntp_reg reg, uint64_t value, uint64_t now)
{
    switch (reg) {
    case VTIMER_CNTP_TVAL:
        t->cntp_cval = now + (uint64_t)(int64_t)(int32_t)(uint32_t)value;
        break;
    case VTIMER_CNTP_CTL:
        t->cntp_ctl = value & (CTL_ENABLE | CTL_IMASK);
        break;
    case VTIMER_CNTP_CVAL:
        t->cntp_cval = value;
        break;
    }
}

bool vtimer_cntp_level(const struct vtimer *t, uint64_t now)
{
    return is_unmasked(t->cntp_ctl) && now >= t->cntp_cval;
}

uint64_t vtimer_cntp_deadline(const struct vtimer *t)
{
    return is_unmasked(t->cntp_ctl) ? t->cntp_cval : UINT64_MAX;
}
