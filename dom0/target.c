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
#include <sys/sysmacros.h>
#include <unistd.h>

#include "dom0/loop.h"

/* The disk that a partition is on; any other device is one itself. */
static dev_t find_disk(dev_t device)
{
    char path[80];
    unsigned parts[2];
    dev_t disk = device;
    FILE *in;

    snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/partition", major(device), minor(device));
    if (access(path, F_OK))
        return device;
    snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/../dev", major(device), minor(device));
    in = fopen(path, "re");
    if (!in)
        return device;
    if (fscanf(in, "%u:%u", &parts[0], &parts[1]) == 2)
        disk = makedev(parts[0], parts[1]);
    fclose(in);
    return disk;
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

bool target_overlaps(const struct target *a, const struct target *b)
{
    return is_same(&a->self, &b->self) || is_same(&a->whole, &b->self) ||
           is_same(&a->self, &b->whole);
}

/* Without O_CREAT, O_EXCL is a claim of a block device, which the kernel grants to one at a time:
 * to mount it, for instance. A claim of a partition is one of its disk, too. */
static bool is_device_claimed(const char *path)
{
    int fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC);
    bool is_claimed = fd < 0 && errno == EBUSY;

    if (fd >= 0)
        close(fd);
    return is_claimed;
}

static bool is_loop_claimed(unsigned number, const struct target *target, char *loop)
{
    const dev_t device = makedev(LOOP_MAJOR, number);
    const struct target other = target_of_device(device);

    /* Of the disk that the target is part of, another part may be claimed. */
    if (device == target->disk || !target_overlaps(&other, target))
        return false;
    snprintf(loop, LOOP_PATH_MAX, "/dev/loop%u", number);
    return is_device_claimed(loop);
}

bool target_is_claimed(const char *path, const struct target *target, char *loop)
{
    bool is_claimed = target->disk && is_device_claimed(path);
    struct dirent *entry;
    DIR *dir;

    loop[0] = '\0';
    if (is_claimed)
        return true;
    dir = opendir("/sys/block");
    while (dir && !is_claimed && (entry = readdir(dir))) {
        char attached[80];
        unsigned number;

        if (sscanf(entry->d_name, "loop%u", &number) != 1)
            continue;
        snprintf(attached, sizeof(attached), "/sys/block/loop%u/loop", number);
        is_claimed = access(attached, F_OK) == 0 && is_loop_claimed(number, target, loop);
    }
    if (dir)
        closedir(dir);
    return is_claimed;
}
