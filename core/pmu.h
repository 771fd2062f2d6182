/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The performance monitors (DDI 0487, PMUv3) of guests that have them: the machine's, whole.
 * Switched lazily: the first access traps (MDCR_EL2.TPM) and brings the vCPU's registers; they are
 * switched with the vCPU as long as it counts or lets EL0 read them, and trap again after that.
 */
#ifndef CORE_PMU_H
#define CORE_PMU_H

#include "core/base/sysreg_bits.h"
#include "core/trap.h"

#define PMU_PPI 23u /* where guests have it (SBSA, PPI assignments) */

/* Boot CPU, once: the PPI that the machine's counters overflow to; 0: it is not known, and guests
 * have no performance monitors. */
void pmu_init(unsigned pirq);
/* That PPI, if guests can have them; or 0. */
unsigned pmu_physical_irq(void);
/* Gives d performance monitors that overflow to its PPI `intid`. Before it has vCPUs. 0, -EINVAL:
 * there are none. */
int pmu_enable(struct domain *d, unsigned intid);
/* All off, and trapped. Not loaded. */
void pmu_reset(struct vcpu *v);
/* v made an access that trapped, and makes it again; false: it has no performance monitors. */
bool pmu_access(struct vcpu *v, struct sysreg_access *a);
/* Is v switched? After vgic_load(); before vgic_save(), which finds the interrupt low. */
static inline bool pmu_is_used(const struct vcpu *v) { return !(v->mdcr & MDCR_TPM); }
void pmu_load(struct vcpu *v);
void pmu_save(struct vcpu *v);

#endif
