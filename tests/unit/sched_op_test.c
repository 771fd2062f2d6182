/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/sched_op.c: block, yield, poll and shutdown as guests call them.
 */
#include "core/base/bits.h"
#include "core/evtchn.h"
#include "tests/unit/sched_env.h"

static struct domain *d;
static struct vcpu *v;
static void *arg;
static uint64_t arg_at;

/* A guest with its identity map of RAM turned on: stage 2 off, as for Dom0's addresses. */
static void guest_up(void)
{
    d = sched_env_run(1, 1);
    d->event_irq = 0;
    v = step(0);
    fake_sysreg_set(FAKE_VTTBR_EL2, 0);
    arg = env_guest_pages(0, &arg_at);
}

static int64_t poll(unsigned ports, uint64_t timeout)
{
    struct sched_poll *p = arg;

    memset(p, 0, sizeof(*p));
    p->nr_ports = ports;
    p->timeout = timeout;
    p->ports.p = (evtchn_port_t *)(arg_at + 512);
    return sched_hypercall(SCHEDOP_poll, arg_at, 0, 0, 0);
}

static void test_block_waits_and_forgets_an_earlier_poll(void **state)
{
    (void)state;
    guest_up();
    v->evtchn_poll = VCPU_POLL_WAITS;
    v->info->evtchn_upcall_pending = 1;
    assert_int_equal(sched_hypercall(SCHEDOP_block, 0, 0, 0, 0), 0);
    assert_null(step(0));
    assert_int_equal(v->sched.state, VCPU_BLOCKED);
}

static void test_poll_ends_with_an_event(void **state)
{
    (void)state;
    guest_up();
    assert_int_equal(poll(0, 0), 0);
    assert_null(step(0));
    vcpu_event_upcall(v);
    assert_ptr_equal(step(0), v);
}

static void test_poll_ends_with_its_timeout(void **state)
{
    (void)state;
    guest_up();
    assert_int_equal(poll(0, timer_now_ns() + 5000000), 0);
    assert_null(tick(0));
    fake_counter_advance(4 * MS);
    assert_null(tick(0));
    fake_counter_advance(2 * MS);
    assert_ptr_equal(tick(0), v);
}

static void test_poll_does_not_wait_for_what_is_there(void **state)
{
    (void)state;
    guest_up();
    v->info->evtchn_upcall_pending = 1;
    assert_int_equal(poll(0, 0), 0);
    assert_ptr_equal(resched(0), v);
    v->info->evtchn_upcall_pending = 0;
    assert_int_equal(poll(0, 1), 0);
    assert_ptr_equal(resched(0), v);
}

static void test_poll_ends_with_a_masked_port_s_event(void **state)
{
    int port, other;

    (void)state;
    guest_up();
    port = evtchn_bind_ipi(d, 0);
    other = evtchn_bind_ipi(d, 0);
    assert_true(port > 0 && other > 0);
    d->shared_info->evtchn_mask[0] = BIT((unsigned)port) | BIT((unsigned)other);
    *(evtchn_port_t *)((char *)arg + 512) = (evtchn_port_t)port;
    assert_int_equal(poll(1, 0), 0);
    assert_null(step(0));
    assert_int_equal(evtchn_send(d, (evtchn_port_t)other), 0); /* masked, and not waited for */
    assert_null(step(0));
    assert_int_equal(evtchn_send(d, (evtchn_port_t)port), 0);
    assert_ptr_equal(step(0), v);
    assert_false(v->info->evtchn_upcall_pending);
    /* It is pending now: no more waiting. */
    assert_int_equal(poll(1, 0), 0);
    assert_ptr_equal(resched(0), v);
    /* What woke a poll does not end a later WFI. */
    d->shared_info->evtchn_pending[0] = 0;
    assert_int_equal(poll(1, 0), 0);
    assert_int_equal(evtchn_send(d, (evtchn_port_t)port), 0);
    vcpu_wait(v);
    assert_null(step(0));
}

static void test_poll_refuses_bad_ports(void **state)
{
    (void)state;
    guest_up();
    assert_int_equal(poll(129, 0), -EINVAL);
    *(evtchn_port_t *)((char *)arg + 512) = 500;
    assert_int_equal(poll(1, 0), -EINVAL);
    assert_ptr_equal(resched(0), v);
    assert_int_equal(sched_hypercall(SCHEDOP_poll, 0x1000, 0, 0, 0), -EFAULT);
}

static void test_shutdown_stops_the_domain_with_its_reason(void **state)
{
    (void)state;
    guest_up();
    *(struct sched_shutdown *)arg = (struct sched_shutdown){ SHUTDOWN_suspend };
    assert_int_equal(sched_hypercall(SCHEDOP_shutdown, arg_at, 0, 0, 0), 0);
    assert_null(step(0));
    assert_int_equal(d->shutdown_code, SHUTDOWN_suspend);
    assert_int_equal(domain_resume(d), 0);
    assert_ptr_equal(step(0), v);
}

