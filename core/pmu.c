/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's performance monitors. While a vCPU that does not use them is loaded, the machine's are
 * stopped and may hold another's values, which it can't reach: its first access replaces all of
 * them. Touched only by the CPU that the vCPU is loaded on.
 */
#include "core/pmu.h"

#include "core/base/errors.h"
#include "core/domain.h"

#define PMCR_E BIT(0)
#define PMCR_KEPT 0x2f9ul    /* FZO, LP, LC, DP, X, D, E: the rest is fixed, or acts once */
#define ALL_COUNTERS 0xfffffffful
#define VERSION_NONE 15u     /* ID_AA64DFR0_EL1.PMUVer: not this architecture */

static unsigned pmu_pirq;

void pmu_init(unsigned pirq)
{
    unsigned version = (unsigned)BITS_GET(hw_sysreg_read(ID_AA64DFR0_EL1), 11, 8);

    pmu_pirq = version && version != VERSION_NONE ? pirq : 0;
}

unsigned pmu_physical_irq(void) { return pmu_pirq; }

int pmu_enable(struct domain *d, unsigned intid)
{
    int rc = pmu_pirq ? vgic_link_physical(&d->vgic, intid, pmu_pirq) : -EINVAL;

    if (!rc)
        d->pmu_irq = intid;
    return rc;
}

void pmu_reset(struct vcpu *v)
{
    v->pmu = (struct vcpu_pmu){ 0 };
    v->mdcr |= MDCR_TPM | MDCR_TPMCR;
}

static unsigned counters(void) { return (unsigned)BITS_GET(hw_sysreg_read(PMCR_EL0), 15, 11); }

void pmu_load(struct vcpu *v)
{
    const struct vcpu_pmu *p = &v->pmu;

    hw_sysreg_write(PMCNTENCLR_EL0, ALL_COUNTERS);
    hw_sysreg_write(PMINTENCLR_EL1, ALL_COUNTERS);
    hw_sysreg_write(PMOVSCLR_EL0, ALL_COUNTERS);
    hw_sysreg_write(PMCR_EL0, p->pmcr & ~PMCR_E);
    for (unsigned n = 0; n < counters(); n++) {
        hw_sysreg_write(PMSELR_EL0, n);
        hw_isb(); /* the two below are those of counter n */
        hw_sysreg_write(PMXEVTYPER_EL0, p->type[n]);
        hw_sysreg_write(PMXEVCNTR_EL0, p->count[n]);
    }
    hw_sysreg_write(PMSELR_EL0, p->selr);
    hw_sysreg_write(PMCCFILTR_EL0, p->ccfiltr);
    hw_sysreg_write(PMCCNTR_EL0, p->ccntr);
    hw_sysreg_write(PMUSERENR_EL0, p->userenr);
    hw_sysreg_write(PMCNTENSET_EL0, p->cntenset);
    hw_sysreg_write(PMCR_EL0, p->pmcr);
    hw_sysreg_write(PMINTENSET_EL1, p->intenset);
    /* Last: QEMU looks at PMCR_EL0.E only when one of these two is written. */
    hw_sysreg_write(PMOVSSET_EL0, p->ovsset);
}

void pmu_save(struct vcpu *v)
{
    struct vcpu_pmu *p = &v->pmu;

    p->pmcr = hw_sysreg_read(PMCR_EL0) & PMCR_KEPT;
    p->intenset = hw_sysreg_read(PMINTENSET_EL1);
    hw_sysreg_write(PMCR_EL0, p->pmcr & ~PMCR_E);
    hw_sysreg_write(PMINTENCLR_EL1, ALL_COUNTERS);
    hw_isb(); /* they stand still; and the interrupt is low before vgic_save() */
    p->cntenset = hw_sysreg_read(PMCNTENSET_EL0);
    p->ovsset = hw_sysreg_read(PMOVSSET_EL0);
    p->ccntr = hw_sysreg_read(PMCCNTR_EL0);
    p->ccfiltr = hw_sysreg_read(PMCCFILTR_EL0);
    p->userenr = hw_sysreg_read(PMUSERENR_EL0);
    p->selr = hw_sysreg_read(PMSELR_EL0);
    for (unsigned n = 0; n < counters(); n++) {
        hw_sysreg_write(PMSELR_EL0, n);
        hw_isb(); /* as above */
        p->type[n] = hw_sysreg_read(PMXEVTYPER_EL0);
        p->count[n] = hw_sysreg_read(PMXEVCNTR_EL0);
    }
    /* PMUSERENR_EL0 must be its own: EL0's accesses go to EL1 or not before they trap to EL2. */
    if (!p->userenr && !(p->pmcr & PMCR_E && p->cntenset))
        v->mdcr |= MDCR_TPM | MDCR_TPMCR;
}

bool pmu_access(struct vcpu *v, struct sysreg_access *a)
{
    if (!v->domain->pmu_irq)
        return false;
    v->mdcr &= ~(MDCR_TPM | MDCR_TPMCR);
    hw_sysreg_write(MDCR_EL2, v->mdcr);
    pmu_load(v);
    return a->retry = true;
}
