/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Generators of the calls that every domain may make.
 */
#include "tests/fuzz/hypercall_gen.h"

#include "core/evtchn.h"
#include "core/grant_entry.h"

struct gen gen_begin(struct fuzz_input *in, struct domain *caller)
{
    uint64_t page = fuzz_below(in, WORLD_ARG_PAGES);
    /* At times so that structures cross a page. */
    uint64_t offset = fuzz_rarely(in, 4) ? PAGE_SIZE - 8u * fuzz_below(in, 16) : 0;

    return (struct gen){ in, caller, ((world_arg_gfn(caller) + page) << PAGE_SHIFT) + offset };
}

uint64_t gen_put(struct gen *g, const void *from, size_t bytes)
{
    uint64_t at = g->at;

    world_write(g->caller, at, from, bytes);
    g->at += ALIGN_UP(bytes, 8ul);
    return fuzz_rarely(g->in, 64) ? fuzz_u64(g->in) : at;
}

domid_t gen_domid(struct gen *g)
{
    unsigned n = fuzz_below(g->in, 16);

    if (n < 8)
        return world_domain(n)->id;
    return n < 13 ? DOMID_SELF : n < 15 ? (domid_t)fuzz_below(g->in, 8) : fuzz_u16(g->in);
}

uint64_t gen_gfn(struct gen *g, const struct domain *of)
{
    switch (fuzz_below(g->in, 13)) {
    case 0 ... 4:
        return world_ram_gfn(of) + fuzz_below(g->in, WORLD_DOMU_PAGES);
    case 5 ... 7: /* nothing there at first */
        return 0x80000 + fuzz_below(g->in, 16);
    case 8:
        return WORLD_BLOCK_GFN + fuzz_u16(g->in) % 513;
    case 9:
        return world_ram_gfn(of) + fuzz_u16(g->in) % 513;
    case 10:
        return (uint64_t)fuzz_below(g->in, 64) << 22;
    case 11: /* where numbers of every width end */
        return (~0ul >> fuzz_below(g->in, 64)) - fuzz_below(g->in, 3);
    default:
        return fuzz_u64(g->in);
    }
}

uint32_t gen_small(struct gen *g, unsigned below)
{
    return fuzz_rarely(g->in, 32) ? fuzz_u32(g->in) : fuzz_below(g->in, below);
}

/* --- grants ------------------------------------------------------------------------------- */

static grant_ref_t gen_ref(struct gen *g)
{
    return fuzz_rarely(g->in, 8) ? 504 + fuzz_below(g->in, 16) : gen_small(g, 12);
}

static uint64_t put_map(struct gen *g)
{
    gnttab_map_grant_ref_t op = {
        .host_addr = gen_gfn(g, g->caller) << PAGE_SHIFT,
        .flags = fuzz_rarely(g->in, 16) ? fuzz_u32(g->in)
                                        : GNTMAP_host_map | (fuzz_u8(g->in) & 1) * GNTMAP_readonly,
        .ref = gen_ref(g), .dom = gen_domid(g),
    };

    return gen_put(g, &op, sizeof(op));
}

static uint64_t put_unmap(struct gen *g)
{
    gnttab_unmap_grant_ref_t op = {
        .host_addr = gen_gfn(g, g->caller) << PAGE_SHIFT,
        .dev_bus_addr = fuzz_rarely(g->in, 8) ? fuzz_u64(g->in) : 0,
        .handle = gen_small(g, 16),
    };

    return gen_put(g, &op, sizeof(op));
}

static void copy_end(struct gen *g, struct gnttab_copy_ptr *p, bool is_gref)
{
    p->domid = gen_domid(g);
    if (is_gref)
        p->u.ref = gen_ref(g);
    else
        p->u.gmfn = gen_gfn(g, g->caller);
    p->offset = fuzz_rarely(g->in, 4) ? fuzz_u16(g->in) : 0;
}

static uint64_t put_copy(struct gen *g)
{
    gnttab_copy_t op = { .flags = fuzz_u8(g->in) & 3 };

    copy_end(g, &op.source, op.flags & GNTCOPY_source_gref);
    copy_end(g, &op.dest, op.flags & GNTCOPY_dest_gref);
    op.len = fuzz_rarely(g->in, 4) ? fuzz_u16(g->in) : PAGE_SIZE;
    return gen_put(g, &op, sizeof(op));
}

static uint64_t put_swap(struct gen *g)
{
    gnttab_swap_grant_ref_t op = { .ref_a = gen_ref(g), .ref_b = gen_ref(g) };

    return gen_put(g, &op, sizeof(op));
}

