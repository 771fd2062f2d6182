/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * evtchn.c, evtchn_2l.c, evtchn_op.c: ports, bindings, 2-level delivery, permissions, death.
 */
#include "core/base/bits.h"
#include "core/evtchn_port.h"
#include "tests/unit/domain_env.h"

static struct domain *a, *b; /* two DomUs of two vCPUs */

static void up(void)
{
    env_up(2, 64ul << 20);
    a = env_domu(2, 4096);
    b = env_domu(2, 4096);
}

static void become(struct vcpu *v) { fake_percpu->current = v; }

static int64_t op_call(uint64_t cmd, void *op, size_t bytes)
{
    static uint64_t address;
    static char *memory;
    int64_t rc;

    if (!memory)
        memory = env_guest_pages(0, &address);
    memcpy(memory + 64, op, bytes);
    rc = env_call(evtchn_hypercall, cmd, address + 64, 0);
    memcpy(op, memory + 64, bytes);
    return rc;
}
#define OP(cmd, op) op_call(EVTCHNOP_##cmd, &(op), sizeof(op))

static bool is_upcall(const struct vcpu *v) { return v->info->evtchn_upcall_pending; }
static void upcall_done(struct vcpu *v)
{
    v->info->evtchn_upcall_pending = 0;
    v->info->evtchn_pending_sel = 0;
}

static void pending_done(struct domain *d, evtchn_port_t port)
{
    d->shared_info->evtchn_pending[port / 64] &= ~BIT(port % 64);
}

/* a's port that is connected to b's *far. */
static evtchn_port_t connect(evtchn_port_t *far)
{
    int port;

    *far = (evtchn_port_t)evtchn_alloc_unbound(b, a->id, NULL);
    assert_true((int)*far > 0);
    port = evtchn_bind_interdomain(a, b, *far);
    assert_true(port > 0);
    upcall_done(a->vcpu[0]);
    pending_done(a, (evtchn_port_t)port);
    return (evtchn_port_t)port;
}

static evtchn_status_t status_of(struct domain *d, evtchn_port_t port)
{
    evtchn_status_t s = { .dom = d->id, .port = port };

    assert_int_equal(evtchn_status(d, &s), 0);
    return s;
}

static void ports_are_handed_out_from_1_lowest_first(void **state)
{
    (void)state;
    up();
    for (int i = 1; i <= 200; i++)
        assert_int_equal(evtchn_alloc_unbound(a, 0, NULL), i);
    assert_int_equal(evtchn_close(a, 77), 0);
    assert_int_equal(evtchn_close(a, 3), 0);
    assert_int_equal(evtchn_alloc_unbound(a, 0, NULL), 3);
    assert_int_equal(evtchn_alloc_unbound(a, 0, NULL), 77);
    assert_int_equal(evtchn_alloc_unbound(a, 0, NULL), 201);
    assert_int_equal(evtchn_close(a, 0), -EINVAL);
    assert_int_equal(evtchn_close(a, 202), -EINVAL);
    assert_int_equal(evtchn_close(a, 99999), -EINVAL);
    assert_int_equal(a->evtchn.active, 201);
}

static void a_domain_has_no_more_ports_than_its_limit(void **state)
{
    int rc = 0;

    (void)state;
    up();
    for (unsigned i = 1; i <= 1023; i++)
        assert_int_equal(evtchn_alloc_unbound(a, 0, NULL), i);
    rc = evtchn_alloc_unbound(a, 0, NULL);
    assert_int_equal(rc, -ENOSPC);
    assert_int_equal(evtchn_close(a, 500), 0);
    assert_int_equal(evtchn_alloc_unbound(a, 0, NULL), 500);
}

static void two_level_delivery_ends_at_port_4095(void **state)
{
    struct domain_config c = {
        .id = DOMID_INVALID, .vcpus = 1, .spis = 32, .gic = GIC_V3, .max_evtchn_port = ~0u,
        .max_grant_frames = 4, .max_maptrack_frames = 4,
    };
    struct domain *d;

    (void)state;
    env_up(1, 64ul << 20);
    assert_int_equal(domain_create(&c, &d), 0);
    for (unsigned i = 1; i < 4096; i++)
        assert_int_equal(evtchn_alloc_unbound(d, 0, NULL), i);
    assert_int_equal(evtchn_alloc_unbound(d, 0, NULL), -ENOSPC);
    assert_true(evtchn_is_valid(d, 4095));
    assert_false(evtchn_is_valid(d, 4096));
    assert_false(evtchn_is_valid(d, ~0u));
    env_destroy(d);
}

