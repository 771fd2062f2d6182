/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sysctl: what the tools ask about the machine, with the values that they check.
 */
#include "core/base/log.h"
#include "tests/unit/domain_env.h"

static struct xen_sysctl *op; /* in guest memory */
static uint64_t op_at;
static char *buf;
static uint64_t buf_at;

static void up(void)
{
    env_up(2, 64ul << 20);
    op = env_guest_pages(0, &op_at);
    buf = env_guest_pages(4, &buf_at);
}

static void fresh(uint32_t cmd)
{
    memset(op, 0, sizeof(*op));
    op->cmd = cmd;
    op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
}

static int64_t call(void)
{
    return env_call(sysctl_hypercall, op_at, 0, 0);
}

static void strangers_and_other_versions_are_refused(void **state)
{
    (void)state;
    up();
    fresh(XEN_SYSCTL_physinfo);
    op->interface_version = 0x14;
    assert_int_equal(call(), -EACCES);
    fresh(99);
    assert_int_equal(call(), -ENOSYS);
    fresh(XEN_SYSCTL_pcitopoinfo);
    assert_int_equal(call(), -EOPNOTSUPP);
    fresh(XEN_SYSCTL_perfc_op);
    assert_int_equal(call(), -EOPNOTSUPP);
    fresh(XEN_SYSCTL_physinfo);
    fake_percpu->current = env_domu(1, 16)->vcpu[0];
    assert_int_equal(call(), -EPERM);
}

static void physinfo_describes_the_machine(void **state)
{
    struct xen_sysctl_physinfo *p;

    (void)state;
    up();
    p = &op->u.physinfo;
    fresh(XEN_SYSCTL_physinfo);
    assert_int_equal(call(), 0);
    assert_int_equal(p->threads_per_core, 1);
    assert_int_equal(p->cores_per_socket, 1);
    assert_int_equal(p->nr_cpus, 2);
    assert_int_equal(p->max_cpu_id, 1);
    assert_int_equal(p->nr_nodes, 1);
    assert_int_equal(p->cpu_khz, 62500);
    assert_int_equal(p->capabilities, XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_hap |
                                          XEN_SYSCTL_PHYSCAP_gnttab_v1);
    assert_int_equal(p->free_pages, page_alloc_free_count());
    assert_true(p->total_pages > p->free_pages);
    fresh(XEN_SYSCTL_sched_id);
    assert_int_equal(call(), 0);
    assert_int_equal(op->u.sched_id.sched_id, 6);
}

static void the_list_has_every_domain_from_the_first_asked_for(void **state)
{
    xen_domctl_getdomaininfo_t *info;

    (void)state;
    up();
    info = (void *)buf;
    env_domu(1, 16);
    env_domu(1, 16);
    fresh(XEN_SYSCTL_getdomaininfolist);
    op->u.getdomaininfolist.max_domains = 100;
    op->u.getdomaininfolist.buffer.q = buf_at;
    assert_int_equal(call(), 0);
    assert_int_equal(op->u.getdomaininfolist.num_domains, 3);
    assert_int_equal(info[0].domain, 0);
    assert_int_equal(info[2].domain, 2);
    op->u.getdomaininfolist.first_domain = 1;
    op->u.getdomaininfolist.max_domains = 1;
    assert_int_equal(call(), 0);
    assert_int_equal(op->u.getdomaininfolist.num_domains, 1);
    assert_int_equal(info[0].domain, 1);
    op->u.getdomaininfolist.first_domain = 3;
    assert_int_equal(call(), 0);
    assert_int_equal(op->u.getdomaininfolist.num_domains, 0);
}

/* CPU times shall not hold waiting while a tool shows them: WFI traps from now on. */
static void a_list_says_that_somebody_watches(void **state)
{
    (void)state;
    up();
    fake_counter_advance(FAKE_COUNTER_HZ);
    percpu_table[1]->todo = 0;
    fresh(XEN_SYSCTL_physinfo);
    assert_int_equal(call(), 0);
    assert_false(percpu_table[1]->todo & TODO_RESCHED);
    fresh(XEN_SYSCTL_getdomaininfolist);
    assert_int_equal(call(), 0);
    assert_true(percpu_table[1]->todo & TODO_RESCHED);
}

