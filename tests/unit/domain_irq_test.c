/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/domain_irq.c: who gets a physical interrupt.
 */
#include "core/domain_irq.h"
#include "irq/vtimer.h"
#include "tests/unit/sched_env.h"

#define SPI 40u

static uint64_t next_iar;

static uint64_t on_iar(enum fake_sysreg reg)
{
    (void)reg;
    return next_iar;
}

static void fire(unsigned intid)
{
    next_iar = intid;
    irq_dispatch();
}

static struct domain *machine_up(void)
{
    struct domain *d = sched_env_run(1, 1);

    assert_int_equal(domain_irq_init(), 0);
    fake_sysreg_on_read[FAKE_ICC_IAR1_EL1] = on_iar;
    return d;
}

static void test_device_interrupt_belongs_to_one_domain(void **state)
{
    struct domain *d = machine_up();

    (void)state;
    env_gicd.words[1] = 8;
    assert_int_equal(domain_irq_assign(d, SPI), 0);
    assert_ptr_equal(irq_owner(SPI), d);
    assert_int_equal(domain_irq_assign(domain0, SPI), -EBUSY);
    fire(SPI);
    assert_ptr_equal(resched(0), d->vcpu[0]);
}

static void test_release_gives_all_back(void **state)
{
    struct domain *d = machine_up();

    (void)state;
    assert_int_equal(domain_irq_assign(d, SPI), 0);
    assert_int_equal(domain_irq_assign(d, SPI + 1), 0);
    domain_irq_release_all(d);
    assert_null(irq_owner(SPI));
    assert_null(irq_owner(SPI + 1));
    assert_int_equal(domain_irq_assign(domain0, SPI), 0);
}

static void test_link_that_fails_leaves_no_owner(void **state)
{
    struct domain *d = machine_up();

    (void)state;
    assert_true(domain_irq_assign(d, 200) < 0); /* the domain has 32 SPIs */
    assert_false(irq_is_registered(200));
}

/* Nobody loaded: the timer was saved while its interrupt was on the way. */
static void test_timer_and_maintenance_with_nobody_loaded(void **state)
{
    struct domain *d = machine_up();

    (void)state;
    domain_pause(d);
    assert_null(step(0));
    assert_null(fake_percpu->current);
    fire(VTIMER_PPI_VIRTUAL);
    fire(gic_info()->maintenance_irq);
    domain_unpause(d);
    assert_ptr_equal(step(0), d->vcpu[0]);
}

static void write_gic(bool (*frame)(struct vgic *, struct vgic_access *), struct vcpu *v,
                      uint64_t offset, uint32_t value)
{
    struct vgic_access a = { .cpu = &v->vgic, .offset = offset, .size = 4, .is_write = true,
                             .value = value };

    do {
        a.retry = false;
        assert_true(frame(&v->domain->vgic, &a));
    } while (a.retry);
}

/* As on APM X-Gene 1: 30; the guest has it at 27. */
static void test_timer_at_another_place_reaches_the_guest_at_its_own(void **state)
{
    struct domain *d;
    uint64_t lr;

    (void)state;
    vtimer_init(30);
    d = machine_up();
    assert_true(irq_is_registered(30));
    assert_false(irq_is_registered(VTIMER_PPI_VIRTUAL));
    write_gic(vgic_v3_redist_access, d->vcpu[0], 0x10080, ~0u); /* GICR_IGROUPR0 */
    write_gic(vgic_v3_redist_access, d->vcpu[0], 0x10100, BIT(VTIMER_PPI_VIRTUAL));
    write_gic(vgic_dist_access, d->vcpu[0], 0, 2); /* GICD_CTLR: group 1 */
    assert_ptr_equal(resched(0), d->vcpu[0]);
    fire(30);
    assert_ptr_equal(step(0), d->vcpu[0]);
    lr = hw_sysreg_read(ICH_LR0_EL2);
    assert_int_equal(lr & 0xffffffff, VTIMER_PPI_VIRTUAL);
    assert_true(lr & BIT(61)); /* HW (IHI 0069, ICH_LR<n>_EL2) */
    assert_int_equal(lr >> 32 & 0x1fff, 30);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_device_interrupt_belongs_to_one_domain),
    cmocka_unit_test(test_release_gives_all_back),
    cmocka_unit_test(test_link_that_fails_leaves_no_owner),
    cmocka_unit_test(test_timer_at_another_place_reaches_the_guest_at_its_own),
    cmocka_unit_test(test_timer_and_maintenance_with_nobody_loaded),
};

FAKE_TEST_MAIN(tests)
