/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * __HYPERVISOR_domctl (Xen public domctl.h): dispatch, and the calls about a domain as a whole.
 * domctl_lock is held throughout: one control operation at a time in the machine.
 */
#include "core/domctl.h"

#include "core/base/errors.h"
#include "core/domain_info.h"
#include "core/ctl_bitmap.h"
#include "core/hypercall.h"
#include "core/pmu.h"
#include "core/reclaim.h"
#include "core/sched.h"
#include "core/wallclock.h"
#include "mm/guest_mem.h"

static struct lock domctl_lock = LOCK_INIT;

/* --- life and death ---------------------------------------------------------------------- */

/* Told to guests only where CNTFRQ_EL0, which they read, is not what the counter runs at. */
static uint32_t clock_frequency(void)
{
    return hw_sysreg_read(CNTFRQ_EL0) == timer_frequency_hz() ? 0 : timer_frequency_hz();
}

static int create_check(const struct xen_domctl_createdomain *c)
{
    const uint32_t kind = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap;
    uint32_t optional = XEN_DOMCTL_CDF_xs_domain | (pmu_physical_irq() ? XEN_DOMCTL_CDF_vpmu : 0);

    if (c->flags & ~optional & ~kind || (c->flags & kind) != kind)
        return -EINVAL;
    if (c->arch.gic_version != XEN_DOMCTL_CONFIG_GIC_NATIVE &&
        c->arch.gic_version != domain_info_gic(gic_info()->version))
        return -EINVAL;
    if (c->iommu_opts || c->vmtrace_size || c->arch.tee_type != XEN_DOMCTL_CONFIG_TEE_NONE ||
        c->grant_opts != 1) /* the version, and no flags */
        return -EINVAL;
    return c->cpupool_id ? -ENOENT : 0;
}

static unsigned limit_or(int32_t wanted, unsigned standard)
{
    return wanted < 0 ? standard : (unsigned)wanted;
}

static int domctl_createdomain(struct domain *, struct xen_domctl *op)
{
    struct xen_domctl_createdomain *c = &op->u.createdomain;
    struct domain_config config = {
        .id = op->domain > 0 && op->domain < DOMID_FIRST_RESERVED ? op->domain : DOMID_INVALID,
        .uuid = c->handle, .ssidref = c->ssidref, .vcpus = c->max_vcpus, .spis = c->arch.nr_spis,
        .gic = gic_info()->version, .pmu_irq = c->flags & XEN_DOMCTL_CDF_vpmu ? PMU_PPI : 0,
        .max_evtchn_port = c->max_evtchn_port,
        .max_grant_frames = limit_or(c->max_grant_frames, GRANT_FRAMES_DEFAULT),
        .max_maptrack_frames = limit_or(c->max_maptrack_frames, GRANT_MAPTRACK_FRAMES_DEFAULT),
    };
    struct domain *d;
    int rc = create_check(c);

    if (!rc)
        rc = domain_create(&config, &d);
    if (rc)
        return rc;
    op->domain = d->id;
    c->arch.gic_version = domain_info_gic(config.gic);
    c->arch.clock_frequency = clock_frequency();
    return 0;
}

static int domctl_destroydomain(struct domain *d, struct xen_domctl *)
{
    int rc = domain_kill(d);

    return rc ? rc : domain_relinquish(d);
}

static int domctl_pausedomain(struct domain *d, struct xen_domctl *)
{
    if (d->paused_by_tools == UINT8_MAX)
        return -EOVERFLOW;
    d->paused_by_tools++;
    domain_pause(d);
    return 0;
}

static int domctl_unpausedomain(struct domain *d, struct xen_domctl *)
{
    if (!d->paused_by_tools)
        return -EINVAL;
    lock_acquire(&d->lock);
    if (d->state == DOMAIN_BUILDING && d->paused_by_tools == 1)
        d->state = DOMAIN_RUNNING;
    lock_release(&d->lock);
    d->paused_by_tools--;
    domain_unpause(d);
    return 0;
}

static int domctl_resumedomain(struct domain *d, struct xen_domctl *) { return domain_resume(d); }

/* --- what it is --------------------------------------------------------------------------- */

