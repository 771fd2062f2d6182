/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Domain control operations in typed form. Owns no state.
 */
#include "dom0/domctl.h"

#include <errno.h>
#include <string.h>

#include "dom0/sysctl.h"

static struct xen_domctl new_op(uint32_t cmd, domid_t domid)
{
    struct xen_domctl op;

    memset(&op, 0, sizeof(op));
    op.cmd = cmd;
    op.domain = domid;
    return op;
}

static int simple(struct hyper *hyper, uint32_t cmd, domid_t domid)
{
    struct xen_domctl op = new_op(cmd, domid);

    return hyper_domctl(hyper, &op);
}

int domctl_create(struct hyper *hyper, struct domctl_create *args, domid_t *domid)
{
    struct xen_domctl op = new_op(XEN_DOMCTL_createdomain, 0xffff);
    struct xen_domctl_createdomain *create = &op.u.createdomain;
    int rc;

    memcpy(create->handle, args->uuid, sizeof(create->handle));
    create->flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap |
                    (args->has_pmu ? XEN_DOMCTL_CDF_vpmu : 0);
    create->max_vcpus = args->max_vcpus;
    create->max_evtchn_port = 1023;
    create->max_grant_frames = -1;
    create->max_maptrack_frames = -1;
    create->grant_opts = XEN_DOMCTL_GRANT_version(1);
    create->arch.nr_spis = args->spis;
    create->arch.gic_version = XEN_DOMCTL_CONFIG_GIC_NATIVE;
    rc = hyper_domctl(hyper, &op);
    if (rc)
        return rc;
    *domid = op.domain;
    args->gic_version = create->arch.gic_version;
    args->clock_frequency = create->arch.clock_frequency;
    return 0;
}

int domctl_max_vcpus(struct hyper *hyper, domid_t domid, uint32_t count)
{
    struct xen_domctl op = new_op(XEN_DOMCTL_max_vcpus, domid);

    op.u.max_vcpus.max = count;
    return hyper_domctl(hyper, &op);
}

int domctl_max_memory(struct hyper *hyper, domid_t domid, uint64_t kib)
{
    struct xen_domctl op = new_op(XEN_DOMCTL_max_mem, domid);

    op.u.max_mem.max_memkb = kib;
    return hyper_domctl(hyper, &op);
}

int domctl_table_pool(struct hyper *hyper, domid_t domid, uint64_t bytes)
{
    struct xen_domctl op = new_op(XEN_DOMCTL_set_paging_mempool_size, domid);
    int rc;

    op.u.paging_mempool.size = bytes;
    rc = hyper_domctl(hyper, &op);
    return rc == -ENOSYS || rc == -EOPNOTSUPP ? 0 : rc;
}

int domctl_set_64bit(struct hyper *hyper, domid_t domid)
{
    struct xen_domctl op = new_op(XEN_DOMCTL_set_address_size, domid);

    op.u.address_size.size = 64;
    return hyper_domctl(hyper, &op);
}

int domctl_affinity(struct hyper *hyper, domid_t domid, uint32_t vcpu,
                    const struct config_cpumap *map)
{
    struct xen_domctl op = new_op(XEN_DOMCTL_setvcpuaffinity, domid);
    struct xen_domctl_vcpuaffinity *affinity = &op.u.vcpuaffinity;
    uint8_t *bits = hyper_alloc(hyper, sizeof(map->bits));
    int rc;

    if (!bits)
        return -ENOMEM;
    memcpy(bits, map->bits, sizeof(map->bits));
    affinity->vcpu = vcpu;
    affinity->flags = XEN_VCPUAFFINITY_HARD;
    affinity->cpumap_hard.nr_bits = CONFIG_MAX_CPUS;
    set_xen_guest_handle(affinity->cpumap_hard.bitmap, bits);
    rc = hyper_domctl(hyper, &op);
    hyper_free(hyper, bits);
    return rc;
}

int domctl_schedule(struct hyper *hyper, domid_t domid, uint16_t weight, uint16_t cap)
{
    struct xen_domctl op = new_op(XEN_DOMCTL_scheduler_op, domid);
    struct xen_domctl_scheduler_op *sched = &op.u.scheduler_op;
    int rc = sysctl_scheduler(hyper, &sched->sched_id);

    if (rc)
        return rc;
    sched->cmd = XEN_DOMCTL_SCHEDOP_getinfo;
    rc = hyper_domctl(hyper, &op);
    if (rc)
        return rc;
    sched->cmd = XEN_DOMCTL_SCHEDOP_putinfo;
    /* credit and credit2 have the same layout */
    if (weight)
        sched->u.credit2.weight = weight;
    sched->u.credit2.cap = cap;
    return hyper_domctl(hyper, &op);
}

