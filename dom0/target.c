/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Targets of disks, told apart by the kernel's numbers. Refuses to know who among the guests has
 * which. Owns nothing.
 */
#include "dom0/target.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/major.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "dom0/loop.h"

#define PATH_SIZE 512
#define DEPTH_MAX 16 /* of devices over devices: more than the kernel's stack allows */

static void device_path(dev_t device, const char *name, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, TARGET_SYSFS "/dev/block/%u:%u/%s", major(device), minor(device),
             name);
}

/* The number in a file "dev" of sysfs; 0: there is none. */
static dev_t read_number(const char *path)
{
    FILE *in = fopen(path, "re");
    unsigned parts[2];
    dev_t device = 0;

    if (!in)
        return 0;
    if (fscanf(in, "%u:%u", &parts[0], &parts[1]) == 2)
        device = makedev(parts[0], parts[1]);
    fclose(in);
    return device;
}

/* The disk that a partition is on; any other device is one itself. */
static dev_t find_disk(dev_t device)
{
    char path[PATH_SIZE];
    dev_t disk;

    device_path(device, "partition", path);
    if (access(path, F_OK))
        return device;
    device_path(device, "../dev", path);
    disk = read_number(path);
    return disk ? disk : device;
}

/* A loop device may be over a block device, but the kernel allows no circles. */
struct target target_of_device(dev_t device)
{
    struct target target = {.self = {.device = device}, .disk = find_disk(device)};
    struct target_id under;
    struct target whole;

    if (target.disk != device) {
        whole = target_of_device(target.disk);
        target.whole = whole.whole;
        return target;
    }
    target.whole = target.self;
    if (major(device) != LOOP_MAJOR || !loop_backing(minor(device), &under.device, &under.inode))
        return target;
    if (under.inode) {
        target.self = target.whole = under;
        return target;
    }
    whole = target_of_device(under.device);
    target.self = whole.self;
    target.whole = whole.whole;
    return target;
}

struct target target_of(const struct stat *st)
{
    const struct target_id file = {st->st_dev, st->st_ino};

    if (S_ISBLK(st->st_mode))
        return target_of_device(st->st_rdev);
    return (struct target){.self = file, .whole = file};
}

static bool is_same(const struct target_id *a, const struct target_id *b)
{
    return a->device == b->device && a->inode == b->inode;
}

static bool is_same_or_part(const struct target *a, const struct target *b)
{
    return is_same(&a->self, &b->self) || is_same(&a->whole, &b->self) ||
           is_same(&a->self, &b->whole);
}

/* Is `a` made of what is part of `b`, or has `b` as a part? */
static bool is_above(const struct target *a, const struct target *b, unsigned depth)
{
    char path[PATH_SIZE];
    struct dirent *entry;
    bool found = false;
    DIR *slaves;

    if (a->whole.inode || depth == DEPTH_MAX)
        return false;
    device_path((dev_t)a->whole.device, "slaves", path);
    slaves = opendir(path);
    while (slaves && !found && (entry = readdir(slaves))) {
        char number[PATH_SIZE + sizeof(entry->d_name) + 8];
        struct target slave;
        dev_t device;

        if (entry->d_name[0] == '.')
            continue;
        snprintf(number, sizeof(number), "%s/%s/dev", path, entry->d_name);
        device = read_number(number);
        if (!device)
            continue;
        slave = target_of_device(device);
        found = is_same_or_part(&slave, b) || is_above(&slave, b, depth + 1);
    }
    if (slaves)
        closedir(slaves);
    return found;
}

bool target_overlaps(const struct target *a, const struct target *b)
{
    return is_same_or_part(a, b) || is_above(a, b, 0) || is_above(b, a, 0);
}

/* --- claims of Dom0 ------------------------------------------------------------------------- */

/* Without O_CREAT, O_EXCL is a claim of a block device, which the kernel grants to one at a time:
 * to mount it, for instance. A claim of a partition is one of its disk, too. */
