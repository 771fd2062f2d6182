/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's own command line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "boot/options.h"

static struct options o;

/* What the parser logged, since the last call. */
static const char *warnings(void)
{
    static char text[2048];
    static uint64_t pos;
    size_t n = log_read(&pos, text, sizeof(text) - 1);

    text[n] = '\0';
    return text;
}

static void parse(const char *args)
{
    warnings();
    options_parse(args, &o);
}

static void nothing_gives_the_defaults(void **state)
{
    (void)state;
    parse("");
    assert_int_equal(o.dom0_mem_bytes, 0);
    assert_int_equal(o.scrub_reserve_bytes, 512ul << 20);
    assert_int_equal(o.dom0_max_vcpus, 0);
    assert_true(o.has_uart);
    assert_string_equal(o.uart_path, "");
    assert_int_equal(o.log_level, LOG_INFO);
    assert_string_equal(warnings(), "");
}

static void every_option_is_read(void **state)
{
    (void)state;
    parse("  dom0_mem=512M dom0_max_vcpus=3\tconsole=dtuart dtuart=/soc/serial@1 loglvl=all ");
    assert_int_equal(o.dom0_mem_bytes, 512ul << 20);
    assert_int_equal(o.dom0_max_vcpus, 3);
    assert_string_equal(o.uart_path, "/soc/serial@1");
    assert_int_equal(o.log_level, LOG_DEBUG);
    assert_string_equal(warnings(), "");
    parse("console=none loglvl=error");
    assert_false(o.has_uart);
    assert_int_equal(o.log_level, LOG_ERROR);
}

static void sizes_have_suffixes_and_count_kib_without(void **state)
{
    (void)state;
    parse("dom0_mem=262144");
    assert_int_equal(o.dom0_mem_bytes, 256ul << 20);
    parse("scrub_reserve=0");
    assert_int_equal(o.scrub_reserve_bytes, 0);
    parse("dom0_mem=2G");
    assert_int_equal(o.dom0_mem_bytes, 2ul << 30);
    parse("dom0_mem=1048576B");
    assert_int_equal(o.dom0_mem_bytes, 1ul << 20);
}

static void the_plain_size_of_a_list_counts_before_its_bounds(void **state)
{
    (void)state;
    parse("dom0_mem=300M,min:100M,max:512M");
    assert_int_equal(o.dom0_mem_bytes, 300ul << 20);
    parse("dom0_mem=min:100M,max:512M");
    assert_int_equal(o.dom0_mem_bytes, 512ul << 20);
}

static void a_wrong_value_is_named_and_changes_nothing(void **state)
{
    static const char *const wrong[] = {
        "dom0_mem=lots", "dom0_mem=12Q", "dom0_mem=", "dom0_mem=99999999999999999999G",
        "dom0_max_vcpus=0", "dom0_max_vcpus=4x", "dom0_max_vcpus=100000", "console=vga",
        "loglvl=loud", "dtuart=",
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
        parse(wrong[i]);
        assert_non_null(strstr(warnings(), "allowed is"));
        assert_int_equal(o.dom0_mem_bytes, 0);
        assert_int_equal(o.dom0_max_vcpus, 0);
        assert_true(o.has_uart);
    }
}

static void an_unknown_option_is_named(void **state)
{
    (void)state;
    parse("dom0_mem=64M sched=credit2 dom0_memory=3G");
    assert_int_equal(o.dom0_mem_bytes, 64ul << 20);
    assert_non_null(strstr(warnings(), "sched=credit2"));
    parse("dom0_memory=3G");
    assert_non_null(strstr(warnings(), "dom0_memory=3G"));
}

static void an_overlong_word_is_left_out(void **state)
{
    char args[600];

    (void)state;
    memset(args, 'x', sizeof(args));
    memcpy(args, "dtuart=/", 8);
    strcpy(args + 500, " dom0_mem=1G");
    parse(args);
    assert_string_equal(o.uart_path, "");
    assert_int_equal(o.dom0_mem_bytes, 1ul << 30);
    assert_non_null(strstr(warnings(), "500 characters"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_gives_the_defaults),
        cmocka_unit_test(every_option_is_read),
        cmocka_unit_test(sizes_have_suffixes_and_count_kib_without),
        cmocka_unit_test(the_plain_size_of_a_list_counts_before_its_bounds),
        cmocka_unit_test(a_wrong_value_is_named_and_changes_nothing),
        cmocka_unit_test(an_unknown_option_is_named),
        cmocka_unit_test(an_overlong_word_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
