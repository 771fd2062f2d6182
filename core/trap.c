/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dispatch of synchronous exceptions from guests by ESR_EL2.EC (DDI 0487, ESR_EL2). What the
 * hypervisor does not offer is an undefined instruction to the guest, as on a CPU without it.
 */
#include "core/trap.h"

#include "core/base/log.h"
#include "core/domain.h"
#include "core/fpsimd.h"
#include "core/sched.h"

void trap_undefined(struct vcpu *v, uint64_t esr)
{
    log_guest("d%uv%u: undefined at EL2: EC %lx ISS %lx PC %lx\n", v->domain->id, v->id,
              ESR_EC(esr), ESR_ISS(esr), hw_sysreg_read(ELR_EL2));
    vcpu_inject_undefined();
}

/* ISS.TI: 0 WFI, 1 WFE, 2 WFIT, 3 WFET. A wake-up earlier than asked is always allowed: those with
 * a time limit only let others run. */
static bool trap_wfx(struct vcpu *v, uint64_t esr)
{
    vcpu_skip_instruction();
    if (!(esr & 3)) {
        vcpu_wait(v);
        return true; /* to the scheduler, without saving x18-x29 again */
    }
    sched_vcpu_yield();
    return false;
}

/* An immediate that nobody has taken: HVC is undefined to this guest, at its own address. */
static bool trap_hvc(struct vcpu *v, uint64_t esr)
{
    hw_sysreg_write(ELR_EL2, hw_sysreg_read(ELR_EL2) - 4);
    trap_undefined(v, esr);
    return false;
}

static bool trap_smc(struct vcpu *v, uint64_t esr)
{
    if (esr & 0xffff) {
        vcpu_inject_undefined();
        return false;
    }
    vcpu_skip_instruction();
    v->x[0] = (uint64_t)vpsci_call(v);
    return false;
}

/* HPFAR_EL2.FIPA and the page offset. */
ipa_t trap_fault_ipa(void)
{
    uint64_t page = (hw_sysreg_read(HPFAR_EL2) & HPFAR_FIPA) << HPFAR_SHIFT;

    return ipa(page | (hw_sysreg_read(FAR_EL2) & (PAGE_SIZE - 1)));
}

static bool trap_instruction_abort(struct vcpu *v, uint64_t esr)
{
    if (mmio_is_mapped_now(v, esr, trap_fault_ipa().v, STAGE2_X))
        return false;
    log_guest("d%uv%u: instruction abort: IPA %lx PC %lx ESR %lx\n", v->domain->id, v->id,
              trap_fault_ipa().v, hw_sysreg_read(ELR_EL2), esr);
    /* With nothing at its own vectors either the guest would fault for ever. */
    if (hw_sysreg_read(VBAR_EL1) == 0) {
        domain_crash(v->domain, "vCPU %u runs where no memory is (IPA %lx) and has no vectors",
                     v->id, trap_fault_ipa().v);
        return false;
    }
    vcpu_inject_abort(esr);
    return false;
}

static bool trap_illegal(struct vcpu *v, uint64_t)
{
    domain_crash(v->domain, "vCPU %u: illegal execution state, PC %lx PSTATE %lx", v->id,
                 hw_sysreg_read(ELR_EL2), hw_sysreg_read(SPSR_EL2));
    return false;
}

const trap_handler trap_table[64] = {
    [EC_WFX] = trap_wfx, [EC_FP] = fpsimd_trap, [EC_ILLEGAL] = trap_illegal, [EC_HVC64] = trap_hvc,
    [EC_SMC64] = trap_smc, [EC_SYSREG] = sysreg_trap, [EC_IABT_LOW] = trap_instruction_abort,
    [EC_DABT_LOW] = mmio_abort,
    [EC_CP15_32 ... EC_CP14_32] = sysreg_trap_aarch32, [EC_CP14_LS] = sysreg_trap_dcc,
    [EC_CP14_64] = sysreg_trap_aarch32,
};

int64_t trap_smccc(struct vcpu *v)
{
    v->counts.traps[EC_HVC64]++;
    return vpsci_call(v);
}

void trap_serror(struct vcpu *v)
{
    vcpu_serror_raise(v, hw_sysreg_read(ESR_EL2), hw_sysreg_read(ELR_EL2));
    vcpu_serror_load(v);
}
