/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The syntax of configuration files: what parses, to what, and where errors are reported.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dom0/cfg.h"

static struct cfg cfg;
static struct error err;

static int setup(void **state)
{
    (void)state;
    memset(&err, 0, sizeof(err));
    cfg_init(&cfg, "f.cfg");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cfg_free(&cfg);
    return 0;
}

/* An exact-size heap copy, so that the sanitizer sees any read beyond the text. */
static int parse_bytes(const char *text, size_t length)
{
    char *copy = malloc(length ? length : 1);
    int rc;

    memcpy(copy, text, length);
    rc = cfg_parse(&cfg, copy, length, &err);
    free(copy);
    return rc;
}

static int parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

static const struct cfg_value *value(const char *key)
{
    const struct cfg_setting *s = cfg_find(&cfg, key);

    assert_non_null(s);
    return s->value;
}

static void assert_error(const char *text, const char *message)
{
    error_clear(&err);
    assert_true(parse(text) < 0);
    assert_int_equal(err.kind, ERROR_USAGE);
    if (!strstr(err.text, message))
        fail_msg("'%s' is not in '%s'", message, err.text);
}

static void empty_file_has_no_settings(void **state)
{
    (void)state;
    assert_int_equal(parse(""), 0);
    assert_int_equal(parse("\n\n# only a comment"), 0);
    assert_null(cfg.first);
}

static void strings_and_numbers_keep_type_value_and_position(void **state)
{
    (void)state;
    assert_int_equal(parse("# head\nname = \"a b\"  # tail\n  memory=0x100\nneg = -5"), 0);
    assert_int_equal(value("name")->type, CFG_STRING);
    assert_string_equal(value("name")->text, "a b");
    assert_int_equal(value("name")->pos.line, 2);
    assert_int_equal(value("name")->pos.column, 8);
    assert_int_equal(value("memory")->type, CFG_NUMBER);
    assert_int_equal(value("memory")->number, 256);
    assert_int_equal(value("memory")->pos.column, 10);
    assert_int_equal(value("neg")->number, -5);
    assert_int_equal(parse("octal = 0512"), 0);
    assert_int_equal(value("octal")->number, 330);
    assert_error("octal = 08", "'08' is not a number");
}

static void escapes_in_strings_are_resolved(void **state)
{
    (void)state;
    assert_int_equal(parse("a = 'it\\'s\\t\\x41\\102\\\\\\n'"), 0);
    assert_string_equal(value("a")->text, "it's\tAB\\\n");
    assert_error("b = 'x\\q'", "f.cfg:1:7: unknown escape");
    assert_error("b = 'x\\x00'", "unknown escape");
}

static void semicolons_and_newlines_end_settings(void **state)
{
    (void)state;
    assert_int_equal(parse("a = 1; b = 2;\r\nc = 3"), 0);
    assert_int_equal(value("a")->number + value("b")->number + value("c")->number, 6);
    assert_error("a = 1 b = 2", "f.cfg:1:7: expected the end of the line");
}

static void lists_span_lines_nest_and_allow_a_trailing_comma(void **state)
{
    const struct cfg_value *list;

    (void)state;
    assert_int_equal(parse("disk = [ 'a', # first\n  \"b\",\n [ 1, 2, ],\n]\nempty = []"), 0);
    list = value("disk");
    assert_int_equal(list->count, 3);
    assert_string_equal(list->items[1]->text, "b");
    assert_int_equal(list->items[1]->pos.line, 2);
    assert_int_equal(list->items[2]->items[1]->number, 2);
    assert_int_equal(value("empty")->count, 0);
}

static void later_settings_win_and_append_joins(void **state)
{
    (void)state;
    assert_int_equal(parse("a = 1\na = 2\nl = ['x']\nl += ['y', 'z']\ns = 'p'\ns += 'q'"), 0);
    assert_int_equal(value("a")->number, 2);
    assert_int_equal(value("l")->count, 3);
    assert_string_equal(value("l")->items[2]->text, "z");
    assert_string_equal(value("s")->text, "pq");
    assert_error("l = ['x']\nl += 'y'", "needs two lists or two strings");
}

static void syntax_errors_name_place_and_expectation(void **state)
{
    (void)state;
    assert_error("name = foo", "f.cfg:1:8: expected a quoted string, a number or a [list]");
    assert_error("x\n", "f.cfg:1:2: expected '=' after the key");
    assert_error("a = 1\n= 2", "f.cfg:2:1: expected a key");
    assert_error("a = 'x\n", "f.cfg:1:5: a string begins here");
    assert_error("a = [ 1 2 ]", "f.cfg:1:9: expected ',' or ']'");
    assert_error("a = [ 1,", "the end of the file");
    assert_error("a = 12x", "is not a number");
    assert_error("a = 99999999999999999999", "is not a number that fits");
    assert_error("a = $", "unexpected character '$'");
    assert_error("a = \x01", "unexpected byte 0x01");
}

static void binary_and_deeply_nested_input_is_refused(void **state)
{
    char deep[4096];

    (void)state;
    assert_true(parse_bytes("a = 'x\0y'", 9) < 0);
    error_clear(&err);
    memset(deep, '[', sizeof(deep));
    memcpy(deep, "a=", 2);
    assert_true(parse_bytes(deep, sizeof(deep)) < 0);
    assert_non_null(strstr(err.text, "nested deeper"));
}

/* Every prefix of a file is read without touching a byte beyond it. */
static void truncated_files_never_read_beyond_the_end(void **state)
{
    static const char text[] = "a = \"x\\x41\\101\\n\" ; b += [ 'q', -12, [ ] , ]\n#c\\\nd=1\\";

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++) {
        struct error ignored = {0};
        struct cfg part;
        char *copy = malloc(i ? i : 1);

        memcpy(copy, text, i);
        cfg_init(&part, "t");
        cfg_parse(&part, copy, i, &ignored);
        cfg_free(&part);
        free(copy);
    }
}

static void overrides_take_syntax_or_bare_text(void **state)
{
    (void)state;
    assert_int_equal(parse("name = 'x'\nmemory = 1"), 0);
    assert_int_equal(cfg_override(&cfg, "memory=64", &err), 0);
    assert_int_equal(cfg_override(&cfg, "name=web-2", &err), 0);
    assert_int_equal(cfg_override(&cfg, "extra=root=/dev/xvda it's", &err), 0);
    assert_int_equal(cfg_override(&cfg, "disk=['a,b', 'c']", &err), 0);
    assert_int_equal(value("memory")->number, 64);
    assert_string_equal(value("name")->text, "web-2");
    assert_string_equal(value("extra")->text, "root=/dev/xvda it's");
    assert_int_equal(value("disk")->count, 2);
    assert_true(cfg_override(&cfg, "nonsense", &err) < 0);
    assert_int_equal(err.kind, ERROR_USAGE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(empty_file_has_no_settings),
        TEST(strings_and_numbers_keep_type_value_and_position),
        TEST(escapes_in_strings_are_resolved),
        TEST(semicolons_and_newlines_end_settings),
        TEST(lists_span_lines_nest_and_allow_a_trailing_comma),
        TEST(later_settings_win_and_append_joins),
        TEST(syntax_errors_name_place_and_expectation),
        TEST(binary_and_deeply_nested_input_is_refused),
        TEST(truncated_files_never_read_beyond_the_end),
        TEST(overrides_take_syntax_or_bare_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
