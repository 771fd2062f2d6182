/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The decoding of __HYPERVISOR_grant_table_op: arrays of operations in bounded chunks, single
 * operations, continuation. For grant.c.
 */
#ifndef CORE_GRANT_OP_H
#define CORE_GRANT_OP_H

#include "core/base/types.h"

/* cmd: GNTTABOP_* and the continuation's state above; arg: guest address of `count` structures. */
int64_t grant_op_call(uint32_t cmd, uint64_t arg, uint32_t count);

#endif