static void binding_needs_an_unbound_port_that_accepts_the_caller(void **state)
{
    evtchn_status_t s;
    int far, near;

    (void)state;
    up();
    far = evtchn_alloc_unbound(b, 0, NULL);
    assert_int_equal(evtchn_bind_interdomain(a, b, (unsigned)far), -EINVAL);
    assert_int_equal(a->evtchn.active, 0);
    assert_int_equal(evtchn_bind_interdomain(a, b, 40), -EINVAL);
    assert_int_equal(evtchn_bind_interdomain(a, b, 1u << 20), -EINVAL);
    near = evtchn_bind_interdomain(domain0, b, (unsigned)far);
    assert_int_equal(near, 1);
    assert_int_equal(evtchn_bind_interdomain(domain0, b, (unsigned)far), -EINVAL);
    s = status_of(b, (unsigned)far);
    assert_int_equal(s.status, EVTCHNSTAT_interdomain);
    assert_int_equal(s.u.interdomain.dom, 0);
    assert_int_equal(s.u.interdomain.port, near);
    s = status_of(domain0, (unsigned)near);
    assert_int_equal(s.u.interdomain.dom, b->id);
    assert_int_equal(s.u.interdomain.port, far);
}

/* The other end may have sent before: EVTCHNOP_bind_interdomain always marks the local port. */
static void binding_marks_the_local_port_pending(void **state)
{
    int far, near;

    (void)state;
    up();
    far = evtchn_alloc_unbound(b, a->id, NULL);
    near = evtchn_bind_interdomain(a, b, (unsigned)far);
    assert_true(evtchn_poll(a, (unsigned)near));
    assert_true(is_upcall(a->vcpu[0]));
    assert_false(evtchn_poll(b, (unsigned)far));
}

static void a_send_sets_pending_selector_and_upcall_at_the_other_end(void **state)
{
    evtchn_port_t far, near;

    (void)state;
    up();
    for (int i = 0; i < 70; i++)
        evtchn_alloc_unbound(b, 0, NULL);
    near = connect(&far);
    assert_int_equal(far, 71);
    assert_int_equal(evtchn_send(a, near), 0);
    assert_true(evtchn_poll(b, far));
    assert_int_equal(b->shared_info->evtchn_pending[1], BIT(7));
    assert_int_equal(b->vcpu[0]->info->evtchn_pending_sel, BIT(1));
    assert_true(is_upcall(b->vcpu[0]));
    assert_false(is_upcall(a->vcpu[0]));
    /* Pending already: nothing more. */
    upcall_done(b->vcpu[0]);
    assert_int_equal(evtchn_send(a, near), 0);
    assert_false(is_upcall(b->vcpu[0]));
    pending_done(b, far);
    assert_int_equal(evtchn_send(b, far), 0);
    assert_true(evtchn_poll(a, near));
    assert_int_equal(fake_percpu->evtchn_section, 0);
}

static void a_masked_event_waits_for_the_unmask(void **state)
{
    evtchn_port_t far, near;

    (void)state;
    up();
    near = connect(&far);
    b->shared_info->evtchn_mask[0] = BIT(far);
    assert_int_equal(evtchn_send(a, near), 0);
    assert_true(evtchn_poll(b, far));
    assert_false(is_upcall(b->vcpu[0]));
    assert_int_equal(b->vcpu[0]->info->evtchn_pending_sel, 0);
    assert_int_equal(evtchn_unmask(b, far), 0);
    assert_int_equal(b->shared_info->evtchn_mask[0], 0);
    assert_true(is_upcall(b->vcpu[0]));
    /* Not masked, or not pending: no upcall. */
    upcall_done(b->vcpu[0]);
    assert_int_equal(evtchn_unmask(b, far), 0);
    assert_false(is_upcall(b->vcpu[0]));
    pending_done(b, far);
    b->shared_info->evtchn_mask[0] = BIT(far);
    assert_int_equal(evtchn_unmask(b, far), 0);
    assert_false(is_upcall(b->vcpu[0]));
    assert_int_equal(evtchn_unmask(b, 5000), -EINVAL);
}

