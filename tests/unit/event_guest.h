/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's side of FIFO event channels (Xen public event_channel.h): unmasking, and taking
 * events off the queues. Thread-safe as a guest's must be.
 */
#ifndef TESTS_UNIT_EVENT_GUEST_H
#define TESTS_UNIT_EVENT_GUEST_H

#include "core/base/errors.h"
#include "core/evtchn_fifo.h"

struct event_guest {
    event_word_t *words;                  /* of all ports in use */
    evtchn_fifo_control_block_t *control; /* of the vCPU that handles events */
    vcpu_info_t *info;
    uint32_t head[EVTCHN_FIFO_MAX_QUEUES];
};

/* The calls, for as long as they go on. */
static inline int event_guest_init_control(struct domain *d, const struct evtchn_init_control *op)
{
    unsigned progress = 0;
    int rc;

    do {
        rc = evtchn_fifo_init_control(d, op, &progress);
    } while (rc == -ERESTART);
    return rc;
}

static inline int event_guest_expand_array(struct domain *d, uint64_t gfn)
{
    unsigned progress = 0;
    int rc;

    do {
        rc = evtchn_fifo_expand_array(d, gfn, &progress);
    } while (rc == -ERESTART);
    return rc;
}

/* True: unmasked; false: it is pending, and the hypercall must do it. */
static inline bool event_guest_unmask(struct event_guest *g, evtchn_port_t port)
{
    uint32_t *word = &g->words[port], w = __atomic_load_n(word, __ATOMIC_SEQ_CST);

    for (;;) {
        if (!(w & EVTCHN_FIFO_BIT_MASKED))
            return true;
        if (w & EVTCHN_FIFO_BIT_PENDING)
            return false;
        w &= ~EVTCHN_FIFO_BIT_BUSY;
        if (__atomic_compare_exchange_n(word, &w, w & ~EVTCHN_FIFO_BIT_MASKED, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            return true;
    }
}

/* Takes the first event off a queue; its port, and whether it is to be handled. 0: empty. */
static inline evtchn_port_t event_guest_take(struct event_guest *g, unsigned queue,
                                             uint32_t *ready, bool *is_due)
{
    uint32_t head = g->head[queue], w;

    if (!head)
        head = __atomic_load_n(&g->control->head[queue], __ATOMIC_ACQUIRE);
    *is_due = false;
    if (!head)
        return 0;
    w = __atomic_load_n(&g->words[head], __ATOMIC_SEQ_CST);
    while (!__atomic_compare_exchange_n(&g->words[head], &w,
                                        w & ~(EVTCHN_FIFO_BIT_LINKED | EVTCHN_FIFO_LINK_MASK),
                                        false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
    g->head[queue] = w & EVTCHN_FIFO_LINK_MASK;
    if (!g->head[queue])
        *ready &= ~(1u << queue);
    w = __atomic_load_n(&g->words[head], __ATOMIC_SEQ_CST);
    *is_due = w & EVTCHN_FIFO_BIT_PENDING && !(w & EVTCHN_FIFO_BIT_MASKED);
    return head;
}

/* Handles all events as an upcall does, in order of priority; handle() has cleared PENDING's
 * cause when it returns. */
static inline void event_guest_upcall(struct event_guest *g,
                                      void (*handle)(evtchn_port_t port, void *context),
                                      void *context)
{
    uint32_t ready;

    __atomic_store_n(&g->info->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
    ready = __atomic_exchange_n(&g->control->ready, 0, __ATOMIC_SEQ_CST);
    while (ready) {
        unsigned queue = (unsigned)__builtin_ctz(ready);
        bool is_due;
        evtchn_port_t port = event_guest_take(g, queue, &ready, &is_due);

        if (!port)
            ready &= ~(1u << queue);
        if (is_due) {
            __atomic_fetch_and(&g->words[port], ~EVTCHN_FIFO_BIT_PENDING, __ATOMIC_SEQ_CST);
            handle(port, context);
        }
        ready |= __atomic_exchange_n(&g->control->ready, 0, __ATOMIC_SEQ_CST);
    }
}

#endif
