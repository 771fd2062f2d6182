/* SPDX-License-Identifier: BSD-2-Clause
 *
 * When two targets of disks are the same bytes, or one of them a part of the other, and whether
 * Dom0 uses them. What loop devices are set up with, and which devices the kernel grants to nobody
 * else, is replaced by tables, sysfs by a made-up tree.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dom0/target.h"
#undef TARGET_SYSFS
#define TARGET_SYSFS "/tmp/purlin-target-test"

static int test_open(const char *path, int flags);
#define open test_open
#include "dom0/target.c"
#undef open
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

static const char *busy[4]; /* claimed by somebody in Dom0 */

static int test_open(const char *path, int flags)
{
    assert_int_equal(flags, O_RDONLY | O_EXCL | O_CLOEXEC);
    for (int i = 0; i < 4; i++) {
        if (busy[i] && strcmp(busy[i], path) == 0) {
            errno = EBUSY;
            return -1;
        }
    }
    return open("/dev/null", flags & ~O_EXCL);
}

/* --- a made-up tree --------------------------------------------------------------------------- */
static void run(const char *command)
{
    assert_int_equal(system(command), 0);
}

/* Device NUMBER, /dev/NAME: a directory of its own, by two names; of a device mapper's UUID. */
static void make_device(const char *name, const char *number, const char *uuid)
{
    char text[512];

    snprintf(text, sizeof(text), "cd " TARGET_SYSFS " && mkdir -p block/%s/slaves block/%s/holders "
             "block/%s/dm && ln -s ../../block/%s dev/block/%s && echo %s >block/%s/dev && "
             "echo DEVNAME=%s >block/%s/uevent && echo %s >block/%s/dm/uuid", name, name, name,
             name, number, number, name, name, name, uuid, name);
    run(text);
}

static void put_over(const char *upper, const char *lower)
{
    char text[512];

    snprintf(text, sizeof(text), "cd " TARGET_SYSFS "/block && ln -s ../../%s %s/holders/%s && "
             "ln -s ../../%s %s/slaves/%s", upper, lower, upper, lower, upper, lower);
    run(text);
}

static int make_tree(void **state)
{
    (void)state;
    memset(busy, 0, sizeof(busy));
    run("rm -rf " TARGET_SYSFS "; mkdir -p " TARGET_SYSFS "/dev/block");
    make_device("sdx", "8:900000", "");
    make_device("loop900001", "7:900001", "");
    run("mkdir " TARGET_SYSFS "/block/loop900001/loop");
    make_device("dm-1", "252:900001", "LVM-1");
    make_device("dm-2", "252:900002", "LVM-2");
    make_device("dm-3", "252:900003", "part1-devnode_8:16_Wh5pYvM");
    make_device("dm-4", "252:900004", "CRYPT-4");
    return 0;
}

static int remove_tree(void **state)
{
    (void)state;
    run("rm -r " TARGET_SYSFS);
    return 0;
}

static struct target mapped(unsigned number)
{
    return target_of_device(makedev(252, 900000 + number));
}

static void a_volume_overlaps_with_the_disks_below_it(void **state)
{
    const struct target under = target_of_device(DISK);
    struct target lower;
    struct target upper;

    (void)state;
    put_over("dm-1", "sdx");
    put_over("dm-2", "sdx");
    put_over("dm-4", "dm-1");
    lower = mapped(1);
    upper = mapped(4);
    assert_true(target_overlaps(&lower, &under) && target_overlaps(&under, &lower));
    assert_true(target_overlaps(&upper, &under) && target_overlaps(&under, &upper));
    assert_true(target_overlaps(&upper, &lower));
    lower = mapped(3);
    assert_false(target_overlaps(&lower, &under));
}

static void a_volume_overlaps_with_the_file_of_a_loop_device(void **state)
{
    const struct stat st = {.st_mode = S_IFREG, .st_dev = makedev(254, 1), .st_ino = 77};
    const struct target under = target_of(&st);
    struct target upper;

    (void)state;
    make_device("loop900000", "7:900000", "");
    put_over("dm-1", "loop900000");
    upper = mapped(1);
    assert_true(target_overlaps(&upper, &under));
}

static void volumes_of_one_disk_are_apart(void **state)
{
    struct target a, b;

    (void)state;
    put_over("dm-1", "sdx");
    put_over("dm-2", "sdx");
    a = mapped(1);
    b = mapped(2);
    assert_false(target_overlaps(&a, &b) || target_overlaps(&b, &a));
}

/* No kernel makes one. */
static void a_circle_of_devices_has_an_end(void **state)
{
    const struct target apart = target_of_device(makedev(8, 5));
    struct target a;

    (void)state;
    put_over("dm-1", "dm-2");
    put_over("dm-2", "dm-1");
    a = mapped(1);
    assert_false(target_overlaps(&a, &apart));
}

static bool is_disk_claimed(void)
{
    return is_device_claimed("/dev/sdx", DISK);
}

static void a_disk_of_idle_partitions_is_free(void **state)
{
    (void)state;
    busy[0] = "/dev/sdx";
    assert_true(is_disk_claimed()); /* mounted */
    put_over("dm-3", "sdx");
    assert_false(is_disk_claimed());
    busy[1] = "/dev/dm-3";
    assert_true(is_disk_claimed());
    busy[1] = NULL;
    put_over("dm-2", "sdx");
    assert_true(is_disk_claimed());
}

static void a_loop_device_is_claimed_with_what_it_is_over(void **state)
{
    const struct target target = target_of_device(makedev(LOOP_MAJOR, DISK_LOOP));
    char loop[LOOP_PATH_MAX];

    (void)state;
    assert_false(target_is_claimed("/dev/null", &target, loop));
    busy[0] = "/dev/sdx";
    assert_true(target_is_claimed("/dev/null", &target, loop));
    assert_string_equal(loop, "");
    put_over("dm-3", "sdx");
    assert_false(target_is_claimed("/dev/null", &target, loop));
}

/* A volume group on a loop device claims that, which is no use of its volumes. */
static void a_volume_is_free_of_the_claim_that_it_is(void **state)
{
    struct target volume;
    struct target under = target_of_device(DISK);
    char path[LOOP_PATH_MAX];

    (void)state;
    put_over("dm-1", "loop900001");
    volume = mapped(1);
    busy[0] = "/dev/loop900001";
    assert_false(is_loop_claimed(DISK_LOOP, &volume, path));
    assert_true(is_loop_claimed(DISK_LOOP, &under, path));
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
        cmocka_unit_test_setup_teardown(a_volume_overlaps_with_the_disks_below_it, make_tree,
                                        remove_tree),
        cmocka_unit_test_setup_teardown(a_volume_overlaps_with_the_file_of_a_loop_device, make_tree,
                                        remove_tree),
        cmocka_unit_test_setup_teardown(volumes_of_one_disk_are_apart, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(a_circle_of_devices_has_an_end, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(a_disk_of_idle_partitions_is_free, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(a_loop_device_is_claimed_with_what_it_is_over, make_tree,
                                        remove_tree),
        cmocka_unit_test_setup_teardown(a_volume_is_free_of_the_claim_that_it_is, make_tree,
                                        remove_tree),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
