/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/vpsci.c: PSCI and SMCCC as a guest calls them.
 */
#include "tests/unit/sched_env.h"

#define CPU_OFF 0x84000002u
#define CPU_ON 0x84000003u
#define CPU_ON64 0xc4000003u
#define AFFINITY_INFO 0x84000004u
#define ENTRY 0x40080000ul

/* v, on the CPU that it is loaded on, calls. */
static int64_t psci(struct vcpu *v, uint32_t fn, uint64_t a1, uint64_t a2, uint64_t a3)
{
    fake_cpu_switch(v->sched.cpu);
    v->x[0] = fn;
    v->x[1] = a1;
    v->x[2] = a2;
    v->x[3] = a3;
    v->x[0] = (uint64_t)vpsci_call(v);
    return (int64_t)v->x[0];
}

/* Two CPUs, vCPU 0 on CPU 0 and vCPU 1, off, whose home is CPU 1. */
static struct domain *guest_up(void)
{
    struct domain *d;

    env_up(2, 16ul << 20);
    fake_percpu->current = NULL;
    fake_on_wfi = sched_env_on_wfi;
    d = env_domu(2, 16);
    for (unsigned i = 0; i < 2; i++) {
        fake_cpu_switch(i);
        sched_affinity_set(d->vcpu[i], BIT(i), ~0ul);
    }
    d->vcpu[0]->is_online = true;
    sched_vcpu_online(d->vcpu[0]);
    domain_unpause(d);
    assert_ptr_equal(resched(0), d->vcpu[0]);
    assert_null(resched(1));
    return d;
}

static void test_cpu_on_starts_at_the_entry_point_with_the_context(void **state)
{
    struct domain *d = guest_up();
    struct vcpu *w = d->vcpu[1];

    (void)state;
    w->x[5] = 5;
    assert_int_equal(psci(d->vcpu[0], CPU_ON64, 1, ENTRY, 0x123456789a), 0);
    assert_ptr_equal(step(1), w);
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL2), ENTRY);
    assert_int_equal(fake_sysreg_get(FAKE_SPSR_EL2), 0x3c5);
    assert_int_equal(w->x[0], 0x123456789a);
    assert_int_equal(w->x[5], 0);
    assert_int_equal(psci(d->vcpu[0], CPU_ON64, 1, ENTRY, 0), -4);
}

static void test_32_bit_calls_take_the_low_halves(void **state)
{
    const uint64_t junk = 0xdead000000000000ul;
    struct domain *d = guest_up();

    (void)state;
    assert_int_equal(psci(d->vcpu[0], CPU_ON, junk | 1, junk | ENTRY, junk | 7), 0);
    assert_ptr_equal(step(1), d->vcpu[1]);
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL2), ENTRY);
    assert_int_equal(d->vcpu[1]->x[0], 7);
    assert_int_equal(psci(d->vcpu[0], AFFINITY_INFO, junk | 1, junk, 0), 0);
}

static void test_bad_targets_and_addresses_are_refused(void **state)
{
    struct domain *d = guest_up();

    (void)state;
    assert_int_equal(psci(d->vcpu[0], CPU_ON64, 2, ENTRY, 0), -2);
    assert_int_equal(psci(d->vcpu[0], CPU_ON64, 0x10, ENTRY, 0), -2);
    assert_int_equal(psci(d->vcpu[0], CPU_ON64, 1ul << 32, ENTRY, 0), -2);
    assert_int_equal(psci(d->vcpu[0], CPU_ON64, 1, ENTRY + 1, 0), -9);
    assert_int_equal(psci(d->vcpu[0], AFFINITY_INFO, 1, 1, 0), -2);
    assert_false(d->vcpu[1]->is_online);
}

