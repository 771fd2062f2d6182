/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 2-level delivery (Xen public xen.h, shared_info and vcpu_info): a pending and a mask bit for
 * each port, a selector bit for each 64 ports. Inside a section (evtchn_port.h) or with the event
 * lock held. Results: the vCPU that needs its upcall, or NULL.
 */
#ifndef CORE_EVTCHN_2L_H
#define CORE_EVTCHN_2L_H

#include "core/evtchn_port.h"
#include "core/guest_atomic.h"

#define EVTCHN_2L_MASK_WORDS \
    ((offsetof(shared_info_t, evtchn_mask) - offsetof(shared_info_t, evtchn_pending)) / 4)

/* Prepares delivery for a port that is not bound yet. Event lock held. */
void evtchn_2l_wire(struct evtchn *c);
/* The pending bit has just been set: sets the selector, unless the port is masked. */
struct vcpu *evtchn_2l_raised(struct evtchn *c);
struct vcpu *evtchn_2l_unmask(struct evtchn *c, uint32_t *word);

/* The guest clears the mask, then looks at pending: this load comes after pending was set. */
static inline bool evtchn_2l_is_masked(const uint32_t *word, uint32_t bit)
{
    return __atomic_load_n(word + EVTCHN_2L_MASK_WORDS, __ATOMIC_SEQ_CST) & bit;
}

#endif
