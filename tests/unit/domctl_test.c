/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * domctl: who may call, what libxl's create and destroy ask for, and what it checks.
 */
#include "core/domctl.h"
#include "core/memory_map.h"
#include "core/pmu.h"
#include "tests/unit/domain_env.h"

static struct xen_domctl *op; /* in guest memory */
static uint64_t op_at;
static uint64_t *buf;         /* another page of it */
static uint64_t buf_at;

static void up(void)
{
    env_up(2, 64ul << 20);
    op = env_guest_pages(0, &op_at);
    buf = env_guest_pages(0, &buf_at);
}

/* libxc does not clear what it doesn't use. */
static void fresh(uint32_t cmd, domid_t domid)
{
    memset(op, 0xa5, sizeof(*op));
    op->cmd = cmd;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = domid;
}

static int64_t call(void)
{
    return env_call(domctl_hypercall, op_at, 0, 0);
}

static int64_t simple(uint32_t cmd, domid_t domid)
{
    fresh(cmd, domid);
    return call();
}

static void create_fill(unsigned vcpus)
{
    struct xen_domctl_createdomain *c = &op->u.createdomain;

    fresh(XEN_DOMCTL_createdomain, 0xffff);
    *c = (struct xen_domctl_createdomain){
        .ssidref = 12, .flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap, .max_vcpus = vcpus,
        .max_evtchn_port = 1023, .max_grant_frames = 4, .max_maptrack_frames = 4,
        .grant_opts = XEN_DOMCTL_GRANT_version(1),
    };
    memset(c->handle, 0x77, sizeof(c->handle));
}

static struct domain *created(unsigned vcpus)
{
    create_fill(vcpus);
    assert_int_equal(call(), 0);
    return domain_by_id(op->domain);
}

static struct domain *complete(unsigned vcpus)
{
    struct domain *d = created(vcpus);

    fresh(XEN_DOMCTL_max_vcpus, d->id);
    op->u.max_vcpus.max = vcpus;
    assert_int_equal(call(), 0);
    fresh(XEN_DOMCTL_max_mem, d->id);
    op->u.max_mem.max_memkb = 8192;
    assert_int_equal(call(), 0);
    return d;
}

static void a_uart_is_for_a_domain_that_does_not_run_yet(void **state)
{
    struct domain *d;
    struct page *p;

    (void)state;
    up();
    create_fill(1);
    op->u.createdomain.arch.nr_spis = 1;
    assert_int_equal(call(), 0);
    d = domain_by_id(op->domain);
    d->pages_max = 16;
    p = env_page_alloc(d, 0);
    assert_int_equal(memory_map_ram(d, 0x39003, paddr_to_mfn(page_to_paddr(p)), 0), 0);
    fresh(XEN_DOMCTL_vuart_op, d->id);
    op->u.vuart_op = (struct xen_domctl_vuart_op){ .gfn = 0x39004 };
    assert_int_equal(call(), -EINVAL);
    op->u.vuart_op.gfn = 0x39003;
    op->u.vuart_op.cmd = 1;
    assert_int_equal(call(), -EINVAL);
    op->u.vuart_op.cmd = XEN_DOMCTL_VUART_OP_INIT;
    op->u.vuart_op.pad[1] = 1;
    assert_int_equal(call(), -EINVAL);
    op->u.vuart_op.pad[1] = 0;
    assert_int_equal(call(), 0);
    assert_int_equal(op->u.vuart_op.evtchn, d->vpl011.port);
    assert_int_equal(call(), -EEXIST);
    d->state = DOMAIN_RUNNING;
    assert_int_equal(call(), -EPERM);
    d->state = DOMAIN_BUILDING;
    env_destroy(d);
}

static void strangers_and_other_versions_are_refused(void **state)
{
    struct domain *d;

    (void)state;
    up();
    d = env_domu(1, 16);
    fresh(XEN_DOMCTL_getdomaininfo, 0);
    op->interface_version = 0x14;
    assert_int_equal(call(), -EACCES);
    assert_int_equal(simple(0, 0), -ENOSYS);
    assert_int_equal(simple(XEN_DOMCTL_hypercall_init, 0), -EOPNOTSUPP);
    assert_int_equal(simple(XEN_DOMCTL_gdbsx_domstatus, 0), -ENOSYS);
    assert_int_equal(simple(XEN_DOMCTL_set_access_required, d->id), -EOPNOTSUPP);
    assert_int_equal(simple(XEN_DOMCTL_pausedomain, 55), -ESRCH);
    assert_int_equal(env_call(domctl_hypercall, 0x10, 0, 0), -EFAULT);
    fake_percpu->current = d->vcpu[0];
    assert_int_equal(simple(XEN_DOMCTL_getdomaininfo, d->id), -EPERM);
}

