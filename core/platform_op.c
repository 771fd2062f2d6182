/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * __HYPERVISOR_platform_op (Xen public platform.h): of it, setting the wall clock. No state.
 */
#include "core/base/errors.h"
#include "core/hypercall.h"
#include "core/wallclock.h"
#include "mm/guest_mem.h"

/* The structure's layout never changed: Linux leaves its interface_version unset. */
static int64_t settime64(const struct xenpf_settime64 *t, uint64_t arg)
{
    if (t->mbz || t->nsecs >= 1000000000u)
        return -EINVAL;
    return wallclock_set(t->secs, t->nsecs, t->system_time) ? 0 : hypercall_continue(1, arg, 0, 0);
}

int64_t platform_hypercall(uint64_t arg, uint64_t, uint64_t, uint64_t, uint64_t)
{
    struct xen_platform_op op;

    if (!domain_current()->is_privileged)
        return -EPERM;
    if (guest_mem_read(&op, gva(arg), sizeof(op)))
        return -EFAULT;
    if (op.cmd == XENPF_settime64)
        return settime64(&op.u.settime64, arg);
    return op.interface_version == XENPF_INTERFACE_VERSION ? -ENOSYS : -EACCES;
}
