/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 2-level delivery: the parts off the fast path. Everything touched is guest memory, changed with
 * bounded atomics only; nothing read from it is trusted. No lock of its own.
 */
#include "core/evtchn_2l.h"

void evtchn_2l_wire(struct evtchn *c)
{
    uint32_t bit = 1u << c->port % 32;

    WRITE_ONCE(c->rule, evtchn_rule_make(bit, bit));
    /* Little endian: 64-bit words are pairs of 32-bit ones. */
    __atomic_store_n(&c->word, (uint32_t *)c->domain->shared_info->evtchn_pending + c->port / 32,
                     __ATOMIC_RELEASE);
}

struct vcpu *evtchn_2l_raised(struct evtchn *c)
{
    struct vcpu *v = evtchn_notify(c);
    uint64_t bit = 1ul << c->port / 64, old;

    if (!v) /* no vCPU yet: it finds everything pending when it registers its vcpu_info */
        return NULL;
    if (unlikely(!guest_atomic_or64((uint64_t *)&v->info->evtchn_pending_sel, bit, &old))) {
        evtchn_unstable(c);
        return NULL;
    }
    return old & bit ? NULL : v;
}

struct vcpu *evtchn_2l_unmask(struct evtchn *c, uint32_t *word)
{
    uint32_t bit = evtchn_rule_bit(READ_ONCE(c->rule)), old;

    if (unlikely(!guest_atomic_and32(word + EVTCHN_2L_MASK_WORDS, ~bit, &old))) {
        evtchn_unstable(c);
        return NULL;
    }
    if (!(old & bit) || !(__atomic_load_n(word, __ATOMIC_SEQ_CST) & bit))
        return NULL;
    return evtchn_2l_raised(c);
}
