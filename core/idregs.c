/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ID registers for guests, from one table: which fields of which register are hidden (read as
 * zero) or limited to a maximum. Written once at boot, then constant.
 */
#include "core/idregs.h"

#include "core/base/hw.h"

#define IDREGS_CRM_FIRST 1u
#define IDREGS_CRM_LAST 7u
#define IDREG(crm, op2) (((crm) - IDREGS_CRM_FIRST) * 8 + (op2))
#define IDREGS_COUNT IDREG(IDREGS_CRM_LAST + 1, 0)

enum { PFR0 = IDREG(4, 0), MMFR0 = IDREG(7, 0), DFR0 = IDREG(5, 0), AARCH32_DFR0 = IDREG(1, 2) };

static uint64_t idregs_value[IDREGS_COUNT];

/* A field of 4 bits at `low` may be at most `max` for guests. */
struct idregs_limit { uint8_t reg, low, max; };

static const struct idregs_limit idregs_limits[] = {
    { AARCH32_DFR0, 24, 6 },                      /* ID_DFR0: PerfMon, of Armv8.5 */
    { PFR0, 4, 1 }, { PFR0, 8, 0 }, { PFR0, 12, 0 }, /* EL1 64-bit only; EL2, EL3 */
    { PFR0, 24, 0 },                              /* GIC: set by idregs_read */
    { PFR0, 28, 0 }, { PFR0, 32, 0 }, { PFR0, 36, 0 }, /* RAS, SVE, SEL2 */
    { PFR0, 40, 0 }, { PFR0, 44, 0 }, { PFR0, 52, 0 }, { PFR0, 56, 1 }, /* MPAM, AMU, RME, CSV2 */
    { IDREG(4, 1), 8, 0 }, { IDREG(4, 1), 12, 0 }, /* PFR1: MTE, RAS_frac */
    { IDREG(4, 1), 16, 0 }, { IDREG(4, 1), 24, 0 }, /* MPAM_frac, SME */
    { IDREG(4, 1), 32, 0 }, { IDREG(4, 1), 36, 0 }, /* CSV2_frac, NMI */
    { IDREG(4, 1), 40, 0 }, { IDREG(4, 1), 44, 0 }, { IDREG(4, 1), 48, 0 }, /* MTE_frac, GCS, THE */
    { IDREG(4, 1), 52, 0 }, { IDREG(4, 1), 56, 0 }, { IDREG(4, 1), 60, 0 }, /* MTEX, DF2, PFAR */
    { DFR0, 0, 8 }, { DFR0, 4, 0 },               /* DFR0: Debug, Trace */
    { DFR0, 8, 6 }, { DFR0, 32, 0 },              /* PMU of Armv8.5, SPE */
    { DFR0, 40, 0 }, { DFR0, 44, 0 },             /* TraceFilt, TraceBuffer */
    { DFR0, 48, 0 }, { DFR0, 52, 0 }, { DFR0, 60, 0 }, /* MTPMU, BRBE, HPMN0 */
    { IDREG(6, 0), 24, 0 },                       /* ISAR0: TME */
    { IDREG(6, 1), 60, 0 },                       /* ISAR1: LS64 */
    { IDREG(6, 2), 16, 0 },                       /* ISAR2: MOPS */
    { MMFR0, 32, 0 }, { MMFR0, 36, 0 }, { MMFR0, 40, 0 }, /* stage-2 granules */
    { MMFR0, 56, 0 }, { MMFR0, 60, 0 },           /* FGT, ECV */
    { IDREG(7, 1), 4, 0 }, { IDREG(7, 1), 8, 0 }, /* MMFR1: VMID, VHE */
    { IDREG(7, 1), 16, 0 }, { IDREG(7, 1), 32, 0 }, { IDREG(7, 1), 40, 0 }, /* LOR, TWED, HCX */
    { IDREG(7, 2), 12, 0 }, { IDREG(7, 2), 24, 0 }, { IDREG(7, 2), 56, 0 }, /* IESB, NV, EVT */
};

/* op2 of the registers that guests see, a bit each; the others describe what is hidden, or are not
 * allocated. */
static const uint8_t idregs_shown[] = { 0xf7, 0xff, 0x57, 0x03, 0x01, 0x07, 0x07 };

#define READ(crm, op2) hw_sysreg_read(S3_0_C0_C##crm##_##op2)
#define READ_ROW(crm) \
    READ(crm, 0), READ(crm, 1), READ(crm, 2), READ(crm, 3), \
    READ(crm, 4), READ(crm, 5), READ(crm, 6), READ(crm, 7)

void idregs_init(void)
{
    const uint64_t host[] = {
        READ_ROW(1), READ_ROW(2), READ_ROW(3), READ_ROW(4), READ_ROW(5), READ_ROW(6), READ_ROW(7),
    };

    for (unsigned reg = 0; reg < IDREGS_COUNT; reg++)
        idregs_value[reg] = idregs_shown[reg / 8] >> reg % 8 & 1 ? host[reg] : 0;
    for (unsigned i = 0; i < ARRAY_SIZE(idregs_limits); i++) {
        const struct idregs_limit *l = &idregs_limits[i];
        uint64_t *v = &idregs_value[l->reg], field = (*v >> l->low) & 15;

        *v = (*v & ~(15ul << l->low)) | MIN(field, (uint64_t)l->max) << l->low;
    }
}

/* ID_AA64MMFR0_EL1.PARange: the largest that an IPA space of so many bits covers. */
static uint64_t idregs_parange(uint64_t host, unsigned ipa_bits)
{
    static const uint8_t range[53] = { [36 ... 39] = 1, [40 ... 41] = 2, [42 ... 43] = 3,
                                       [44 ... 47] = 4, [48 ... 51] = 5, [52] = 6 };

    return MIN(range[ipa_bits], host & 15);
}

uint64_t idregs_read(unsigned crm, unsigned op2, enum gic_version gic, unsigned ipa_bits,
                     unsigned has_pmu)
{
    unsigned reg = IDREG(crm, op2);
    uint64_t v = idregs_value[reg];

    switch (reg) {
    case PFR0:
        return gic == GIC_V3 ? v | 1ul << 24 : v;
    case MMFR0:
        return (v & ~15ul) | idregs_parange(v, ipa_bits);
    case DFR0:
        return has_pmu ? v : v & ~(15ul << 8);
    case AARCH32_DFR0:
        return has_pmu ? v : v & ~(15ul << 24);
    default:
        return v;
    }
}

bool sysreg_has_pauth(void)
{
    return (hw_sysreg_read(ID_AA64ISAR1_EL1) & 0xff000ff0ul) || /* GPI, GPA, API, APA */
           (hw_sysreg_read(ID_AA64ISAR2_EL1) & 0xff00);
}
