/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where physical interrupts become virtual ones. A device interrupt's owner is its domain; the
 * virtual timer's and the maintenance interrupt are the loaded vCPU's.
 */
#include "core/domain_irq.h"

#include "core/pmu.h"
#include "irq/irq.h"

static bool domain_irq_fired(unsigned intid, void *owner)
{
    struct domain *d = owner;

    vcpu_kick_vgic(vgic_physical_fired(&d->vgic, NULL, intid));
    return false;
}

static bool domain_irq_vtimer_fired(unsigned, void *)
{
    struct vcpu *v = vcpu_current();

    if (!v)
        return true; /* saved while the interrupt was on its way: its deadline timer takes over */
    if (vgic_physical_fired(&v->domain->vgic, &v->vgic, VTIMER_PPI_VIRTUAL))
        vcpu_kick_loaded(v);
    return false;
}

static bool domain_irq_pmu_fired(unsigned, void *)
{
    struct vcpu *v = vcpu_current();

    if (!v || !v->domain->pmu_irq) {
        /* Stopped while it was on its way: it comes back with its vCPU. Or firmware's. */
        hw_sysreg_write(PMINTENCLR_EL1, ~0u);
        return true;
    }
    vcpu_kick_vgic(vgic_physical_fired(&v->domain->vgic, &v->vgic, v->domain->pmu_irq));
    return false;
}

static bool domain_irq_maintenance_fired(unsigned, void *)
{
    struct vcpu *v = vcpu_current();

    if (v && vgic_maintenance(&v->vgic))
        vcpu_kick_others(v);
    return true;
}

int domain_irq_assign(struct domain *d, unsigned intid)
{
    int rc = irq_register(intid, domain_irq_fired, d);

    if (rc)
        return rc;
    rc = vgic_link_physical(&d->vgic, intid, intid);
    if (rc)
        irq_unregister(intid);
    return rc;
}

void domain_irq_release_all(struct domain *d)
{
    for (unsigned intid = VGIC_PRIVATE; intid < gic_info()->intids; intid++) {
        if (irq_owner(intid) != d)
            continue;
        irq_unregister(intid);
        vgic_unlink_physical(&d->vgic, intid);
    }
}

int domain_irq_init(void)
{
    int rc = irq_register(vtimer_physical_irq(), domain_irq_vtimer_fired, NULL);

    if (!rc && pmu_physical_irq())
        rc = irq_register(pmu_physical_irq(), domain_irq_pmu_fired, NULL);
    return rc ? rc : irq_register(gic_info()->maintenance_irq, domain_irq_maintenance_fired, NULL);
}

void domain_irq_cpu_init(void)
{
    gic_irq_enable(vtimer_physical_irq());
    gic_irq_enable(gic_info()->maintenance_irq);
    if (pmu_physical_irq())
        gic_irq_enable(pmu_physical_irq());
}
