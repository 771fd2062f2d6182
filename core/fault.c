/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Synchronous exceptions made for a guest at EL1, as the architecture would take them there (DDI
 * 0487, AArch64.TakeException). Works on the current vCPU: its EL1 registers are in the machine.
 */
#include "core/vcpu.h"

#include "core/base/sysreg_bits.h"

/* Offset in VBAR_EL1 of the synchronous vector for an exception from this PSTATE. */
static uint64_t fault_vector(uint64_t pstate)
{
    if (pstate & PSTATE_AARCH32)
        return 0x600;
    switch (pstate & PSTATE_MODE) {
    case PSTATE_EL1H:
        return 0x200;
    case PSTATE_EL1T:
        return 0x000;
    default:
        return 0x400;
    }
}

/* What is not named becomes 0: UAO, SS, IL, BTYPE; and TCO, as guests have no MTE. */
static uint64_t fault_pstate(uint64_t pstate, uint64_t sctlr)
{
    uint64_t next = PSTATE_EL1H | PSTATE_D | PSTATE_A | PSTATE_I | PSTATE_F;

    next |= pstate & (PSTATE_NZCV | PSTATE_PAN | PSTATE_DIT);
    if (!(sctlr & SCTLR_EL1_SPAN))
        next |= PSTATE_PAN;
    if (sctlr & SCTLR_EL1_DSSBS)
        next |= PSTATE_SSBS;
    return next;
}

static void fault_take(uint64_t esr)
{
    uint64_t pstate = hw_sysreg_read(SPSR_EL2);

    hw_sysreg_write(ELR_EL1, hw_sysreg_read(ELR_EL2));
    hw_sysreg_write(SPSR_EL1, pstate);
    hw_sysreg_write(ESR_EL1, esr);
    hw_sysreg_write(ELR_EL2, hw_sysreg_read(VBAR_EL1) + fault_vector(pstate));
    hw_sysreg_write(SPSR_EL2, fault_pstate(pstate, hw_sysreg_read(SCTLR_EL1)));
}

void vcpu_inject_undefined(void)
{
    fault_take((uint64_t)EC_UNKNOWN << ESR_EC_SHIFT | ESR_IL);
}

/* The class of an abort from EL1 itself is the next one (DDI 0487, ESR_EL1.EC). */
void vcpu_inject_abort(unsigned ec_low, uint64_t far, uint64_t iss)
{
    uint64_t pstate = hw_sysreg_read(SPSR_EL2);
    bool is_from_el1 = !(pstate & PSTATE_AARCH32) && (pstate & PSTATE_MODE) != PSTATE_EL0T;

    hw_sysreg_write(FAR_EL1, far);
    fault_take((uint64_t)(ec_low + is_from_el1) << ESR_EC_SHIFT | ESR_IL | iss);
}
