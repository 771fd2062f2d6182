/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical interrupts: who gets which. SGIs are the hypervisor's IPIs, a few PPIs are its own
 * (EL2 timer, maintenance) or the loaded vCPU's (virtual timer); SPIs belong to one domain's vGIC
 * (hw-linked) or to a driver. Routing knows nothing of domains: owners are an opaque pointer.
 */
#ifndef IRQ_IRQ_H
#define IRQ_IRQ_H

#include "core/base/types.h"

/* A handler runs with the interrupt acknowledged and its priority dropped; it returns true when
 * the interrupt is to be deactivated now, false when a guest's EOI will do that. */
typedef bool (*irq_handler)(unsigned intid, void *owner);

/* Registers; SPI or PPI (PPI: for all CPUs). -EBUSY when taken, -EINVAL. Does not enable. One that
 * was unregistered may be registered again only after a quiescence. */
int irq_register(unsigned intid, irq_handler handler, void *owner);
/* Forgets; disables. After a quiescence no handler runs with the old owner. */
void irq_unregister(unsigned intid);
/* Owner of a registered interrupt or NULL. */
void *irq_owner(unsigned intid);
bool irq_is_registered(unsigned intid);
/* The IRQ exception from a guest or from idle: acknowledges and dispatches one interrupt (what else
 * is pending comes as a new exception: cheaper than a second, mostly spurious, acknowledge). */
void irq_dispatch(void);

#endif
