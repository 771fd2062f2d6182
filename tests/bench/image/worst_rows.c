/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The longest requests that a domain can make, for the bound on one stay at EL2: large batches,
 * wide domains, everything at once. What counts is what the plugin says of the stays, not the time.
 */
#include "core/base/string.h"
#include "tests/bench/image/cpu.h"
#include "tests/bench/image/gic.h"
#include "tests/bench/image/peer.h"
#include "tests/bench/image/xen.h"

#define BATCH 512u
#define PAGES 16u
#define GREF 64u
#define VCPUS 64u
#define PORTS 1000u
#define EVENTS_PER_PAGE (PAGE_BYTES / sizeof(event_word_t))
#define TEXT_BYTES 16384u
#define LARGE_MIB 256u
#define DOMAINS 200u

static char pages[PAGES][PAGE_BYTES] __attribute__((aligned(4096)));
static char holes[PAGES][PAGE_BYTES] __attribute__((aligned(4096)));
/* One call's arguments; no row needs two at once. */
static union {
    gnttab_map_grant_ref_t maps[BATCH];
    gnttab_copy_t copies[BATCH];
    multicall_entry_t calls[BATCH];
    xen_domctl_getdomaininfo_t infos[BATCH];
    char text[TEXT_BYTES];
} arguments __attribute__((aligned(4096)));
static gnttab_unmap_grant_ref_t unmaps[BATCH];
static char control[PAGE_BYTES] __attribute__((aligned(4096)));
static char words[2][PAGE_BYTES] __attribute__((aligned(4096)));

static void prepare(void)
{
    static bool is_done;

    xen_init();
    if (is_done)
        return;
    is_done = true;
    xen_vacate(holes, PAGES);
    for (unsigned i = 0; i < PAGES; i++)
        xen_grant(GREF + i, 0, pages[i], false);
}

static uint64_t map_many(unsigned n)
{
    uint64_t start = bench_begin();

    prepare();
    for (; n; n--) {
        for (unsigned i = 0; i < BATCH; i++) {
            gnttab_map_grant_ref_t *m = &arguments.maps[i];

            *m = (gnttab_map_grant_ref_t){ .ref = GREF + i % PAGES, .flags = GNTMAP_host_map,
                                           .host_addr = (uintptr_t)holes[i % PAGES] };
        }
        bench_check(!xen_grant_op(GNTTABOP_map_grant_ref, arguments.maps, BATCH));
        for (unsigned i = 0; i < BATCH; i++)
            unmaps[i] = (gnttab_unmap_grant_ref_t){ .host_addr = (uintptr_t)holes[i % PAGES],
                                                    .handle = arguments.maps[i].handle };
        bench_check(!arguments.maps[0].status);
        bench_check(!xen_grant_op(GNTTABOP_unmap_grant_ref, unmaps, BATCH));
    }
    return bench_end(start);
}

static void fill_copies(void)
{
    for (unsigned i = 0; i < BATCH; i++) {
        gnttab_copy_t *c = &arguments.copies[i];

        memset(c, 0, sizeof(*c));
        c->source.u.ref = GREF + i % (PAGES / 2);
        c->dest.u.ref = GREF + PAGES / 2 + i % (PAGES / 2);
        c->len = PAGE_BYTES;
        c->flags = GNTCOPY_source_gref | GNTCOPY_dest_gref;
    }
}

static uint64_t copy_many(unsigned n)
{
    uint64_t start = bench_begin();

    prepare();
    for (; n; n--) {
        fill_copies();
        bench_check(!xen_grant_op(GNTTABOP_copy, arguments.copies, BATCH));
        bench_check(!arguments.copies[BATCH - 1].status);
    }
    return bench_end(start);
}

/* Each of them does the most that one call may. */
static uint64_t multicall_many(unsigned n)
{
    static gnttab_copy_t copies[PAGES];
    uint64_t start = bench_begin();

    prepare();
    fill_copies();
    memcpy(copies, arguments.copies, sizeof(copies));
    for (; n; n--) {
        for (unsigned i = 0; i < BATCH; i++) {
            multicall_entry_t *m = &arguments.calls[i];

            m->op = __HYPERVISOR_grant_table_op;
            m->args[0] = GNTTABOP_copy;
            m->args[1] = (uintptr_t)copies;
            m->args[2] = PAGES;
        }
        bench_check(!hypercall(__HYPERVISOR_multicall, (uintptr_t)arguments.calls, BATCH, 0));
    }
    return bench_end(start);
}

