/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Held signals: pending instead of deadly, and those that are ignored as if they did not come.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

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
    signal(SIGQUIT, count);
    signal(SIGPIPE, count);
    signal(SIGXFSZ, count);
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

static void quit_is_held_like_an_interrupt(void **state)
{
    (void)state;
    raise(SIGQUIT);
    assert_true(interrupt_pending());
    assert_int_equal(handled, 0);
}

static void a_write_that_nobody_reads_is_an_error_only(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_int_equal(write(ends[1], "", 1), -1);
    assert_int_equal(errno, EPIPE);
    raise(SIGXFSZ);
    assert_int_equal(handled, 0);
    assert_false(interrupt_pending());
    interrupt_release();
    assert_int_equal(write(ends[1], "", 1), -1);
    assert_int_equal(handled, 1);
    raise(SIGXFSZ);
    assert_int_equal(handled, 2);
    close(ends[1]);
}

static void another_program_is_in_a_session_of_its_own(void **state)
{
    int status;
    pid_t pid = fork();

    (void)state;
    if (pid == 0) {
        interrupt_leave();
        raise(SIGTERM);
        _exit(handled == 1 && getsid(0) == getpid() ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* Handlers end with exec: a signal that is left pending would be deadly then. */
static void what_came_before_another_program_is_not_for_it(void **state)
{
    int status;
    pid_t pid = fork();

    (void)state;
    if (pid == 0) {
        raise(SIGINT);
        raise(SIGTERM);
        interrupt_leave();
        if (handled == 0)
            execl("/bin/true", "true", (char *)NULL);
        _exit(1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(quit_is_held_like_an_interrupt, up, down),
        cmocka_unit_test_setup_teardown(a_write_that_nobody_reads_is_an_error_only, up, down),
        cmocka_unit_test_setup_teardown(another_program_is_in_a_session_of_its_own, up, down),
        cmocka_unit_test_setup_teardown(what_came_before_another_program_is_not_for_it, up, down),
        cmocka_unit_test_setup_teardown(a_held_signal_stays_pending, up, down),
        cmocka_unit_test_setup_teardown(an_ignored_signal_does_not_interrupt, up, down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
