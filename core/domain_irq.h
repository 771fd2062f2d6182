/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical interrupts that belong to a domain: device SPIs of Dom0, and the virtual timer
 * and the performance monitors of whichever vCPU is loaded.
 */
#ifndef CORE_DOMAIN_IRQ_H
#define CORE_DOMAIN_IRQ_H

#include "core/domain.h"

/* Gives the physical SPI to d as the virtual SPI of the same number. -EBUSY, -EINVAL. */
int domain_irq_assign(struct domain *d, unsigned intid);
/* Takes all of d's physical interrupts back (they end disabled). */
void domain_irq_release_all(struct domain *d);
/* Boot: registers the virtual timer's PPI, the performance monitors' (after pmu_init()) and
 * the maintenance interrupt. */
int domain_irq_init(void);
/* Boot, each CPU: enables them there. */
void domain_irq_cpu_init(void);

#endif
