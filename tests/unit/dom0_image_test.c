/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The header of Dom0's kernel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "boot/dom0_build.h"

#define FILE_BYTES 4096u

static uint8_t file[FILE_BYTES];
static struct dom0_image image;

static void put(unsigned offset, uint64_t v) { memcpy(file + offset, &v, sizeof(v)); }

static int up(void **state)
{
    (void)state;
    memset(file, 0, sizeof(file));
    put(16, 0x10000);
    memcpy(file + 56, "ARM\x64", 4);
    return 0;
}

static void an_image_is_accepted_with_its_size_in_memory(void **state)
{
    (void)state;
    put(8, 0x80000);
    assert_null(dom0_image_read(file, sizeof(file), &image));
    assert_int_equal(image.text_offset, 0x80000);
    assert_int_equal(image.bytes, 0x10000);
}

static void a_file_longer_than_its_header_says_keeps_its_length(void **state)
{
    (void)state;
    put(16, 100);
    assert_null(dom0_image_read(file, sizeof(file), &image));
    assert_int_equal(image.bytes, sizeof(file));
}

static void old_kernels_without_a_size_get_room(void **state)
{
    (void)state;
    put(16, 0);
    assert_null(dom0_image_read(file, sizeof(file), &image));
    assert_int_equal(image.text_offset, 0x80000);
    assert_true(image.bytes > sizeof(file));
}

static void what_is_no_image_is_named(void **state)
{
    (void)state;
    assert_non_null(strstr(dom0_image_read(file, 63, &image), "too short"));
    file[56] = 'X';
    assert_non_null(strstr(dom0_image_read(file, sizeof(file), &image), "not an arm64 Image"));
    file[0] = 0x1f;
    file[1] = 0x8b;
    assert_non_null(strstr(dom0_image_read(file, sizeof(file), &image), "gzip"));
}

static void a_big_endian_kernel_is_refused(void **state)
{
    (void)state;
    put(24, 1);
    assert_non_null(strstr(dom0_image_read(file, sizeof(file), &image), "big-endian"));
}

static void absurd_sizes_are_damage(void **state)
{
    (void)state;
    put(16, 1ul << 40);
    assert_non_null(strstr(dom0_image_read(file, sizeof(file), &image), "damaged"));
    put(16, 0x10000);
    put(8, ~0ul);
    assert_non_null(strstr(dom0_image_read(file, sizeof(file), &image), "damaged"));
}

static void pe(unsigned raw_offset, unsigned raw_bytes)
{
    uint32_t section[2] = { raw_bytes, raw_offset };

    put(60, 0x40);
    memcpy(file + 0x40, "PE\0\0", 4);
    file[0x40 + 6] = 1;     /* sections */
    file[0x40 + 20] = 0xa0; /* optional header */
    memcpy(file + 0x40 + 24 + 0xa0 + 16, section, sizeof(section));
}

static void a_truncated_kernel_is_found_by_its_pe_sections(void **state)
{
    (void)state;
    pe(0x400, FILE_BYTES - 0x400);
    assert_null(dom0_image_read(file, sizeof(file), &image));
    pe(0x400, FILE_BYTES - 0x400 + 1);
    assert_non_null(strstr(dom0_image_read(file, sizeof(file), &image), "cut short"));
}

static void pe_headers_out_of_the_file_are_damage(void **state)
{
    (void)state;
    pe(0x400, 16);
    put(60, FILE_BYTES - 8);
    assert_non_null(dom0_image_read(file, sizeof(file), &image));
    put(60, 0xfffffff0);
    assert_non_null(dom0_image_read(file, sizeof(file), &image));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_image_is_accepted_with_its_size_in_memory, up),
        cmocka_unit_test_setup(a_file_longer_than_its_header_says_keeps_its_length, up),
        cmocka_unit_test_setup(old_kernels_without_a_size_get_room, up),
        cmocka_unit_test_setup(what_is_no_image_is_named, up),
        cmocka_unit_test_setup(a_big_endian_kernel_is_refused, up),
        cmocka_unit_test_setup(absurd_sizes_are_damage, up),
        cmocka_unit_test_setup(a_truncated_kernel_is_found_by_its_pe_sections, up),
        cmocka_unit_test_setup(pe_headers_out_of_the_file_are_damage, up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
