/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ticket locks. The word is two 16-bit halves: the ticket being served (low) and the next to hand
 * out (high). Only the holder writes the low half, so releasing is a plain store-release; a waiter
 * watches it with an exclusive load, whose monitor that store clears: that is the event which ends
 * the waiter's WFE.
 */
#include "core/base/lock.h"

#include "core/base/hw.h"

#define TICKET_SHIFT 16
#define TICKET_ONE   (1u << TICKET_SHIFT)

/* The low half as seen by 16-bit accesses (little endian). */
typedef uint16_t serving_t __attribute__((may_alias));

static volatile serving_t *serving(struct lock *l)
{
    return (volatile serving_t *)&l->tickets;
}

void lock_acquire(struct lock *l) LOCK_UNCHECKED
{
    uint32_t old = __atomic_fetch_add(&l->tickets, TICKET_ONE, __ATOMIC_ACQUIRE);
    uint16_t mine = (uint16_t)(old >> TICKET_SHIFT);

    if (likely((uint16_t)old == mine))
        return;
    /* The load both orders (acquire, pairs with lock_release) and arms the monitor, so a release
     * between it and the WFE is not lost. */
    while (hw_load_exclusive16(serving(l)) != mine)
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

void lock_release(struct lock *l) LOCK_UNCHECKED
{
    volatile serving_t *s = serving(l);

    __atomic_store_n(s, (uint16_t)(__atomic_load_n(s, __ATOMIC_RELAXED) + 1), __ATOMIC_RELEASE);
}