static int domctl_getdomaininfo(struct domain *, struct xen_domctl *op)
{
    struct domain *d = domain_next(op->domain);

    if (!d)
        return -ESRCH;
    domain_info_get(d, &op->u.getdomaininfo);
    op->domain = d->id;
    return 0;
}

static int domctl_setdomainhandle(struct domain *d, struct xen_domctl *op)
{
    memcpy(d->uuid, op->u.setdomainhandle.handle, sizeof(d->uuid));
    return 0;
}

static int domctl_settimeoffset(struct domain *d, struct xen_domctl *op)
{
    d->time_offset_s = op->u.settimeoffset.time_offset_seconds;
    wallclock_publish(d);
    return 0;
}

/* Set and get. */
static int domctl_address_size(struct domain *, struct xen_domctl *op)
{
    if (op->cmd == XEN_DOMCTL_get_address_size)
        op->u.address_size.size = 64;
    return op->u.address_size.size == 64 ? 0 : -EINVAL;
}

/* One NUMA node, 0. */
static int domctl_setnodeaffinity(struct domain *, struct xen_domctl *op)
{
    uint64_t nodes;
    int rc = ctl_bitmap_read(&nodes, &op->u.nodeaffinity.nodemap);

    return rc || nodes & 1 ? rc : -EINVAL;
}

static int domctl_getnodeaffinity(struct domain *, struct xen_domctl *op)
{
    return ctl_bitmap_write(&op->u.nodeaffinity.nodemap, 1);
}

static int domctl_scheduler_op(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_scheduler_op *s = &op->u.scheduler_op;

    if (s->sched_id != XEN_SCHEDULER_CREDIT2)
        return -EINVAL;
    switch (s->cmd) {
    case XEN_DOMCTL_SCHEDOP_getinfo:
        s->u.credit2.weight = (uint16_t)d->sched_weight;
        s->u.credit2.cap = (uint16_t)d->sched_cap;
        return 0;
    case XEN_DOMCTL_SCHEDOP_putinfo:
        if (s->u.credit2.cap != d->sched_cap)
            sched_cap_set(d, s->u.credit2.cap);
        return s->u.credit2.weight ? sched_weight_set(d, s->u.credit2.weight) : 0;
    default:
        return -EOPNOTSUPP;
    }
}

/* Devices belong to Dom0: nothing to take away, and giving is not implemented. */
static int domctl_permission(struct domain *, struct xen_domctl *op)
{
    bool gives = op->cmd == XEN_DOMCTL_irq_permission ? op->u.irq_permission.allow_access
                                                      : op->u.iomem_permission.allow_access;

    return gives ? -EOPNOTSUPP : 0;
}

/* A guest's first instruction may use the UART, so it comes before that. */
static int domctl_vuart_op(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vuart_op *u = &op->u.vuart_op;
    int port;

    if (u->cmd != XEN_DOMCTL_VUART_OP_INIT || u->type != XEN_DOMCTL_VUART_TYPE_VPL011 ||
        u->pad[0] || u->pad[1])
        return -EINVAL;
    if (d->state != DOMAIN_BUILDING)
        return -EPERM;
    port = vpl011_init(d, u->gfn, u->console_domid);
    if (port < 0)
        return port;
    u->evtchn = (evtchn_port_t)port;
    return 0;
}

/* --- dispatch ----------------------------------------------------------------------------- */

enum {
    NO_DOMAIN = 1, /* finds or makes its domain itself */
    ANSWERS = 2,   /* the structure goes back to the caller on success */
    ALIVE = 4,     /* not for a dying domain: works on what is being taken apart */
    OTHER = 8,     /* not for the caller's own */
};

