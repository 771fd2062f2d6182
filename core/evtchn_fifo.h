/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FIFO delivery (Xen public event_channel.h, FIFO ABI): an event word for each port in pages that
 * the guest gave, linked into a queue for each priority and vCPU. Raise, unmask: inside a section
 * (evtchn_port.h) or with the event lock held; results: the vCPU that needs its upcall, or NULL.
 */
#ifndef CORE_EVTCHN_FIFO_H
#define CORE_EVTCHN_FIFO_H

#include "core/evtchn_port.h"
#include "core/guest_atomic.h"

#define EVTCHN_FIFO_WORDS_PER_PAGE (PAGE_SIZE / sizeof(event_word_t))
#define EVTCHN_FIFO_PAGES_MAX (EVTCHN_PORTS_MAX / EVTCHN_FIFO_WORDS_PER_PAGE)

#define EVTCHN_FIFO_BIT_PENDING (1u << EVTCHN_FIFO_PENDING)
#define EVTCHN_FIFO_BIT_MASKED  (1u << EVTCHN_FIFO_MASKED)
#define EVTCHN_FIFO_BIT_LINKED  (1u << EVTCHN_FIFO_LINKED)
#define EVTCHN_FIFO_BIT_BUSY    (1u << EVTCHN_FIFO_BUSY)

struct evtchn_fifo_vcpu {
    struct lock lock;            /* the queues' tails, and linking */
    uint32_t tail[EVTCHN_FIFO_MAX_QUEUES]; /* last port linked, 0: none; EL2's own, so trusted */
    evtchn_fifo_control_block_t *control;  /* guest page, referenced; NULL: none yet. Atomic */
};

struct evtchn_fifo {
    event_word_t *words[EVTCHN_FIFO_PAGES_MAX]; /* guest pages, referenced; NULL: none yet */
    unsigned pages;              /* event lock */
    unsigned freed;              /* of pages, and of the vCPUs' control blocks behind them */
    /* Ports below have lost their 2-level word, are FIFO ports, know their word; event lock. */
    evtchn_port_t unwired, converted, wired;
    struct evtchn_fifo_vcpu vcpu[]; /* [vcpu_max] */
};

/* EVTCHNOP_init_control, expand_array on d. 0, -ENOENT, -EINVAL, -ENOSPC, -ENOMEM, -EOPNOTSUPP (no
 * control block yet), -ERESTART: bounded, to be called again with `progress` as it is now. At
 * first it is 0, then what was made: the control block (1), the array's page number so and so. */
int evtchn_fifo_init_control(struct domain *d, const struct evtchn_init_control *op,
                             unsigned *progress);
int evtchn_fifo_expand_array(struct domain *d, uint64_t gfn, unsigned *progress);
/* Back to 2-level, while no port is open; event lock held. 0, -ERESTART: some pages are left. */
int evtchn_fifo_destroy(struct domain *d);

/* Prepares delivery for a port that is not bound yet. Event lock held. */
void evtchn_fifo_wire(struct evtchn *c);
/* Has the guest still got the port on a queue? Event lock held. */
bool evtchn_fifo_is_linked(const struct evtchn *c);
/* PENDING has just been set in the word, and neither MASKED nor LINKED was: links the event. */
struct vcpu *evtchn_fifo_raised(struct evtchn *c, uint32_t *word);
/* The port has no word yet. */
struct vcpu *evtchn_fifo_raise_early(struct evtchn *c);
struct vcpu *evtchn_fifo_unmask(struct evtchn *c, uint32_t *word);

#endif