struct world_call gen_grant_array(struct gen *g)
{
    static const struct { uint8_t cmd; uint64_t (*put)(struct gen *g); } kinds[] = {
        { GNTTABOP_map_grant_ref, put_map }, { GNTTABOP_map_grant_ref, put_map },
        { GNTTABOP_unmap_grant_ref, put_unmap }, { GNTTABOP_unmap_grant_ref, put_unmap },
        { GNTTABOP_copy, put_copy }, { GNTTABOP_swap_grant_ref, put_swap },
        { GNTTABOP_unmap_and_replace, put_unmap },
    };
    unsigned kind = fuzz_below(g->in, ARRAY_SIZE(kinds)), count = 1 + fuzz_below(g->in, 4);
    uint64_t first = kinds[kind].put(g);

    for (unsigned i = 1; i < count; i++)
        kinds[kind].put(g);
    if (fuzz_rarely(g->in, 32))
        count = fuzz_u32(g->in) % 300; /* what follows in memory is taken for more of them */
    return (struct world_call){ __HYPERVISOR_grant_table_op, { kinds[kind].cmd, first, count } };
}

struct world_call gen_grant_single(struct gen *g)
{
    static const uint8_t cmds[] = {
        GNTTABOP_setup_table, GNTTABOP_query_size, GNTTABOP_set_version,
        GNTTABOP_get_status_frames, GNTTABOP_get_version, GNTTABOP_cache_flush,
    };
    uint8_t cmd = cmds[fuzz_below(g->in, ARRAY_SIZE(cmds))];
    gnttab_cache_flush_t flush = { .op = fuzz_below(g->in, 4) };
    gnttab_setup_table_t setup = { .dom = gen_domid(g), .nr_frames = gen_small(g, 8) };
    uint64_t at;

    if (cmd == GNTTABOP_cache_flush) {
        flush.a.dev_bus_addr = FAKE_RAM_BASE + ((uint64_t)fuzz_u16(g->in) << PAGE_SHIFT);
        flush.offset = fuzz_u16(g->in) % 5000;
        flush.length = fuzz_u16(g->in) % 5000;
        at = gen_put(g, &flush, sizeof(flush));
        return (struct world_call){ __HYPERVISOR_grant_table_op,
                                    { cmd, at, fuzz_below(g->in, 4) } };
    }
    at = g->at + 64;
    setup.frame_list.p = (xen_pfn_t *)at;
    if (cmd == GNTTABOP_setup_table)
        at = gen_put(g, &setup, sizeof(setup));
    else
        at = gen_put(g, &(uint64_t[2]){ fuzz_u32(g->in), fuzz_u16(g->in) }, 16);
    return (struct world_call){ __HYPERVISOR_grant_table_op, { cmd, at, 1 } };
}

/* --- events ------------------------------------------------------------------------------- */

static evtchn_port_t gen_port(struct gen *g)
{
    return fuzz_rarely(g->in, 8) ? fuzz_u16(g->in) % 1100 : gen_small(g, 12);
}

static uint64_t put_event(struct gen *g, unsigned cmd)
{
    uint32_t port = gen_port(g), vcpu = gen_small(g, 3);
    evtchn_alloc_unbound_t unbound = { .dom = gen_domid(g), .remote_dom = gen_domid(g) };
    evtchn_bind_interdomain_t inter = { .remote_dom = gen_domid(g), .remote_port = port };
    evtchn_bind_virq_t virq = { .virq = gen_small(g, NR_VIRQS), .vcpu = vcpu };
    evtchn_status_t status = { .dom = unbound.dom, .port = port };
    evtchn_init_control_t control = { .control_gfn = gen_gfn(g, g->caller), .vcpu = vcpu,
                                      .offset = 8u * gen_small(g, 32) };
    evtchn_expand_array_t expand = { .array_gfn = control.control_gfn };
    uint32_t plain[4] = { port, vcpu };

    switch (cmd) {
    case EVTCHNOP_alloc_unbound:
        return gen_put(g, &unbound, sizeof(unbound));
    case EVTCHNOP_bind_interdomain:
        return gen_put(g, &inter, sizeof(inter));
    case EVTCHNOP_bind_virq:
        return gen_put(g, &virq, sizeof(virq));
    case EVTCHNOP_status:
        return gen_put(g, &status, sizeof(status));
    case EVTCHNOP_init_control:
        return gen_put(g, &control, sizeof(control));
    case EVTCHNOP_expand_array:
        return gen_put(g, &expand, sizeof(expand));
    case EVTCHNOP_bind_ipi:
        return gen_put(g, &vcpu, sizeof(vcpu));
    case EVTCHNOP_reset:
        return gen_put(g, &unbound.dom, sizeof(unbound.dom));
    default:
        return gen_put(g, plain, sizeof(plain));
    }
}

