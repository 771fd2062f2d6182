/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * __HYPERVISOR_xsm_op (Xen public xsm/flask_op.h). There are no security labels: the tools take
 * this answer for that.
 */
#include "core/base/errors.h"
#include "core/hypercall.h"

int64_t xsm_hypercall(uint64_t arg, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4)
{
    (void)arg, (void)a1, (void)a2, (void)a3, (void)a4;
    return -ENOSYS;
}
