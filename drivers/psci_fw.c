/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls into the firmware at EL3: PSCI 0.2 and later (DEN 0022) and the SMCCC's architecture calls
 * (DEN 0028). Where there is no firmware, no SMC is ever executed: it would be undefined. No lock:
 * written at boot, then constant; the firmware takes calls from any CPU.
 */
#include "drivers/psci_fw.h"

#include "core/base/errors.h"
#include "core/base/hw.h"
#include "core/base/log.h"

#define PSCI_VERSION_1_0  0x10000
#define PSCI_VERSION_0_2  0x2

static bool is_present;
static bool has_arch_calls; /* SMCCC 1.1 */

static int64_t call(uint32_t fn, uint64_t a1, uint64_t a2, uint64_t a3)
{
    return (int32_t)hw_smc(fn, a1, a2, a3).x0;
}

void psci_fw_init(bool has_psci)
{
    int64_t version, smccc = 0;

    is_present = has_arch_calls = false;
    if (!has_psci)
        return;
    version = call(PSCI_VERSION, 0, 0, 0);
    if (version < PSCI_VERSION_0_2) {
        log_error("psci: PSCI_VERSION answers %ld: 0.2 or later is needed\n", (long)version);
        return;
    }
    is_present = true;
    if (version >= PSCI_VERSION_1_0 && call(PSCI_FEATURES, SMCCC_VERSION, 0, 0) >= 0)
        smccc = call(SMCCC_VERSION, 0, 0, 0);
    has_arch_calls = smccc >= SMCCC_VERSION_1_1;
    log_info("psci: firmware PSCI %ld.%ld, SMCCC %ld.%ld\n", version >> 16, version & 0xffff,
             has_arch_calls ? smccc >> 16 : 1, has_arch_calls ? smccc & 0xffff : 0);
}

int psci_fw_cpu_on(uint64_t mpidr, paddr_t entry)
{
    int64_t answer;

    if (!is_present)
        return -ENODEV;
    answer = call(PSCI_CPU_ON64, mpidr, entry.v, 0);
    if (answer)
        log_error("psci: CPU_ON of %lx answers %ld\n", mpidr, (long)answer);
    return answer ? -EIO : 0;
}

static void stop(uint32_t function)
{
    if (is_present)
        call(function, 0, 0, 0);
}

void psci_fw_system_off(void) { stop(PSCI_SYSTEM_OFF); }
void psci_fw_system_reset(void) { stop(PSCI_SYSTEM_RESET); }

int64_t psci_fw_arch_feature(uint32_t function)
{
    return has_arch_calls ? call(SMCCC_ARCH_FEATURES, function, 0, 0) : -1;
}

void psci_fw_arch_workaround(uint32_t function, uint64_t arg)
{
    if (has_arch_calls)
        hw_smc(function, arg, 0, 0);
}
