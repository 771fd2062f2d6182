/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The decoding of __HYPERVISOR_event_channel_op: which structure each operation takes, and who
 * may do it. evtchn.c handles the most frequent operation before it comes here.
 */
#ifndef CORE_EVTCHN_OP_H
#define CORE_EVTCHN_OP_H

#include "core/base/types.h"

/* cmd is EVTCHNOP_*, arg the guest address of its structure; the ABI's result. */
NOINLINE int64_t evtchn_op_call(uint32_t cmd, uint64_t arg);

#endif
