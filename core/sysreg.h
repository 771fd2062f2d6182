/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One access of a guest to a trapped system register, and how its handlers look: in sysreg.c by a
 * table, debug.c and pmu.c for theirs.
 */
#ifndef CORE_SYSREG_H
#define CORE_SYSREG_H

#include "core/vcpu.h"

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

#endif
