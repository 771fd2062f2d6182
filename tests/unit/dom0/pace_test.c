/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The limit of restarts: quick crashes in a row count, and nothing else. How soon they come.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dom0/pace.h"

static void quick_crashes_are_restarted_up_to_the_limit(void **state)
{
    struct pace pace = {0};

    (void)state;
    for (int i = 1; i < PACE_LIMIT; i++)
        assert_true(pace_allows(&pace, PACE_QUICK_MS - 1));
    assert_false(pace_allows(&pace, 0));
}

static void one_that_lived_longer_starts_the_count_anew(void **state)
{
    struct pace pace = {0};

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int i = 1; i < PACE_LIMIT; i++)
            assert_true(pace_allows(&pace, 10));
        assert_true(pace_allows(&pace, PACE_QUICK_MS));
    }
}

static void after_giving_up_the_count_begins_anew(void **state)
{
    struct pace pace = {.quick = PACE_LIMIT - 1};

    (void)state;
    assert_false(pace_allows(&pace, 10));
    assert_true(pace_allows(&pace, 10));
}

static void only_one_that_lived_shortly_waits_for_its_restart(void **state)
{
    (void)state;
    assert_int_equal(pace_pause_ms(0), PACE_RESTART_MS);
    assert_int_equal(pace_pause_ms(PACE_RESTART_MS - 1), 1);
    assert_int_equal(pace_pause_ms(PACE_RESTART_MS), 0);
    assert_int_equal(pace_pause_ms(INT64_MAX), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_one_that_lived_shortly_waits_for_its_restart),
        cmocka_unit_test(quick_crashes_are_restarted_up_to_the_limit),
        cmocka_unit_test(one_that_lived_longer_starts_the_count_anew),
        cmocka_unit_test(after_giving_up_the_count_begins_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
