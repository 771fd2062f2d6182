/* SPDX-License-Identifier: BSD-2-Clause
 *
 * When two targets of disks are the same bytes, or one of them a part of the other. What loop
 * devices are set up with is replaced by a table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dom0/target.c"
#include "tests/unit/dom0/test_dir.h"

/* Of a SCSI disk or a partition. */
#define NUMBER(minor) {.device = 8u << 8 | (minor)}

static const struct target disk = {.self = NUMBER(0), .whole = NUMBER(0)};
static const struct target first = {.self = NUMBER(1), .whole = NUMBER(0)};
static const struct target second = {.self = NUMBER(2), .whole = NUMBER(0)};
static const struct target other = {.self = NUMBER(16), .whole = NUMBER(16)};

static void a_disk_overlaps_with_its_partitions(void **state)
{
    (void)state;
    assert_true(target_overlaps(&disk, &disk));
    assert_true(target_overlaps(&disk, &first));
    assert_true(target_overlaps(&second, &disk));
    assert_true(target_overlaps(&second, &second));
}

/* Of loop devices with numbers that no machine has; the others are free. */
#define FILE_LOOP 900000u
#define DISK_LOOP 900001u
#define FREE_LOOP 900002u
#define DISK makedev(8, 900000)

bool loop_backing(unsigned minor, uint64_t *device, uint64_t *inode)
{
    *device = minor == FILE_LOOP ? makedev(254, 1) : DISK;
    *inode = minor == FILE_LOOP ? 77 : 0;
    return minor == FILE_LOOP || minor == DISK_LOOP;
}

static void a_loop_device_is_what_it_was_set_up_with(void **state)
{
    const struct stat st = {.st_mode = S_IFREG, .st_dev = makedev(254, 1), .st_ino = 77};
    const struct target under = target_of(&st);
    const struct target real = target_of_device(DISK);
    struct target over = target_of_device(makedev(LOOP_MAJOR, FILE_LOOP));

    (void)state;
    assert_true(target_overlaps(&over, &under));
    assert_false(target_overlaps(&over, &real));
    over = target_of_device(makedev(LOOP_MAJOR, DISK_LOOP));
    assert_true(target_overlaps(&over, &real));
    over = target_of_device(makedev(LOOP_MAJOR, FREE_LOOP));
    assert_false(target_overlaps(&over, &real) || target_overlaps(&over, &under));
}

static void partitions_and_other_disks_are_apart(void **state)
{
    (void)state;
    assert_false(target_overlaps(&first, &second));
    assert_false(target_overlaps(&disk, &other));
    assert_false(target_overlaps(&other, &first));
}

static struct target look_at(const char *name)
{
    struct stat st;

    assert_int_equal(stat(file(name), &st), 0);
    return target_of(&st);
}

static void a_file_is_the_same_by_all_its_names(void **state)
{
    struct target a, b, c;
    char loop[LOOP_PATH_MAX] = "not asked";

    (void)state;
    fclose(fopen(file("a"), "w"));
    fclose(fopen(file("c"), "w"));
    assert_int_equal(chdir(dir) || link("a", "hard") || symlink("a", "soft") || chdir("/"), 0);
    a = look_at("a");
    b = look_at("hard");
    assert_true(target_overlaps(&a, &b));
    b = look_at("soft");
    assert_true(target_overlaps(&a, &b));
    c = look_at("c");
    assert_false(target_overlaps(&a, &c));
    assert_false(target_is_claimed(file("a"), &a, loop));
    assert_string_equal(loop, "");
    assert_int_equal(chdir(dir) || unlink("a") || unlink("hard") || unlink("soft") || unlink("c") ||
                     chdir("/"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_disk_overlaps_with_its_partitions),
        cmocka_unit_test(a_loop_device_is_what_it_was_set_up_with),
        cmocka_unit_test(partitions_and_other_disks_are_apart),
        cmocka_unit_test(a_file_is_the_same_by_all_its_names),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
