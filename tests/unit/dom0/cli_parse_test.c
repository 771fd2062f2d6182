/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Command lines of verbs: flags, options with a value, arguments, what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dom0/cli_parse.h"
#include "dom0/error.h"

static bool wait_flag;
static bool force_flag;
static const char *limit;
static int code;
static char words[8][32];
static char *argv[9];

static int parse(const char *line)
{
    static const struct cli_verb verb = {.name = "try", .help = ""};
    const struct cli_flag flags[] = {
        {'w', "wait", &wait_flag},
        {'F', "force", &force_flag},
        {'t', "timeout", .text = &limit},
    };
    const struct cli_parse how = {.verb = &verb, .flags = flags, .flag_count = 3, .min_args = 1,
                                  .max_args = 2};
    int argc = 0;

    wait_flag = force_flag = false;
    limit = NULL;
    code = -1;
    for (int at = 0, n; sscanf(line + at, "%31s%n", words[argc], &n) == 1; at += n) {
        argv[argc] = words[argc];
        argc++;
    }
    return cli_parse(&how, argc, argv, &code);
}

static void assert_refused(const char *line)
{
    assert_int_equal(parse(line), -1);
    assert_int_equal(code, ERROR_USAGE);
}

static void arguments_move_to_the_front(void **state)
{
    (void)state;
    assert_int_equal(parse("try -w one --force two"), 2);
    assert_true(wait_flag && force_flag);
    assert_string_equal(argv[1], "one");
    assert_string_equal(argv[2], "two");
    assert_int_equal(parse("try -wF -- -x"), 1);
    assert_true(wait_flag && force_flag);
    assert_string_equal(argv[1], "-x");
}

static void a_value_may_stand_behind_an_option_or_in_it(void **state)
{
    static const char *const lines[] = {"try -t 5 a", "try -t5 a", "try a --timeout 5",
                                        "try --timeout=5 a", "try a -wt 5"};

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_int_equal(parse(lines[i]), 1);
        assert_string_equal(argv[1], "a");
        assert_string_equal(limit, "5");
    }
}

static void wrong_lines_are_refused(void **state)
{
    (void)state;
    assert_refused("try");
    assert_refused("try a b c");
    assert_refused("try -x a");
    assert_refused("try --wai a");
    assert_refused("try --wait=5 a");
    assert_refused("try a -t");
    assert_refused("try a --timeout");
}

static void help_is_no_error(void **state)
{
    (void)state;
    assert_int_equal(parse("try --help"), -1);
    assert_int_equal(code, 0);
}

static void numbers_are_whole_and_in_range(void **state)
{
    unsigned value = 7;

    (void)state;
    assert_true(cli_parse_number("30", 1, 100, &value));
    assert_int_equal(value, 30);
    assert_false(cli_parse_number("0", 1, 100, &value));
    assert_false(cli_parse_number("101", 1, 100, &value));
    assert_false(cli_parse_number("5s", 1, 100, &value));
    assert_false(cli_parse_number("-5", 1, 100, &value));
    assert_false(cli_parse_number("", 1, 100, &value));
    assert_int_equal(value, 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_move_to_the_front),
        cmocka_unit_test(a_value_may_stand_behind_an_option_or_in_it),
        cmocka_unit_test(wrong_lines_are_refused),
        cmocka_unit_test(help_is_no_error),
        cmocka_unit_test(numbers_are_whole_and_in_range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
