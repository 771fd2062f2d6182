/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * __HYPERVISOR_vm_assist (Xen public xen.h): of its switches, arm has the runstate update flag.
 */
#include "core/base/errors.h"
#include "core/domain.h"
#include "core/hypercall.h"

int64_t vm_assist_hypercall(uint64_t cmd, uint64_t type, uint64_t, uint64_t, uint64_t)
{
    cmd = (uint32_t)cmd;
    type = (uint32_t)type;
    if (cmd != VMASST_CMD_enable && cmd != VMASST_CMD_disable)
        return -ENOSYS;
    if (type != VMASST_TYPE_runstate_update_flag)
        return -EINVAL;
    domain_current()->runstate_update_flag = cmd == VMASST_CMD_enable;
    return 0;
}