static void sending_to_no_one_is_dropped_or_refused(void **state)
{
    int port;

    (void)state;
    up();
    port = evtchn_alloc_unbound(a, b->id, NULL);
    assert_int_equal(evtchn_send(a, (unsigned)port), 0);
    assert_int_equal(evtchn_send(a, (unsigned)port + 1), -EINVAL);
    assert_int_equal(evtchn_send(a, 0), -EINVAL);
    assert_int_equal(evtchn_send(a, 4000000), -EINVAL);
    port = evtchn_bind_virq(a, VIRQ_DEBUG, 1);
    assert_int_equal(evtchn_send(a, (unsigned)port), -EINVAL);
    assert_int_equal(fake_percpu->evtchn_section, 0);
}

/* sched_op poll: on whichever vCPU, masked or not, told or not. */
static void every_event_ends_the_waiting_for_it(void **state)
{
    evtchn_port_t far, near;
    struct vcpu *v;

    (void)state;
    up();
    near = connect(&far);
    v = a->vcpu[1];
    for (unsigned i = 0; i < 2; i++) { /* the second finds vCPU 0 told already */
        a->shared_info->evtchn_pending[0] = 0;
        v->evtchn_poll = VCPU_POLL_WAITS;
        assert_false(evtchn_poll(a, near));
        assert_int_equal(evtchn_send(b, far), 0);
        assert_int_equal(v->evtchn_poll, VCPU_POLL_DONE);
    }
    v->evtchn_poll = VCPU_POLL_NONE;
}

static void closing_leaves_the_other_end_unbound_and_ours_clean(void **state)
{
    evtchn_port_t far, near;
    evtchn_status_t s;

    (void)state;
    up();
    near = connect(&far);
    assert_int_equal(evtchn_bind_vcpu(a, near, 1), 0);
    assert_int_equal(evtchn_send(b, far), 0);
    assert_true(evtchn_poll(a, near));
    assert_int_equal(evtchn_close(a, near), 0);
    assert_false(evtchn_poll(a, near));
    s = status_of(a, near);
    assert_int_equal(s.status, EVTCHNSTAT_closed);
    assert_int_equal(s.vcpu, 0);
    s = status_of(b, far);
    assert_int_equal(s.status, EVTCHNSTAT_unbound);
    assert_int_equal(s.u.unbound.dom, a->id);
    assert_int_equal(evtchn_send(b, far), 0); /* dropped */
    assert_int_equal(evtchn_send(a, near), -EINVAL);
    assert_int_equal(evtchn_close(a, near), -EINVAL);
    /* It accepts a again, on vCPU 0 again. */
    assert_int_equal(evtchn_bind_interdomain(a, b, far), near);
    assert_int_equal(status_of(a, near).vcpu, 0);
}

static void a_loopback_channel_works_and_closes(void **state)
{
    int far, near;

    (void)state;
    up();
    far = evtchn_alloc_unbound(a, a->id, NULL);
    near = evtchn_bind_interdomain(a, a, (unsigned)far);
    assert_int_not_equal(near, far);
    assert_int_equal(evtchn_send(a, (unsigned)near), 0);
    assert_true(evtchn_poll(a, (unsigned)far));
    assert_int_equal(evtchn_close(a, (unsigned)near), 0);
    assert_int_equal(status_of(a, (unsigned)far).status, EVTCHNSTAT_unbound);
    assert_int_equal(evtchn_close(a, (unsigned)far), 0);
    assert_int_equal(a->evtchn.active, 0);
}

static void an_ipi_goes_to_its_vcpu_for_ever(void **state)
{
    int port;

    (void)state;
    up();
    assert_int_equal(evtchn_bind_ipi(a, 2), -ENOENT);
    port = evtchn_bind_ipi(a, 1);
    assert_int_equal(status_of(a, (unsigned)port).status, EVTCHNSTAT_ipi);
    assert_int_equal(status_of(a, (unsigned)port).vcpu, 1);
    assert_int_equal(evtchn_send(a, (unsigned)port), 0);
    assert_true(is_upcall(a->vcpu[1]));
    assert_false(is_upcall(a->vcpu[0]));
    assert_int_equal(evtchn_bind_vcpu(a, (unsigned)port, 0), -EINVAL);
    assert_int_equal(evtchn_close(a, (unsigned)port), 0);
}