static bool is_busy(const char *path)
{
    int fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC);
    bool busy = fd < 0 && errno == EBUSY;

    if (fd >= 0)
        close(fd);
    return busy;
}

/* Is a holder, "dm-3", a partition as kpartx makes them, which nobody uses? */
static bool is_idle_part(const char *name)
{
    char path[PATH_SIZE];
    unsigned number;
    int end = 0;
    FILE *in;

    snprintf(path, sizeof(path), TARGET_SYSFS "/block/%s/dm/uuid", name);
    in = fopen(path, "re");
    if (!in)
        return false;
    if (fscanf(in, "part%u-%n", &number, &end) != 1)
        end = 0;
    fclose(in);
    snprintf(path, sizeof(path), "/dev/%s", name);
    return end && !is_busy(path);
}

/* Who has claimed it are such partitions alone: the device mapper shares a claim with nobody. */
static bool has_only_idle_parts(dev_t device)
{
    char path[PATH_SIZE];
    struct dirent *entry;
    bool are_idle = true;
    unsigned count = 0;
    DIR *holders;

    device_path(device, "holders", path);
    holders = opendir(path);
    while (holders && are_idle && (entry = readdir(holders))) {
        if (entry->d_name[0] == '.')
            continue;
        are_idle = is_idle_part(entry->d_name);
        count++;
    }
    if (holders)
        closedir(holders);
    return are_idle && count;
}

static bool is_device_claimed(const char *path, dev_t device)
{
    return is_busy(path) && !has_only_idle_parts(device);
}

static bool is_number_claimed(dev_t device)
{
    char path[PATH_SIZE];
    char line[128];
    char name[100] = "";
    FILE *in;

    device_path(device, "uevent", path);
    in = fopen(path, "re");
    while (in && !name[0] && fgets(line, sizeof(line), in))
        if (sscanf(line, "DEVNAME=%99s", name) != 1)
            name[0] = '\0';
    if (in)
        fclose(in);
    snprintf(path, sizeof(path), "/dev/%s", name);
    return name[0] && is_device_claimed(path, device);
}

/* Claiming a loop device, or a partition of one, does not claim the device that it is over. */
static bool is_backing_claimed(dev_t disk)
{
    struct target_id under;
    bool is_claimed = false;

    while (!is_claimed && major(disk) == LOOP_MAJOR &&
           loop_backing(minor(disk), &under.device, &under.inode) && !under.inode) {
        is_claimed = is_number_claimed((dev_t)under.device);
        disk = find_disk((dev_t)under.device);
    }
    return is_claimed;
}

static bool is_loop_claimed(unsigned number, const struct target *target, char *loop)
{
    const dev_t device = makedev(LOOP_MAJOR, number);
    const struct target other = target_of_device(device);

    /* Of the disk that the target is part of, or made of, another part may be claimed. */
    if (device == target->disk ||
        !(is_same_or_part(&other, target) || is_above(&other, target, 0)))
        return false;
    snprintf(loop, LOOP_PATH_MAX, "/dev/loop%u", number);
    return is_device_claimed(loop, device);
}

bool target_is_claimed(const char *path, const struct target *target, char *loop)
{
    struct dirent *entry;
    bool is_claimed;
    struct stat st;
    DIR *dir;

    loop[0] = '\0';
    is_claimed = target->disk && stat(path, &st) == 0 &&
                 (is_device_claimed(path, st.st_rdev) || is_backing_claimed(target->disk));
    if (is_claimed)
        return true;
    dir = opendir(TARGET_SYSFS "/block");
    while (dir && !is_claimed && (entry = readdir(dir))) {
        char attached[PATH_SIZE];
        unsigned number;

        if (sscanf(entry->d_name, "loop%u", &number) != 1)
            continue;
        snprintf(attached, sizeof(attached), TARGET_SYSFS "/block/loop%u/loop", number);
        is_claimed = access(attached, F_OK) == 0 && is_loop_claimed(number, target, loop);
    }
    if (dir)
        closedir(dir);
    return is_claimed;
}
