/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Generators of the control interface's calls: a tool that may make them, and does it badly.
 */
#include "core/base/purlin_abi.h"
#include "core/base/xen_abi.h"
#include "tests/fuzz/hypercall_gen.h"

static void put_create(struct gen *g, struct xen_domctl *op)
{
    struct xen_domctl_createdomain *c = &op->u.createdomain;

    op->domain = fuzz_rarely(g->in, 2) ? (domid_t)fuzz_below(g->in, 8) : 0;
    c->flags = fuzz_rarely(g->in, 16) ? fuzz_u32(g->in) : XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap;
    c->max_vcpus = gen_small(g, 4);
    c->max_evtchn_port = gen_small(g, 255);
    c->max_grant_frames = (int32_t)gen_small(g, 4);
    c->max_maptrack_frames = (int32_t)gen_small(g, 4);
    c->grant_opts = fuzz_rarely(g->in, 16) ? fuzz_u32(g->in) : 1;
    c->arch.gic_version = fuzz_rarely(g->in, 8) ? (uint8_t)fuzz_below(g->in, 4) : 0;
    c->arch.nr_spis = fuzz_rarely(g->in, 4) ? fuzz_u16(g->in) : 0;
}

static void put_context(struct gen *g, struct xen_domctl *op)
{
    vcpu_guest_context_t c;

    memset(&c, 0, sizeof(c));
    c.flags = fuzz_u8(g->in) & 3;
    c.user_regs.cpsr = fuzz_rarely(g->in, 4) ? fuzz_u64(g->in) : 0x1c5;
    c.user_regs.pc64 = fuzz_u64(g->in);
    op->u.vcpucontext.vcpu = gen_small(g, 3);
    op->u.vcpucontext.ctxt.p = (vcpu_guest_context_t *)gen_put(g, &c, sizeof(c));
}

static void put_affinity(struct gen *g, struct xen_domctl *op)
{
    struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
    uint64_t mask = fuzz_rarely(g->in, 4) ? fuzz_u64(g->in) : fuzz_below(g->in, 4);

    a->vcpu = gen_small(g, 3);
    a->flags = fuzz_below(g->in, 4);
    a->cpumap_hard.nr_bits = gen_small(g, 70);
    a->cpumap_hard.bitmap.p = (uint8_t *)gen_put(g, &mask, sizeof(mask));
    a->cpumap_soft = a->cpumap_hard;
}

static void put_flush(struct gen *g, struct xen_domctl *op)
{
    op->u.cacheflush.start_pfn = gen_gfn(g, g->caller);
    op->u.cacheflush.nr_pfns = fuzz_rarely(g->in, 8) ? fuzz_u64(g->in) : fuzz_u16(g->in) % 600;
}

static void put_number(struct gen *g, struct xen_domctl *op)
{
    uint64_t v[4] = { fuzz_rarely(g->in, 8) ? fuzz_u64(g->in) : fuzz_u16(g->in) };

    memcpy(&op->u, v, sizeof(v));
}

static void put_max(struct gen *g, struct xen_domctl *op)
{
    op->u.max_vcpus.max = 1 + fuzz_below(g->in, 3);
}

static void put_pool(struct gen *g, struct xen_domctl *op)
{
    op->u.paging_mempool.size = (uint64_t)gen_small(g, 32) << PAGE_SHIFT;
}

static void put_sched(struct gen *g, struct xen_domctl *op)
{
    op->u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT2;
    op->u.scheduler_op.cmd = fuzz_below(g->in, 4);
    op->u.scheduler_op.u.credit2.weight = fuzz_u16(g->in);
}

static void put_bytes(struct gen *g, struct xen_domctl *op)
{
    fuzz_bytes(g->in, &op->u, 48);
}

