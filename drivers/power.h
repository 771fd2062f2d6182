/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Switching the machine off, and resetting it: the firmware's PSCI does, or a register of the board
 * that the device tree names.
 */
#ifndef DRIVERS_POWER_H
#define DRIVERS_POWER_H

#include "core/base/types.h"

/* Linux's bindings syscon-poweroff and syscon-reboot: what is in mask becomes value's. */
struct power_reg {
    uint64_t base;         /* machine address, 4-byte aligned; 0: there is none */
    uint32_t mask, value;
    volatile void *regs;   /* where EL2 has it; NULL: nowhere */
};

/* After psci_fw_init(). Without it there are no registers. */
void power_init(const struct power_reg *off, const struct power_reg *reset);
/* They say so, and halt this CPU, where neither firmware nor register does it within a second. */
_Noreturn void power_off(void);
_Noreturn void power_reset(void);

#endif
