/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A port, and how sending is kept apart from closing without a lock. For the evtchn files only.
 *
 * A CPU that delivers says so in its own percpu word (evtchn_section_enter), then reads
 * evtchn.peer. Who closes clears peer, then waits until no CPU's word is set
 * (evtchn_section_sync): from then on nobody uses what was there before. Both sides store, then
 * load, in sequentially consistent order, so one of them sees the other. A section is short, and
 * takes no event lock.
 */
#ifndef CORE_EVTCHN_PORT_H
#define CORE_EVTCHN_PORT_H

#include "core/base/hw.h"
#include "core/domain.h"
#include "core/evtchn.h"

/*
 * FREE -> UNBOUND: alloc_unbound;  UNBOUND -> INTERDOMAIN: the remote domain bound to it
 * FREE -> INTERDOMAIN: bind_interdomain;  INTERDOMAIN -> UNBOUND: the other end was closed
 * FREE -> VIRQ: bind_virq;  FREE -> IPI: bind_ipi;  any -> FREE: close
 */
enum evtchn_state {
    EVTCHN_STATE_FREE, EVTCHN_STATE_UNBOUND, EVTCHN_STATE_INTERDOMAIN, EVTCHN_STATE_VIRQ,
    EVTCHN_STATE_IPI,
};

/*
 * Delivery is one atomic on one 32-bit word of the guest's: `bit` is set in `word`, and nothing
 * more is to be done if one of `quiet` was set before. FIFO: the event word, PENDING, MASKED or
 * LINKED. 2-level: half of the pending word, the port's bit in both; the mask is looked at then.
 */
struct evtchn {
    struct evtchn *peer;      /* what a send raises: the other end; itself (IPI); NULL. Atomic */
    uint32_t *word;           /* NULL: FIFO, and the guest gave no page for it yet. Atomic: read
                                 once in a section; what was read stays good until that ends */
    uint64_t rule;            /* bit in 31:0, quiet in 63:32; atomic; changes only while word is
                                 NULL or the port is free */
    struct vcpu *notify;      /* who hears of it; NULL while vCPU 0 does not exist. Atomic */
    struct domain *domain;    /* whose port this is; constant */
    evtchn_consumer consume;  /* not NULL: EL2 hears of it instead of the guest; word stays NULL.
                                 Lock; constant while the port is in use */
    evtchn_port_t port;       /* constant */
    uint32_t fifo_last;       /* queue it was last linked on; evtchn_fifo.c */
    domid_t remote;           /* UNBOUND: who may bind; lock */
    uint8_t state;            /* enum evtchn_state; lock, read atomically without */
    uint8_t virq;             /* VIRQ: which; lock */
    uint8_t priority;         /* FIFO; atomic */
    bool is_pending_early;    /* FIFO: raised before its event word existed; atomic */
    bool is_polled;           /* sched_op poll waits for it, masked or not; atomic */
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct evtchn) * EVTCHN_PORTS_PER_BUCKET == PAGE_SIZE, "a page of ports");

static inline void evtchn_section_enter(void)
{
    __atomic_store_n(&hw_percpu()->evtchn_section, 1, __ATOMIC_SEQ_CST);
}

static inline void evtchn_section_exit(void)
{
    __atomic_store_n(&hw_percpu()->evtchn_section, 0, __ATOMIC_RELEASE);
}

/* Waits for sections that may have begun before the caller's last sequentially consistent store.
 * Not from within a section. */
void evtchn_section_sync(void);

/* The port, or NULL when d has none of that number. No lock: ports stay until
 * the domain ends, and then until this CPU leaves EL2. */
static inline struct evtchn *evtchn_port(const struct domain *d, evtchn_port_t port)
{
    const struct evtchn_domain *e = &d->evtchn;
    struct evtchn *ports;

    if (unlikely(port >= READ_ONCE(e->ports_max)))
        return NULL;
    ports = __atomic_load_n(&e->buckets[port / EVTCHN_PORTS_PER_BUCKET].ports, __ATOMIC_ACQUIRE);
    return likely(ports) ? &ports[port % EVTCHN_PORTS_PER_BUCKET] : NULL;
}

static inline struct vcpu *evtchn_notify(const struct evtchn *c) { return READ_ONCE(c->notify); }
/* Acquire: the rule that is read after it is that word's. */
static inline uint32_t *evtchn_word(const struct evtchn *c)
{
    return __atomic_load_n(&c->word, __ATOMIC_ACQUIRE);
}

/* Acquire: of a port in use, the word that is read after it is that use's. */
static inline enum evtchn_state evtchn_state(const struct evtchn *c)
{
    return (enum evtchn_state)__atomic_load_n(&c->state, __ATOMIC_ACQUIRE);
}

static inline uint64_t evtchn_rule_make(uint32_t bit, uint32_t quiet)
{
    return bit | (uint64_t)quiet << 32;
}

static inline uint32_t evtchn_rule_bit(uint64_t rule) { return (uint32_t)rule; }
static inline uint32_t evtchn_rule_quiet(uint64_t rule) { return rule >> 32; }

static inline bool evtchn_rule_is_2l(uint64_t rule)
{
    return evtchn_rule_bit(rule) == evtchn_rule_quiet(rule);
}

/* A guest that fights EL2 for a word of its own memory has lost what it had to tell. */
void evtchn_unstable(const struct evtchn *c);

#endif
