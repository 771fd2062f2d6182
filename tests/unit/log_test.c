/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log.c: lines and their prefix, the ring, the sink, the rate limit, panic mode.
 */
#include "core/base/hw.h"
#include "core/base/log.h"

#include <pthread.h>

#include <cmocka.h>

static char sunk[2 * LOG_RING_BYTES];
static size_t sunk_bytes;

static void sink(const char *text, size_t bytes)
{
    memcpy(sunk + sunk_bytes, text, bytes);
    sunk_bytes += bytes;
    sunk[sunk_bytes] = '\0';
}

static const char *read_all(void)
{
    static char buf[LOG_RING_BYTES + 1];
    uint64_t pos = 0;
    size_t n = log_read(&pos, buf, LOG_RING_BYTES);

    buf[n] = '\0';
    return buf;
}

static void every_line_has_the_prefix(void **state)
{
    (void)state;
    fake_machine_init(1);
    log_info("one\ntwo ");
    log_info("still two\n");
    log_info("three\n");
    assert_string_equal(read_all(), "(PUR) one\n(PUR) two still two\n(PUR) three\n");
}

static void levels_above_the_limit_are_left_out(void **state)
{
    (void)state;
    fake_machine_init(1);
    log_debug("debug\n");
    log_info("info\n");
    log_set_level(LOG_WARNING);
    log_info("info\n");
    log_warning("warning\n");
    log_guest("guest\n");
    log_set_level(LOG_ERROR);
    log_guest("guest\n");
    assert_string_equal(read_all(), "(PUR) info\n(PUR) warning\n(PUR) guest\n");
}

static void the_first_sink_gets_what_was_missed(void **state)
{
    (void)state;
    fake_machine_init(1);
    log_info("early\n");
    log_set_sink(sink);
    log_info("late\n");
    assert_string_equal(sunk, "(PUR) early\n(PUR) late\n");
    log_set_sink(NULL);
    log_info("nowhere\n");
    assert_string_equal(sunk, "(PUR) early\n(PUR) late\n");
}

static void fill_ring(void)
{
    for (unsigned i = 0; i < 2000; i++)
        log_info("line %04u .......................\n", i);
}

static void a_full_ring_keeps_the_newest(void **state)
{
    (void)state;
    fake_machine_init(1);
    fill_ring();
    assert_int_equal(strlen(read_all()), LOG_RING_BYTES);
    assert_non_null(strstr(read_all(), "line 1999"));
    assert_null(strstr(read_all(), "line 0500"));
    assert_int_equal(log_end() - log_oldest(), LOG_RING_BYTES);
    log_set_sink(sink);
    assert_string_equal(sunk, read_all()); /* replayed in order across the wrap */
}

static void a_reader_goes_on_where_it_was(void **state)
{
    uint64_t pos = 0;
    char buf[64];

    (void)state;
    fake_machine_init(1);
    log_info("abc\n");
    assert_int_equal(log_read(&pos, buf, 6), 6);
    assert_int_equal(pos, 6);
    assert_int_equal(log_read(&pos, buf, sizeof(buf)), 4);
    assert_memory_equal(buf, "abc\n", 4);
    assert_int_equal(log_read(&pos, buf, sizeof(buf)), 0);
    log_info("d\n");
    assert_int_equal(log_read(&pos, buf, sizeof(buf)), 8);
}

static void an_overwritten_or_wild_position_moves_to_the_oldest(void **state)
{
    uint64_t pos = 0;
    char c;

    (void)state;
    fake_machine_init(1);
    fill_ring();
    assert_int_equal(log_read(&pos, &c, 1), 1);
    assert_int_equal(pos, log_oldest() + 1);
    pos = UINT64_MAX;
    assert_int_equal(log_read(&pos, &c, 1), 1);
    assert_int_equal(pos, log_oldest() + 1);
}

static void clearing_forgets(void **state)
{
    (void)state;
    fake_machine_init(1);
    log_info("abc\n");
    log_clear(log_end());
    assert_string_equal(read_all(), "");
    log_info("def\n");
    assert_string_equal(read_all(), "(PUR) def\n");
}

