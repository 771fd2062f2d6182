/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of physical interrupts. Dispatch reads it without a lock: an entry's owner is written
 * before its handler (release) and read after it (acquire). table_lock serialises registration.
 */
#include "irq/irq.h"

#include "core/base/errors.h"
#include "core/base/hw.h"
#include "core/base/lock.h"
#include "core/base/log.h"
#include "irq/gic_ops.h"
#include "irq/ipi.h"

#define IRQ_MAX 1020u
#define IRQ_SGIS 16u
#define IAR_INTID 0x3ffu /* v2: an SGI's source CPU stands above; v3: no LPIs, so 10 bits do */

static struct { irq_handler handler; void *owner; } table[IRQ_MAX];
static struct lock table_lock = LOCK_INIT;

int irq_register(unsigned intid, irq_handler handler, void *owner)
{
    int error = -EBUSY;

    if (intid < IRQ_SGIS || intid >= IRQ_MAX || intid >= gic_info()->intids || !handler)
        return -EINVAL;
    lock_acquire(&table_lock);
    if (!table[intid].handler) {
        table[intid].owner = owner;
        /* Pairs with the acquire in irq_dispatch(): the handler comes with its owner. */
        __atomic_store_n(&table[intid].handler, handler, __ATOMIC_RELEASE);
        error = 0;
    }
    lock_release(&table_lock);
    return error;
}

void irq_unregister(unsigned intid)
{
    if (!irq_is_registered(intid))
        return;
    gic_irq_disable(intid);
    lock_acquire(&table_lock);
    __atomic_store_n(&table[intid].handler, NULL, __ATOMIC_RELEASE);
    lock_release(&table_lock);
}

bool irq_is_registered(unsigned intid)
{
    return intid < IRQ_MAX && __atomic_load_n(&table[intid].handler, __ATOMIC_ACQUIRE);
}

void *irq_owner(unsigned intid) { return irq_is_registered(intid) ? table[intid].owner : NULL; }

/* Nobody asked for it: a PPI or SPI that firmware left enabled, or a driver's mistake. */
static void unexpected(unsigned intid)
{
    log_warning("irq: interrupt %u has no handler: disabled\n", intid);
    gic_irq_disable(intid);
}

/* By one driver's functions, that irq_dispatch() asks once which it is. */
static ALWAYS_INLINE void dispatch(uint32_t iar, void (*eoi)(uint32_t),
                                   void (*deactivate)(uint32_t))
{
    unsigned intid = iar & IAR_INTID;
    irq_handler handler;

    if (unlikely(intid >= IRQ_MAX))
        return;
    eoi(iar);
    if (intid < IRQ_SGIS) {
        hw_dsb_sy(); /* pairs with the sender's in gic_sgi_send(): todo is read after the message */
        deactivate(iar);
        ipi_receive(intid);
        return;
    }
    handler = __atomic_load_n(&table[intid].handler, __ATOMIC_ACQUIRE);
    if (unlikely(!handler))
        unexpected(intid);
    else if (!handler(intid, table[intid].owner))
        return;
    deactivate(iar);
}

NOINLINE void irq_dispatch(void)
{
    if (gic_info()->version == GIC_V3)
        dispatch(gicv3_ack(), gicv3_eoi, gicv3_deactivate);
    else
        dispatch(gicv2_ack(), gicv2_eoi, gicv2_deactivate);
}
