/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's timers (DDI 0487, the Generic Timer). The virtual timer is the hardware's, the guest's
 * own: its interrupt is delivered by a hw-linked list register, and CNTV_CTL is never changed under
 * the guest while it runs; its interrupt's active state travels with the vCPU in vgic_save() and
 * vgic_load(). The physical timer (CNTP_*) is emulated with the hypervisor's timer queue.
 */
#ifndef IRQ_VTIMER_H
#define IRQ_VTIMER_H

#include "core/base/types.h"

/* Where guests have them, Dom0 too (Arm's base system architecture, PPI assignments). */
#define VTIMER_PPI_VIRTUAL 27u
#define VTIMER_PPI_PHYSICAL 30u

/* Boot CPU, once: the PPI of the machine's virtual timer; before that it is VTIMER_PPI_VIRTUAL. */
void vtimer_init(unsigned pirq);
unsigned vtimer_physical_irq(void);

/* Part of struct vcpu. */
struct vtimer {
    uint64_t cntv_ctl, cntv_cval; /* valid when not loaded; ctl without ISTATUS */
    uint64_t cntvoff;             /* of the domain: CNTVCT = CNTPCT - cntvoff */
    uint64_t cntp_ctl, cntp_cval; /* emulated; ctl without ISTATUS */
};

/* Not loaded. Both timers off. */
void vtimer_reset(struct vtimer *t, uint64_t cntvoff);
/* Switch in: after vgic_load(). */
void vtimer_load(const struct vtimer *t);
/* Switch out: before vgic_save(); stops the hardware timer. */
void vtimer_save(struct vtimer *t);
/* Not loaded, after a long time: X-Gene 1 takes a compare value more than 2^31 ticks ago for one to
 * come; there it becomes a later one that has passed, too. */
void vtimer_catch_up(struct vtimer *t);
/* Absolute CNTPCT tick at which t's virtual timer (not loaded) fires, UINT64_MAX: never; 0: has
 * fired. */
uint64_t vtimer_deadline(const struct vtimer *t);

/* The emulated physical timer; the vCPU's own accesses. now: CNTPCT ticks. */
enum vtimer_cntp_reg { VTIMER_CNTP_TVAL, VTIMER_CNTP_CTL, VTIMER_CNTP_CVAL }; /* op2 */
uint64_t vtimer_cntp_read(const struct vtimer *t, enum vtimer_cntp_reg reg, uint64_t now);
void vtimer_cntp_write(struct vtimer *t, enum vtimer_cntp_reg reg, uint64_t value, uint64_t now);
/* Its output: enabled, not masked, and the condition met. */
bool vtimer_cntp_level(const struct vtimer *t, uint64_t now);
/* Tick at which the output rises (in the past: it is high), UINT64_MAX: never. */
uint64_t vtimer_cntp_deadline(const struct vtimer *t);

#endif
