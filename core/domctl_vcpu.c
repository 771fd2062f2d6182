/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The domctl calls about vCPUs (Xen public domctl.h). Under domctl's lock.
 */
#include "core/base/errors.h"
#include "core/ctl_bitmap.h"
#include "core/domctl.h"
#include "core/sched.h"
#include "mm/guest_mem.h"

#define CREATE_CHUNK 2u /* vCPUs made in one chunk, of some 6,000 instructions each */

int domctl_vcpu_create_all(struct domain *d, struct xen_domctl *op)
{
    unsigned made = 0;

    if (op->u.max_vcpus.max != d->vcpu_max || d->state != DOMAIN_BUILDING)
        return -EINVAL;
    for (unsigned id = 0; id < d->vcpu_max; id++) {
        int rc;

        if (d->vcpu[id])
            continue;
        if (made++ == CREATE_CHUNK)
            return -ERESTART;
        rc = vcpu_create(d, id);
        if (rc)
            return rc;
    }
    return 0;
}

/* Its registers must be in struct vcpu: of a vCPU that is paused or off they soon are. */
static int check_unloaded(const struct vcpu *v)
{
    if (!sched_is_loaded(v))
        return 0;
    return v->sched.pause_count || v->sched.state == VCPU_OFFLINE ? -ERESTART : -EBUSY;
}

int domctl_vcpu_set_context(struct domain *d, struct xen_domctl *op)
{
    struct vcpu *v = domain_vcpu(d, op->u.vcpucontext.vcpu);
    vcpu_guest_context_t c;
    int rc;

    if (!v)
        return -EINVAL;
    if (!op->u.vcpucontext.ctxt.p)
        return -EOPNOTSUPP;
    rc = check_unloaded(v);
    if (rc)
        return rc;
    if (guest_mem_read_handle(&c, op->u.vcpucontext.ctxt, 0))
        return -EFAULT;
    rc = vcpu_context_set(v, &c);
    if (!rc)
        (v->is_online ? sched_vcpu_online : sched_vcpu_offline)(v);
    return rc;
}

int domctl_vcpu_get_context(struct domain *d, struct xen_domctl *op)
{
    struct vcpu *v = domain_vcpu(d, op->u.vcpucontext.vcpu);
    vcpu_guest_context_t c;
    int rc;

    if (!v)
        return -EINVAL;
    if (!v->is_initialised)
        return -ENODATA;
    rc = check_unloaded(v);
    if (rc)
        return rc;
    vcpu_context_get(v, &c);
    return guest_mem_write_handle(op->u.vcpucontext.ctxt, 0, &c) ? -EFAULT : 0;
}

int domctl_vcpu_get_info(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_getvcpuinfo *info = &op->u.getvcpuinfo;
    struct vcpu *v = domain_vcpu(d, info->vcpu);
    enum vcpu_state state;

    if (!v)
        return info->vcpu < d->vcpu_max ? -ESRCH : -EINVAL;
    state = READ_ONCE(v->sched.state);
    info->online = v->is_online;
    info->blocked = state == VCPU_BLOCKED;
    info->running = state == VCPU_RUNNING;
    info->cpu_time = sched_vcpu_runtime_ns(v);
    info->cpu = v->sched.cpu;
    return 0;
}

/* In: the masks asked for, of setvcpuaffinity; out: what takes effect (Xen public domctl.h). */
int domctl_vcpu_affinity(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
    bool is_hard = a->flags & XEN_VCPUAFFINITY_HARD, is_soft = a->flags & XEN_VCPUAFFINITY_SOFT;
    struct vcpu *v = domain_vcpu(d, a->vcpu);
    uint64_t hard, soft;
    int rc = 0;

    if (!v)
        return a->vcpu < d->vcpu_max ? -ESRCH : -EINVAL;
    if (!is_hard && !is_soft)
        return -EINVAL;
    hard = v->sched.affinity_hard;
    soft = v->sched.affinity_soft;
    if (op->cmd == XEN_DOMCTL_setvcpuaffinity) {
        if (is_hard)
            rc = ctl_bitmap_read(&hard, &a->cpumap_hard);
        if (!rc && is_soft)
            rc = ctl_bitmap_read(&soft, &a->cpumap_soft);
        if (!rc)
            rc = sched_affinity_set(v, hard, soft);
        hard &= percpu_all();
        soft &= hard;
    }
    if (!rc && is_hard)
        rc = ctl_bitmap_write(&a->cpumap_hard, hard);
    if (!rc && is_soft)
        rc = ctl_bitmap_write(&a->cpumap_soft, soft);
    return rc;
}