/* Xen public sched.h, SCHEDOP_shutdown_code; resuming forgets it. */
static void test_a_code_that_is_latched_is_the_next_shutdowns(void **state)
{
    (void)state;
    guest_up();
    *(struct sched_shutdown *)arg = (struct sched_shutdown){ SHUTDOWN_crash };
    assert_int_equal(sched_hypercall(SCHEDOP_shutdown_code, arg_at, 0, 0, 0), 0);
    *(struct sched_shutdown *)arg = (struct sched_shutdown){ SHUTDOWN_reboot };
    assert_int_equal(sched_hypercall(SCHEDOP_shutdown, arg_at, 0, 0, 0), 0);
    assert_null(step(0));
    assert_int_equal(d->shutdown_code, SHUTDOWN_crash);
    assert_int_equal(domain_resume(d), 0);
    assert_ptr_equal(step(0), v);
    domain_shutdown(d, SHUTDOWN_reboot);
    assert_int_equal(d->shutdown_code, SHUTDOWN_reboot);
}

static int64_t remote(domid_t id)
{
    *(struct sched_remote_shutdown *)arg = (struct sched_remote_shutdown){ id, SHUTDOWN_reboot };
    return sched_hypercall(SCHEDOP_remote_shutdown, arg_at, 0, 0, 0);
}

static void test_dom0_shuts_others_down_and_nobody_else_does(void **state)
{
    (void)state;
    guest_up();
    assert_int_equal(remote(d->id), -EPERM);
    fake_percpu->current = domain0->vcpu[0];
    assert_int_equal(remote(0), -EINVAL);
    assert_int_equal(remote(77), -ESRCH);
    assert_int_equal(sched_hypercall(SCHEDOP_remote_shutdown, 0x1000, 0, 0, 0), -EFAULT);
    assert_true(d->state < DOMAIN_SHUTDOWN);
    assert_int_equal(remote(d->id), 0);
    assert_int_equal(d->state, DOMAIN_SHUTDOWN);
    assert_int_equal(d->shutdown_code, SHUTDOWN_reboot);
}

static void test_unknown_operations_are_not_implemented(void **state)
{
    (void)state;
    guest_up();
    assert_int_equal(sched_hypercall(SCHEDOP_pin_override, 0, 0, 0, 0), -ENOSYS);
    assert_int_equal(sched_hypercall(200, 0, 0, 0, 0), -ENOSYS);
}

static int64_t watchdog(uint32_t id, uint32_t seconds)
{
    *(struct sched_watchdog *)arg = (struct sched_watchdog){ id, seconds };
    return sched_hypercall(SCHEDOP_watchdog, arg_at, 0, 0, 0);
}

static void test_a_watchdog_that_is_not_called_stops_its_domain(void **state)
{
    (void)state;
    guest_up();
    assert_int_equal(watchdog(0, 0), -EINVAL);
    assert_int_equal(watchdog(1, 5), -EINVAL);
    assert_int_equal(watchdog(3, 5), -EINVAL);
    assert_int_equal(watchdog(0, 5), 1);
    assert_int_equal(watchdog(0, 60), 2);
    assert_int_equal(watchdog(0, 5), -ENOSPC);
    for (unsigned i = 0; i < 4; i++) {
        fake_counter_advance(4000 * MS);
        timer_run();
        assert_true(d->state < DOMAIN_SHUTDOWN);
        assert_int_equal(watchdog(1, 5), 0);
    }
    assert_int_equal(watchdog(2, 0), 0);
    assert_int_equal(watchdog(2, 5), -EINVAL);
    assert_int_equal(watchdog(0, 60), 2);
    fake_counter_advance(5001 * MS);
    timer_run();
    assert_int_equal(d->state, DOMAIN_SHUTDOWN);
    assert_int_equal(d->shutdown_code, SHUTDOWN_watchdog);
    assert_null(step(0));
}

/* Its timers go with it, and those that were given back do nothing. */
static void test_watchdogs_end(void **state)
{
    (void)state;
    guest_up();
    assert_int_equal(watchdog(0, 5), 1);
    assert_int_equal(watchdog(1, 0), 0);
    fake_counter_advance(6000 * MS);
    timer_run();
    assert_true(d->state < DOMAIN_SHUTDOWN);
    assert_int_equal(watchdog(0, 5), 1);
    assert_int_equal(domain_kill(d), 0);
    assert_null(step(0));
    while (domain_relinquish(d) == -ERESTART)
        env_quiesce_all();
    fake_counter_advance(6000 * MS);
    timer_run();
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_a_watchdog_that_is_not_called_stops_its_domain),
    cmocka_unit_test(test_watchdogs_end),
    cmocka_unit_test(test_block_waits_and_forgets_an_earlier_poll),
    cmocka_unit_test(test_poll_ends_with_an_event),
    cmocka_unit_test(test_poll_ends_with_its_timeout),
    cmocka_unit_test(test_poll_does_not_wait_for_what_is_there),
    cmocka_unit_test(test_poll_ends_with_a_masked_port_s_event),
    cmocka_unit_test(test_poll_refuses_bad_ports),
    cmocka_unit_test(test_shutdown_stops_the_domain_with_its_reason),
    cmocka_unit_test(test_a_code_that_is_latched_is_the_next_shutdowns),
    cmocka_unit_test(test_dom0_shuts_others_down_and_nobody_else_does),
    cmocka_unit_test(test_unknown_operations_are_not_implemented),
};

FAKE_TEST_MAIN(tests)