static void create_answers_what_the_toolstack_builds_on(void **state)
{
    struct domain *d;

    (void)state;
    up();
    d = created(3);
    assert_int_equal(op->domain, 1);
    assert_int_equal(op->u.createdomain.arch.gic_version, XEN_DOMCTL_CONFIG_GIC_V3);
    assert_int_equal(d->vcpu_max, 3);
    assert_int_equal(d->state, DOMAIN_BUILDING);
    assert_true(d->paused_by_tools);
    assert_false(d->is_privileged);
    assert_int_equal(d->gicd.base, GUEST_GICV3_GICD_BASE);
    assert_int_equal(d->gicc_or_gicr.base, GUEST_GICV3_GICR0_BASE);
    assert_int_equal(d->gicc_or_gicr.bytes, 3 * 0x20000);
    assert_int_equal(d->event_irq, GUEST_EVTCHN_PPI);
    assert_int_equal(d->uuid[15], 0x77);
    fresh(XEN_DOMCTL_max_vcpus, 1);
    op->u.max_vcpus.max = 2;
    assert_int_equal(call(), -EINVAL);
    assert_null(d->vcpu[0]);
    op->u.max_vcpus.max = 3;
    assert_int_equal(call(), 0);
    assert_non_null(d->vcpu[2]);
    assert_int_equal(call(), 0);
}

static void performance_monitors_are_given_when_asked_for(void **state)
{
    (void)state;
    up();
    pmu_init(23);
    assert_int_equal(created(1)->pmu_irq, 0);
    create_fill(1);
    op->u.createdomain.flags |= XEN_DOMCTL_CDF_vpmu;
    assert_int_equal(call(), 0);
    assert_int_equal(domain_by_id(op->domain)->pmu_irq, PMU_PPI);
}

static void create_refuses_what_there_is_not(void **state)
{
    struct xen_domctl_createdomain *c;
    uint64_t before;

    (void)state;
    up();
    before = env_free_pages();
    c = &op->u.createdomain;
    create_fill(0);
    assert_int_equal(call(), -EINVAL);
    create_fill(129);
    assert_int_equal(call(), -EINVAL);
    create_fill(1);
    pmu_init(0);
    c->flags |= XEN_DOMCTL_CDF_vpmu;
    assert_int_equal(call(), -EINVAL);
    create_fill(1);
    c->flags = 0;
    assert_int_equal(call(), -EINVAL);
    create_fill(1);
    c->grant_opts = XEN_DOMCTL_GRANT_version(2);
    assert_int_equal(call(), -EINVAL);
    create_fill(1);
    c->arch.tee_type = XEN_DOMCTL_CONFIG_TEE_OPTEE;
    assert_int_equal(call(), -EINVAL);
    create_fill(1);
    c->arch.gic_version = XEN_DOMCTL_CONFIG_GIC_V2;
    assert_int_equal(call(), -EINVAL);
    create_fill(1);
    c->arch.nr_spis = 100000;
    assert_int_equal(call(), -EINVAL);
    create_fill(1);
    c->cpupool_id = 3;
    assert_int_equal(call(), -ENOENT);
    assert_int_equal(env_free_pages(), before);
    assert_null(domain_next(1));
}

static void many_vcpus_are_made_in_chunks(void **state)
{
    uint64_t before;

    (void)state;
    up();
    before = env_free_pages();
    complete(64);
    fresh(XEN_DOMCTL_max_vcpus, 1);
    assert_int_equal(simple(XEN_DOMCTL_destroydomain, 1), 0);
    assert_true(env_chunks > 64);
    assert_int_equal(env_free_pages(), before);
    assert_int_equal(simple(XEN_DOMCTL_destroydomain, 1), -ESRCH);
}

