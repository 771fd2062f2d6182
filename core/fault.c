/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Synchronous exceptions made for a guest at EL1, as the architecture would take them there (DDI
 * 0487, AArch64.TakeException), on the current vCPU: its EL1 registers are in the machine. SErrors,
 * which the CPU delivers when the guest lets it.
 */
#include "core/domain.h"
#include "core/trap.h"

#include "core/base/log.h"

/* Offset in VBAR_EL1 of the synchronous vector for an exception from this PSTATE. */
static uint64_t fault_vector(uint64_t pstate)
{
    uint64_t mode = pstate & (PSTATE_AARCH32 | PSTATE_MODE);

    if (mode & PSTATE_AARCH32)
        return 0x600;
    return mode == PSTATE_EL1H ? 0x200 : mode == PSTATE_EL1T ? 0 : 0x400;
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

void vcpu_inject_undefined(void) { fault_take((uint64_t)EC_UNKNOWN << ESR_EC_SHIFT | ESR_IL); }

/* The level of the stage 1 lookup, made for va, whose descriptor is in the page of `at`: a walk
 * like the CPU's (DDI 0487, AArch64.S1Walk). */
static unsigned fault_walk_level(uint64_t va, uint64_t at)
{
    static const uint8_t granule[2][4] = { { 12, 16, 14, 12 }, { 12, 14, 12, 16 } };
    bool upper = va & BIT(55);
    uint64_t tcr = hw_sysreg_read(TCR_EL1) >> (upper ? 16 : 0);
    unsigned shift = granule[upper][BITS_GET(tcr, 15, 14)];
    unsigned bits = 64 - MAX((unsigned)BITS_GET(tcr, 5, 0), 12u);
    unsigned level = 4 - (bits - 4) / (shift - 3);
    uint64_t table = upper ? hw_sysreg_read(TTBR1_EL1) : hw_sysreg_read(TTBR0_EL1);

    for (va &= BIT(bits) - 1; level < 3; level++) {
        unsigned low = shift + (3 - level) * (shift - 3);
        uint64_t index = (va >> low) & (BIT(shift - 3) - 1);
        uint64_t entry = (BITS_GET(table, 47, 1) << 1) + index * sizeof(uint64_t);
        const char *page = (entry ^ at) < PAGE_SIZE ? NULL :
                           stage2_ram_ptr(&vcpu_current()->domain->s2, entry >> PAGE_SHIFT, false);

        if (!page)
            break;
        table = *(const uint64_t *)(page + (entry & (PAGE_SIZE - 8))) & ~(BIT(shift) - 1);
    }
    return level & 3;
}

/* What stage 2 found, as stage 1 or the bus would have told it. */
static uint64_t fault_status(uint64_t esr)
{
    if (ABT_FSC(esr) == FSC_ALIGNMENT)
        return FSC_ALIGNMENT;
    if (!(esr & ABT_S1PTW))
        return FSC_EXTERNAL;
    return FSC_EXTERNAL_WALK | fault_walk_level(hw_sysreg_read(FAR_EL2), trap_fault_ipa().v);
}

/* The class of an abort from EL1 itself is the next one (DDI 0487, ESR_EL1.EC). */
void vcpu_inject_abort(uint64_t esr)
{
    uint64_t pstate = hw_sysreg_read(SPSR_EL2);
    bool is_from_el1 = !(pstate & PSTATE_AARCH32) && (pstate & PSTATE_MODE) != PSTATE_EL0T;
    uint64_t iss = fault_status(esr) |
                   (ESR_EC(esr) == EC_DABT_LOW ? esr & (DABT_WNR | DABT_CM) : 0);

    hw_sysreg_write(FAR_EL1, hw_sysreg_read(FAR_EL2));
    fault_take((ESR_EC(esr) + is_from_el1) << ESR_EC_SHIFT | ESR_IL | iss);
}

void vcpu_serror_raise(struct vcpu *v, uint64_t esr, uint64_t pc)
{
    log_guest("d%uv%u: SError (asynchronous external abort): ESR %lx PC %lx\n", v->domain->id,
              v->id, esr, pc);
    v->serror = HCR_VSE;
    v->vsesr = ESR_ISS(esr);
}

/* VSESR_EL2, which old assemblers do not know, is there with RAS; without it the CPU chooses what
 * the guest's ESR_EL1 says. */
void vcpu_serror_load(const struct vcpu *v)
{
    uint64_t serror = v->serror;

    hw_sysreg_write(HCR_EL2, v->hcr | serror);
    if (unlikely(serror) && BITS_GET(hw_sysreg_read(ID_AA64PFR0_EL1), 31, 28))
        hw_sysreg_write(S3_4_C5_C2_3, v->vsesr);
}
