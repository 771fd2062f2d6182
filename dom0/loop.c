/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Loop devices set up without losetup. Every device is made with the autoclear flag, so that no
 * crash of ours can leave one behind. Owns nothing after it returns.
 */
#include "dom0/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/loop.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dom0/clock.h"

#define ATTEMPTS 64 /* others may take the free device before us, each time at most once */

static int configure(int device_fd, int file_fd, const char *name, bool read_only)
{
    struct loop_config config;

    memset(&config, 0, sizeof(config));
    config.fd = (uint32_t)file_fd;
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO;
    if (read_only)
        config.info.lo_flags |= LO_FLAGS_READ_ONLY;
    snprintf((char *)config.info.lo_file_name, LO_NAME_SIZE, "%s", name);
    return ioctl(device_fd, LOOP_CONFIGURE, &config) ? -errno : 0;
}

static int try_attach(int control_fd, int file_fd, const char *name, bool read_only,
                      char path[LOOP_PATH_MAX])
{
    int number = ioctl(control_fd, LOOP_CTL_GET_FREE);
    int fd;
    int rc;

    if (number < 0)
        return -errno;
    snprintf(path, LOOP_PATH_MAX, "/dev/loop%d", number);
    fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    rc = configure(fd, file_fd, name, read_only);
    if (rc) {
        close(fd);
        return rc;
    }
    return fd;
}

int loop_attach(int file_fd, const char *name, bool read_only, char path[LOOP_PATH_MAX],
                struct error *err)
{
    int control_fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    int fd = -EBUSY;

    if (control_fd < 0)
        return error_errno(err, "no loop devices in Dom0 (/dev/loop-control): modprobe loop");
    for (int i = 0; i < ATTEMPTS && fd == -EBUSY; i++)
        fd = try_attach(control_fd, file_fd, name, read_only, path);
    close(control_fd);
    if (fd < 0) {
        errno = -fd;
        return error_errno(err, "cannot make %s a loop device", name);
    }
    return fd;
}

bool loop_backing(unsigned minor, uint64_t *device, uint64_t *inode)
{
    struct loop_info64 info;
    char path[LOOP_PATH_MAX];
    int fd;
    bool is_attached;

    snprintf(path, sizeof(path), "/dev/loop%u", minor);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    is_attached = ioctl(fd, LOOP_GET_STATUS64, &info) == 0;
    close(fd);
    if (!is_attached)
        return false;
    *device = info.lo_rdevice ? info.lo_rdevice : info.lo_device;
    *inode = info.lo_rdevice ? 0 : info.lo_inode;
    return true;
}

/* One line of what sysfs has of the device. False: there is none. */
static bool read_sysfs(const char *path, const char *name, char *line, size_t size)
{
    char file[96];
    FILE *in;
    bool is_read;

    snprintf(file, sizeof(file), "/sys/block/%s/%s", strrchr(path, '/') + 1, name);
    in = fopen(file, "re");
    if (!in)
        return false;
    is_read = fgets(line, (int)size, in) != NULL;
    fclose(in);
    line[is_read ? strcspn(line, "\n") : 0] = '\0';
    return is_read;
}

/* Of a kernel before 5.15, which counts none: 0. */
static uint64_t sequence_of(const char *path)
{
    char text[32];

    return read_sysfs(path, "diskseq", text, sizeof(text)) ? strtoull(text, NULL, 10) : 0;
}

/* A file that has been deleted may be the one. */
static bool is_same_file(const char *a, const char *b)
{
    struct stat first;
    struct stat second;

    return stat(a, &first) || stat(b, &second) ||
           (first.st_dev == second.st_dev && first.st_ino == second.st_ino);
}

bool loop_note(struct loop *loop, const char *path, const char *file)
{
    char backing[PATH_MAX + 16];

    snprintf(loop->path, sizeof(loop->path), "%s", path);
    loop->sequence = sequence_of(path); /* first: what is found then is this or a later one */
    return read_sysfs(path, "loop/backing_file", backing, sizeof(backing)) &&
           is_same_file(backing, file);
}

static bool is_attached(const struct loop *loop)
{
    char backing[8];

    return read_sysfs(loop->path, "loop/backing_file", backing, sizeof(backing)) &&
           sequence_of(loop->path) == loop->sequence;
}

/* The kernel announces a detached loop device with an event for the block device. */
static int open_events(void)
{
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);

    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

bool loop_wait_detached(const struct loop *loop, int limit_ms)
{
    int64_t deadline = clock_ms() + limit_ms;
    int fd = open_events();
    bool attached = is_attached(loop);
    int64_t left;

    while (attached && fd >= 0 && (left = deadline - clock_ms()) > 0) {
        struct pollfd events = {.fd = fd, .events = POLLIN};
        char buffer[4096];

        poll(&events, 1, (int)left);
        while (recv(fd, buffer, sizeof(buffer), 0) > 0)
            continue;
        attached = is_attached(loop);
    }
    if (fd >= 0)
        close(fd);
    return !attached;
}