static void info_is_of_the_first_domain_from_the_id_on(void **state)
{
    xen_domctl_getdomaininfo_t *info;
    struct domain *d;

    (void)state;
    up();
    info = &op->u.getdomaininfo;
    d = complete(2);
    assert_int_equal(simple(XEN_DOMCTL_getdomaininfo, 0), 0);
    assert_int_equal(info->domain, 0);
    assert_int_equal(simple(XEN_DOMCTL_getdomaininfo, 1), 0);
    assert_int_equal(op->domain, 1);
    assert_int_equal(info->flags & ~XEN_DOMINF_blocked,
                     XEN_DOMINF_hvm_guest | XEN_DOMINF_hap | XEN_DOMINF_paused);
    assert_int_equal(info->max_vcpu_id, 1);
    assert_int_equal(info->max_pages, 2048);
    assert_int_equal(info->handle[0], 0x77);
    assert_int_equal(info->ssidref, 12);
    assert_int_equal(info->arch_config.gic_version, XEN_DOMCTL_CONFIG_GIC_V3);
    assert_int_equal(info->gpaddr_bits, d->s2.ipa_bits);
    assert_int_equal(simple(XEN_DOMCTL_getdomaininfo, 2), -ESRCH);
    domain_shutdown(d, SHUTDOWN_crash);
    assert_int_equal(simple(XEN_DOMCTL_getdomaininfo, 1), 0);
    assert_true(info->flags & XEN_DOMINF_shutdown);
    assert_int_equal(info->flags >> XEN_DOMINF_shutdownshift, SHUTDOWN_crash);
}

static void a_dead_domain_that_is_held_is_shown_as_dying(void **state)
{
    struct domain *d;
    struct page *held;

    (void)state;
    up();
    d = complete(1);
    held = domain_page_alloc(d, 0);
    assert_int_equal(simple(XEN_DOMCTL_destroydomain, d->id), 0);
    assert_int_equal(simple(XEN_DOMCTL_getdomaininfo, d->id), 0);
    assert_true(op->u.getdomaininfo.flags & XEN_DOMINF_dying);
    assert_int_equal(op->u.getdomaininfo.max_vcpu_id, XEN_INVALID_MAX_VCPU_ID);
    assert_int_equal(simple(XEN_DOMCTL_pausedomain, d->id), 0);
    fresh(XEN_DOMCTL_max_vcpus, d->id);
    op->u.max_vcpus.max = 1;
    assert_int_equal(call(), -ESRCH);
    fresh(XEN_DOMCTL_cacheflush, d->id);
    op->u.cacheflush.start_pfn = 0;
    op->u.cacheflush.nr_pfns = 1;
    assert_int_equal(call(), -ESRCH);
    fresh(XEN_DOMCTL_getvcpuinfo, d->id);
    op->u.getvcpuinfo.vcpu = 0;
    assert_int_equal(call(), -ESRCH);
    domain_page_put(held);
    env_end();
    assert_int_equal(simple(XEN_DOMCTL_getdomaininfo, 1), -ESRCH);
}

