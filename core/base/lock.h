/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ticket spin locks that wait with WFE. Interrupts are always masked at EL2, so there is one
 * kind of lock and no irqsave variant.
 *
 * The global lock order (take left before right; never two of one kind but where said):
 *   domctl -> domain list -> domain -> grant table -> grant entry -> stage2 -> page allocator
 *   domain -> event table (two: lower domain id first) -> event port -> run queue
 *   event table -> emulated UART -> run queue
 *   event table, maptrack -> page allocator
 *   domctl -> wallclock -> domain list
 *   run queue (a second one only by lock_try) -> vgic dist -> vgic cpu
 *   domain, run queue -> timer
 *   two grant entries: the lower address first; two FIFO vCPU locks: the lower vCPU first
 *   any -> console -> log -> uart
 *   any -> irq table -> gic registers
 * vcpu_kick(), sched_wake() and vgic_inject() may be called with any lock but vgic and run queue.
 */
#ifndef CORE_BASE_LOCK_H
#define CORE_BASE_LOCK_H

#include "core/base/types.h"

#if defined(__clang__)
#define LOCK_CHECKED(attribute) __attribute__((attribute))
#else
#define LOCK_CHECKED(attribute)
#endif
#define LOCK_CAPABILITY LOCK_CHECKED(capability("mutex"))
#define LOCK_ACQUIRES(...) LOCK_CHECKED(acquire_capability(__VA_ARGS__))
#define LOCK_RELEASES(...) LOCK_CHECKED(release_capability(__VA_ARGS__))
#define LOCK_REQUIRES(...) LOCK_CHECKED(requires_capability(__VA_ARGS__))
#define LOCK_TRY_ACQUIRES(...) LOCK_CHECKED(try_acquire_capability(__VA_ARGS__))
#define LOCK_UNCHECKED LOCK_CHECKED(no_thread_safety_analysis)

struct LOCK_CAPABILITY lock {
    uint32_t tickets; /* bits 15:0 the ticket being served, 31:16 the next to hand out */
};

#define LOCK_INIT { 0 }

static inline void lock_init(struct lock *l) { l->tickets = 0; }

/* The ticket being served, as 16-bit accesses see it (little endian). Only the holder writes it, so
 * releasing is a plain store-release. */
typedef uint16_t lock_serving_t __attribute__((may_alias));

/* Waits with WFE until `ticket` is served: the holder's store-release makes the event. */
void lock_wait(struct lock *l, uint16_t ticket);

/* Acquire ordering. Inlined, as is its release: a lock that is free is the common case. */
static inline void lock_acquire(struct lock *l) LOCK_ACQUIRES(*l) LOCK_UNCHECKED
{
    uint32_t old = __atomic_fetch_add(&l->tickets, 1u << 16, __ATOMIC_ACQUIRE);
    uint32_t is_unequal = old ^ (old << 16 | old >> 16); /* its halves */

    __asm__("" : "+r"(is_unequal)); /* or the one EOR becomes a rotation and a comparison */
    if (unlikely(is_unequal))
        lock_wait(l, (uint16_t)(old >> 16));
}

/* One attempt; true when taken. */
bool lock_try(struct lock *l) LOCK_TRY_ACQUIRES(true, *l);

/* Release ordering; pairs with lock_acquire. */
static inline void lock_release(struct lock *l) LOCK_RELEASES(*l) LOCK_UNCHECKED
{
    uint16_t next = (uint16_t)(__atomic_load_n(&l->tickets, __ATOMIC_RELAXED) + 1);

    __atomic_store_n((volatile lock_serving_t *)&l->tickets, next, __ATOMIC_RELEASE);
}

#endif