static void a_channel_can_move_to_another_vcpu(void **state)
{
    evtchn_port_t far, near;

    (void)state;
    up();
    near = connect(&far);
    assert_int_equal(evtchn_bind_vcpu(b, far, 1), 0);
    assert_int_equal(evtchn_bind_vcpu(b, far, 2), -ENOENT);
    assert_int_equal(evtchn_bind_vcpu(b, 99, 0), -EINVAL);
    assert_int_equal(evtchn_send(a, near), 0);
    assert_true(is_upcall(b->vcpu[1]));
    assert_false(is_upcall(b->vcpu[0]));
    assert_int_equal(b->vcpu[1]->info->evtchn_pending_sel, 1);
}

static void virqs_are_per_vcpu_or_global(void **state)
{
    int timer, console;

    (void)state;
    up();
    assert_int_equal(evtchn_bind_virq(a, VIRQ_CONSOLE, 1), -EINVAL);
    assert_int_equal(evtchn_bind_virq(a, NR_VIRQS, 0), -EINVAL);
    assert_int_equal(evtchn_bind_virq(a, VIRQ_TIMER, 2), -ENOENT);
    timer = evtchn_bind_virq(a, VIRQ_TIMER, 1);
    assert_true(timer > 0);
    assert_int_equal(evtchn_bind_virq(a, VIRQ_TIMER, 1), -EEXIST);
    assert_true(evtchn_bind_virq(a, VIRQ_TIMER, 0) > 0);
    assert_int_equal(evtchn_bind_vcpu(a, (unsigned)timer, 0), -EINVAL);
    console = evtchn_bind_virq(a, VIRQ_CONSOLE, 0);
    assert_int_equal(evtchn_bind_vcpu(a, (unsigned)console, 1), 0);
    evtchn_virq_raise(a, VIRQ_CONSOLE);
    assert_true(is_upcall(a->vcpu[1]));
    assert_int_equal(status_of(a, (unsigned)console).u.virq, VIRQ_CONSOLE);
    /* Closed, and nobody bound: dropped, and free to bind again. */
    assert_int_equal(evtchn_close(a, (unsigned)console), 0);
    assert_int_equal(evtchn_close(a, (unsigned)timer), 0);
    evtchn_virq_raise(a, VIRQ_CONSOLE);
    evtchn_virq_raise(NULL, VIRQ_CONSOLE);
    assert_false(evtchn_poll(a, (unsigned)console));
    assert_true(evtchn_bind_virq(a, VIRQ_CONSOLE, 0) > 0);
    assert_true(evtchn_bind_virq(a, VIRQ_TIMER, 1) > 0);
}

static void a_domu_opens_ports_for_itself_only(void **state)
{
    evtchn_alloc_unbound_t op = { .remote_dom = 0 };
    evtchn_status_t s = { .port = 1 };
    evtchn_reset_t r;

    (void)state;
    up();
    op.dom = s.dom = r.dom = b->id;
    become(a->vcpu[0]);
    assert_int_equal(OP(alloc_unbound, op), -EPERM);
    assert_int_equal(OP(status, s), -EPERM);
    assert_int_equal(OP(reset, r), -EPERM);
    op.dom = s.dom = 7777;
    assert_int_equal(OP(alloc_unbound, op), -ESRCH);
    assert_int_equal(OP(status, s), -ESRCH);
    op.dom = s.dom = DOMID_SELF;
    op.remote_dom = DOMID_SELF;
    assert_int_equal(OP(alloc_unbound, op), 0);
    assert_int_equal(op.port, 1);
    assert_int_equal(OP(status, s), 0);
    assert_int_equal(s.status, EVTCHNSTAT_unbound);
    assert_int_equal(s.u.unbound.dom, a->id);
    become(domain0->vcpu[0]);
    op.dom = s.dom = b->id;
    assert_int_equal(OP(alloc_unbound, op), 0);
    assert_int_equal(OP(status, s), 0);
    assert_int_equal(s.u.unbound.dom, 0);
}