static void context_then_unpause_makes_it_run(void **state)
{
    vcpu_guest_context_t *c;
    struct domain *d;

    (void)state;
    up();
    c = (void *)buf;
    d = complete(2);
    *c = (vcpu_guest_context_t){ .flags = VGCF_online, .sctlr = SCTLR_GUEST_INIT };
    c->user_regs.pc64 = 0x40000000;
    c->user_regs.x0 = 0x48000000;
    c->user_regs.cpsr = PSR_GUEST64_INIT;
    fresh(XEN_DOMCTL_setvcpucontext, d->id);
    op->u.vcpucontext.vcpu = 0;
    op->u.vcpucontext.ctxt.q = buf_at;
    assert_int_equal(call(), 0);
    assert_int_equal(d->vcpu[0]->pc, 0x40000000);
    assert_int_equal(d->vcpu[0]->sched.state, VCPU_RUNNABLE);
    assert_false(d->vcpu[0]->sched.on_queue);
    assert_int_equal(d->vcpu[1]->sched.state, VCPU_OFFLINE);
    c->user_regs.cpsr = PSR_MODE_EL2h;
    assert_int_equal(call(), -EINVAL);
    op->u.vcpucontext.vcpu = 2;
    assert_int_equal(call(), -EINVAL);
    assert_int_equal(simple(XEN_DOMCTL_unpausedomain, d->id), 0);
    assert_int_equal(d->state, DOMAIN_RUNNING);
    assert_true(d->vcpu[0]->sched.on_queue);
    assert_false(d->vcpu[1]->sched.on_queue);
    assert_int_equal(simple(XEN_DOMCTL_unpausedomain, d->id), -EINVAL);
    assert_int_equal(d->vcpu[0]->sched.pause_count, 0);
    assert_int_equal(simple(XEN_DOMCTL_pausedomain, d->id), 0);
    assert_int_equal(simple(XEN_DOMCTL_pausedomain, d->id), 0);
    assert_int_equal(d->vcpu[0]->sched.pause_count, 2);
    assert_int_equal(simple(XEN_DOMCTL_unpausedomain, d->id), 0);
    assert_false(d->vcpu[0]->sched.on_queue); /* who else has paused it has not changed his mind */
    for (unsigned i = 1; i < UINT8_MAX; i++)
        assert_int_equal(simple(XEN_DOMCTL_pausedomain, d->id), 0);
    assert_int_equal(simple(XEN_DOMCTL_pausedomain, d->id), -EOVERFLOW);
    assert_int_equal(simple(XEN_DOMCTL_pausedomain, 0), -EINVAL);
    fresh(XEN_DOMCTL_getvcpucontext, d->id);
    op->u.vcpucontext.vcpu = 0;
    op->u.vcpucontext.ctxt.q = buf_at;
    memset(buf, 0, PAGE_SIZE);
    assert_int_equal(call(), 0);
    assert_int_equal(c->user_regs.x0, 0x48000000);
}

static void affinity_goes_both_ways_clipped_to_the_cpus(void **state)
{
    struct xen_domctl_vcpuaffinity *a;
    struct domain *d;

    (void)state;
    up();
    a = &op->u.vcpuaffinity;
    d = complete(1);
    fresh(XEN_DOMCTL_setvcpuaffinity, d->id);
    *a = (struct xen_domctl_vcpuaffinity){ .flags = XEN_VCPUAFFINITY_HARD };
    a->cpumap_hard.nr_bits = 16;
    a->cpumap_hard.bitmap.q = buf_at;
    buf[0] = 0xffffffffffff00fe; /* CPUs 1 .. 7; what follows is not the map's */
    assert_int_equal(call(), 0);
    assert_int_equal(d->vcpu[0]->sched.affinity_hard, 0xfe);
    assert_int_equal(buf[0], 0xffffffffffff0002); /* of CPUs 0 and 1 */
    buf[0] = 0xfc;
    assert_int_equal(call(), -EINVAL);
    a->flags = 0;
    assert_int_equal(call(), -EINVAL);
    fresh(XEN_DOMCTL_getvcpuaffinity, d->id);
    *a = (struct xen_domctl_vcpuaffinity){ .flags = XEN_VCPUAFFINITY_SOFT };
    a->cpumap_soft.nr_bits = 130;
    a->cpumap_soft.bitmap.q = buf_at;
    memset(buf, 0xee, 32);
    assert_int_equal(call(), 0);
    assert_int_equal(buf[0], ~0ul);
    assert_int_equal(buf[1], 0);
    assert_int_equal(buf[2], 0xeeeeeeeeeeeeee00);
}

static void cacheflush_cleans_what_is_mapped_and_nothing_else(void **state)
{
    struct domain *d;
    uint64_t bytes = 0;

    (void)state;
    up();
    d = complete(1);
    for (unsigned i = 0; i < 2; i++) {
        struct page *p = env_page_alloc(d, 9);

        lock_acquire(&d->s2.lock);
        assert_int_equal(stage2_map(&d->s2, 0x40000 + i * 1024, page_to_paddr(p).v >> PAGE_SHIFT,
                                    9, stage2_kind(STAGE2_RAM, STAGE2_RWX)), 0);
        lock_release(&d->s2.lock);
    }
    fake_trace_reset();
    fresh(XEN_DOMCTL_cacheflush, d->id);
    op->u.cacheflush.start_pfn = 0x40100;
    op->u.cacheflush.nr_pfns = 0x500; /* half of the first, the gap, half of the second */
    assert_int_equal(call(), 0);
    assert_true(env_chunks > 4);
    for (unsigned n = 0; fake_trace(n); n++)
        if (fake_trace(n)->event == FAKE_EV_DCACHE_CLEAN_INVAL)
            bytes += fake_trace(n)->b;
    assert_int_equal(bytes, 0x300 << PAGE_SHIFT);
    assert_true(fake_count(FAKE_EV_ICACHE_INVAL) > 0);
    fresh(XEN_DOMCTL_cacheflush, d->id);
    op->u.cacheflush.start_pfn = ~0ul;
    op->u.cacheflush.nr_pfns = 2;
    assert_int_equal(call(), -EINVAL);
}