/* Long calls at every distance from the beginning of a stay. */
static uint64_t multicall_late(unsigned n)
{
    uint64_t start = bench_begin();

    prepare();
    for (; n; n--) {
        for (unsigned shorts = 0; shorts <= XEN_SHORT_CALLS_MAX; shorts++) {
            for (unsigned i = 0; i < PAGES; i++)
                arguments.maps[i] = (gnttab_map_grant_ref_t){ .ref = GREF + i,
                                                              .flags = GNTMAP_host_map,
                                                              .host_addr = (uintptr_t)holes[i] };
            bench_check(!xen_call_late(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref,
                                       arguments.maps, PAGES, shorts));
            for (unsigned i = 0; i < PAGES; i++)
                unmaps[i] = (gnttab_unmap_grant_ref_t){ .host_addr = (uintptr_t)holes[i],
                                                        .handle = arguments.maps[i].handle };
            bench_check(!xen_call_late(__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref,
                                       unmaps, PAGES, shorts));
            bench_check(!unmaps[PAGES - 1].status);
        }
        peer_fill_extents_late(4);
    }
    return bench_end(start);
}

/* Every page of a large domain's memory, and its end while all is in use. */
static uint64_t large_domain(unsigned n)
{
    uint64_t start = bench_begin();

    for (; n; n--) {
        struct peer p;

        peer_create(&p, 0, LARGE_MIB);
        peer_flush(&p, LARGE_MIB);
        peer_destroy(&p);
    }
    return bench_end(start);
}

static uint64_t wide_domain(unsigned n)
{
    uint64_t start = bench_begin();

    for (; n; n--)
        peer_destroy_empty(peer_create_empty(facts.gic == 2 ? 8 : VCPUS));
    return bench_end(start);
}

static uint64_t many_ports(unsigned n)
{
    uint64_t start = bench_begin();
    unsigned ports[PORTS];

    prepare();
    for (; n; n--) {
        for (unsigned i = 0; i < PORTS; i++)
            ports[i] = xen_bind_ipi();
        for (unsigned i = 0; i < PORTS; i++) {
            evtchn_close_t close = { .port = ports[i] };

            bench_check(!hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_close,
                                   (uintptr_t)&close, 0));
        }
    }
    return bench_end(start);
}

static uint64_t grow_grants(unsigned n)
{
    static uint64_t frames[64];
    gnttab_setup_table_t setup = { .dom = DOMID_SELF, .nr_frames = ARRAY_SIZE(frames) };
    uint64_t start = bench_begin();

    prepare();
    set_xen_guest_handle(setup.frame_list, frames);
    for (; n; n--)
        bench_check(!xen_grant_op(GNTTABOP_setup_table, &setup, 1) && !setup.status);
    return bench_end(start);
}

/* Each frame takes the next one's place, in a table that has many. */
static uint64_t move_grants(unsigned n)
{
    static xen_ulong_t frames[BATCH];
    static xen_pfn_t gfns[BATCH];
    static int errors[BATCH];
    struct xen_add_to_physmap_batch x = { .domid = DOMID_SELF, .space = XENMAPSPACE_grant_table,
                                          .size = BATCH };
    uint64_t start = bench_begin();

    grow_grants(1);
    set_xen_guest_handle(x.idxs, frames);
    set_xen_guest_handle(x.gpfns, gfns);
    set_xen_guest_handle(x.errs, errors);
    for (; n; n--) {
        for (unsigned i = 0; i < BATCH; i++) {
            frames[i] = 1 + i % PAGES;
            gfns[i] = (uintptr_t)holes[(i + i / PAGES) % PAGES] / PAGE_BYTES;
        }
        bench_check(!hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch, (uintptr_t)&x,
                               0));
        bench_check(!errors[BATCH - 1]);
    }
    return bench_end(start);
}

/* Large tables end with their domains: by the one who ends it, and by who had a page of it. */
static uint64_t free_grants(unsigned n)
{
    uint64_t start = bench_begin();

    for (; n; n--) {
        peer_fill_grants(PEER_FRAMES_MAX, false);
        peer_fill_grants(PEER_FRAMES_MAX, true);
    }
    return bench_end(start);
}

/* All registers of the distributor that change interrupts, all ones. */
static uint64_t gic_everything(unsigned n)
{
    static const unsigned first[] = { 0x100, 0x180, 0x200, 0x280, 0x380 };
    uint64_t start = bench_begin();

    for (; n; n--) {
        for (unsigned i = 0; i < ARRAY_SIZE(first); i++)
            for (unsigned at = 4; at < 32; at += 4)
                mmio_write(facts.gicd + first[i] + at, ~0u);
        for (unsigned at = 32; at < 256; at += 4)
            mmio_write(facts.gicd + GICD_IPRIORITYR + at, 0xa0a0a0a0);
        for (unsigned at = 4; at < 32; at += 4) {
            mmio_write(facts.gicd + 0x180 + at, ~0u);
            mmio_write(facts.gicd + 0x280 + at, ~0u);
        }
    }
    return bench_end(start);
}

