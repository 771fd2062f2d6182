/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest FP/SIMD state: restored on first use (CPTR_EL2.TFP), saved when a vCPU that used it is
 * switched out. What is in a CPU's registers after that still counts when the same vCPU returns.
 */
#ifndef CORE_FPSIMD_H
#define CORE_FPSIMD_H

#include "core/vcpu.h"

void fpsimd_load(struct vcpu *v);  /* vcpu_load: sets CPTR_EL2 */
void fpsimd_save(struct vcpu *v);  /* vcpu_save */
bool fpsimd_trap(struct vcpu *v, uint64_t); /* ESR_EL2.EC 0x07: first use since load */

#endif
