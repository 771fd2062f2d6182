/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * __HYPERVISOR_vcpu_op (Xen public vcpu.h). On arm vCPUs come up by PSCI, so only the registration
 * of shared areas and the periodic-timer refusals are here.
 */
#include "core/base/errors.h"
#include "core/domain.h"
#include "core/hypercall.h"
#include "mm/guest_mem.h"

int64_t vcpu_hypercall(uint64_t cmd, uint64_t id, uint64_t arg, uint64_t, uint64_t)
{
    struct vcpu *v = domain_vcpu(domain_current(), (uint32_t)id);
    bool is_info = (uint32_t)cmd == VCPUOP_register_vcpu_info;
    union {
        struct vcpu_register_vcpu_info info;
        struct vcpu_register_runstate_memory_area area;
    } r;

    if (!v)
        return -ENOENT;
    if (!is_info && (uint32_t)cmd != VCPUOP_register_runstate_memory_area)
        return -ENOSYS;
    if (guest_mem_read(&r, gva(arg), is_info ? sizeof(r.info) : sizeof(r.area)))
        return -EFAULT;
    return is_info ? vcpu_info_register(v, r.info.mfn, r.info.offset)
                   : vcpu_runstate_register(v, gva(r.area.addr.p));
}
