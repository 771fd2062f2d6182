/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a console's server keeps for those who come later.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dom0/console_log.h"

static void add(struct console_log *log, const char *text)
{
    assert_int_equal(console_log_add(log, text, strlen(text)), 0);
}

static void who_comes_late_reads_from_the_first_byte(void **state)
{
    struct console_log log = {0};
    uint64_t position = 0;
    const char *text;

    (void)state;
    assert_int_equal(console_log_peek(&log, &position, &text), 0);
    add(&log, "first\n");
    add(&log, "second\n");
    assert_int_equal(console_log_peek(&log, &position, &text), 13);
    assert_memory_equal(text, "first\nsecond\n", 13);
    position += 13;
    assert_int_equal(console_log_peek(&log, &position, &text), 0);
    add(&log, "!");
    assert_int_equal(console_log_peek(&log, &position, &text), 1);
    assert_int_equal(text[0], '!');
    console_log_free(&log);
}

static void the_oldest_lines_are_forgotten_and_the_newest_mib_is_kept(void **state)
{
    struct console_log log = {0};
    uint64_t slow = 5;
    uint64_t fast;
    const char *text;
    char line[32];
    size_t size;

    (void)state;
    for (unsigned i = 0; i < 300000; i++) {
        snprintf(line, sizeof(line), "line %06u\n", i);
        add(&log, line);
    }
    assert_true(log.used >= CONSOLE_LOG_KEEP - 32);
    assert_true(log.used <= CONSOLE_LOG_KEEP + CONSOLE_LOG_EXTRA);
    assert_int_equal(log.first + log.used, 300000 * 12);
    fast = log.first + log.used - 12;
    assert_int_equal(console_log_peek(&log, &fast, &text), 12);
    assert_memory_equal(text, "line 299999\n", 12);
    size = console_log_peek(&log, &slow, &text);
    assert_int_equal(slow, log.first);
    assert_int_equal(size, log.used);
    assert_memory_equal(text, "line ", 5); /* a whole line */
    console_log_free(&log);
}

static void one_long_line_is_cut_too(void **state)
{
    struct console_log log = {0};
    char *block = malloc(CONSOLE_LOG_KEEP);

    (void)state;
    memset(block, 'x', CONSOLE_LOG_KEEP);
    for (int i = 0; i < 4; i++)
        assert_int_equal(console_log_add(&log, block, CONSOLE_LOG_KEEP), 0);
    assert_int_equal(log.used, CONSOLE_LOG_KEEP);
    assert_int_equal(log.first, 3u * CONSOLE_LOG_KEEP);
    free(block);
    console_log_free(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_comes_late_reads_from_the_first_byte),
        cmocka_unit_test(the_oldest_lines_are_forgotten_and_the_newest_mib_is_kept),
        cmocka_unit_test(one_long_line_is_cut_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
