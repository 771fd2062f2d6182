/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * __HYPERVISOR_vcpu_op (Xen public vcpu.h). On arm vCPUs come up by PSCI, so only the registration
 * of shared areas and the periodic-timer refusals are here.
 */
#include "core/base/errors.h"
#include "core/domain.h"
#include "core/hypercall.h"
#include "mm/guest_mem.h"

static int64_t vcpu_op_info(struct vcpu *v, gva_t arg)
{
    struct vcpu_register_vcpu_info r;

    if (guest_mem_read(&r, arg, sizeof(r)))
        return -EFAULT;
    return vcpu_info_register(v, r.mfn, r.offset);
}

static int64_t vcpu_op_runstate(struct vcpu *v, gva_t arg)
{
    struct vcpu_register_runstate_memory_area r;

    if (guest_mem_read(&r, arg, sizeof(r)))
        return -EFAULT;
    return vcpu_runstate_register(v, gva(r.addr.p));
}

int64_t vcpu_hypercall(uint64_t cmd, uint64_t id, uint64_t arg, uint64_t, uint64_t)
{
    struct vcpu *v = domain_vcpu(domain_current(), (uint32_t)id);

    if (!v)
        return -ENOENT;
    switch ((uint32_t)cmd) {
    case VCPUOP_register_vcpu_info:
        return vcpu_op_info(v, gva(arg));
    case VCPUOP_register_runstate_memory_area:
        return vcpu_op_runstate(v, gva(arg));
    default:
        return -ENOSYS;
    }
}
