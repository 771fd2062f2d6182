/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * irq.c and ipi.c: routing of what the GIC hands out, on a GICv3 of recorded registers.
 */
#include "core/base/errors.h"
#include "core/base/hw.h"
#include "irq/gic.h"
#include "irq/ipi.h"
#include "irq/irq.h"
#include "tests/unit/gic_model.h"

#include <cmocka.h>

#define GICD 0x08000000ul
#define GICR 0x080a0000ul

static struct gic_model gicd, rd, sgi;
static uint64_t next_iar = 1023;
static unsigned calls, quiesces;
static jmp_buf stopped;
static void *called_owner;
static bool handler_result;

static uint64_t iar_read(enum fake_sysreg reg)
{
    uint64_t iar = next_iar;

    (void)reg;
    next_iar = 1023;
    return iar;
}

static bool handler(unsigned intid, void *owner)
{
    (void)intid;
    calls++;
    called_owner = owner;
    return handler_result;
}

static void quiesce(void) { quiesces++; }
static void stop(void) { longjmp(stopped, 1); }

static void up(void)
{
    struct gic_config c = {
        .version = GIC_V3, .map = gic_model_map, .gicd_base = GICD,
        .gicr = { { GICR, 0x20000 } }, .gicr_regions = 1,
    };

    fake_machine_init(1);
    gic_model_add(&gicd, GICD, 0x10000);
    gic_model_add(&rd, GICR, 0x10000);
    gic_model_add(&sgi, GICR + 0x10000, 0x10000);
    gicd.words[1] = 8;
    rd.words[2] = 0x10;
    fake_sysreg_on_read[FAKE_ICC_IAR1_EL1] = iar_read;
    assert_int_equal(gic_init(&c), 0);
    assert_int_equal(gic_cpu_init(), 0);
    ipi_init(quiesce);
    fake_trace_reset();
}

/* Position of the first write of a register in the trace, -1: none. */
static int write_position(enum fake_sysreg reg)
{
    for (unsigned n = 0; fake_trace(n); n++)
        if (fake_trace(n)->event == FAKE_EV_SYSREG_WRITE && fake_trace(n)->a == reg)
            return (int)n;
    return -1;
}

static void only_ppis_and_spis_that_exist_can_be_registered(void **state)
{
    (void)state;
    up();
    assert_int_equal(irq_register(15, handler, NULL), -EINVAL);
    assert_int_equal(irq_register(288, handler, NULL), -EINVAL);
    assert_int_equal(irq_register(1023, handler, NULL), -EINVAL);
    assert_int_equal(irq_register(40, NULL, NULL), -EINVAL);
    assert_int_equal(irq_register(16, handler, NULL), 0);
    assert_int_equal(irq_register(287, handler, NULL), 0);
}

static void an_interrupt_has_one_owner(void **state)
{
    int a, b;

    (void)state;
    up();
    assert_int_equal(irq_register(40, handler, &a), 0);
    assert_int_equal(irq_register(40, handler, &b), -EBUSY);
    assert_ptr_equal(irq_owner(40), &a);
    assert_null(irq_owner(41));
    irq_unregister(40);
    assert_null(irq_owner(40));
    assert_int_equal(irq_register(40, handler, &b), 0);
    assert_ptr_equal(irq_owner(40), &b);
}

static void unregistering_disables(void **state)
{
    (void)state;
    up();
    assert_int_equal(irq_register(40, handler, NULL), 0);
    gic_irq_enable(40);
    irq_unregister(40);
    assert_int_equal(gicd.words[0x100 / 4 + 1], 0);
}

static void the_handler_runs_between_priority_drop_and_deactivation(void **state)
{
    int owner;

    (void)state;
    up();
    irq_register(40, handler, &owner);
    handler_result = true;
    next_iar = 40;
    irq_dispatch();
    assert_int_equal(calls, 1);
    assert_ptr_equal(called_owner, &owner);
    assert_int_equal(fake_sysreg_get(FAKE_ICC_EOIR1_EL1), 40);
    assert_int_equal(fake_sysreg_get(FAKE_ICC_DIR_EL1), 40);
    assert_true(write_position(FAKE_ICC_EOIR1_EL1) < write_position(FAKE_ICC_DIR_EL1));
}

static void a_guests_interrupt_stays_active(void **state)
{
    (void)state;
    up();
    irq_register(40, handler, NULL);
    handler_result = false;
    next_iar = 40;
    irq_dispatch();
    assert_int_equal(calls, 1);
    assert_int_equal(write_position(FAKE_ICC_DIR_EL1), -1);
}

static void a_spurious_acknowledge_does_nothing(void **state)
{
    (void)state;
    up();
    for (next_iar = 1020; next_iar < 1023; next_iar++) {
        uint64_t iar = next_iar;

        irq_dispatch();
        next_iar = iar;
    }
    assert_int_equal(fake_count(FAKE_EV_SYSREG_WRITE), 0);
}

static void an_interrupt_nobody_wants_is_switched_off(void **state)
{
    (void)state;
    up();
    gic_irq_enable(99);
    next_iar = 99;
    irq_dispatch();
    assert_int_equal(gicd.words[0x100 / 4 + 3], 0);
    assert_int_equal(fake_sysreg_get(FAKE_ICC_DIR_EL1), 99);
}

static void a_kick_is_acknowledged_and_nothing_else(void **state)
{
    (void)state;
    up();
    next_iar = IPI_KICK;
    irq_dispatch();
    assert_int_equal(fake_count(FAKE_EV_SYSREG_WRITE), 2); /* EOIR, DIR */
    assert_int_equal(fake_count(FAKE_EV_MMIO_READ) + fake_count(FAKE_EV_MMIO_WRITE), 0);
    assert_int_equal(quiesces, 0);
}

static void ipis_reach_their_handlers(void **state)
{
    (void)state;
    up();
    next_iar = IPI_QUIESCE;
    irq_dispatch();
    next_iar = 9; /* not ours */
    irq_dispatch();
    assert_int_equal(quiesces, 1);
}

static void a_cpu_that_is_told_to_stop_goes_nowhere(void **state)
{
    (void)state;
    up();
    fake_on_wfi = stop;
    next_iar = IPI_STOP;
    if (!setjmp(stopped)) {
        irq_dispatch();
        fail();
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(only_ppis_and_spis_that_exist_can_be_registered),
    cmocka_unit_test(an_interrupt_has_one_owner),
    cmocka_unit_test(unregistering_disables),
    cmocka_unit_test(the_handler_runs_between_priority_drop_and_deactivation),
    cmocka_unit_test(a_guests_interrupt_stays_active),
    cmocka_unit_test(a_spurious_acknowledge_does_nothing),
    cmocka_unit_test(an_interrupt_nobody_wants_is_switched_off),
    cmocka_unit_test(a_kick_is_acknowledged_and_nothing_else),
    cmocka_unit_test(ipis_reach_their_handlers),
    cmocka_unit_test(a_cpu_that_is_told_to_stop_goes_nowhere),
};

FAKE_TEST_MAIN(tests)
