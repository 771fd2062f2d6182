/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests' timers: register semantics (DDI 0487, the Generic Timer) and switching.
 */
#include "irq/vtimer.h"

#include "core/base/hw.h"

#include <cmocka.h>

static struct vtimer make(uint64_t now)
{
    struct vtimer t;

    fake_machine_init(1);
    fake_counter_set(now);
    vtimer_reset(&t, 1000);
    return t;
}

static void a_reset_timer_never_fires(void **state)
{
    struct vtimer t = make(5000);

    (void)state;
    assert_int_equal(vtimer_deadline(&t), UINT64_MAX);
    assert_int_equal(vtimer_cntp_deadline(&t), UINT64_MAX);
    assert_false(vtimer_cntp_level(&t, UINT64_MAX));
}

static void on_x_gene_a_compare_value_of_long_ago_becomes_a_later_one(void **state)
{
    struct vtimer t = make(1ul << 40);

    (void)state;
    t.cntv_cval = 5;
    vtimer_catch_up(&t);
    assert_int_equal(t.cntv_cval, 5);
    fake_sysreg_set(FAKE_MIDR_EL1, 0x500f0000);
    vtimer_catch_up(&t);
    assert_int_equal(t.cntv_cval, (1ul << 40) - 1000 - INT32_MAX / 2);
    t.cntv_cval = (1ul << 40) - 5000;
    vtimer_catch_up(&t);
    assert_int_equal(t.cntv_cval, (1ul << 40) - 5000);
}

static void switching_out_stops_the_timer_and_in_restores_it(void **state)
{
    struct vtimer t = make(5000);

    (void)state;
    fake_sysreg_set(FAKE_CNTV_CTL_EL0, 5); /* enabled, and ISTATUS */
    fake_sysreg_set(FAKE_CNTV_CVAL_EL0, 123);
    vtimer_save(&t);
    assert_int_equal(fake_sysreg_get(FAKE_CNTV_CTL_EL0), 0);
    assert_int_equal(t.cntv_ctl, 1);
    assert_int_equal(t.cntv_cval, 123);
    fake_sysreg_set(FAKE_CNTV_CVAL_EL0, 9);
    fake_trace_reset();
    vtimer_load(&t);
    assert_int_equal(fake_sysreg_get(FAKE_CNTVOFF_EL2), 1000);
    assert_int_equal(fake_sysreg_get(FAKE_CNTV_CVAL_EL0), 123);
    assert_int_equal(fake_sysreg_get(FAKE_CNTV_CTL_EL0), 1);
}

static void the_deadline_is_in_physical_ticks(void **state)
{
    struct vtimer t = make(5000);

    (void)state;
    t.cntv_ctl = 1;
    t.cntv_cval = 4100;
    assert_int_equal(vtimer_deadline(&t), 5100);
    fake_counter_set(5100);
    assert_int_equal(vtimer_deadline(&t), 0);
    t.cntv_ctl = 3;
    assert_int_equal(vtimer_deadline(&t), UINT64_MAX);
    t.cntv_ctl = 0;
    assert_int_equal(vtimer_deadline(&t), UINT64_MAX);
}

static void a_compare_value_out_of_reach_never_fires(void **state)
{
    struct vtimer t = make(5000);

    (void)state;
    t.cntv_ctl = 1;
    t.cntv_cval = UINT64_MAX;
    assert_int_equal(vtimer_deadline(&t), UINT64_MAX);
    t.cntv_cval = UINT64_MAX - 1000;
    assert_int_equal(vtimer_deadline(&t), UINT64_MAX);
}

static void a_guest_older_than_the_host_has_a_negative_offset(void **state)
{
    struct vtimer t = make(5000);

    (void)state;
    t.cntvoff = (uint64_t)-100000;
    t.cntv_ctl = 1;
    t.cntv_cval = 105010;
    assert_int_equal(vtimer_deadline(&t), 5010);
    t.cntv_cval = 105000;
    assert_int_equal(vtimer_deadline(&t), 0);
}

static void tval_is_a_signed_distance(void **state)
{
    struct vtimer t = make(0);

    (void)state;
    vtimer_cntp_write(&t, VTIMER_CNTP_TVAL, 50, 1000);
    assert_int_equal(vtimer_cntp_read(&t, VTIMER_CNTP_CVAL, 1000), 1050);
    assert_int_equal(vtimer_cntp_read(&t, VTIMER_CNTP_TVAL, 1060), 0xfffffff6);
    vtimer_cntp_write(&t, VTIMER_CNTP_TVAL, 0xfffffffful, 1000);
    assert_int_equal(vtimer_cntp_read(&t, VTIMER_CNTP_CVAL, 1000), 999);
    vtimer_cntp_write(&t, VTIMER_CNTP_TVAL, 0x1200000005ul, 1000);
    assert_int_equal(vtimer_cntp_read(&t, VTIMER_CNTP_CVAL, 1000), 1005);
}

static void istatus_shows_the_condition_masked_or_not(void **state)
{
    struct vtimer t = make(0);

    (void)state;
    vtimer_cntp_write(&t, VTIMER_CNTP_CVAL, 2000, 0);
    vtimer_cntp_write(&t, VTIMER_CNTP_CTL, 0xffff, 0);
    assert_int_equal(vtimer_cntp_read(&t, VTIMER_CNTP_CTL, 1999), 3);
    assert_int_equal(vtimer_cntp_read(&t, VTIMER_CNTP_CTL, 2000), 7);
    assert_false(vtimer_cntp_level(&t, 2000));
    assert_int_equal(vtimer_cntp_deadline(&t), UINT64_MAX);
    vtimer_cntp_write(&t, VTIMER_CNTP_CTL, 1, 0);
    assert_false(vtimer_cntp_level(&t, 1999));
    assert_true(vtimer_cntp_level(&t, 2000));
    assert_int_equal(vtimer_cntp_deadline(&t), 2000);
    vtimer_cntp_write(&t, VTIMER_CNTP_CTL, 0, 0);
    assert_int_equal(vtimer_cntp_read(&t, VTIMER_CNTP_CTL, 3000), 0);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reset_timer_never_fires),
        cmocka_unit_test(on_x_gene_a_compare_value_of_long_ago_becomes_a_later_one),
    cmocka_unit_test(switching_out_stops_the_timer_and_in_restores_it),
        cmocka_unit_test(the_deadline_is_in_physical_ticks),
        cmocka_unit_test(a_compare_value_out_of_reach_never_fires),
        cmocka_unit_test(a_guest_older_than_the_host_has_a_negative_offset),
        cmocka_unit_test(tval_is_a_signed_distance),
        cmocka_unit_test(istatus_shows_the_condition_masked_or_not),
    };

    return fake_run_tests(tests, 7, argc, argv);
}
