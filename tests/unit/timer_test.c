/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * drivers/timer.c: order, laziness, cancelling across CPUs, and a race of set, cancel and run.
 */
#include "core/base/errors.h"
#include "core/base/hw.h"
#include "drivers/timer.h"

#include <pthread.h>

#include <cmocka.h>

static struct timer t[8];
static unsigned fired[8], fired_order[64], fired_count;

static void on_fire(struct timer *timer)
{
    unsigned n = (unsigned)(timer - t);

    fired[n]++;
    fired_order[fired_count++ % 64] = n;
}

static void up(unsigned cpus)
{
    fake_machine_init(cpus);
    assert_int_equal(timer_init(0, TIMER_PPI_HYP), 0);
    for (unsigned cpu = cpus; cpu-- > 0;) {
        fake_cpu_switch(cpu);
        timer_cpu_init();
    }
    for (unsigned i = 0; i < ARRAY_SIZE(t); i++)
        timer_setup(&t[i], on_fire);
}

static uint64_t programmed(void) { return fake_sysreg_get(FAKE_CNTHP_CVAL_EL2); }
static uint64_t control(void) { return fake_sysreg_get(FAKE_CNTHP_CTL_EL2); }

static void a_frequency_is_needed(void **state)
{
    (void)state;
    fake_machine_init(1);
    fake_sysreg_set(FAKE_CNTFRQ_EL0, 0);
    assert_int_equal(timer_init(0, TIMER_PPI_HYP), -ENODEV);
    assert_int_equal(timer_init(24000000, TIMER_PPI_HYP), 0);
    assert_int_equal(timer_frequency_hz(), 24000000);
}

static void ticks_and_ns_convert_both_ways(void **state)
{
    (void)state;
    fake_machine_init(1);
    fake_counter_set(1000);
    timer_init(62500000, TIMER_PPI_HYP);
    assert_int_equal(timer_ticks_to_ns(62500000), 1000000000);
    assert_int_equal(timer_ns_to_ticks(1000000000), 62500000);
    assert_int_equal(timer_now_ns(), 0);
    fake_counter_advance(10);
    assert_int_equal(timer_now_ns(), 160);
    timer_init(24000000, TIMER_PPI_HYP);
    /* A year is off by less than a millisecond. */
    assert_true(31536000000000000ul - timer_ticks_to_ns(31536000ul * 24000000) < 1000000);
    timer_init(1000000000, TIMER_PPI_HYP);
    assert_int_equal(timer_ticks_to_ns(~0ul >> 2), ~0ul >> 2);
}

/* A tick is longer than what callbacks may take together. */
static void a_slow_counters_timers_fire_too(void **state)
{
    (void)state;
    up(1);
    assert_int_equal(timer_init(400000, TIMER_PPI_HYP), 0);
    timer_set(&t[0], timer_now() + 1);
    fake_counter_advance(10);
    timer_run();
    assert_int_equal(fired[0], 1);
}

static void one_that_is_due_is_first_of_many(void **state)
{
    static struct timer later[64];

    (void)state;
    up(1);
    for (unsigned i = 0; i < ARRAY_SIZE(later); i++) {
        timer_setup(&later[i], on_fire);
        timer_set(&later[i], 1000 + i % 7);
    }
    timer_set(&t[1], 500);
    timer_set(&t[2], 10);
    timer_set(&t[3], 500);
    fake_counter_set(600);
    timer_run();
    assert_int_equal(fired_count, 3);
    assert_int_equal(fired_order[0], 2);
    assert_int_equal(fired_order[1], 1);
    assert_int_equal(fired_order[2], 3);
    for (unsigned i = 0; i < ARRAY_SIZE(later); i++)
        timer_cancel(&later[i]);
}

static void timers_fire_in_the_order_of_their_deadlines(void **state)
{
    (void)state;
    up(1);
    timer_set(&t[0], 300);
    timer_set(&t[1], 100);
    timer_set(&t[2], 200);
    timer_set(&t[3], 100);
    assert_int_equal(programmed(), 100);
    assert_int_equal(control(), 1);
    fake_counter_set(99);
    timer_run();
    assert_int_equal(fired_count, 0);
    fake_counter_set(250);
    timer_run();
    assert_int_equal(fired_count, 3);
    assert_int_equal(fired_order[0], 1);
    assert_int_equal(fired_order[1], 3);
    assert_int_equal(fired_order[2], 2);
    assert_int_equal(programmed(), 300);
    fake_counter_set(300);
    timer_run();
    assert_int_equal(fired[0], 1);
    assert_int_equal(control(), 0);
}

static void the_interrupt_is_masked_until_the_queue_has_run(void **state)
{
    (void)state;
    up(1);
    timer_set(&t[0], 10);
    fake_counter_set(20);
    assert_true(timer_interrupt(TIMER_PPI_HYP, NULL));
    assert_int_equal(control(), 3);
    assert_int_equal(fake_percpus[0].todo, TODO_TIMER);
    timer_run();
    assert_int_equal(fired[0], 1);
    assert_int_equal(control(), 0);
}

static void setting_again_moves_the_deadline(void **state)
{
    (void)state;
    up(1);
    timer_set(&t[0], 100);
    timer_set(&t[0], 500);
    fake_counter_set(200);
    timer_run();
    assert_int_equal(fired[0], 0);
    assert_int_equal(programmed(), 500);
    timer_set(&t[0], 300);
    assert_int_equal(programmed(), 300);
    fake_counter_set(600);
    timer_run();
    assert_int_equal(fired[0], 1);
}

