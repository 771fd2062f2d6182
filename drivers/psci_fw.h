/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The firmware's PSCI and SMCCC (DEN 0022, DEN 0028), called by SMC.
 */
#ifndef DRIVERS_PSCI_FW_H
#define DRIVERS_PSCI_FW_H

#include "core/base/types.h"

/* Probes; -ENODEV: no PSCI node and none needed (spin-table boards). method must be SMC at EL2. */
int psci_fw_init(bool has_psci);
int psci_fw_cpu_on(uint64_t mpidr, paddr_t entry, uint64_t context);
_Noreturn void psci_fw_system_off(void);   /* halts when the firmware can't */
_Noreturn void psci_fw_system_reset(void);
/* SMCCC_ARCH_FEATURES of a workaround function (ARCH_WORKAROUND_1, 2, 3): the firmware's answer. */
int64_t psci_fw_arch_feature(uint32_t function);
/* Runs a workaround call in the firmware. */
void psci_fw_arch_workaround(uint32_t function, uint64_t arg);

#endif