static void hypercalls_carry_results_in_and_out(void **state)
{
    evtchn_bind_interdomain_t bind;
    evtchn_bind_virq_t virq = { .virq = VIRQ_DEBUG, .vcpu = 1 };
    evtchn_bind_ipi_t ipi = { .vcpu = 1 };
    evtchn_bind_vcpu_t move = { .vcpu = 1 };
    evtchn_bind_pirq_t pirq = { .pirq = 1 };
    evtchn_send_t send;
    evtchn_unmask_t unmask;
    evtchn_close_t close;
    int far;

    (void)state;
    up();
    far = evtchn_alloc_unbound(b, a->id, NULL);
    become(a->vcpu[0]);
    bind = (evtchn_bind_interdomain_t){ .remote_dom = b->id, .remote_port = (unsigned)far };
    assert_int_equal(OP(bind_interdomain, bind), 0);
    assert_int_equal(bind.local_port, 1);
    bind.remote_dom = 7777;
    assert_int_equal(OP(bind_interdomain, bind), -ESRCH);
    assert_int_equal(OP(bind_virq, virq), 0);
    assert_int_equal(virq.port, 2);
    assert_int_equal(OP(bind_ipi, ipi), 0);
    assert_int_equal(ipi.port, 3);
    assert_int_equal(OP(bind_pirq, pirq), -EOPNOTSUPP);
    move.port = 1;
    assert_int_equal(OP(bind_vcpu, move), 0);
    send.port = 1;
    assert_int_equal(OP(send, send), 0);
    assert_true(evtchn_poll(b, (unsigned)far));
    unmask.port = 1;
    assert_int_equal(OP(unmask, unmask), 0);
    close.port = 1;
    assert_int_equal(OP(close, close), 0);
    assert_int_equal(OP(send, send), -EINVAL);
    assert_int_equal(op_call(99, &close, sizeof(close)), -ENOSYS);
    /* The command is an int: the register's upper half means nothing. */
    send.port = 2;
    assert_int_equal(op_call(EVTCHNOP_unmask | 0xabcdul << 32, &send, sizeof(send)), 0);
    assert_int_equal(env_call(evtchn_hypercall, EVTCHNOP_send, 0x1000, 0), -EFAULT);
    assert_int_equal(env_call(evtchn_hypercall, EVTCHNOP_status, 0x1000, 0), -EFAULT);
}

static void a_send_whose_argument_crosses_a_page_works(void **state)
{
    evtchn_port_t far, near;
    uint64_t address;
    char *p;

    (void)state;
    up();
    near = connect(&far);
    become(a->vcpu[0]);
    p = env_guest_pages(1, &address);
    for (unsigned off = 4090; off < 4098; off++) {
        pending_done(b, far);
        memcpy(p + off, &near, sizeof(near));
        assert_int_equal(env_call(evtchn_hypercall, EVTCHNOP_send, address + off, 0), 0);
        assert_true(evtchn_poll(b, far));
    }
}

static void a_reset_closes_everything_in_bounded_steps(void **state)
{
    evtchn_reset_t r = { .dom = DOMID_SELF };
    evtchn_port_t far, near;

    (void)state;
    up();
    near = connect(&far);
    for (unsigned i = 0; i < 300; i++)
        assert_true(evtchn_bind_ipi(a, 1) > 0);
    assert_true(evtchn_bind_virq(a, VIRQ_TIMER, 1) > 0);
    become(a->vcpu[0]);
    assert_int_equal(OP(reset, r), 0);
    assert_true(env_chunks > 3);
    assert_int_equal(a->evtchn.active, 0);
    assert_int_equal(status_of(b, far).status, EVTCHNSTAT_unbound);
    assert_int_equal(evtchn_bind_virq(a, VIRQ_TIMER, 1), near);
    /* Of another domain only while it is paused. */
    become(domain0->vcpu[0]);
    r.dom = a->id;
    assert_int_equal(OP(reset, r), 0);
    a->paused_by_tools = 0;
    assert_int_equal(OP(reset, r), -EINVAL);
}

/* To close a port is to ask each of them. */
static void a_reset_closes_fewer_ports_at_once_with_many_cpus(void **state)
{
    unsigned cpus;

    (void)state;
    up();
    cpus = cpu_count;
    for (cpu_count = cpus; cpu_count < NR_CPUS_MAX; cpu_count++)
        percpu_table[cpu_count] = percpu_table[1];
    for (unsigned i = 0; i < 60; i++)
        assert_true(evtchn_bind_ipi(a, 1) > 0);
    assert_int_equal(evtchn_reset(a), -ERESTART);
    assert_in_range(a->evtchn.active, 40, 50);
    while (evtchn_reset(a))
        ;
    assert_int_equal(a->evtchn.active, 0);
    cpu_count = cpus;
}