#define MANY 150u

static void ask_for_many(void)
{
    memset(op, 0xff, sizeof(*op)); /* what the ABI does not ask for may be anything */
    op->cmd = XEN_SYSCTL_getdomaininfolist;
    op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    op->u.getdomaininfolist.first_domain = 1;
    op->u.getdomaininfolist.max_domains = 1024;
    op->u.getdomaininfolist.buffer.q = buf_at;
}

static void a_long_list_takes_several_stays_and_is_whole(void **state)
{
    xen_domctl_getdomaininfo_t *info;

    (void)state;
    up();
    info = (void *)buf;
    for (unsigned i = 0; i < MANY; i++)
        env_domu(1 + (i == 99) * 127, 16);
    ask_for_many();
    assert_int_equal(env_call(sysctl_hypercall, op_at, ~0ul, ~0ul), 0);
    assert_true(env_chunks > 3);
    assert_int_equal(op->cmd, XEN_SYSCTL_getdomaininfolist);
    assert_int_equal(op->u.getdomaininfolist.first_domain, 1);
    assert_int_equal(op->u.getdomaininfolist.num_domains, MANY);
    for (unsigned i = 0; i < MANY; i++)
        assert_int_equal(info[i].domain, i + 1);
    /* From where it is, although the domain before is gone by then. */
    fake_percpu->todo = 1;
    ask_for_many();
    assert_int_equal(sysctl_hypercall(op_at, 0, 0, 0, 0), op_at);
    env_destroy(domain_by_id(1));
    assert_int_equal(call(), 0);
    assert_int_equal(op->u.getdomaininfolist.num_domains, MANY);
}

static void a_list_made_up_to_go_on_writes_to_its_caller_only(void **state)
{
    (void)state;
    up();
    for (unsigned i = 0; i < MANY; i++)
        env_domu(1, 16);
    ask_for_many();
    op->cmd |= 1u << 31;
    assert_int_equal(call(), 0);
    assert_int_equal(op->cmd, XEN_SYSCTL_getdomaininfolist);
    ask_for_many();
    op->cmd |= 1u << 31;
    op->u.getdomaininfolist.num_domains = 1000;
    memset(&op->u.pad[sizeof(op->u.getdomaininfolist)], 0, 4);
    op->u.getdomaininfolist.buffer.q = 0ul - 1000 * sizeof(xen_domctl_getdomaininfo_t);
    assert_int_equal(call(), -EFAULT);
    fresh(XEN_SYSCTL_physinfo | 1u << 31);
    assert_int_equal(call(), -ENOSYS);
}

static void there_is_one_pool_with_all_cpus(void **state)
{
    struct xen_sysctl_cpupool_op *p;

    (void)state;
    up();
    p = &op->u.cpupool_op;
    fresh(XEN_SYSCTL_cpupool_op);
    p->op = XEN_SYSCTL_CPUPOOL_OP_INFO;
    p->cpumap.nr_bits = 8;
    p->cpumap.bitmap.q = buf_at;
    assert_int_equal(call(), 0);
    assert_int_equal(p->cpupool_id, 0);
    assert_int_equal(p->sched_id, 6);
    assert_int_equal(p->n_dom, 1);
    assert_int_equal(buf[0], 3);
    p->cpupool_id = 1;
    assert_int_equal(call(), -ENOENT);
    p->op = XEN_SYSCTL_CPUPOOL_OP_FREEINFO;
    assert_int_equal(call(), 0);
    assert_int_equal(buf[0], 0);
    p->op = XEN_SYSCTL_CPUPOOL_OP_CREATE;
    assert_int_equal(call(), -EOPNOTSUPP);
}

