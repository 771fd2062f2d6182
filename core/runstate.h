/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vCPU's run states over time (Xen public vcpu.h, RUNSTATE_*).
 */
#ifndef CORE_RUNSTATE_H
#define CORE_RUNSTATE_H

#include "core/vcpu.h"

/* v is in RUNSTATE_x from now on; called by sched.c under the run queue's lock. */
void runstate_change(struct vcpu *v, int state);

#endif
