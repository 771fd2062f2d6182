/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's timers. The virtual timer is the hardware's, the guest's own: its interrupt is
 * delivered by a hw-linked list register, and CNTV_CTL is never changed under the guest while it
 * runs. The physical timer (CNTP_*) is emulated with the hypervisor's timer queue.
 */
#ifndef IRQ_VTIMER_H
#define IRQ_VTIMER_H

#include "core/base/types.h"

#define VTIMER_PPI_VIRTUAL 27u
#define VTIMER_PPI_PHYSICAL 30u

/* Part of struct vcpu. */
struct vtimer {
    uint64_t cntv_ctl, cntv_cval; /* valid when not loaded */
    uint64_t cntvoff;             /* of the domain */
    uint64_t cntp_ctl, cntp_cval; /* emulated */
    bool is_active;               /* the physical PPI 27 was active when switched out */
};

void vtimer_reset(struct vtimer *t, uint64_t cntvoff);
/* Switch in, out. save stops the hardware timer; returns nothing; the deadline below. */
void vtimer_load(const struct vtimer *t);
void vtimer_save(struct vtimer *t);
/* Absolute CNTPCT tick at which t (not loaded) fires, UINT64_MAX: never; 0: has fired. */
uint64_t vtimer_deadline(const struct vtimer *t);
/* Has the virtual timer (not loaded) an asserted, unmasked output? */
bool vtimer_is_asserted(const struct vtimer *t);

#endif
