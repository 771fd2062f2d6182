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
    struct domain *d = domain_current();
    struct vcpu *v;

    cmd = (uint32_t)cmd;
    id = (uint32_t)id;
    if (id >= d->vcpu_max || !d->vcpu[id])
        return -ENOENT;
    v = d->vcpu[id];
    switch (cmd) {
    case VCPUOP_register_vcpu_info:
        return vcpu_op_info(v, gva(arg));
    case VCPUOP_register_runstate_memory_area:
        return vcpu_op_runstate(v, gva(arg));
    default:
        return -ENOSYS;
    }
}
