/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arrays of address ranges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "boot/platform.h"
#include "boot/ranges.h"

#define MAX_RANGES 4u

static struct platform_range a[MAX_RANGES];
static unsigned count;

static int up(void **state)
{
    (void)state;
    count = 0;
    return 0;
}

static void put(uint64_t base, uint64_t bytes)
{
    assert_true(ranges_add(a, &count, MAX_RANGES, (struct platform_range){ base, bytes }));
}

static void expect(unsigned i, uint64_t base, uint64_t bytes)
{
    assert_true(i < count);
    assert_int_equal(a[i].base, base);
    assert_int_equal(a[i].bytes, bytes);
}

static void sorting_merges_what_touches_or_overlaps(void **state)
{
    (void)state;
    put(0x5000, 0x1000);
    put(0x1000, 0x1000);
    put(0x2000, 0x1000);
    put(0x1800, 0x100);
    ranges_sort(a, &count);
    assert_int_equal(count, 2);
    expect(0, 0x1000, 0x2000);
    expect(1, 0x5000, 0x1000);
}

static void adding_refuses_a_full_array_and_a_range_that_wraps(void **state)
{
    (void)state;
    assert_false(ranges_add(a, &count, MAX_RANGES,
                            (struct platform_range){ UINT64_MAX - 10, 20 }));
    for (unsigned i = 0; i < MAX_RANGES; i++)
        put(i * 0x1000, 1);
    assert_false(ranges_add(a, &count, MAX_RANGES, (struct platform_range){ 0x9000, 1 }));
}

static void subtracting_cuts_splits_and_drops(void **state)
{
    struct platform_range hole = { 0x2000, 0x1000 };

    (void)state;
    put(0x1000, 0x4000);
    assert_true(ranges_subtract(a, &count, MAX_RANGES, hole));
    assert_int_equal(count, 2);
    expect(0, 0x1000, 0x1000);
    expect(1, 0x3000, 0x2000);
    hole = (struct platform_range){ 0, 0x1800 };
    assert_true(ranges_subtract(a, &count, MAX_RANGES, hole));
    expect(0, 0x1800, 0x800);
    hole = (struct platform_range){ 0x1800, 0x2000 };
    assert_true(ranges_subtract(a, &count, MAX_RANGES, hole));
    assert_int_equal(count, 1);
    expect(0, 0x3800, 0x1800);
    hole = (struct platform_range){ 0, 0x100000 };
    assert_true(ranges_subtract(a, &count, MAX_RANGES, hole));
    assert_int_equal(count, 0);
}

static void a_split_without_room_keeps_the_lower_part_and_says_so(void **state)
{
    struct platform_range hole = { 0x10, 0x10 };

    (void)state;
    for (unsigned i = 0; i < MAX_RANGES; i++)
        put(i * 0x1000, 0x100);
    assert_false(ranges_subtract(a, &count, MAX_RANGES, hole));
    assert_int_equal(count, MAX_RANGES);
    expect(0, 0, 0x10);
}

static void shrinking_keeps_whole_units_only(void **state)
{
    (void)state;
    put(0x1001, 0x2fff);
    put(0x8010, 0x1000);
    ranges_shrink(a, &count, 0x1000);
    assert_int_equal(count, 1);
    expect(0, 0x2000, 0x2000);
}

static void overlap_and_containment_see_the_edges(void **state)
{
    (void)state;
    put(0x1000, 0x1000);
    put(0x3000, 0x1000);
    assert_true(ranges_contain(a, count, (struct platform_range){ 0x1000, 0x1000 }));
    assert_false(ranges_contain(a, count, (struct platform_range){ 0x1fff, 2 }));
    assert_false(ranges_overlap(a, count, (struct platform_range){ 0x2000, 0x1000 }));
    assert_true(ranges_overlap(a, count, (struct platform_range){ 0x2fff, 2 }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(sorting_merges_what_touches_or_overlaps, up),
        cmocka_unit_test_setup(adding_refuses_a_full_array_and_a_range_that_wraps, up),
        cmocka_unit_test_setup(subtracting_cuts_splits_and_drops, up),
        cmocka_unit_test_setup(a_split_without_room_keeps_the_lower_part_and_says_so, up),
        cmocka_unit_test_setup(shrinking_keeps_whole_units_only, up),
        cmocka_unit_test_setup(overlap_and_containment_see_the_edges, up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