static void limits_and_parameters_are_set_and_read(void **state)
{
    struct domain *d;

    (void)state;
    up();
    d = complete(1);
    assert_int_equal(d->pages_max, 2048);
    fresh(XEN_DOMCTL_set_paging_mempool_size, d->id);
    op->u.paging_mempool.size = 0x240000;
    assert_int_equal(call(), 0);
    assert_int_equal(simple(XEN_DOMCTL_get_paging_mempool_size, d->id), 0);
    assert_int_equal(op->u.paging_mempool.size, 0x240000);
    fresh(XEN_DOMCTL_set_paging_mempool_size, d->id);
    op->u.paging_mempool.size = 0;
    assert_int_equal(call(), 0);
    assert_int_equal(d->s2.table_limit, d->s2.table_pages);
    fresh(XEN_DOMCTL_scheduler_op, d->id);
    op->u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT2;
    op->u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
    assert_int_equal(call(), 0);
    assert_int_equal(op->u.scheduler_op.u.credit2.weight, 256);
    assert_int_equal(op->u.scheduler_op.u.credit2.cap, 0);
    op->u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_putinfo;
    op->u.scheduler_op.u.credit2.weight = 300;
    assert_int_equal(call(), 0);
    assert_int_equal(d->sched_weight, 300);
    op->u.scheduler_op.u.credit2.cap = 40;
    assert_int_equal(call(), 0);
    assert_int_equal(d->sched_cap, 40);
    op->u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT;
    assert_int_equal(call(), -EINVAL);
    fresh(XEN_DOMCTL_set_address_size, d->id);
    op->u.address_size.size = 32;
    assert_int_equal(call(), -EINVAL);
    op->u.address_size.size = 64;
    assert_int_equal(call(), 0);
    fresh(XEN_DOMCTL_setnodeaffinity, d->id);
    op->u.nodeaffinity.nodemap.nr_bits = 64;
    op->u.nodeaffinity.nodemap.bitmap.q = buf_at;
    buf[0] = 1;
    assert_int_equal(call(), 0);
    buf[0] = 2;
    assert_int_equal(call(), -EINVAL);
}

static void nobody_destroys_dom0(void **state)
{
    (void)state;
    up();
    assert_int_equal(simple(XEN_DOMCTL_destroydomain, 0), -EINVAL);
    assert_int_equal(simple(XEN_DOMCTL_destroydomain, DOMID_SELF), -EINVAL);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_uart_is_for_a_domain_that_does_not_run_yet),
    cmocka_unit_test(strangers_and_other_versions_are_refused),
    cmocka_unit_test(create_answers_what_the_toolstack_builds_on),
    cmocka_unit_test(performance_monitors_are_given_when_asked_for),
    cmocka_unit_test(create_refuses_what_there_is_not),
    cmocka_unit_test(many_vcpus_are_made_in_chunks),
    cmocka_unit_test(info_is_of_the_first_domain_from_the_id_on),
    cmocka_unit_test(a_dead_domain_that_is_held_is_shown_as_dying),
    cmocka_unit_test(context_then_unpause_makes_it_run),
    cmocka_unit_test(affinity_goes_both_ways_clipped_to_the_cpus),
    cmocka_unit_test(cacheflush_cleans_what_is_mapped_and_nothing_else),
    cmocka_unit_test(limits_and_parameters_are_set_and_read),
    cmocka_unit_test(nobody_destroys_dom0),
};

FAKE_TEST_MAIN(tests)