static void topology_answers_sizes_and_contents(void **state)
{
    struct xen_sysctl_meminfo *mem;
    struct xen_sysctl_cputopo *cpu;

    (void)state;
    up();
    mem = (void *)buf;
    cpu = (void *)buf;
    fresh(XEN_SYSCTL_cputopoinfo);
    assert_int_equal(call(), 0);
    assert_int_equal(op->u.cputopoinfo.num_cpus, 2);
    op->u.cputopoinfo.cputopo.q = buf_at;
    assert_int_equal(call(), 0);
    assert_int_equal(cpu[1].socket, 1);
    assert_int_equal(cpu[1].node, 0);
    fresh(XEN_SYSCTL_numainfo);
    assert_int_equal(call(), 0);
    assert_int_equal(op->u.numainfo.num_nodes, 1);
    op->u.numainfo.meminfo.q = buf_at;
    op->u.numainfo.distance.q = buf_at + 64;
    assert_int_equal(call(), 0);
    assert_int_equal(mem[0].memsize, page_alloc_total_count() << PAGE_SHIFT);
    assert_int_equal(buf[64], 10);
    fresh(XEN_SYSCTL_getcpuinfo);
    op->u.getcpuinfo.max_cpus = 9;
    op->u.getcpuinfo.info.q = buf_at;
    assert_int_equal(call(), 0);
    assert_int_equal(op->u.getcpuinfo.nr_cpus, 2);
}

static void the_log_is_read_in_parts_without_loss(void **state)
{
    struct xen_sysctl_readconsole *r;
    uint32_t first;

    (void)state;
    up();
    r = &op->u.readconsole;
    log_clear(log_end());
    log_printf(LOG_ERROR, "one\n");
    fresh(XEN_SYSCTL_readconsole);
    r->buffer.q = buf_at;
    r->count = 3;
    assert_int_equal(call(), 0);
    assert_int_equal(r->count, 3);
    first = r->index;
    r->incremental = 1;
    r->count = 16384;
    assert_int_equal(call(), 0);
    assert_true(r->count > 0 && r->count < 100);
    assert_int_equal(r->index, first + r->count);
    r->count = 16384;
    assert_int_equal(call(), 0);
    assert_int_equal(r->count, 0);
    log_printf(LOG_ERROR, "two\n");
    r->count = 16384;
    assert_int_equal(call(), 0);
    buf[r->count] = 0;
    assert_non_null(strstr(buf, "two"));
    assert_null(strstr(buf, "one"));
    r->incremental = 0;
    r->clear = 1;
    r->count = 16384;
    assert_int_equal(call(), 0);
    assert_non_null(strstr(buf, "one"));
    assert_int_equal(log_oldest(), log_end());
}

static void a_full_log_is_cleared_by_what_was_given_out(void **state)
{
    struct xen_sysctl_readconsole *r;
    uint64_t end;
    uint32_t got = 0;

    (void)state;
    up();
    r = &op->u.readconsole;
    for (unsigned i = 0; i < 2000; i++)
        log_printf(LOG_ERROR, "line %04u .......................\n", i);
    end = log_end();
    fresh(XEN_SYSCTL_readconsole);
    r->buffer.q = buf_at;
    r->clear = 1;
    r->incremental = 1;
    do {
        r->count = 16384;
        assert_int_equal(call(), 0);
        got += r->count;
        assert_int_equal(log_end() - log_oldest(), LOG_RING_BYTES - got);
    } while (r->count);
    assert_int_equal(got, LOG_RING_BYTES);
    assert_int_equal(r->index, (uint32_t)end);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(strangers_and_other_versions_are_refused),
    cmocka_unit_test(physinfo_describes_the_machine),
    cmocka_unit_test(the_list_has_every_domain_from_the_first_asked_for),
    cmocka_unit_test(a_list_says_that_somebody_watches),
    cmocka_unit_test(a_long_list_takes_several_stays_and_is_whole),
    cmocka_unit_test(a_list_made_up_to_go_on_writes_to_its_caller_only),
    cmocka_unit_test(there_is_one_pool_with_all_cpus),
    cmocka_unit_test(topology_answers_sizes_and_contents),
    cmocka_unit_test(the_log_is_read_in_parts_without_loss),
    cmocka_unit_test(a_full_log_is_cleared_by_what_was_given_out),
};

FAKE_TEST_MAIN(tests)
