/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What guests see of the ID registers (DDI 0487, ID_*_EL1): the machine's values without what the
 * hypervisor does not give to guests.
 */
#ifndef CORE_IDREGS_H
#define CORE_IDREGS_H

#include "irq/gic.h"

/* Boot CPU, once: reads and filters. */
void idregs_init(void);
/* The value of the ID register op0 3, op1 0, CRn 0, CRm 1-7, op2 for a guest with this GIC, so
 * many IPA bits, and performance monitors or none; unallocated ones read as zero (DDI 0487, ID
 * space). */
uint64_t idregs_read(unsigned crm, unsigned op2, enum gic_version gic, unsigned ipa_bits,
                     unsigned has_pmu);

#endif