int domctl_cache_flush(struct hyper *hyper, domid_t domid, uint64_t gfn, uint64_t count)
{
    struct xen_domctl op = new_op(XEN_DOMCTL_cacheflush, domid);

    op.u.cacheflush.start_pfn = gfn;
    op.u.cacheflush.nr_pfns = count;
    return hyper_domctl(hyper, &op);
}

int domctl_vuart(struct hyper *hyper, domid_t domid, uint64_t gfn, uint32_t *port)
{
    struct xen_domctl op = new_op(XEN_DOMCTL_vuart_op, domid);
    int rc;

    op.u.vuart_op.cmd = XEN_DOMCTL_VUART_OP_INIT;
    op.u.vuart_op.type = XEN_DOMCTL_VUART_TYPE_VPL011;
    op.u.vuart_op.gfn = gfn;
    rc = hyper_domctl(hyper, &op);
    *port = op.u.vuart_op.evtchn;
    return rc;
}

int domctl_boot_vcpu(struct hyper *hyper, domid_t domid, uint64_t pc, uint64_t dtb)
{
    struct xen_domctl op = new_op(XEN_DOMCTL_setvcpucontext, domid);
    struct vcpu_guest_context *context = hyper_alloc(hyper, sizeof(*context));
    int rc;

    if (!context)
        return -ENOMEM;
    memset(context, 0, sizeof(*context));
    context->flags = VGCF_online;
    context->user_regs.pc64 = pc;
    context->user_regs.x0 = dtb;
    context->user_regs.cpsr = PSR_GUEST64_INIT;
    context->sctlr = SCTLR_GUEST_INIT;
    set_xen_guest_handle(op.u.vcpucontext.ctxt, context);
    rc = hyper_domctl(hyper, &op);
    hyper_free(hyper, context);
    return rc;
}

int domctl_get_vcpu(struct hyper *hyper, domid_t domid, uint32_t vcpu,
                    struct vcpu_guest_context *context)
{
    struct xen_domctl op = new_op(XEN_DOMCTL_getvcpucontext, domid);
    struct vcpu_guest_context *buffer = hyper_alloc(hyper, sizeof(*buffer));
    int rc;

    if (!buffer)
        return -ENOMEM;
    memset(buffer, 0, sizeof(*buffer));
    op.u.vcpucontext.vcpu = vcpu;
    set_xen_guest_handle(op.u.vcpucontext.ctxt, buffer);
    rc = hyper_domctl(hyper, &op);
    if (rc == 0)
        *context = *buffer;
    hyper_free(hyper, buffer);
    return rc;
}

int domctl_set_uuid(struct hyper *hyper, domid_t domid, const uint8_t uuid[16])
{
    struct xen_domctl op = new_op(XEN_DOMCTL_setdomainhandle, domid);

    memcpy(op.u.setdomainhandle.handle, uuid, sizeof(op.u.setdomainhandle.handle));
    return hyper_domctl(hyper, &op);
}

int domctl_pause(struct hyper *hyper, domid_t domid)
{
    return simple(hyper, XEN_DOMCTL_pausedomain, domid);
}

int domctl_unpause(struct hyper *hyper, domid_t domid)
{
    return simple(hyper, XEN_DOMCTL_unpausedomain, domid);
}

int domctl_destroy(struct hyper *hyper, domid_t domid)
{
    int rc;

    do
        rc = simple(hyper, XEN_DOMCTL_destroydomain, domid);
    while (rc == -EAGAIN);
    return rc;
}

int domctl_next(struct hyper *hyper, domid_t first, struct xen_domctl_getdomaininfo *info)
{
    struct xen_domctl op = new_op(XEN_DOMCTL_getdomaininfo, first);
    int rc = hyper_domctl(hyper, &op);

    if (rc == 0)
        *info = op.u.getdomaininfo;
    return rc;
}

int domctl_info(struct hyper *hyper, domid_t domid, struct xen_domctl_getdomaininfo *info)
{
    int rc = domctl_next(hyper, domid, info);

    return rc == 0 && info->domain != domid ? -ESRCH : rc;
}

bool domctl_is_gone(struct hyper *hyper, domid_t domid)
{
    struct xen_domctl_getdomaininfo info;
    int rc = domctl_info(hyper, domid, &info);

    return rc == -ESRCH || (rc == 0 && (info.flags & XEN_DOMINF_dying));
}
