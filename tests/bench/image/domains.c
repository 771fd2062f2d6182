/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building and ending DomUs from a bare-metal Dom0, by the calls that a toolstack makes.
 */
#include "core/base/string.h"
#include "tests/bench/image/peer.h"
#include "tests/bench/image/xen.h"

#define RAM_GFN (GUEST_RAM0_BASE / PAGE_BYTES)
#define EXTENT_ORDER 9u                     /* 2 MiB */
#define EXTENT_PAGES (1u << EXTENT_ORDER)
#define PAGE_OFFSET (3ul << 19)             /* the shared page: behind the image and its .bss */
#define TABLE_POOL_BYTES (2ul << 20)
#define MEMORY_SLACK_KIB 1024u
#define FRAMES_DEFAULT ~0u
#define CPSR_EL1H_MASKED 0x1c5u
#define SCTLR_OFF 0x00c50078u
#define CALLBACK_PPI ((uint64_t)HVM_PARAM_CALLBACK_TYPE_PPI << 56 | \
                      HVM_PARAM_CALLBACK_TYPE_PPI_FLAG_LOW_LEVEL << 8 | GUEST_EVTCHN_PPI)

extern char _start[], file_end[], image_bytes[];

/* Where pages of DomUs appear: one each for what is shared, and one to write through. */
static char shared[PEERS_MAX][PAGE_BYTES] __attribute__((aligned(4096)));
static char window[PAGE_BYTES] __attribute__((aligned(4096)));
static uint64_t slots_used;

static int64_t domctl(unsigned cmd, struct xen_domctl *op, unsigned domid)
{
    op->cmd = cmd;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = (domid_t)domid;
    return hypercall(__HYPERVISOR_domctl, (uintptr_t)op, 0, 0);
}

static void create(struct peer *p, unsigned vcpus, unsigned grant_frames)
{
    struct xen_domctl op = { .cmd = 0 };
    struct xen_domctl_createdomain *c = &op.u.createdomain;

    c->flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap;
    c->max_vcpus = vcpus;
    c->max_evtchn_port = 1023;
    c->max_grant_frames = (int32_t)grant_frames;
    c->max_maptrack_frames = -1;
    c->grant_opts = XEN_DOMCTL_GRANT_version(1);
    c->arch.gic_version = XEN_DOMCTL_CONFIG_GIC_NATIVE;
    bench_check(!domctl(XEN_DOMCTL_createdomain, &op, 0));
    p->domid = op.domain;
}

static void pin(unsigned domid, unsigned cpu)
{
    struct xen_domctl op = { .cmd = 0 };
    uint8_t mask = (uint8_t)(1u << cpu);

    op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
    op.u.vcpuaffinity.cpumap_hard.nr_bits = 8;
    set_xen_guest_handle(op.u.vcpuaffinity.cpumap_hard.bitmap, &mask);
    bench_check(!domctl(XEN_DOMCTL_setvcpuaffinity, &op, domid));
}

void peer_pin_self(unsigned cpu) { pin(0, cpu); }

static void set_limits(const struct peer *p, unsigned vcpus, unsigned cpu, unsigned mib)
{
    struct xen_domctl op = { .cmd = 0 };

    op.u.max_vcpus.max = vcpus;
    bench_check(!domctl(XEN_DOMCTL_max_vcpus, &op, p->domid));
    op.u.address_size.size = 64;
    bench_check(!domctl(XEN_DOMCTL_set_address_size, &op, p->domid));
    pin(p->domid, cpu);
    op.u.max_mem.max_memkb = mib * 1024u + MEMORY_SLACK_KIB;
    bench_check(!domctl(XEN_DOMCTL_max_mem, &op, p->domid));
    op.u.paging_mempool.size = TABLE_POOL_BYTES;
    bench_check(!domctl(XEN_DOMCTL_set_paging_mempool_size, &op, p->domid));
}

static void populate(const struct peer *p, unsigned mib)
{
    xen_pfn_t gfns[PEERS_MAX];
    unsigned left = mib / 2, done = 0;

    while (done < left) {
        struct xen_memory_reservation r = { .extent_order = EXTENT_ORDER,
                                            .domid = (domid_t)p->domid };

        for (r.nr_extents = 0; r.nr_extents < PEERS_MAX && done < left; done++)
            gfns[r.nr_extents++] = RAM_GFN + done * EXTENT_PAGES;
        set_xen_guest_handle(r.extent_start, gfns);
        bench_check(hypercall(__HYPERVISOR_memory_op, XENMEM_populate_physmap, (uintptr_t)&r, 0) ==
                    (int64_t)r.nr_extents);
    }
}

