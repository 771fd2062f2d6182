/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's debug registers. MDSCR_EL1 in the machine (struct hw_el1_state) is what the guest
 * wrote, without what its OS locks hold off; the machine's own locks are open. There is no debug
 * communications channel, and nothing that an external debugger would share: RAZ/WI. Touched only
 * by the CPU that the vCPU is loaded on.
 */
#include "core/debug.h"

#include "core/idregs.h"

#define MDSCR_SS BIT(0)
#define MDSCR_TDCC BIT(12)
#define MDSCR_KDE BIT(13)
#define BCR_BITS 0x00ffe1e7ul /* BT, LBN, SSC, HMC, BAS, PMC, E */
#define WCR_BITS 0x1f1ffffful /* MASK, WT, LBN, SSC, HMC, BAS, LSC, PAC, E */
#define OSLSR_OSLK BIT(1)
#define OSLSR_OSLM BIT(3)     /* the OS lock is there */
#define CLAIM_TAGS 0xfful

enum { BVR, BCR, WVR, WCR };  /* debug.value[], and op2 - 4 */
enum { LOCK_OS = 1, LOCK_DOUBLE = 2 };

static unsigned breakpoints(void) { return BITS_GET(hw_sysreg_read(ID_AA64DFR0_EL1), 15, 12) + 1; }
static unsigned watchpoints(void) { return BITS_GET(hw_sysreg_read(ID_AA64DFR0_EL1), 23, 20) + 1; }

/* B: breakpoint n, W: watchpoint n. */
#define PAIR(k, n) \
    case n: \
        hw_sysreg_write(DBG##k##VR##n##_EL1, value); \
        hw_sysreg_write(DBG##k##CR##n##_EL1, control); \
        break;
#define PAIRS(k) \
    PAIR(k, 0) PAIR(k, 1) PAIR(k, 2) PAIR(k, 3) PAIR(k, 4) PAIR(k, 5) PAIR(k, 6) PAIR(k, 7) \
    PAIR(k, 8) PAIR(k, 9) PAIR(k, 10) PAIR(k, 11) PAIR(k, 12) PAIR(k, 13) PAIR(k, 14) PAIR(k, 15)

void debug_load(const struct vcpu *v)
{
    for (unsigned n = 0; n < breakpoints(); n++) {
        uint64_t value = v->debug.value[BVR][n], control = v->debug.value[BCR][n];

        switch (n) { PAIRS(B) }
    }
    for (unsigned n = 0; n < watchpoints(); n++) {
        uint64_t value = v->debug.value[WVR][n], control = v->debug.value[WCR][n];

        switch (n) { PAIRS(W) }
    }
}

/* Something has been written: what the machine must know of it. */
static void update(struct vcpu *v)
{
    uint64_t mdscr = v->debug.mdscr;

    if (v->debug.locks)
        mdscr &= ~(MDSCR_MDE | MDSCR_KDE | MDSCR_SS);
    v->el1.mdscr = mdscr; /* for those who ask while v is loaded */
    if (mdscr & MDSCR_MDE)
        debug_load(v);
    hw_sysreg_write(MDSCR_EL1, mdscr);
}

void debug_reset(struct vcpu *v) { v->debug = (struct vcpu_debug){ .locks = LOCK_OS }; }

/* DBGBVRn_EL1 and so on: CRn 0, op2 4-7. */
static bool access_pair(struct vcpu *v, struct sysreg_access *a, unsigned kind)
{
    static const uint64_t bits[] = { ~3ul, BCR_BITS, ~3ul, WCR_BITS };
    unsigned n = SYSREG_CRM(a->reg);
    uint64_t *value = &v->debug.value[kind][n];

    if (n >= (kind < WVR ? breakpoints() : watchpoints()))
        return false;
    if (!a->is_write)
        a->value = *value;
    else /* BVR: bits 0 and 1 are there for the ID of a context */
        *value = a->value & (kind == BVR ? ~0ul : bits[kind]);
    return true;
}

static bool access_one(struct vcpu *v, struct sysreg_access *a)
{
    struct vcpu_debug *d = &v->debug;
    uint64_t w = a->value, dfr0 = idregs_read(5, 0, GIC_V2, 0, 0);

    a->value = 0;
    switch (a->reg) {
    case SYSREG(2, 0, 0, 2, 2): /* MDSCR_EL1 */
        if (a->is_write)
            d->mdscr = w & (MDSCR_SS | MDSCR_TDCC | MDSCR_KDE | MDSCR_MDE);
        a->value = d->mdscr;
        return true;
    case SYSREG(2, 0, 1, 0, 4): /* OSLAR_EL1 */
        d->locks = (uint8_t)((d->locks & ~LOCK_OS) | (w & 1));
        return a->is_write;
    case SYSREG(2, 0, 1, 1, 4): /* OSLSR_EL1 */
        a->value = OSLSR_OSLM | (d->locks & LOCK_OS ? OSLSR_OSLK : 0);
        return !a->is_write;
    case SYSREG(2, 0, 1, 3, 4): /* OSDLR_EL1 */
        if (a->is_write)
            d->locks = (uint8_t)((d->locks & ~LOCK_DOUBLE) | (w & 1) << 1);
        a->value = !!(d->locks & LOCK_DOUBLE);
        return true;
    case SYSREG(2, 0, 7, 8, 6): /* DBGCLAIMSET_EL1 */
        d->claims |= a->is_write ? w & CLAIM_TAGS : 0;
        a->value = CLAIM_TAGS;
        return true;
    case SYSREG(2, 0, 7, 9, 6): /* DBGCLAIMCLR_EL1 */
        d->claims &= (uint8_t)(a->is_write ? ~w : ~0ul);
        a->value = d->claims;
        return true;
    default:
        if (a->reg == SYSREG(2, 3, 0, 0, 0)) /* DBGDIDR, as AArch32's is named in sysreg.c */
            a->value = BITS_GET(dfr0, 23, 20) << 28 | BITS_GET(dfr0, 15, 12) << 24 |
                       BITS_GET(dfr0, 31, 28) << 20 | (dfr0 & 15) << 16 | BIT(15);
        return true;
    }
}

bool debug_access(struct vcpu *v, struct sysreg_access *a)
{
    bool is_pair = SYSREG_CRN(a->reg) == 0 && SYSREG_OP1(a->reg) == 0 && SYSREG_OP2(a->reg) >= 4;
    bool ok = is_pair ? access_pair(v, a, SYSREG_OP2(a->reg) - 4) : access_one(v, a);

    if (ok && a->is_write)
        update(v);
    return ok;
}