static uint64_t list_domains(unsigned n)
{
    struct xen_sysctl op = { .cmd = XEN_SYSCTL_getdomaininfolist,
                             .interface_version = XEN_SYSCTL_INTERFACE_VERSION };
    static unsigned ids[DOMAINS];
    uint64_t start = bench_begin();

    for (unsigned i = 0; i < DOMAINS; i++)
        ids[i] = peer_create_empty(1);
    for (; n; n--) {
        op.u.getdomaininfolist.max_domains = BATCH;
        set_xen_guest_handle(op.u.getdomaininfolist.buffer, arguments.infos);
        bench_check(!hypercall(__HYPERVISOR_sysctl, (uintptr_t)&op, 0, 0));
        bench_check(op.u.getdomaininfolist.num_domains == DOMAINS + 1);
        bench_check(arguments.infos[DOMAINS].domain == ids[DOMAINS - 1]);
    }
    for (unsigned i = 0; i < DOMAINS; i++)
        peer_destroy_empty(ids[i]);
    return bench_end(start);
}

/* Memory that has not been scrubbed yet is, with the allocation, if the extent is small. */
static uint64_t small_extents(unsigned n)
{
    uint64_t start = bench_begin();

    for (; n; n--)
        for (unsigned order = 0; order < 8; order++)
            peer_fill_extents(order);
    return bench_end(start);
}

static int64_t event_op(unsigned cmd, void *op)
{
    return hypercall(__HYPERVISOR_event_channel_op, cmd, (uintptr_t)op, 0);
}

/* Delivery changes while all ports are open; then two pages come, for as many that are pending. */
static uint64_t event_pages(unsigned n)
{
    uint64_t start = bench_begin();

    prepare();
    for (; n; n--) {
        evtchn_init_control_t init = { .control_gfn = (uintptr_t)control / PAGE_BYTES };
        evtchn_reset_t reset = { .dom = DOMID_SELF };
        unsigned port = 0;

        memset(control, 0, sizeof(control));
        memset(words, 0, sizeof(words));
        while (port < EVENTS_PER_PAGE - 1)
            port = xen_bind_ipi();
        bench_check(!event_op(EVTCHNOP_init_control, &init));
        while (port < ARRAY_SIZE(words) * EVENTS_PER_PAGE - 1)
            port = xen_bind_ipi();
        for (; port; port--)
            event_op(EVTCHNOP_send, &(evtchn_send_t){ .port = port });
        for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
            evtchn_expand_array_t expand = { .array_gfn = (uintptr_t)words[i] / PAGE_BYTES };

            bench_check(!event_op(EVTCHNOP_expand_array, &expand));
        }
        bench_check(*(uint32_t *)(words[1] + 4) & 1u << EVTCHN_FIFO_PENDING);
        bench_check(!event_op(EVTCHNOP_reset, &reset));
    }
    return bench_end(start);
}

static uint64_t read_console(unsigned n)
{
    struct xen_sysctl op = { .cmd = XEN_SYSCTL_readconsole,
                             .interface_version = XEN_SYSCTL_INTERFACE_VERSION };
    uint64_t start = bench_begin();

    for (; n; n--) {
        memset(&op.u, 0, sizeof(op.u));
        op.u.readconsole.count = TEXT_BYTES;
        set_xen_guest_handle(op.u.readconsole.buffer, arguments.text);
        bench_check(!hypercall(__HYPERVISOR_sysctl, (uintptr_t)&op, 0, 0));
    }
    return bench_end(start);
}

static uint64_t write_console(unsigned n)
{
    uint64_t start = bench_begin();

    memset(arguments.text, '.', sizeof(arguments.text));
    for (unsigned i = 63; i < 1024; i += 64)
        arguments.text[i] = '\n';
    for (; n; n--)
        hypercall(__HYPERVISOR_console_io, CONSOLEIO_write, 1024, (uintptr_t)arguments.text);
    return bench_end(start);
}

const struct row worst_rows[] = {
    { "worst_map", SHAPE_WORST, true, map_many, BATCH, 1000 },
    { "worst_copy", SHAPE_WORST, true, copy_many, BATCH, 1000 },
    { "worst_multicall", SHAPE_WORST, true, multicall_many, BATCH, 1000 },
    { "worst_multicall_late", SHAPE_WORST, true, multicall_late, 1, 10000 },
    { "worst_large_domain", SHAPE_WORST, true, large_domain, 1, 10000 },
    { "worst_wide_domain", SHAPE_WORST, true, wide_domain, 1, 10000 },
    { "worst_ports", SHAPE_WORST, true, many_ports, PORTS, 10000 },
    { "worst_grants", SHAPE_WORST, true, grow_grants, 1, 1000 },
    { "worst_grants_moved", SHAPE_WORST, true, move_grants, BATCH, 1000 },
    { "worst_grants_end", SHAPE_WORST, true, free_grants, 1, 10000 },
    { "worst_extents", SHAPE_WORST, true, small_extents, 1, 10000 },
    { "worst_gic", SHAPE_WORST, true, gic_everything, 1, 1000 },
    { "worst_list", SHAPE_WORST, true, list_domains, 1, 10000 },
    { "worst_console_read", SHAPE_WORST, true, read_console, 1, 1000 },
    { "worst_console_write", SHAPE_WORST, true, write_console, 1, 10000 },
    { "worst_event_pages", SHAPE_WORST, true, event_pages, 1, 10000 },
};
const unsigned worst_row_count = ARRAY_SIZE(worst_rows);
