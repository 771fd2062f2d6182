/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Read-modify-write of memory that a guest can write at the same time. A guest that keeps storing
 * to the same granule can make every exclusive store fail (DDI 0487, Load-Exclusive and
 * Store-Exclusive), so each of these gives up after a number of attempts that honest contention
 * does not reach, and says so: false, nothing changed. Each acquires and releases; a load that must
 * come after one is an acquire, too.
 */
#ifndef CORE_GUEST_ATOMIC_H
#define CORE_GUEST_ATOMIC_H

#include "core/base/hw.h"

#define GUEST_ATOMIC_TRIES 512u

#define GUEST_ATOMIC_OP(name, type, attempt) \
    static inline bool name(type *p, type arg, type *old) \
    { \
        if (likely(attempt(p, arg, old))) \
            return true; \
        for (unsigned i = 1; i < GUEST_ATOMIC_TRIES; i++) \
            if (attempt(p, arg, old)) \
                return true; \
        return false; \
    }

/* *p |= arg, *p &= arg; *old is the value before. */
GUEST_ATOMIC_OP(guest_atomic_or32, uint32_t, hw_try_or32)
GUEST_ATOMIC_OP(guest_atomic_and32, uint32_t, hw_try_and32)
GUEST_ATOMIC_OP(guest_atomic_or64, uint64_t, hw_try_or64)
#undef GUEST_ATOMIC_OP

#endif