struct world_call gen_event(struct gen *g)
{
    unsigned cmd = fuzz_below(g->in, 15);

    return (struct world_call){ __HYPERVISOR_event_channel_op, { cmd, put_event(g, cmd) } };
}

/* --- memory ------------------------------------------------------------------------------- */

static uint64_t put_gfns(struct gen *g, unsigned count, unsigned order)
{
    uint64_t at = g->at;

    for (unsigned i = 0; i < count; i++) {
        uint64_t gfn = gen_gfn(g, g->caller) & ~((1ul << order) - 1);

        gen_put(g, &gfn, sizeof(gfn));
    }
    return at;
}

static uint64_t put_reservation(struct gen *g)
{
    unsigned count = fuzz_below(g->in, 5), order = fuzz_rarely(g->in, 8) ? 9 : 0;
    struct xen_memory_reservation r = {
        .nr_extents = fuzz_rarely(g->in, 32) ? fuzz_u64(g->in) : count,
        .extent_order = fuzz_rarely(g->in, 8) ? fuzz_below(g->in, 11) : order,
        .mem_flags = fuzz_rarely(g->in, 32) ? fuzz_u32(g->in) : 0, .domid = gen_domid(g),
    };

    r.extent_start.p = (xen_pfn_t *)put_gfns(g, count, order);
    return gen_put(g, &r, sizeof(r));
}

static uint64_t put_physmap(struct gen *g)
{
    struct xen_add_to_physmap x = {
        .domid = gen_domid(g), .space = fuzz_below(g->in, 4),
        .idx = gen_small(g, 5), .gpfn = gen_gfn(g, g->caller),
    };

    return gen_put(g, &x, sizeof(x));
}

static uint64_t put_batch(struct gen *g)
{
    struct xen_add_to_physmap_batch x = {
        .domid = gen_domid(g), .space = fuzz_rarely(g->in, 4) ? fuzz_below(g->in, 4)
                                                              : XENMAPSPACE_gmfn_foreign,
        .size = (uint16_t)fuzz_below(g->in, 5), .u.foreign_domid = gen_domid(g),
    };

    x.idxs.p = (xen_ulong_t *)put_gfns(g, x.size, 0);
    x.gpfns.p = (xen_pfn_t *)put_gfns(g, x.size, 0);
    x.errs.p = (int *)g->at;
    g->at += 64;
    return gen_put(g, &x, sizeof(x));
}

static uint64_t put_resource(struct gen *g)
{
    struct xen_mem_acquire_resource x = {
        .domid = gen_domid(g), .type = fuzz_rarely(g->in, 8), .id = fuzz_rarely(g->in, 8),
        .nr_frames = fuzz_below(g->in, 5), .frame = gen_small(g, 5),
    };

    x.frame_list.p = fuzz_rarely(g->in, 8) ? NULL
                                           : (xen_pfn_t *)put_gfns(g, x.nr_frames, 0);
    return gen_put(g, &x, sizeof(x));
}

static uint64_t put_remove(struct gen *g)
{
    struct xen_remove_from_physmap x = { .domid = gen_domid(g), .gpfn = gen_gfn(g, g->caller) };

    return gen_put(g, &x, sizeof(x));
}

struct world_call gen_memory(struct gen *g)
{
    static const struct { uint8_t cmd; uint64_t (*put)(struct gen *g); } kinds[] = {
        { XENMEM_populate_physmap, put_reservation },
        { XENMEM_decrease_reservation, put_reservation },
        { XENMEM_add_to_physmap, put_physmap },
        { XENMEM_add_to_physmap_batch, put_batch }, { XENMEM_acquire_resource, put_resource },
        { XENMEM_remove_from_physmap, put_remove }, { XENMEM_claim_pages, put_reservation },
        { XENMEM_maximum_gpfn, put_remove }, { XENMEM_current_reservation, put_remove },
        { XENMEM_maximum_reservation, put_remove },
    };
    unsigned kind = fuzz_below(g->in, ARRAY_SIZE(kinds));
    uint64_t start = fuzz_rarely(g->in, 32) ? fuzz_u64(g->in) << 6 : 0;
    uint64_t at = kinds[kind].put(g);

    return (struct world_call){ __HYPERVISOR_memory_op, { kinds[kind].cmd | start, at } };
}

/* --- the rest ------------------------------------------------------------------------------- */