static void clearing_keeps_what_was_not_read(void **state)
{
    uint64_t pos;
    char buf[10];

    (void)state;
    fake_machine_init(1);
    pos = log_oldest();
    log_info("abc\n");
    assert_int_equal(log_read(&pos, buf, sizeof(buf)), 10);
    log_info("def\n");
    log_clear(pos);
    assert_string_equal(read_all(), "(PUR) def\n");
    fill_ring();
    log_clear(pos); /* overwritten meanwhile: all of the rest stays */
    assert_int_equal(strlen(read_all()), LOG_RING_BYTES);
}

static unsigned count_of(const char *what)
{
    unsigned n = 0;

    for (const char *p = read_all(); (p = strstr(p, what)); p++)
        n++;
    return n;
}

static void guests_get_a_burst_a_second_and_a_count_of_the_rest(void **state)
{
    (void)state;
    fake_machine_init(1);
    fake_counter_set(5 * FAKE_COUNTER_HZ);
    for (unsigned i = 0; i < 100; i++)
        log_guest("guest is bad\n");
    log_info("mine\n");
    assert_int_equal(count_of("guest is bad"), LOG_GUEST_BURST);
    assert_int_equal(count_of("mine"), 1);
    fake_counter_advance(FAKE_COUNTER_HZ);
    log_guest("guest is bad\n");
    log_guest("guest is bad\n");
    assert_int_equal(count_of("guest is bad"), LOG_GUEST_BURST + 2);
    assert_int_equal(count_of("90 guest messages left out"), 1);
}

static void a_message_too_long_is_cut_and_ends_its_line(void **state)
{
    char text[1000];

    (void)state;
    fake_machine_init(1);
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    log_info("%s", text);
    log_info("next\n");
    assert_non_null(strstr(read_all(), "aaa\n(PUR) next\n"));
}

static void panicking_sink(const char *text, size_t bytes)
{
    sink(text, bytes);
    if (log_is_in_panic())
        return;
    log_enter_panic();
    log_error("panic\n"); /* the lock is held: this must not wait for it */
}

static void panic_mode_takes_no_lock(void **state)
{
    (void)state;
    fake_machine_init(1);
    log_set_sink(panicking_sink);
    log_info("half a line\n");
    assert_non_null(strstr(sunk, "panic\n"));
}

static void *writer(void *arg)
{
    for (unsigned i = 0; i < 2000; i++)
        log_info("writer %s.\n", (const char *)arg);
    return NULL;
}

static void lines_of_two_cpus_stay_whole(void **state)
{
    pthread_t a, b;

    (void)state;
    fake_machine_init(1);
    pthread_create(&a, NULL, writer, "aaaaaaaa");
    pthread_create(&b, NULL, writer, "bbbbbbbb");
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    for (const char *p = strchr(read_all(), '\n'); p && p[1];) {
        const char *end = strchr(p + 1, '\n');

        if (!end)
            break;
        assert_int_equal(end - p, sizeof("(PUR) writer aaaaaaaa.\n") - 1);
        p = end;
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_line_has_the_prefix),
    cmocka_unit_test(levels_above_the_limit_are_left_out),
    cmocka_unit_test(the_first_sink_gets_what_was_missed),
    cmocka_unit_test(a_full_ring_keeps_the_newest),
    cmocka_unit_test(a_reader_goes_on_where_it_was),
    cmocka_unit_test(an_overwritten_or_wild_position_moves_to_the_oldest),
    cmocka_unit_test(clearing_forgets),
    cmocka_unit_test(clearing_keeps_what_was_not_read),
    cmocka_unit_test(guests_get_a_burst_a_second_and_a_count_of_the_rest),
    cmocka_unit_test(a_message_too_long_is_cut_and_ends_its_line),
    cmocka_unit_test(panic_mode_takes_no_lock),
    cmocka_unit_test(lines_of_two_cpus_stay_whole),
};

FAKE_TEST_MAIN(tests)
