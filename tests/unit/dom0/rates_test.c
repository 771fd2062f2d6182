/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What purlin top computes from two samples.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dom0/rates.h"

#define SECOND 1000000000ull

static struct sample_domain old_domains[2] = {
    {.domain = {.domid = 0, .name = "Domain-0", .uuid = "zero", .cpu_time_ns = 10 * SECOND},
     .stats = {.counts = {.hypercalls = 100, .interrupts = 10, .traps = {[1] = 5}}}},
    {.domain = {.domid = 3, .name = "web", .uuid = "three", .cpu_time_ns = 5 * SECOND},
     .network = {.in_bytes = 1000, .out_bytes = 500}, .disk = {.in_bytes = 4096}},
};

static struct sample_domain new_domains[3] = {
    {.domain = {.domid = 0, .name = "Domain-0", .uuid = "zero", .cpu_time_ns = 11 * SECOND,
                .memory_kib = 1 << 20, .max_memory_kib = ~0ull, .running = true},
     .stats = {.counts = {.hypercalls = 140, .interrupts = 12, .traps = {[1] = 7, [0x24] = 6}}}},
    {.domain = {.domid = 3, .name = "web", .uuid = "three", .cpu_time_ns = 8 * SECOND,
                .memory_kib = 262144, .max_memory_kib = 263168, .vcpus = 2},
     .network = {.in_bytes = 5000, .out_bytes = 100}, .disk = {.in_bytes = 8192}},
    {.domain = {.domid = 4, .name = "new", .uuid = "four", .cpu_time_ns = 9 * SECOND}},
};

static const struct sample before = {.time_ns = 100 * SECOND, .domains = old_domains, .count = 2};
static const struct sample now = {.time_ns = 102 * SECOND, .domains = new_domains, .count = 3,
                                  .cpus = 4, .total_kib = 4 << 20, .free_kib = 1 << 20};

static void assert_close(double got, double wanted)
{
    assert_true(got > wanted - 0.001 && got < wanted + 0.001);
}

static void rates_are_differences_over_time(void **state)
{
    struct rates_line lines[3];

    (void)state;
    rates_compute(&before, &now, RATES_BY_CPU, lines);
    assert_int_equal(lines[0].now->domain.domid, 3);
    assert_close(lines[0].cpu_percent, 150);
    assert_close(lines[0].net_in, 2000);
    assert_close(lines[0].net_out, 0); /* the counter went back: another interface */
    assert_close(lines[0].disk_in, 2048);
    assert_int_equal(lines[1].now->domain.domid, 0);
    assert_close(lines[1].cpu_percent, 50);
    assert_close(lines[1].exits, 25);
    assert_int_equal(lines[2].now->domain.domid, 4);
    assert_close(lines[2].cpu_percent, 0); /* nothing to compare with */
}

static void a_number_that_was_given_again_is_another_domain(void **state)
{
    struct rates_line lines[3];
    struct sample_domain other[1] = {{.domain = {.domid = 3, .uuid = "else", .cpu_time_ns = 0}}};
    const struct sample was = {.time_ns = 100 * SECOND, .domains = other, .count = 1};

    (void)state;
    rates_compute(&was, &now, RATES_BY_ID, lines);
    assert_int_equal(lines[1].now->domain.domid, 3);
    assert_close(lines[1].cpu_percent, 0);
}

static void orders_are_as_asked(void **state)
{
    struct rates_line lines[3];

    (void)state;
    rates_compute(&before, &now, RATES_BY_MEMORY, lines);
    assert_int_equal(lines[0].now->domain.domid, 0);
    rates_compute(&before, &now, RATES_BY_NETWORK, lines);
    assert_int_equal(lines[0].now->domain.domid, 3);
    rates_compute(NULL, &now, RATES_BY_CPU, lines);
    assert_int_equal(lines[0].now->domain.domid, 0);
    assert_int_equal(lines[2].now->domain.domid, 4);
}

static void bytes_have_three_digits(void **state)
{
    static const struct {
        double bytes;
        const char *text;
    } pairs[] = {
        {0, "0B"}, {999, "999B"}, {1000, "1.0K"}, {1536, "1.5K"}, {102400, "100K"},
        {1048576, "1.0M"}, {12.34 * 1048576, "12.3M"}, {5e15, "4547T"},
    };
    char text[12];

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        rates_format_bytes(pairs[i].bytes, text);
        assert_string_equal(text, pairs[i].text);
    }
}

static void columns_stand_under_their_titles(void **state)
{
    struct rates_line lines[3];
    char title[256];
    char text[256];

    (void)state;
    rates_compute(&before, &now, RATES_BY_CPU, lines);
    rates_title(title, sizeof(title));
    rates_format(&lines[0], text, sizeof(text));
    assert_int_equal(strlen(title), strlen(text));
    assert_memory_equal(text + (strstr(title, "CPU%") - title) - 1, "150.0", 5);
    assert_non_null(strstr(text, " 257 "));
    rates_format(&lines[1], text, sizeof(text));
    assert_int_equal(strlen(title), strlen(text));
    assert_non_null(strstr(text, "no limit"));
    rates_machine(&now, text, sizeof(text));
    assert_non_null(strstr(text, "3 domains, 4 CPUs, 1024 of 4096 MiB free"));
}

static void json_has_the_same_numbers(void **state)
{
    struct rates_line lines[3];
    struct json_object *list;
    struct json_object *value;

    (void)state;
    rates_compute(&before, &now, RATES_BY_CPU, lines);
    list = rates_json(&now, lines);
    assert_int_equal(json_object_array_length(list), 3);
    assert_true(json_object_object_get_ex(json_object_array_get_idx(list, 0), "cpu_percent",
                                          &value));
    assert_close(json_object_get_double(value), 150);
    json_object_put(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_are_differences_over_time),
        cmocka_unit_test(a_number_that_was_given_again_is_another_domain),
        cmocka_unit_test(orders_are_as_asked),
        cmocka_unit_test(bytes_have_three_digits),
        cmocka_unit_test(columns_stand_under_their_titles),
        cmocka_unit_test(json_has_the_same_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
