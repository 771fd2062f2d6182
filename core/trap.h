/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions from a guest that are not on the assembly's fast path. All of the guest's general
 * registers are in struct vcpu and are restored from there.
 */
#ifndef CORE_TRAP_H
#define CORE_TRAP_H

#include "core/vcpu.h"

/* True when x18 to x29 may have been rewritten in struct vcpu: otherwise they are still the guest's
 * in the registers, and are left there. */
typedef bool (*trap_handler)(struct vcpu *v, uint64_t esr);

/* Called by boot/vectors.S only: by ESR_EL2.EC, NULL: trap_undefined. esr: ESR_EL2. */
extern const trap_handler trap_table[64];
void trap_undefined(struct vcpu *v, uint64_t esr);
/* HVC #0: SMCCC (DEN 0028). Returns x0. */
int64_t trap_smccc(struct vcpu *v);
void trap_serror(struct vcpu *v);

/* A load's or MRS's result; as a trap_handler returns. reg: 31 is XZR. */
static inline bool trap_result(struct vcpu *v, unsigned reg, uint64_t value)
{
    v->x[reg] = value;
    v->x[VCPU_XREGS] = 0;
    return reg >= 18;
}

/* The IPA of an abort. */
ipa_t trap_fault_ipa(void);

/* mmio.c: a stage-2 data abort. Emulates, or injects what the architecture says. */
bool mmio_abort(struct vcpu *v, uint64_t esr);
/* A translation fault at an address that is mapped, for `prot`: the access met the moment between
 * break and make of a leaf that another CPU was replacing (mm/stage2.h). It is to be made again. */
bool mmio_is_mapped_now(struct vcpu *v, uint64_t esr, uint64_t at, uint32_t prot);
/* sysreg.c: a trapped MSR, MRS or system instruction. */
bool sysreg_trap(struct vcpu *v, uint64_t esr);
/* vpsci.c: PSCI and SMCCC calls; the PC is already past the instruction. Returns x0. */
int64_t vpsci_call(struct vcpu *v);

#endif