static void show(const struct peer *p, uint64_t gfn, const void *at)
{
    xen_ulong_t idx = gfn;
    xen_pfn_t gpfn = (uintptr_t)at / PAGE_BYTES;
    int error = 0;
    struct xen_add_to_physmap_batch x = { .domid = DOMID_SELF, .space = XENMAPSPACE_gmfn_foreign,
                                          .size = 1, .u.foreign_domid = (domid_t)p->domid };

    set_xen_guest_handle(x.idxs, &idx);
    set_xen_guest_handle(x.gpfns, &gpfn);
    set_xen_guest_handle(x.errs, &error);
    bench_check(!hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch, (uintptr_t)&x, 0));
    bench_check(!error);
}

static void hide(const void *at)
{
    struct xen_remove_from_physmap x = { .domid = DOMID_SELF,
                                         .gpfn = (uintptr_t)at / PAGE_BYTES };

    bench_check(!hypercall(__HYPERVISOR_memory_op, XENMEM_remove_from_physmap, (uintptr_t)&x, 0));
}

void peer_flush(const struct peer *p, unsigned mib)
{
    struct xen_domctl op = { .cmd = 0 };

    op.u.cacheflush.start_pfn = RAM_GFN;
    op.u.cacheflush.nr_pfns = mib / 2 * EXTENT_PAGES;
    bench_check(!domctl(XEN_DOMCTL_cacheflush, &op, p->domid));
}

/* It starts with its caches off: what was written must be in memory. */
static void load(const struct peer *p)
{
    uint64_t pages = ((uintptr_t)file_end - (uintptr_t)_start) / PAGE_BYTES;

    for (uint64_t i = 0; i < pages; i++) {
        show(p, RAM_GFN + i, window);
        memcpy(window, _start + i * PAGE_BYTES, PAGE_BYTES);
        hide(window);
    }
    peer_flush(p, 2);
}

static void make_channel(struct peer *p)
{
    evtchn_alloc_unbound_t unbound = { .dom = (domid_t)p->domid, .remote_dom = 0 };
    evtchn_bind_interdomain_t bind = { .remote_dom = (domid_t)p->domid };
    xen_hvm_param_t param = { .domid = (domid_t)p->domid, .index = HVM_PARAM_CALLBACK_IRQ,
                              .value = CALLBACK_PPI };

    bench_check(!hypercall(__HYPERVISOR_hvm_op, HVMOP_set_param, (uintptr_t)&param, 0));
    bench_check(!hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound,
                           (uintptr_t)&unbound, 0));
    bind.remote_port = unbound.port;
    bench_check(!hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain,
                           (uintptr_t)&bind, 0));
    p->port = bind.local_port;
    p->page->port = unbound.port;
}

static void start(const struct peer *p)
{
    vcpu_guest_context_t context = { .flags = VGCF_online };
    struct xen_domctl op = { .cmd = 0 };

    context.user_regs.pc64 = GUEST_RAM0_BASE;
    context.user_regs.x0 = GUEST_RAM0_BASE + PAGE_OFFSET;
    context.user_regs.cpsr = CPSR_EL1H_MASKED;
    context.sctlr = SCTLR_OFF;
    set_xen_guest_handle(op.u.vcpucontext.ctxt, &context);
    bench_check(!domctl(XEN_DOMCTL_setvcpucontext, &op, p->domid));
    bench_check(!domctl(XEN_DOMCTL_unpausedomain, &op, p->domid));
}

static void take_slot(struct peer *p)
{
    static bool is_vacated;

    if (!is_vacated) {
        xen_vacate(shared, PEERS_MAX);
        xen_vacate(window, 1);
        is_vacated = true;
    }
    bench_check(~slots_used);
    p->slot = (unsigned)__builtin_ctzl(~slots_used);
    slots_used |= 1ul << p->slot;
    p->page = (volatile struct peer_page *)shared[p->slot];
}

static void build(struct peer *p, unsigned vcpus, unsigned cpu, unsigned mib)
{
    bench_check((uintptr_t)image_bytes - (uintptr_t)_start <= PAGE_OFFSET);
    xen_init();
    take_slot(p);
    create(p, vcpus, FRAMES_DEFAULT);
    set_limits(p, vcpus, cpu, mib);
    populate(p, mib);
    show(p, RAM_GFN + PAGE_OFFSET / PAGE_BYTES, shared[p->slot]);
    memset(shared[p->slot], 0, PAGE_BYTES);
    p->page->magic = PEER_MAGIC;
    p->page->gic = facts.gic;
    p->page->vcpus = vcpus;
    make_channel(p);
    load(p);
    start(p);
    while (!__atomic_load_n(&p->page->is_ready, __ATOMIC_ACQUIRE))
        bench_yield();
}

void peer_create(struct peer *p, unsigned cpu, unsigned mib) { build(p, 1, cpu, mib); }

void peer_create_crowd(struct peer *p, unsigned vcpus) { build(p, vcpus, 0, 2); }

void peer_pause(const struct peer *p)
{
    bench_check(!domctl(XEN_DOMCTL_pausedomain, &(struct xen_domctl){ .cmd = 0 }, p->domid));
}

