/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-hosted debug of a guest (DDI 0487, AArch64 Self-hosted Debug): breakpoints, watchpoints,
 * software step, the OS lock. Its registers always trap, and live in struct vcpu; the machine's are
 * written only while the guest has them on (MDSCR_EL1.MDE), and never read.
 */
#ifndef CORE_DEBUG_H
#define CORE_DEBUG_H

#include "core/trap.h"

/* As at a cold reset: the OS lock is locked. Not loaded. */
void debug_reset(struct vcpu *v);
/* v is being loaded, its MDSCR_EL1 has MDE. */
void debug_load(const struct vcpu *v);
/* An access to a register with op0 2, op1 0 or 3. */
bool debug_access(struct vcpu *v, struct sysreg_access *a);

#endif
