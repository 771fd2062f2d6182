/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trapped system registers (ESR_EL2.EC 0x18), as a table by encoding. ID registers are idregs.c's,
 * debug registers debug.c's, performance monitors pmu.c's; what guests do not have is undefined.
 */
#include "core/debug.h"
#include "core/domain.h"
#include "core/idregs.h"
#include "core/pmu.h"
#include "core/trap.h"

static bool sysreg_pmu(struct vcpu *v, struct sysreg_access *a)
{
    return a->retry = pmu_trap(v);
}

static bool sysreg_actlr(struct vcpu *v, struct sysreg_access *a)
{
    a->value = v->el1.actlr;
    return true;
}

static void sysreg_sgi_send(struct vcpu *v, uint64_t value, unsigned op2)
{
    struct vgic_cpu *kick = vgic_v3_sgi(&v->vgic, value, op2);

    if (kick) {
        vcpu_kick_vgic(kick);
        vcpu_kick_others(v);
    }
}

static bool sysreg_sgi(struct vcpu *v, struct sysreg_access *a)
{
    if (!a->is_write || v->domain->vgic.version != GIC_V3)
        return false;
    sysreg_sgi_send(v, a->value, SYSREG_OP2(a->reg));
    return true;
}

/* SRE, no bypass; writes are ignored: the machine's register is every guest's. */
static bool sysreg_sre(struct vcpu *v, struct sysreg_access *a)
{
    a->value = 7;
    return v->domain->vgic.version == GIC_V3;
}

/* The emulated physical timer: its interrupt is a level that follows ISTATUS and not IMASK. */
static void sysreg_cntp_update(struct vcpu *v)
{
    uint64_t now = timer_now();
    bool level = vtimer_cntp_level(&v->vtimer, now);

    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* pairs with vcpu_cntp_fired() */
    vcpu_kick_vgic(vgic_set_level(&v->domain->vgic, &v->vgic, VTIMER_PPI_PHYSICAL, level));
    if (!level && vtimer_cntp_deadline(&v->vtimer) != UINT64_MAX)
        timer_set(&v->cntp_timer, vtimer_cntp_deadline(&v->vtimer));
    else
        timer_cancel(&v->cntp_timer);
}

static bool sysreg_cntp(struct vcpu *v, struct sysreg_access *a)
{
    enum vtimer_cntp_reg reg = SYSREG_OP2(a->reg);

    if (!a->is_write) {
        a->value = vtimer_cntp_read(&v->vtimer, reg, timer_now());
        return true;
    }
    vtimer_cntp_write(&v->vtimer, reg, a->value, timer_now());
    sysreg_cntp_update(v);
    return true;
}

static const struct { uint32_t reg; sysreg_fn fn; } sysreg_table[] = {
    { SYSREG(3, 0, 12, 11, 6), sysreg_sgi },  /* ICC_ASGI1R_EL1 */
    { SYSREG(3, 0, 12, 11, 7), sysreg_sgi },  /* ICC_SGI0R_EL1 */
    { SYSREG(3, 0, 12, 12, 5), sysreg_sre },  /* ICC_SRE_EL1 */
    { SYSREG(3, 3, 14, 2, 0), sysreg_cntp },  /* CNTP_TVAL_EL0 */
    { SYSREG(3, 3, 14, 2, 1), sysreg_cntp },  /* CNTP_CTL_EL0 */
    { SYSREG(3, 3, 14, 2, 2), sysreg_cntp },  /* CNTP_CVAL_EL0 */
    { SYSREG(3, 0, 1, 0, 1), sysreg_actlr },  /* ACTLR_EL1 */
};

/* PMCR_EL0 .. PMOVSSET_EL0 (CRn 9), PMEVCNTR/PMEVTYPER/PMCCFILTR (CRn 14, CRm 8-15). */
static bool sysreg_is_pmu(uint32_t reg)
{
    unsigned op1 = SYSREG_OP1(reg), crm = SYSREG_CRM(reg);

    if (SYSREG_CRN(reg) == 9)
        return (op1 == 3 && crm >= 12 && crm <= 14) || (op1 == 0 && crm == 14);
    return op1 == 3 && SYSREG_CRN(reg) == 14 && crm >= 8;
}

static sysreg_fn sysreg_find(uint32_t reg)
{
    for (unsigned i = 0; i < ARRAY_SIZE(sysreg_table); i++)
        if (sysreg_table[i].reg == reg)
            return sysreg_table[i].fn;
    if (SYSREG_OP0(reg) == 2 && SYSREG_OP1(reg) != 1)
        return debug_access;
    return SYSREG_OP0(reg) == 3 && sysreg_is_pmu(reg) ? sysreg_pmu : NULL;
}

static bool sysreg_is_id(uint64_t esr)
{
    /* op0 3, op1 0, CRn 0, CRm 1-7, a read: everything but Rt, op2 and CRm is fixed. */
    return (esr & 0x31fc01) == 0x300001 && BITS_GET(esr, 4, 1) - 1 < 7;
}

bool sysreg_trap(struct vcpu *v, uint64_t esr)
{
    unsigned rt = BITS_GET(esr, 9, 5);
    struct sysreg_access a;
    sysreg_fn fn;

    if (likely(sysreg_is_id(esr))) {
        vcpu_skip_instruction();
        return trap_result(v, rt, idregs_read(BITS_GET(esr, 4, 1), BITS_GET(esr, 19, 17),
                                              v->domain->vgic.version, v->domain->s2.ipa_bits,
                                              v->domain->pmu_irq));
    }
    /* ICC_SGI1R_EL1, a write: what guests do most. */
    if ((esr & (SYSREG(3, 7, 15, 15, 7) | 1)) == SYSREG(3, 0, 12, 11, 5) &&
        v->domain->vgic.version == GIC_V3) {
        sysreg_sgi_send(v, v->x[rt], 5);
        vcpu_skip_instruction();
        return false;
    }
    a = (struct sysreg_access){
        .value = v->x[rt], .is_write = !(esr & 1),
        .reg = esr & SYSREG(3, 7, 15, 15, 7),
    };
    fn = sysreg_find(a.reg);
    if (!fn || !fn(v, &a)) {
        trap_undefined(v, esr);
        return false;
    }
    if (a.retry)
        return false;
    vcpu_skip_instruction();
    return !a.is_write && trap_result(v, rt, a.value);
}
