/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The firmware first: it knows its board. A board without PSCI (spin tables) may have a register.
 * No lock: written at boot, then constant; the last thing that the machine does.
 */
#include "drivers/power.h"

#include "core/base/hw.h"
#include "core/base/log.h"
#include "drivers/psci_fw.h"
#include "drivers/timer.h"

static struct power_reg off_reg, reset_reg;

void power_init(const struct power_reg *off, const struct power_reg *reset)
{
    off_reg = *off;
    reset_reg = *reset;
}

static _Noreturn void stop(const struct power_reg *r, const char *what)
{
    uint64_t until = hw_counter() + timer_frequency_hz();

    if (r->regs)
        hw_mmio_write32(r->regs, (hw_mmio_read32(r->regs) & ~r->mask) | (r->value & r->mask));
    while (r->regs && hw_counter() < until)
        hw_yield();
    log_error("nothing here can %s the machine: halted\n", what);
    hw_halt();
}

_Noreturn void power_off(void)
{
    psci_fw_system_off();
    stop(&off_reg, "switch off");
}

_Noreturn void power_reset(void)
{
    psci_fw_system_reset();
    stop(&reset_reg, "reset");
}