static void the_hardware_is_written_only_for_an_earlier_deadline(void **state)
{
    (void)state;
    up(1);
    timer_set(&t[0], 100);
    fake_trace_reset();
    timer_set(&t[1], 200);
    timer_cancel(&t[0]);
    assert_int_equal(fake_count(FAKE_EV_SYSREG_WRITE), 0);
    fake_counter_set(100);
    timer_run();
    assert_int_equal(fired_count, 0);
    assert_int_equal(programmed(), 200);
}

static void a_cancelled_timer_does_not_fire(void **state)
{
    (void)state;
    up(2);
    timer_set(&t[0], 100);
    timer_set(&t[1], 100);
    timer_cancel(&t[2]); /* never set */
    fake_cpu_switch(1);
    timer_cancel(&t[0]);
    fake_cpu_switch(0);
    fake_counter_set(100);
    timer_run();
    assert_int_equal(fired[0], 0);
    assert_int_equal(fired[1], 1);
}

static void a_timer_follows_the_cpu_that_sets_it(void **state)
{
    (void)state;
    up(2);
    timer_set(&t[0], 100);
    fake_cpu_switch(1);
    timer_set(&t[0], 50);
    assert_int_equal(programmed(), 50);
    fake_counter_set(200);
    fake_cpu_switch(0);
    timer_run();
    assert_int_equal(fired[0], 0);
    fake_cpu_switch(1);
    timer_run();
    assert_int_equal(fired[0], 1);
}

static void rearm_in_the_past(struct timer *timer)
{
    fired[0]++;
    timer_set(timer, 0);
}

static void a_callback_that_rearms_in_the_past_does_not_hold_the_cpu(void **state)
{
    (void)state;
    up(1);
    timer_setup(&t[0], rearm_in_the_past);
    timer_set(&t[0], 5);
    fake_counter_set(10);
    timer_run();
    assert_true(fired[0] >= 1 && fired[0] < 100);
    assert_int_equal(programmed(), 10);
    assert_int_equal(control(), 1);
}

/* X-Gene 1 compares 32 bits, signed: so that is what it may be told. */
static void the_compare_value_is_never_far_from_now(void **state)
{
    (void)state;
    up(1);
    fake_counter_set(0xc0000000);
    timer_set(&t[0], 0);
    assert_true((int32_t)(programmed() - fake_counter_read()) <= 0);
    timer_run();
    timer_set(&t[1], fake_counter_read() + 60ul * 50000000);
    assert_true((int32_t)(programmed() - fake_counter_read()) > 0);
    fake_counter_advance(50ul * 50000000);
    timer_run();
    assert_int_equal(fired[1], 0);
    assert_int_equal(programmed() - fake_counter_read(), 10ul * 50000000);
}

/* --- race: CPU 0 runs its queue, CPU 1 takes timers away, both set them --------------------- */
static bool race_is_over;
static unsigned race_fired;

static void race_fire(struct timer *timer)
{
    (void)timer;
    __atomic_fetch_add(&race_fired, 1, __ATOMIC_RELAXED);
}

static void *race_thread(void *arg)
{
    fake_cpu_switch(1);
    (void)arg;
    for (unsigned i = 0; i < 20000; i++) {
        timer_cancel(&t[i % 8]);
        timer_set(&t[(i * 5) % 8], fake_counter_read() + 2);
        fake_counter_advance(1);
        timer_run();
    }
    __atomic_store_n(&race_is_over, true, __ATOMIC_RELEASE);
    return NULL;
}

static void timers_survive_two_cpus(void **state)
{
    pthread_t thread;

    (void)state;
    up(2);
    for (unsigned i = 0; i < 8; i++)
        timer_setup(&t[i], race_fire);
    assert_int_equal(pthread_create(&thread, NULL, race_thread, NULL), 0);
    for (unsigned i = 0; !__atomic_load_n(&race_is_over, __ATOMIC_ACQUIRE); i++) {
        timer_cancel(&t[(i * 3) % 8]);
        timer_run();
        timer_cancel(&t[i % 8]);
    }
    pthread_join(thread, NULL);
    for (unsigned i = 0; i < 8; i++) {
        timer_cancel(&t[i]);
        assert_true(list_is_empty(&t[i].link));
    }
    fake_counter_advance(1000);
    race_fired = 0;
    timer_run();
    fake_cpu_switch(1);
    timer_run();
    assert_int_equal(race_fired, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_frequency_is_needed),
    cmocka_unit_test(ticks_and_ns_convert_both_ways),
    cmocka_unit_test(a_slow_counters_timers_fire_too),
    cmocka_unit_test(one_that_is_due_is_first_of_many),
    cmocka_unit_test(timers_fire_in_the_order_of_their_deadlines),
    cmocka_unit_test(the_interrupt_is_masked_until_the_queue_has_run),
    cmocka_unit_test(setting_again_moves_the_deadline),
    cmocka_unit_test(the_hardware_is_written_only_for_an_earlier_deadline),
    cmocka_unit_test(a_cancelled_timer_does_not_fire),
    cmocka_unit_test(a_timer_follows_the_cpu_that_sets_it),
    cmocka_unit_test(a_callback_that_rearms_in_the_past_does_not_hold_the_cpu),
    cmocka_unit_test(the_compare_value_is_never_far_from_now),
    cmocka_unit_test(timers_survive_two_cpus),
};

FAKE_TEST_MAIN(tests)
