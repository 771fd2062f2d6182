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
static inline bool trap_result(struct vcpu *v, uint64_t reg, uint64_t value)
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
/* One access to a trapped system register: sysreg.c by a table, debug.c, pmu.c. */
struct sysreg_access {
    uint64_t value;   /* in for MSR, out for MRS */
    uint32_t reg;     /* SYSREG() */
    bool is_write;
    bool retry;       /* out: the instruction is executed again, and will not trap */
};

/* A register as ISS names it (DDI 0487, ESR_EL2, ISS encoding for EC 0x18). */
#define SYSREG(op0, op1, crn, crm, op2) \
    ((op0) << 20 | (op2) << 17 | (op1) << 14 | (crn) << 10 | (crm) << 1)
#define SYSREG_OP0(reg) BITS_GET(reg, 21, 20)
#define SYSREG_OP1(reg) BITS_GET(reg, 16, 14)
#define SYSREG_CRN(reg) BITS_GET(reg, 13, 10)
#define SYSREG_CRM(reg) BITS_GET(reg, 4, 1)
#define SYSREG_OP2(reg) BITS_GET(reg, 19, 17)

/* False: there is no such register, or no such access to it. */
typedef bool (*sysreg_fn)(struct vcpu *v, struct sysreg_access *a);
/* sysreg.c: a trapped MSR, MRS or system instruction. */
bool sysreg_trap(struct vcpu *v, uint64_t esr);
/* sysreg.c: a trapped MCR, MRC, MCRR or MRRC of AArch32 EL0; LDC or STC (DDI 0487, ESR_EL2, ISS
 * encodings for EC 0x03 to 0x06 and 0x0c). */
bool sysreg_trap_aarch32(struct vcpu *v, uint64_t esr);
bool sysreg_trap_dcc(struct vcpu *v, uint64_t esr);
/* vpsci.c: PSCI and SMCCC calls; the PC is already past the instruction. Returns x0. */
int64_t vpsci_call(struct vcpu *v);

#endif
