/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sets of CPUs, read and written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dom0/cpumap.h"

static void assert_reads_as(const char *text, const char *wanted)
{
    struct config_cpumap map;
    struct error err = {0};
    char got[64];

    assert_int_equal(cpumap_parse(text, &map, &err), 0);
    cpumap_format(&map, 8, got, sizeof(got));
    assert_string_equal(got, wanted);
}

static void sets_come_back_in_their_shortest_form(void **state)
{
    (void)state;
    assert_reads_as("3", "3");
    assert_reads_as("0-2,5,7", "0-2,5,7");
    assert_reads_as("all,^3", "0-2,4-7");
    assert_reads_as("1,0,2", "0-2");
}

static void all_cpus_that_there_are_is_all(void **state)
{
    (void)state;
    assert_reads_as("all", "all");
    assert_reads_as("0-200", "all");
    assert_reads_as("0-7", "all");
    assert_reads_as("9", "none");
}

static void nonsense_is_named_with_what_is_allowed(void **state)
{
    static const char *const bad[] = {"", "x", "3-1", "1,,2", "-1", "256", "^1", "1 2"};
    struct config_cpumap map;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct error err = {0};

        assert_int_not_equal(cpumap_parse(bad[i], &map, &err), 0);
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_non_null(strstr(err.text, bad[i]));
        assert_non_null(strstr(err.text, "0-3,^2,5"));
    }
}

static void a_short_buffer_is_not_overrun(void **state)
{
    struct config_cpumap map;
    struct error err = {0};
    char got[8];

    (void)state;
    assert_int_equal(cpumap_parse("0,2,4,6,8,10,12,14", &map, &err), 0);
    cpumap_format(&map, 16, got, sizeof(got));
    assert_string_equal(got, "0,2,4,6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_come_back_in_their_shortest_form),
        cmocka_unit_test(all_cpus_that_there_are_is_all),
        cmocka_unit_test(nonsense_is_named_with_what_is_allowed),
        cmocka_unit_test(a_short_buffer_is_not_overrun),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
