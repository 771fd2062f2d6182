/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_format.c against the C library's snprintf, and where it differs on purpose.
 */
#include "core/base/log.h"
#include "tests/fake/fake.h"

#include <cmocka.h>

#define SAME(...) \
    do { \
        char want[128], got[128]; \
        int want_length = snprintf(want, sizeof(want), __VA_ARGS__); \
        assert_int_equal(log_format(got, sizeof(got), __VA_ARGS__), want_length); \
        assert_string_equal(got, want); \
    } while (0)

static void integers_are_as_in_c(void **state)
{
    (void)state;
    SAME("%d %d %d", 0, -1, 2147483647);
    SAME("%d", (-2147483647 - 1));
    SAME("%u %x", 4294967295u, 0xdeadbeefu);
    SAME("%ld %ld", 9223372036854775807l, (-9223372036854775807l - 1));
    SAME("%lu %lx %llx", ~0ul, ~0ul, 0x123456789abcdefull);
}

static void widths_and_flags_are_as_in_c(void **state)
{
    (void)state;
    SAME("[%5d][%-5d][%05d][%5d]", 42, 42, 42, -42);
    SAME("[%05d][%-5d][%2d]", -42, -42, 12345);
    SAME("[%08x][%16lx][%016lx][%-10x]", 0xabcu, 0xabcul, 0xabcul, 0xabcu);
    SAME("[%4c][%-4c]", 'x', 'y');
}

static void strings_are_as_in_c(void **state)
{
    (void)state;
    SAME("%s|%10s|%-10s|", "abc", "def", "ghi");
    SAME("100%% %c%c", 'o', 'k');
    SAME("%s", "");
}

static void a_null_string_is_told(void **state)
{
    const char *volatile none = NULL;
    char buf[16];

    (void)state;
    log_format(buf, sizeof(buf), "%s", none);
    assert_string_equal(buf, "(null)");
}

static void pointers_are_hexadecimal(void **state)
{
    char buf[32];

    (void)state;
    log_format(buf, sizeof(buf), "%p %p", (void *)0x1234, (void *)0);
    assert_string_equal(buf, "0x1234 0x0");
}

static void a_short_buffer_is_terminated_and_the_length_is_whole(void **state)
{
    char buf[5] = "zzzz", one = 'z';

    (void)state;
    assert_int_equal(log_format(buf, sizeof(buf), "%s", "0123456789"), 10);
    assert_string_equal(buf, "0123");
    assert_int_equal(log_format(&one, 1, "%d", 12345), 5);
    assert_int_equal(one, 0);
    assert_int_equal(log_format(NULL, 0, "%d", 12345), 5);
}

static void a_lone_percent_at_the_end_is_left_out(void **state)
{
    const char *volatile fmt = "ab%";
    char buf[8];

    (void)state;
    _Pragma("clang diagnostic push")
    _Pragma("clang diagnostic ignored \"-Wformat-security\"")
    assert_int_equal(log_format(buf, sizeof(buf), fmt), 2);
    _Pragma("clang diagnostic pop")
    assert_string_equal(buf, "ab");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(integers_are_as_in_c),
    cmocka_unit_test(widths_and_flags_are_as_in_c),
    cmocka_unit_test(strings_are_as_in_c),
    cmocka_unit_test(a_null_string_is_told),
    cmocka_unit_test(pointers_are_hexadecimal),
    cmocka_unit_test(a_short_buffer_is_terminated_and_the_length_is_whole),
    cmocka_unit_test(a_lone_percent_at_the_end_is_left_out),
};

FAKE_TEST_MAIN(tests)