void peer_unpause(const struct peer *p)
{
    bench_check(!domctl(XEN_DOMCTL_unpausedomain, &(struct xen_domctl){ .cmd = 0 }, p->domid));
}

bool peer_is_shut_down(const struct peer *p)
{
    struct xen_domctl op = { .cmd = 0 };

    bench_check(!domctl(XEN_DOMCTL_getdomaininfo, &op, p->domid));
    return op.u.getdomaininfo.flags & XEN_DOMINF_shutdown;
}

static void end(unsigned domid)
{
    struct xen_domctl op = { .cmd = 0 };
    int64_t rc;

    do {
        rc = domctl(XEN_DOMCTL_destroydomain, &op, domid);
    } while (rc == -XEN_EAGAIN || rc == -XEN_EBUSY);
    bench_check(!rc);
}

void peer_destroy(struct peer *p)
{
    evtchn_close_t close = { .port = p->port };

    bench_check(!hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_close, (uintptr_t)&close, 0));
    hide(shared[p->slot]);
    slots_used &= ~(1ul << p->slot);
    end(p->domid);
}

unsigned peer_create_empty(unsigned vcpus)
{
    struct xen_domctl op = { .cmd = 0 };
    struct peer p;

    create(&p, vcpus, FRAMES_DEFAULT);
    op.u.max_vcpus.max = vcpus;
    bench_check(!domctl(XEN_DOMCTL_max_vcpus, &op, p.domid));
    return p.domid;
}

void peer_destroy_empty(unsigned domid) { end(domid); }

static bool exists(unsigned domid)
{
    struct xen_domctl op = { .cmd = 0 };

    return !domctl(XEN_DOMCTL_getdomaininfo, &op, domid);
}

void peer_fill_grants(unsigned frames, bool is_held)
{
    gnttab_setup_table_t setup = { .nr_frames = frames };
    static uint64_t gfns[PEER_FRAMES_MAX];
    struct peer p;

    xen_init();
    take_slot(&p);
    create(&p, 1, frames);
    set_limits(&p, 1, 0, 2);
    populate(&p, 2);
    setup.dom = (domid_t)p.domid;
    set_xen_guest_handle(setup.frame_list, gfns);
    bench_check(!xen_grant_op(GNTTABOP_setup_table, &setup, 1) && !setup.status);
    if (is_held)
        show(&p, RAM_GFN, shared[p.slot]);
    end(p.domid);
    bench_check(exists(p.domid) == is_held);
    if (is_held)
        hide(shared[p.slot]);
    while (exists(p.domid))
        bench_yield();
    slots_used &= ~(1ul << p.slot);
}

static void fill_extents(unsigned order, void (*fill)(struct xen_memory_reservation *r))
{
    static xen_pfn_t gfns[EXTENT_PAGES];
    struct xen_memory_reservation r = { .extent_order = order,
                                        .nr_extents = EXTENT_PAGES >> order };
    struct peer p;

    xen_init();
    create(&p, 1, FRAMES_DEFAULT);
    set_limits(&p, 1, 0, 2);
    for (unsigned i = 0; i < r.nr_extents; i++)
        gfns[i] = RAM_GFN + (i << order);
    r.domid = (domid_t)p.domid;
    set_xen_guest_handle(r.extent_start, gfns);
    fill(&r);
    end(p.domid);
}

static void fill_at_once(struct xen_memory_reservation *r)
{
    bench_check(hypercall(__HYPERVISOR_memory_op, XENMEM_populate_physmap, (uintptr_t)r, 0) ==
                (int64_t)r->nr_extents);
}

void peer_fill_extents(unsigned order) { fill_extents(order, fill_at_once); }

static void fill_late(struct xen_memory_reservation *r)
{
    xen_pfn_t *gfns = (xen_pfn_t *)(uintptr_t)r->extent_start.q;
    uint64_t extents = r->nr_extents;

    r->nr_extents = 1;
    for (unsigned i = 0; i < extents; i++) {
        set_xen_guest_handle(r->extent_start, &gfns[i]);
        bench_check(xen_call_late(__HYPERVISOR_memory_op, XENMEM_populate_physmap, r, 0,
                                  2 * i) == 1);
    }
}

void peer_fill_extents_late(unsigned order) { fill_extents(order, fill_late); }

void peer_role(struct peer *p, enum peer_role role, unsigned argument)
{
    p->page->argument = argument;
    __atomic_store_n(&p->page->role, role, __ATOMIC_RELEASE);
    xen_send(p->port);
}

uint64_t peer_free_pages(void)
{
    struct xen_sysctl op = { .cmd = XEN_SYSCTL_physinfo,
                             .interface_version = XEN_SYSCTL_INTERFACE_VERSION };

    bench_check(!hypercall(__HYPERVISOR_sysctl, (uintptr_t)&op, 0, 0));
    return op.u.physinfo.free_pages;
}
