/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lazy FP/SIMD switching. percpu.fp_owner names the vCPU whose registers this CPU holds;
 * vcpu.fp_cpu the CPU that holds the vCPU's newest registers or an exact copy of them. Both agree,
 * or memory is current. Touched only by the CPU that the vCPU is loaded on.
 */
#include "core/fpsimd.h"

#include "core/base/sysreg_bits.h"

void fpsimd_load(struct vcpu *v)
{
    const struct percpu *p = hw_percpu();

    v->cptr |= CPTR_TFP;
    if (p->fp_owner == v && v->fp_cpu == (int)p->id)
        v->cptr &= ~CPTR_TFP;
    hw_sysreg_write(CPTR_EL2, v->cptr);
}

void fpsimd_save(struct vcpu *v)
{
    if (!(v->cptr & CPTR_TFP))
        hw_fp_save(&v->fp);
}

void fpsimd_trap(struct vcpu *v)
{
    struct percpu *p = hw_percpu();

    v->cptr &= ~CPTR_TFP;
    hw_sysreg_write(CPTR_EL2, v->cptr);
    hw_isb(); /* the accesses below must not trap */
    hw_fp_restore(&v->fp);
    p->fp_owner = v;
    v->fp_cpu = (int)p->id;
}
