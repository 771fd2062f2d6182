/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ticket locks: what is not inlined. A waiter watches the ticket being served with an exclusive
 * load, whose monitor the holder's store clears: that is the event which ends the waiter's WFE.
 */
#include "core/base/lock.h"

#include "core/base/hw.h"

#define TICKET_SHIFT 16
#define TICKET_ONE   (1u << TICKET_SHIFT)

void lock_wait(struct lock *l, uint16_t ticket)
{
    /* The load both orders (acquire, pairs with lock_release) and arms the monitor, so a release
     * between it and the WFE is not lost. */
    while (hw_load_exclusive16((volatile lock_serving_t *)&l->tickets) != ticket)
        hw_wfe();
}

bool lock_try(struct lock *l) LOCK_UNCHECKED
{
    uint32_t old = __atomic_load_n(&l->tickets, __ATOMIC_RELAXED);

    if ((uint16_t)old != (uint16_t)(old >> TICKET_SHIFT))
        return false;
    return __atomic_compare_exchange_n(&l->tickets, &old, old + TICKET_ONE, false,
                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}