struct world_call gen_hvm(struct gen *g)
{
    static const uint8_t known[] = {
        HVM_PARAM_CALLBACK_IRQ, HVM_PARAM_STORE_PFN, HVM_PARAM_CONSOLE_EVTCHN,
        HVM_PARAM_MONITOR_RING_PFN,
    };
    struct xen_hvm_param p = {
        .domid = gen_domid(g),
        .index = fuzz_rarely(g->in, 8) ? fuzz_u32(g->in) : known[fuzz_below(g->in, 4)],
        .value = fuzz_rarely(g->in, 2) ? fuzz_u64(g->in) : 2ul << 56 | 16 | fuzz_below(g->in, 20),
    };
    unsigned cmd = fuzz_below(g->in, 3);

    return (struct world_call){ __HYPERVISOR_hvm_op, { cmd, gen_put(g, &p, sizeof(p)) } };
}

struct world_call gen_vcpu(struct gen *g)
{
    struct vcpu_register_vcpu_info info = { .mfn = gen_gfn(g, g->caller),
                                            .offset = 8u * gen_small(g, 255) };
    struct vcpu_register_runstate_memory_area area = {
        .addr.p = (gen_gfn(g, g->caller) << PAGE_SHIFT) +
                  (fuzz_rarely(g->in, 4) ? PAGE_SIZE - 16 : 8u * fuzz_below(g->in, 200)),
    };
    bool is_info = fuzz_u8(g->in) & 1;
    uint64_t at = is_info ? gen_put(g, &info, sizeof(info)) : gen_put(g, &area, sizeof(area));

    return (struct world_call){
        __HYPERVISOR_vcpu_op,
        { is_info ? VCPUOP_register_vcpu_info : VCPUOP_register_runstate_memory_area,
          gen_small(g, 2), at },
    };
}

/* Dom0's shutdown is the machine's: left out. */
struct world_call gen_sched(struct gen *g)
{
    unsigned cmd = fuzz_below(g->in, 6);
    evtchn_port_t ports[3] = { gen_port(g), gen_port(g), gen_port(g) };
    struct sched_poll poll = { .nr_ports = gen_small(g, 4), .timeout = fuzz_u32(g->in) };
    uint32_t reason = fuzz_u8(g->in);

    if (cmd == SCHEDOP_shutdown && g->caller == domain0)
        cmd = SCHEDOP_yield;
    if (cmd != SCHEDOP_poll)
        return (struct world_call){ __HYPERVISOR_sched_op,
                                    { cmd, gen_put(g, &reason, sizeof(reason)) } };
    poll.ports.p = (evtchn_port_t *)gen_put(g, ports, sizeof(ports));
    return (struct world_call){ __HYPERVISOR_sched_op, { cmd, gen_put(g, &poll, sizeof(poll)) } };
}

struct world_call gen_version(struct gen *g)
{
    uint32_t words[2] = { fuzz_u8(g->in) };
    unsigned cmd = fuzz_below(g->in, 14);

    return (struct world_call){ __HYPERVISOR_xen_version,
                                { cmd, gen_put(g, words, sizeof(words)) } };
}

struct world_call gen_small_call(struct gen *g)
{
    static const uint8_t numbers[] = {
        __HYPERVISOR_console_io, __HYPERVISOR_physdev_op, __HYPERVISOR_vm_assist,
        __HYPERVISOR_xsm_op, __HYPERVISOR_platform_op,
    };
    struct xen_platform_op p = { .cmd = XENPF_settime64 };
    uint8_t nr = numbers[fuzz_below(g->in, ARRAY_SIZE(numbers))];

    p.u.settime64.secs = fuzz_u64(g->in);
    p.u.settime64.nsecs = fuzz_u32(g->in);
    if (nr == __HYPERVISOR_platform_op)
        return (struct world_call){ nr, { gen_put(g, &p, sizeof(p)) } };
    return (struct world_call){ nr, { fuzz_below(g->in, 3), gen_small(g, 6), g->at } };
}

struct world_call gen_anything(struct gen *g)
{
    struct world_call c = { .nr = fuzz_u8(g->in) };
    uint8_t bytes[128];

    fuzz_bytes(g->in, bytes, sizeof(bytes));
    for (unsigned i = 0; i < 3; i++)
        c.a[i] = fuzz_rarely(g->in, 2) ? fuzz_u64(g->in) : fuzz_u8(g->in);
    c.a[fuzz_below(g->in, 3)] = gen_put(g, bytes, sizeof(bytes));
    if (c.nr == __HYPERVISOR_sched_op && g->caller == domain0)
        c.nr = __HYPERVISOR_xen_version;
    return c;
}