static const struct { uint8_t cmd; void (*put)(struct gen *g, struct xen_domctl *op); } kinds[] = {
    { XEN_DOMCTL_createdomain, put_create },
    { XEN_DOMCTL_destroydomain, put_number },
    { XEN_DOMCTL_pausedomain, put_number },
    { XEN_DOMCTL_unpausedomain, put_number },
    { XEN_DOMCTL_resumedomain, put_number },
    { XEN_DOMCTL_getdomaininfo, put_number },
    { XEN_DOMCTL_max_vcpus, put_max },
    { XEN_DOMCTL_max_mem, put_number },
    { XEN_DOMCTL_setvcpucontext, put_context },
    { XEN_DOMCTL_getvcpucontext, put_context },
    { XEN_DOMCTL_getvcpuinfo, put_number },
    { XEN_DOMCTL_setvcpuaffinity, put_affinity },
    { XEN_DOMCTL_getvcpuaffinity, put_affinity },
    { XEN_DOMCTL_set_paging_mempool_size, put_pool },
    { XEN_DOMCTL_get_paging_mempool_size, put_number },
    { XEN_DOMCTL_cacheflush, put_flush },
    { XEN_DOMCTL_scheduler_op, put_sched },
    { XEN_DOMCTL_settimeoffset, put_number },
};

struct world_call gen_domctl(struct gen *g)
{
    unsigned kind = fuzz_below(g->in, ARRAY_SIZE(kinds) + 1);
    struct xen_domctl op;

    memset(&op, 0, sizeof(op));
    op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op.domain = fuzz_rarely(g->in, 4) ? gen_domid(g) : world_domain(1 + fuzz_below(g->in, 4))->id;
    if (kind < ARRAY_SIZE(kinds)) {
        op.cmd = kinds[kind].cmd;
        kinds[kind].put(g, &op);
    } else {
        op.cmd = fuzz_u8(g->in);
        put_bytes(g, &op);
    }
    return (struct world_call){ __HYPERVISOR_domctl, { gen_put(g, &op, sizeof(op)) } };
}

struct world_call gen_copy(struct gen *g)
{
    const struct domain *of = world_domain(fuzz_u8(g->in));
    struct purlin_copy c = {
        .version = fuzz_rarely(g->in, 16) ? fuzz_u8(g->in) : PURLIN_ABI_VERSION,
        .domid = of->id, .direction = (uint16_t)fuzz_below(g->in, 3),
        .address = (gen_gfn(g, of) << PAGE_SHIFT) + fuzz_u16(g->in) % PAGE_SIZE,
        .buffer = (gen_gfn(g, g->caller) << PAGE_SHIFT) + fuzz_u16(g->in) % PAGE_SIZE,
        .bytes = fuzz_rarely(g->in, 16) ? fuzz_u64(g->in) : fuzz_u16(g->in),
    };

    return (struct world_call){ PURLIN_HYPERCALL, { fuzz_rarely(g->in, 16) ? 0 : PURLIN_OP_copy,
                                                    gen_put(g, &c, sizeof(c)) } };
}

/* Most of them take a handle somewhere: one that is good for a while. */
struct world_call gen_sysctl(struct gen *g)
{
    static const uint8_t cmds[] = {
        XEN_SYSCTL_readconsole, XEN_SYSCTL_physinfo, XEN_SYSCTL_getdomaininfolist,
        XEN_SYSCTL_debug_keys, XEN_SYSCTL_getcpuinfo, XEN_SYSCTL_cputopoinfo,
        XEN_SYSCTL_numainfo, XEN_SYSCTL_cpupool_op, XEN_SYSCTL_scheduler_op,
    };
    struct xen_sysctl op;
    uint64_t handle = (world_arg_gfn(g->caller) << PAGE_SHIFT) + 8u * fuzz_below(g->in, 255);

    memset(&op, 0, sizeof(op));
    op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    op.cmd = fuzz_rarely(g->in, 16) ? fuzz_u8(g->in)
                                    : cmds[fuzz_below(g->in, ARRAY_SIZE(cmds))];
    fuzz_bytes(g->in, &op.u, 12);
    memcpy((char *)&op.u + 8 * (1 + fuzz_below(g->in, 3)), &handle, sizeof(handle));
    return (struct world_call){ __HYPERVISOR_sysctl, { gen_put(g, &op, sizeof(op)) } };
}
