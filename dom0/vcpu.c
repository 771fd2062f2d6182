/* SPDX-License-Identifier: BSD-2-Clause
 *
 * vCPUs, through the control interface. Owns no state.
 */
#include "dom0/vcpu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dom0/domctl.h"

struct maps {
    struct config_cpumap hard;
    struct config_cpumap soft;
};

static int call_affinity(struct hyper *hyper, uint32_t cmd, struct xen_domctl *op,
                         struct maps *maps)
{
    struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
    struct maps *buffer = hyper_alloc(hyper, sizeof(*buffer));
    int rc;

    if (!buffer)
        return -ENOMEM;
    *buffer = *maps;
    op->cmd = cmd;
    a->cpumap_hard.nr_bits = a->cpumap_soft.nr_bits = CONFIG_MAX_CPUS;
    set_xen_guest_handle(a->cpumap_hard.bitmap, buffer->hard.bits);
    set_xen_guest_handle(a->cpumap_soft.bitmap, buffer->soft.bits);
    rc = hyper_domctl(hyper, op);
    *maps = *buffer;
    hyper_free(hyper, buffer);
    return rc;
}

static int read_one(struct hyper *hyper, domid_t domid, uint32_t id, struct vcpu *vcpu)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_getvcpuinfo, .domain = domid};
    struct maps maps = {0};
    int rc;

    memset(vcpu, 0, sizeof(*vcpu));
    vcpu->id = id;
    op.u.getvcpuinfo.vcpu = id;
    rc = hyper_domctl(hyper, &op);
    if (rc)
        return rc;
    vcpu->online = op.u.getvcpuinfo.online;
    vcpu->running = op.u.getvcpuinfo.running;
    vcpu->blocked = op.u.getvcpuinfo.blocked;
    vcpu->cpu = op.u.getvcpuinfo.cpu;
    vcpu->cpu_time_ns = op.u.getvcpuinfo.cpu_time;
    memset(&op.u, 0, sizeof(op.u));
    op.u.vcpuaffinity.vcpu = id;
    op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT;
    rc = call_affinity(hyper, XEN_DOMCTL_getvcpuaffinity, &op, &maps);
    vcpu->hard = maps.hard;
    vcpu->soft = maps.soft;
    return rc;
}

int vcpu_list(struct purlin *session, const struct domain *domain, struct vcpu **vcpus,
              struct error *err)
{
    struct xen_domctl_getdomaininfo info;
    int rc = domctl_info(&session->hyper, (domid_t)domain->domid, &info);
    int count = 0;

    *vcpus = NULL;
    if (rc == 0 && info.max_vcpu_id != XEN_INVALID_MAX_VCPU_ID) {
        *vcpus = calloc(info.max_vcpu_id + 1, sizeof(**vcpus));
        rc = *vcpus ? 0 : -ENOMEM;
    }
    for (uint32_t id = 0; *vcpus && rc == 0 && id <= info.max_vcpu_id; id++) {
        rc = read_one(&session->hyper, (domid_t)domain->domid, id, &(*vcpus)[count]);
        count += rc == 0;
        if (rc == -ESRCH) /* a gap: that one was never made */
            rc = 0;
    }
    if (rc == 0)
        return count;
    free(*vcpus);
    *vcpus = NULL;
    if (rc == -ESRCH)
        return error_set(err, ERROR_NOT_FOUND, "%s is gone", domain->name);
    errno = -rc;
    return error_errno(err, "cannot read the vCPUs of %s", domain->name);
}

int vcpu_pin(struct purlin *session, const struct domain *domain, const struct vcpu_pin *pin,
             struct error *err)
{
    struct xen_domctl op = {.domain = (domid_t)domain->domid};
    struct maps maps = {0};
    int rc;

    op.u.vcpuaffinity.vcpu = pin->id;
    if (pin->hard) {
        op.u.vcpuaffinity.flags |= XEN_VCPUAFFINITY_HARD;
        maps.hard = *pin->hard;
    }
    if (pin->soft) {
        op.u.vcpuaffinity.flags |= XEN_VCPUAFFINITY_SOFT;
        maps.soft = *pin->soft;
    }
    rc = call_affinity(&session->hyper, XEN_DOMCTL_setvcpuaffinity, &op, &maps);
    if (rc == -EINVAL)
        return error_set(err, ERROR_USAGE, "%s: vCPU %u cannot be bound so: none of these CPUs is "
                         "there (see purlin info)", domain->name, pin->id);
    errno = -rc;
    return rc ? error_errno(err, "cannot bind vCPU %u of %s", pin->id, domain->name) : 0;
}
