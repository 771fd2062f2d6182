/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shared grant entry's flags: guest memory, changed with bounded atomics only. Refuses to know
 * what the grant is used for. The active entry's lock is held by the caller.
 */
#include "core/grant_entry.h"

#include "core/base/log.h"

/* Flags and domain id are one 32-bit word (grant_entry_v1), little endian. */
#define WORD_DOMID_SHIFT 16
/* Xen public grant_table.h lets the guest change the entry a few times meanwhile. */
#define CLAIM_TRIES 16u

static uint32_t *entry_word(grant_entry_v1_t *shared)
{
    return (uint32_t *)(void *)shared;
}

int16_t grant_entry_claim(grant_entry_v1_t *shared, bool is_used, domid_t to, uint16_t flags,
                          uint16_t mask)
{
    uint32_t *word = entry_word(shared), v = __atomic_load_n(word, __ATOMIC_RELAXED);

    for (unsigned i = 0; i < CLAIM_TRIES; i++) {
        if (!is_used && ((v & mask) != GTF_permit_access || v >> WORD_DOMID_SHIFT != to))
            return GNTST_general_error;
        if (flags & GTF_writing && v & GTF_readonly)
            return GNTST_general_error;
        /* Full barrier: the frame number is read after this, and was written before the flags. */
        if (likely(__atomic_compare_exchange_n(word, &v, v | flags, true, __ATOMIC_SEQ_CST,
                                               __ATOMIC_RELAXED)))
            return GNTST_okay;
    }
    return GNTST_general_error;
}

void grant_entry_unclaim(grant_entry_v1_t *shared, uint16_t flags)
{
    uint32_t old;

    if (unlikely(!guest_atomic_and32(entry_word(shared), ~(uint32_t)flags, &old)))
        log_guest("a grant entry stays in use: its word keeps changing\n");
}
