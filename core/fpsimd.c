/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lazy FP/SIMD switching, but for a vCPU that uses them in every turn. percpu.fp_owner names the
 * vCPU whose registers this CPU holds; vcpu.fp_cpu the CPU that holds the vCPU's newest registers
 * or an exact copy of them. Both agree, or memory is current. Touched only by the CPU that the vCPU
 * is loaded on.
 */
#include "core/fpsimd.h"

#define EAGER_TURNS 16u /* so often, after two turns in a row in which a vCPU used them */

static void fpsimd_take(struct vcpu *v, struct percpu *p)
{
    v->cptr &= ~CPTR_TFP;
    hw_sysreg_write(CPTR_EL2, v->cptr);
    hw_isb(); /* the accesses below must not trap */
    hw_fp_restore(&v->fp);
    p->fp_owner = v;
    v->fp_cpu = (int)p->id;
}

void fpsimd_load(struct vcpu *v)
{
    struct percpu *p = hw_percpu();
    bool is_here = p->fp_owner == v && v->fp_cpu == (int)p->id;

    if (!is_here && v->fp_turns > 1) {
        v->fp_turns--;
        fpsimd_take(v, p);
        return;
    }
    v->cptr = is_here ? v->cptr & ~CPTR_TFP : v->cptr | CPTR_TFP;
    hw_sysreg_write(CPTR_EL2, v->cptr);
}

void fpsimd_save(struct vcpu *v)
{
    if (v->cptr & CPTR_TFP)
        v->fp_turns = 0;
    else
        hw_fp_save(&v->fp);
}

bool fpsimd_trap(struct vcpu *v, uint64_t)
{
    v->fp_turns = v->fp_turns ? EAGER_TURNS : 1;
    fpsimd_take(v, hw_percpu());
    return false;
}
