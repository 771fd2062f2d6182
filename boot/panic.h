/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end: panic() of core/base/assert.h and exceptions taken from EL2 itself.
 */
#ifndef BOOT_PANIC_H
#define BOOT_PANIC_H

#include "core/base/types.h"

/* Written by vectors.S; offsets in boot/el2_regs.h. */
struct panic_frame {
    uint64_t x[31], sp;
    uint64_t elr, spsr, esr, far;
    uint64_t vector; /* 0-3: with SP_EL0, 4-7: with SP_EL2; sync, IRQ, FIQ, SError */
    uint64_t pad;
};

_Noreturn void panic_exception(const struct panic_frame *f);

#endif
