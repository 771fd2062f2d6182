/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's own SGIs. Each carries no data: what to do stands in the target's percpu todo
 * word or in memory that the handler looks at. The kick needs no handler: being out of the guest
 * is the message.
 */
#ifndef IRQ_IPI_H
#define IRQ_IPI_H

#include "core/base/types.h"

enum ipi {
    IPI_KICK = 0,     /* leave the guest (or idle) and look at todo */
    IPI_QUIESCE = 1,  /* page_alloc_quiesce() for this CPU */
    IPI_STOP = 2,     /* panic: stop for good */
};

/* What the receivers of IPI_QUIESCE do, at EL2, with the SGI deactivated. Boot, before other CPUs
 * run. */
void ipi_init(void (*quiesce)(void));
/* Called by irq_dispatch() for SGI `sgi`. */
void ipi_receive(unsigned sgi);
/* Stores before it are visible to the receivers first. No CPUs: nothing happens. */
void ipi_send(uint64_t cpu_mask, enum ipi ipi);

#endif