static void everything_is_pending_where_vcpu_info_moves_to(void **state)
{
    (void)state;
    up();
    a->vcpu[1]->info->evtchn_upcall_pending = 1;
    evtchn_vcpu_info_moved(a->vcpu[1]);
    assert_true(is_upcall(a->vcpu[1]));
    assert_true(a->vcpu[1]->info->evtchn_pending_sel == ~0ul);
}

static void a_dying_domain_opens_no_ports_and_leaves_its_peers_unbound(void **state)
{
    evtchn_port_t far, near;
    uint64_t before;

    (void)state;
    env_up(2, 64ul << 20);
    b = env_domu(2, 4096);
    before = env_free_pages();
    a = env_domu(2, 4096);
    near = connect(&far);
    for (unsigned i = 0; i < 200; i++)
        assert_true(evtchn_bind_ipi(a, 0) > 0);
    assert_int_equal(evtchn_bind_vcpu(a, near, 1), 0);
    assert_int_equal(domain_kill(a), 0);
    while (evtchn_relinquish(a))
        ;
    assert_int_equal(evtchn_alloc_unbound(a, 0, NULL), -EINVAL);
    assert_int_equal(evtchn_bind_interdomain(a, b, far), -EINVAL);
    evtchn_virq_raise(a, VIRQ_CONSOLE);
    assert_int_equal(evtchn_send(b, far), 0);
    while (domain_relinquish(a) == -ERESTART)
        env_quiesce_all();
    assert_int_equal(evtchn_send(b, far), 0);
    assert_int_equal(status_of(b, far).status, EVTCHNSTAT_unbound);
    assert_int_equal(env_free_pages(), before);
}

/* VIRQ_DOM_EXC is how xenstored learns of it. */
static void dom0_hears_of_a_domains_death(void **state)
{
    int port;

    (void)state;
    up();
    port = evtchn_bind_virq(domain0, VIRQ_DOM_EXC, 0);
    assert_true(port > 0);
    env_destroy(a);
    assert_true(evtchn_poll(domain0, (unsigned)port));
    assert_true(is_upcall(domain0->vcpu[0]));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(ports_are_handed_out_from_1_lowest_first),
    cmocka_unit_test(a_domain_has_no_more_ports_than_its_limit),
    cmocka_unit_test(two_level_delivery_ends_at_port_4095),
    cmocka_unit_test(binding_needs_an_unbound_port_that_accepts_the_caller),
    cmocka_unit_test(binding_marks_the_local_port_pending),
    cmocka_unit_test(a_send_sets_pending_selector_and_upcall_at_the_other_end),
    cmocka_unit_test(a_masked_event_waits_for_the_unmask),
    cmocka_unit_test(sending_to_no_one_is_dropped_or_refused),
    cmocka_unit_test(every_event_ends_the_waiting_for_it),
    cmocka_unit_test(closing_leaves_the_other_end_unbound_and_ours_clean),
    cmocka_unit_test(a_loopback_channel_works_and_closes),
    cmocka_unit_test(an_ipi_goes_to_its_vcpu_for_ever),
    cmocka_unit_test(a_channel_can_move_to_another_vcpu),
    cmocka_unit_test(virqs_are_per_vcpu_or_global),
    cmocka_unit_test(a_domu_opens_ports_for_itself_only),
    cmocka_unit_test(hypercalls_carry_results_in_and_out),
    cmocka_unit_test(a_send_whose_argument_crosses_a_page_works),
    cmocka_unit_test(a_reset_closes_everything_in_bounded_steps),
    cmocka_unit_test(a_reset_closes_fewer_ports_at_once_with_many_cpus),
    cmocka_unit_test(everything_is_pending_where_vcpu_info_moves_to),
    cmocka_unit_test(a_dying_domain_opens_no_ports_and_leaves_its_peers_unbound),
    cmocka_unit_test(dom0_hears_of_a_domains_death),
};

FAKE_TEST_MAIN(tests)