/* Until it has left its CPU it is on, for everybody; then it can be had again. */
static void test_cpu_off_then_on(void **state)
{
    struct domain *d = guest_up();
    struct vcpu *w = d->vcpu[1];

    (void)state;
    assert_int_equal(psci(d->vcpu[0], CPU_ON64, 1, ENTRY, 0), 0);
    assert_ptr_equal(step(1), w);
    psci(w, CPU_OFF, 0, 0, 0);
    assert_int_equal(psci(d->vcpu[0], AFFINITY_INFO, 1, 0, 0), 0);
    assert_int_equal(psci(d->vcpu[0], CPU_ON64, 1, ENTRY, 0), -4);
    assert_null(step(1));
    assert_int_equal(psci(d->vcpu[0], AFFINITY_INFO, 1, 0, 0), 1);
    assert_int_equal(psci(d->vcpu[0], CPU_ON64, 1, ENTRY + 0x100, 3), 0);
    assert_ptr_equal(step(1), w);
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL2), ENTRY + 0x100);
}

static void test_cpu_on_leaves_no_timer_or_interrupt_behind(void **state)
{
    struct domain *d = guest_up();
    struct vcpu *w = d->vcpu[1];

    (void)state;
    vtimer_cntp_write(&w->vtimer, VTIMER_CNTP_CTL, 1, 0);
    timer_set(&w->cntp_timer, timer_now() + MS);
    timer_set(&w->poll_timer, timer_now() + MS);
    w->evtchn_poll = VCPU_POLL_WAITS;
    assert_int_equal(psci(d->vcpu[0], CPU_ON64, 1, ENTRY, 0), 0);
    assert_false(w->cntp_timer.is_set || w->poll_timer.is_set);
    assert_int_equal(w->evtchn_poll, VCPU_POLL_NONE);
    assert_int_equal(vtimer_cntp_deadline(&w->vtimer), UINT64_MAX);
}

static void test_suspend_waits_for_an_interrupt(void **state)
{
    struct domain *d = guest_up();

    (void)state;
    assert_int_equal(psci(d->vcpu[0], 0xc4000001, 0, 0, 0), 0);
    assert_null(step(0));
    sched_wake(d->vcpu[0]);
    assert_ptr_equal(step(0), d->vcpu[0]);
}

static void test_system_off_and_reset_shut_down_with_their_reason(void **state)
{
    struct domain *d = guest_up();

    (void)state;
    psci(d->vcpu[0], 0x84000009, 0, 0, 0);
    assert_int_equal(d->state, DOMAIN_SHUTDOWN);
    assert_int_equal(d->shutdown_code, SHUTDOWN_reboot);
    assert_null(step(0));
}

static void test_versions_features_and_unknown_calls(void **state)
{
    struct domain *d = guest_up();
    struct vcpu *v = d->vcpu[0];

    (void)state;
    assert_int_equal(psci(v, 0x84000000, 0, 0, 0), 0x10001);
    assert_int_equal(psci(v, 0x80000000, 0, 0, 0), 0x10001);
    assert_int_equal(psci(v, 0x8400000a, CPU_ON64, 0, 0), 0);
    assert_int_equal(psci(v, 0x8400000a, 0x84000012, 0, 0), -1);
    assert_int_equal(psci(v, 0x84000012, 0, 0, 0), -1);
    assert_int_equal(psci(v, 0x80000001, 0x80008000, 0, 0), -1);
    assert_int_equal(psci(v, 0x84000006, 0, 0, 0), 2);
    assert_int_equal(psci(v, 0x8600ff01, 0, 0, 0), 0xdc1218a7);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cpu_on_starts_at_the_entry_point_with_the_context),
    cmocka_unit_test(test_32_bit_calls_take_the_low_halves),
    cmocka_unit_test(test_bad_targets_and_addresses_are_refused),
    cmocka_unit_test(test_cpu_off_then_on),
    cmocka_unit_test(test_cpu_on_leaves_no_timer_or_interrupt_behind),
    cmocka_unit_test(test_suspend_waits_for_an_interrupt),
    cmocka_unit_test(test_system_off_and_reset_shut_down_with_their_reason),
    cmocka_unit_test(test_versions_features_and_unknown_calls),
};

FAKE_TEST_MAIN(tests)
