/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's SGIs: sending, and what the receiver does. No lock: the handler is set once,
 * before a second CPU runs.
 */
#include "irq/ipi.h"

#include "core/base/hw.h"
#include "irq/gic.h"

static void (*on_quiesce)(void);

void ipi_init(void (*quiesce)(void)) { on_quiesce = quiesce; }

void ipi_send(uint64_t cpu_mask, enum ipi ipi) { gic_sgi_send(cpu_mask, ipi); }

void ipi_receive(unsigned sgi)
{
    if (likely(sgi == IPI_KICK))
        return;
    if (sgi == IPI_QUIESCE)
        on_quiesce();
    else if (sgi == IPI_STOP)
        hw_halt();
}
