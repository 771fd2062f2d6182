/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Held signals: pending instead of deadly, and those that are ignored as if they did not come.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dom0/interrupt.h"

static volatile sig_atomic_t handled;

static void count(int number)
{
    (void)number;
    handled++;
}

static int up(void **state)
{
    (void)state;
    handled = 0;
    signal(SIGINT, count);
    signal(SIGTERM, count);
    signal(SIGHUP, SIG_IGN);
    interrupt_hold();
    return 0;
}

static int down(void **state)
{
    (void)state;
    interrupt_release();
    return 0;
}

static void a_held_signal_stays_pending(void **state)
{
    (void)state;
    assert_false(interrupt_pending());
    raise(SIGTERM);
    assert_true(interrupt_pending());
    assert_true(interrupt_pending());
    assert_int_equal(handled, 0);
    interrupt_release();
    assert_false(interrupt_pending());
    assert_int_equal(handled, 1);
}

static void an_ignored_signal_does_not_interrupt(void **state)
{
    (void)state;
    raise(SIGHUP);
    assert_false(interrupt_pending());
    raise(SIGINT);
    assert_true(interrupt_pending());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_held_signal_stays_pending, up, down),
        cmocka_unit_test_setup_teardown(an_ignored_signal_does_not_interrupt, up, down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
