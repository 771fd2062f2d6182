/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trapped system registers (ESR_EL2.EC 0x18), as a table by encoding. ID registers are idregs.c's,
 * debug registers debug.c's, performance monitors pmu.c's; what guests do not have is undefined.
 * AArch32 programs at EL0 (EC 0x03 to 0x06, 0x0c) reach the same ones, when EL1 lets them: its
 * traps come first (DDI 0487, the registers' accessibility pseudocode).
 */
#include "core/debug.h"
#include "core/domain.h"
#include "core/idregs.h"
#include "core/pmu.h"
#include "core/trap.h"

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

/* ICC_DIR_EL1 (op2 1), and what traps with it. */
static bool sysreg_icc(struct vcpu *v, struct sysreg_access *a)
{
    if (v->domain->vgic.version != GIC_V3)
        return false;
    if (SYSREG_OP2(a->reg) != 1)
        return vgic_v3_common_access(&v->vgic, SYSREG_CRM(a->reg), &a->value, a->is_write);
    if (a->is_write)
        vcpu_kick_vgic(vgic_deactivate(&v->vgic, a->value & 0xffffff));
    return a->is_write;
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

    if (a->is_write) {
        vtimer_cntp_write(&v->vtimer, reg, a->value, timer_now());
        sysreg_cntp_update(v);
    } else {
        a->value = vtimer_cntp_read(&v->vtimer, reg, timer_now());
    }
    return true;
}

/* From EL0, on QEMU (7.2) only: there CNTHCTL_EL2.EL1PCEN is for it, too. */
static bool sysreg_cntpct(struct vcpu *, struct sysreg_access *a)
{
    a->value = hw_counter();
    return !a->is_write;
}

static const struct { uint32_t reg; sysreg_fn fn; } sysreg_table[] = {
    { SYSREG(3, 0, 12, 11, 6), sysreg_sgi },  /* ICC_ASGI1R_EL1 */
    { SYSREG(3, 0, 12, 11, 7), sysreg_sgi },  /* ICC_SGI0R_EL1 */
    { SYSREG(3, 0, 12, 12, 5), sysreg_sre },  /* ICC_SRE_EL1 */
    { SYSREG(3, 3, 14, 0, 1), sysreg_cntpct }, /* CNTPCT_EL0 */
    { SYSREG(3, 3, 14, 2, 0), sysreg_cntp },  /* CNTP_TVAL_EL0 */
    { SYSREG(3, 3, 14, 2, 1), sysreg_cntp },  /* CNTP_CTL_EL0 */
    { SYSREG(3, 3, 14, 2, 2), sysreg_cntp },  /* CNTP_CVAL_EL0 */
    { SYSREG(3, 0, 1, 0, 1), sysreg_actlr },  /* ACTLR_EL1 */
    { SYSREG(3, 0, 12, 11, 1), sysreg_icc },  /* ICC_DIR_EL1 */
    { SYSREG(3, 0, 12, 11, 3), sysreg_icc },  /* ICC_RPR_EL1 */
    { SYSREG(3, 0, 12, 12, 4), sysreg_icc },  /* ICC_CTLR_EL1 */
    { SYSREG(3, 0, 4, 6, 0), sysreg_icc },    /* ICC_PMR_EL1 */
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
    return SYSREG_OP0(reg) == 3 && sysreg_is_pmu(reg) ? pmu_access : NULL;
}

static bool sysreg_is_id(uint64_t esr)
{
    /* op0 3, op1 0, CRn 0, CRm 1-7, a read: everything but Rt, op2 and CRm is fixed. */
    return (esr & 0x31fc01) == 0x300001 && BITS_GET(esr, 4, 1) - 1 < 7;
}

/* True: the guest is to get what has been read. */
static inline bool sysreg_access(struct vcpu *v, uint64_t esr, struct sysreg_access *a)
{
    sysreg_fn fn = sysreg_find(a->reg);

    if (!fn || !fn(v, a)) {
        trap_undefined(v, esr);
        return false;
    }
    if (!a->retry)
        vcpu_skip_instruction();
    return !a->retry && !a->is_write;
}

bool sysreg_trap(struct vcpu *v, uint64_t esr)
{
    unsigned rt = BITS_GET(esr, 9, 5);
    struct sysreg_access a;

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
    a = (struct sysreg_access){ .value = v->x[rt], .is_write = !(esr & 1),
                                .reg = esr & SYSREG(3, 7, 15, 15, 7) };
    return sysreg_access(v, esr, &a) && trap_result(v, rt, a.value);
}

/* The AArch64 name of what an AArch32 access is to, from ISS; 0: none. CP14's debug registers that
 * have no counterpart at EL0 are named as if they had. */
static uint32_t sysreg_of_aarch32(uint64_t esr, unsigned op0, bool is_pair)
{
    uint32_t one = esr & SYSREG(0, 7, 15, 15, 7);

    if (!is_pair)
        return SYSREG_OP1(one) ? 0 : one | SYSREG(op0, 3, 0, 0, 0);
    switch (op0 << 8 | BITS_GET(esr, 19, 16) << 4 | BITS_GET(esr, 4, 1)) { /* Opc1, CRm */
    case 0x32e: return SYSREG(3, 3, 14, 2, 2);            /* CNTP_CVAL */
    case 0x30e: return SYSREG(3, 3, 14, 0, 1);            /* CNTPCT */
    case 0x309: return SYSREG(3, 3, 9, 13, 0);            /* PMCCNTR */
    case 0x201: case 0x202: return SYSREG(2, 3, 1, 0, 0); /* DBGDRAR, DBGDSAR */
    default: return 0;
    }
}

/* A CPU may trap without regard to the condition. That is in ISS or, with CV 0, the IT block's (DDI
 * 0487, ISS encoding for an MCR or MRC access; ConditionHolds: bit n is for NZCV n). */
static bool sysreg_is_executed(uint64_t esr)
{
    static const uint16_t holds[16] = {
        0xf0f0, 0x0f0f, 0xcccc, 0x3333, 0xff00, 0x00ff, 0xaaaa, 0x5555,
        0x0c0c, 0xf3f3, 0xaa55, 0x55aa, 0x0a05, 0xf5fa, 0xffff, 0xffff,
    };
    uint64_t pstate = hw_sysreg_read(SPSR_EL2), condition = BITS_GET(esr, 23, 20);

    if (!(esr & ISS_CV))
        condition = pstate & (PSTATE_IT_HIGH | PSTATE_IT_LOW) ? BITS_GET(pstate, 15, 12) : 14;
    return holds[condition] >> BITS_GET(pstate, 31, 28) & 1;
}

bool sysreg_trap_aarch32(struct vcpu *v, uint64_t esr)
{
    unsigned rt = BITS_GET(esr, 9, 5), rt2 = BITS_GET(esr, 14, 10), ec = ESR_EC(esr);
    bool is_pair = ec == EC_CP15_64 || ec == EC_CP14_64, is_executed = sysreg_is_executed(esr);
    struct sysreg_access a = {
        .value = (uint32_t)v->x[rt] | (is_pair ? v->x[rt2] << 32 : 0), .is_write = !(esr & 1),
        .reg = sysreg_of_aarch32(esr, ec <= EC_CP15_64 ? 3 : 2, is_pair),
    };

    if (!is_executed)
        vcpu_skip_instruction();
    if (!is_executed || !sysreg_access(v, esr, &a))
        return false;
    if (rt == VCPU_XREGS) /* APSR_nzcv, for DBGDSCRint only: it has none of these bits set */
        hw_sysreg_write(SPSR_EL2, hw_sysreg_read(SPSR_EL2) & ~PSTATE_NZCV);
    /* Both, for neither is beyond x14: r0 to r14 of EL0, or none. */
    return (is_pair && trap_result(v, rt2, a.value >> 32)) || trap_result(v, rt, (uint32_t)a.value);
}

/* LDC to DBGDTRTXint, which leads nowhere; STC of DBGDTRRXint, which is empty: UNKNOWN, so memory
 * may keep what it has, and is not touched. What is left is the base register. */
bool sysreg_trap_dcc(struct vcpu *v, uint64_t esr)
{
    uint64_t rn = BITS_GET(esr, 9, 5), base = v->x[rn], offset = BITS_GET(esr, 19, 12) << 2;
    bool is_written = esr & BIT(1) && sysreg_is_executed(esr); /* AM: pre- or post-indexed */

    vcpu_skip_instruction();
    return is_written &&
           trap_result(v, rn, (uint32_t)(esr & BIT(4) ? base + offset : base - offset));
}
