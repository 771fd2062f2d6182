/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The firmware's PSCI and SMCCC (DEN 0022, DEN 0028), called by SMC.
 */
#ifndef DRIVERS_PSCI_FW_H
#define DRIVERS_PSCI_FW_H

#include "core/base/types.h"

/* Function identifiers: the firmware's, and those that guests call (core/vpsci.c). */
enum {
    SMCCC_VERSION = 0x80000000, SMCCC_ARCH_FEATURES = 0x80000001, SMCCC_WORKAROUND_1 = 0x80008000,
    SMCCC_WORKAROUND_2 = 0x80007fff, SMCCC_WORKAROUND_3 = 0x80003fff,
    SMCCC_HYP_CALL_COUNT = 0x8600ff00, SMCCC_HYP_CALL_UID = 0x8600ff01,
    SMCCC_HYP_CALL_REVISION = 0x8600ff03,
    PSCI_VERSION = 0x84000000, PSCI_CPU_SUSPEND = 0x84000001, PSCI_CPU_OFF = 0x84000002,
    PSCI_CPU_ON = 0x84000003, PSCI_AFFINITY_INFO = 0x84000004, PSCI_MIGRATE_INFO_TYPE = 0x84000006,
    PSCI_SYSTEM_OFF = 0x84000008, PSCI_SYSTEM_RESET = 0x84000009, PSCI_FEATURES = 0x8400000a,
    PSCI_CPU_SUSPEND64 = 0xc4000001, PSCI_CPU_ON64 = 0xc4000003, PSCI_AFFINITY_INFO64 = 0xc4000004,
};
#define SMCCC_VERSION_1_1 0x10001

/* Probes, where the device tree has PSCI by SMC. Without it, or with one too old, CPUs are not
 * started and the machine is not switched off by the firmware (spin-table boards). */
void psci_fw_init(bool has_psci);
/* 0; -ENODEV: no firmware; -EIO: it refuses (its answer is logged). */
int psci_fw_cpu_on(uint64_t mpidr, paddr_t entry);
/* They come back when the firmware can't. */
void psci_fw_system_off(void);
void psci_fw_system_reset(void);
/* SMCCC_ARCH_FEATURES of a workaround function (ARCH_WORKAROUND_1, 2, 3): the firmware's answer. */
int64_t psci_fw_arch_feature(uint32_t function);
/* Runs a workaround call in the firmware. */
void psci_fw_arch_workaround(uint32_t function, uint64_t arg);

#endif
