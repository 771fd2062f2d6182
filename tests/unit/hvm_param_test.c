/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hvm_op: who may set and read which parameter, and what the event interrupt's may be.
 */
#include "tests/unit/domain_env.h"

static struct xen_hvm_param *p; /* in guest memory */
static uint64_t p_at;

static int64_t get(domid_t domid, uint32_t index)
{
    *p = (struct xen_hvm_param){ .domid = domid, .index = index, .value = 99 };
    return env_call(hvm_hypercall, HVMOP_get_param, p_at, 0);
}

static int64_t set(domid_t domid, uint32_t index, uint64_t value)
{
    *p = (struct xen_hvm_param){ .domid = domid, .index = index, .value = value };
    return env_call(hvm_hypercall, HVMOP_set_param, p_at, 0);
}

static struct domain *up(void)
{
    env_up(1, 32ul << 20);
    p = env_guest_pages(0, &p_at);
    return env_domu(1, 16);
}

static void the_toolstack_sets_and_the_guest_reads(void **state)
{
    struct domain *d = up();

    (void)state;
    assert_int_equal(set(d->id, HVM_PARAM_STORE_PFN, 0x39001), 0);
    assert_int_equal(set(d->id, HVM_PARAM_MONITOR_RING_PFN, 0x39002), 0);
    assert_int_equal(get(d->id, HVM_PARAM_MONITOR_RING_PFN), 0);
    assert_int_equal(p->value, 0x39002);
    fake_percpu->current = d->vcpu[0];
    assert_int_equal(get(DOMID_SELF, HVM_PARAM_STORE_PFN), 0);
    assert_int_equal(p->value, 0x39001);
    assert_int_equal(get(DOMID_SELF, HVM_PARAM_MONITOR_RING_PFN), -EPERM);
    assert_int_equal(set(DOMID_SELF, HVM_PARAM_STORE_PFN, 1), -EPERM);
    assert_int_equal(get(0, HVM_PARAM_STORE_PFN), -EPERM);
}

static void dom0_reads_zero_for_its_store(void **state)
{
    (void)state;
    up();
    assert_int_equal(get(DOMID_SELF, HVM_PARAM_STORE_EVTCHN), 0);
    assert_int_equal(p->value, 0);
}

static void what_arm_does_not_have_is_invalid(void **state)
{
    struct domain *d = up();

    (void)state;
    assert_int_equal(set(d->id, HVM_PARAM_IDENT_PT, 1), -EINVAL);
    assert_int_equal(get(d->id, HVM_PARAM_ALTP2M), -EINVAL);
    assert_int_equal(get(d->id, HVM_NR_PARAMS), -EINVAL);
    assert_int_equal(get(d->id, 0xffffffff), -EINVAL);
    assert_int_equal(get(44, HVM_PARAM_STORE_PFN), -ESRCH);
    assert_int_equal(env_call(hvm_hypercall, HVMOP_flush_tlbs, 0, 0), -ENOSYS);
    assert_int_equal(env_call(hvm_hypercall, HVMOP_get_param, 0x20, 0), -EFAULT);
}

static void the_event_interrupt_is_a_level_ppi_of_the_guests_own(void **state)
{
    struct domain *d = up();

    (void)state;
    assert_int_equal(set(d->id, HVM_PARAM_CALLBACK_IRQ, 0x020000000000021f), 0);
    assert_int_equal(d->event_irq, 31);
    assert_int_equal(set(d->id, HVM_PARAM_CALLBACK_IRQ, 0x0200000000000210), 0);
    assert_int_equal(d->event_irq, 16);
    assert_int_equal(set(d->id, HVM_PARAM_CALLBACK_IRQ, 0x020000000000011f), -EINVAL);
    assert_int_equal(set(d->id, HVM_PARAM_CALLBACK_IRQ, 0x020000000001021f), -EINVAL);
    assert_int_equal(set(d->id, HVM_PARAM_CALLBACK_IRQ, 0x010000000000021f), -EINVAL);
    assert_int_equal(set(d->id, HVM_PARAM_CALLBACK_IRQ, 0x020000000000021b), -EINVAL);
    assert_int_equal(set(d->id, HVM_PARAM_CALLBACK_IRQ, 0x0200000000000220), -EINVAL);
    assert_int_equal(set(d->id, HVM_PARAM_CALLBACK_IRQ, 0x0200000000000207), -EINVAL);
    assert_int_equal(d->event_irq, 16);
    assert_int_equal(set(d->id, HVM_PARAM_CALLBACK_IRQ, 0), 0);
    assert_int_equal(d->event_irq, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_toolstack_sets_and_the_guest_reads),
    cmocka_unit_test(dom0_reads_zero_for_its_store),
    cmocka_unit_test(what_arm_does_not_have_is_invalid),
    cmocka_unit_test(the_event_interrupt_is_a_level_ppi_of_the_guests_own),
};

FAKE_TEST_MAIN(tests)