static const struct {
    domctl_fn fn;
    uint8_t flags;
} domctl_ops[] = {
    [XEN_DOMCTL_createdomain] = { domctl_createdomain, NO_DOMAIN | ANSWERS },
    [XEN_DOMCTL_destroydomain] = { domctl_destroydomain, OTHER },
    [XEN_DOMCTL_pausedomain] = { domctl_pausedomain, OTHER },
    [XEN_DOMCTL_unpausedomain] = { domctl_unpausedomain, 0 },
    [XEN_DOMCTL_resumedomain] = { domctl_resumedomain, OTHER },
    [XEN_DOMCTL_getdomaininfo] = { domctl_getdomaininfo, NO_DOMAIN | ANSWERS },
    [XEN_DOMCTL_setdomainhandle] = { domctl_setdomainhandle, 0 },
    [XEN_DOMCTL_settimeoffset] = { domctl_settimeoffset, ALIVE },
    [XEN_DOMCTL_set_address_size] = { domctl_address_size, 0 },
    [XEN_DOMCTL_get_address_size] = { domctl_address_size, ANSWERS },
    [XEN_DOMCTL_setnodeaffinity] = { domctl_setnodeaffinity, 0 },
    [XEN_DOMCTL_getnodeaffinity] = { domctl_getnodeaffinity, 0 },
    [XEN_DOMCTL_scheduler_op] = { domctl_scheduler_op, ANSWERS },
    [XEN_DOMCTL_max_vcpus] = { domctl_vcpu_create_all, ALIVE },
    [XEN_DOMCTL_setvcpucontext] = { domctl_vcpu_set_context, ALIVE },
    [XEN_DOMCTL_getvcpucontext] = { domctl_vcpu_get_context, ALIVE | OTHER },
    [XEN_DOMCTL_getvcpuinfo] = { domctl_vcpu_get_info, ANSWERS },
    [XEN_DOMCTL_setvcpuaffinity] = { domctl_vcpu_affinity, ALIVE },
    [XEN_DOMCTL_getvcpuaffinity] = { domctl_vcpu_affinity, 0 },
    [XEN_DOMCTL_max_mem] = { domctl_memory_max, 0 },
    [XEN_DOMCTL_set_paging_mempool_size] = { domctl_memory_set_pool, ALIVE },
    [XEN_DOMCTL_get_paging_mempool_size] = { domctl_memory_get_pool, ALIVE | ANSWERS },
    [XEN_DOMCTL_cacheflush] = { domctl_memory_cacheflush, ALIVE },
    [XEN_DOMCTL_iomem_permission] = { domctl_permission, 0 },
    [XEN_DOMCTL_irq_permission] = { domctl_permission, 0 },
    [XEN_DOMCTL_vuart_op] = { domctl_vuart_op, ALIVE | ANSWERS },
};

static int dispatch(struct xen_domctl *op)
{
    uint8_t flags = domctl_ops[op->cmd].flags;
    struct domain *d = NULL;

    if (!(flags & NO_DOMAIN)) {
        d = domain_by_id(op->domain);
        if (!d || (flags & ALIVE && d->state >= DOMAIN_DYING))
            return -ESRCH;
        if (flags & OTHER && d == domain_current())
            return -EINVAL;
    }
    return domctl_ops[op->cmd].fn(d, op);
}

int64_t domctl_hypercall(uint64_t arg, uint64_t, uint64_t, uint64_t, uint64_t)
{
    struct xen_domctl op;
    struct vcpu *v = vcpu_current();
    int rc;

    if (!domain_current()->is_privileged)
        return -EPERM;
    if (v->awaits_memory && reclaim_wait())
        return hypercall_continue(1, arg, 0, 0);
    if (guest_mem_read(&op, gva(arg), sizeof(op)))
        return -EFAULT;
    if (op.interface_version != XEN_DOMCTL_INTERFACE_VERSION)
        return -EACCES;
    if (op.cmd >= ARRAY_SIZE(domctl_ops) || !domctl_ops[op.cmd].fn)
        return op.cmd && op.cmd < ARRAY_SIZE(domctl_ops) ? -EOPNOTSUPP : -ENOSYS;
    lock_acquire(&domctl_lock);
    rc = dispatch(&op);
    lock_release(&domctl_lock);
    if ((rc == -ERESTART || (!rc && domctl_ops[op.cmd].flags & ANSWERS)) &&
        guest_mem_write(gva(arg), &op, sizeof(op)))
        return -EFAULT;
    v->awaits_memory = rc == -ENOMEM && reclaim_progress();
    return rc == -ERESTART || v->awaits_memory ? hypercall_continue(1, arg, 0, 0) : rc;
}
