/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading whole files. Refuses devices and anything over the caller's limit, so that a typo cannot
 * eat Dom0's memory. Making new ones, where nobody else can have put something.
 */
#include "dom0/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* The kernel cuts one request for more. */
#define READ_AHEAD_BYTES (1u << 20)
/* With a page that is touched Linux maps its neighbours, as far as they are in memory, in an
 * aligned piece of so many bytes. */
#define FAULT_AROUND_BYTES (1u << 16)
#define TOUCHED_PIECES 1024 /* IOV_MAX */

static int read_all(int fd, struct file *file, const char *path, struct error *err)
{
    size_t done = 0;

    while (done < file->size) {
        ssize_t n = read(fd, file->data + done, file->size - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_errno(err, "cannot read %s", path);
        if (n == 0)
            return error_set(err, ERROR_FAILED, "%s became shorter while it was read", path);
        done += (size_t)n;
    }
    return 0;
}

/* Its size goes to file->size. */
static int check(int fd, struct file *file, const char *path, size_t limit, struct error *err)
{
    struct stat st;

    if (fstat(fd, &st))
        return error_errno(err, "cannot look at %s", path);
    if (!S_ISREG(st.st_mode))
        return error_set(err, ERROR_USAGE, "%s is not a regular file", path);
    if ((uint64_t)st.st_size > limit)
        return error_set(err, ERROR_USAGE, "%s has %lld bytes; at most %zu are allowed", path,
                         (long long)st.st_size, limit);
    file->size = (size_t)st.st_size;
    return 0;
}

static int load(int fd, struct file *file, const char *path, struct error *err)
{
    int rc;

    file->data = malloc(file->size ? file->size : 1);
    if (!file->data)
        return error_set(err, ERROR_FAILED, "no memory for %s (%zu bytes)", path, file->size);
    rc = read_all(fd, file, path, err);
    if (rc)
        file_free(file);
    return rc;
}

static int load_start(int fd, struct file *file, const char *path, struct error *err)
{
    if (file->size > FILE_START_BYTES)
        file->size = FILE_START_BYTES;
    return load(fd, file, path, err);
}

/* What is in memory already is not asked for: looking through a piece's pages for one to read takes
 * longer than looking at its first. */
static void read_ahead(int fd, const struct file *file)
{
    unsigned char there;

    for (size_t at = 0; at < file->size; at += READ_AHEAD_BYTES)
        if (mincore(file->data + at, 1, &there) || !(there & 1))
            readahead(fd, (off64_t)at, READ_AHEAD_BYTES);
}

/* A byte of each piece goes through the pipe: the kernel, which touches them all in one call, has
 * an error for a page that cannot be had, and no signal. *at moves past the pieces. */
static bool touch_pieces(const struct file *file, size_t *at, const int ends[2])
{
    struct iovec bytes[TOUCHED_PIECES];
    char taken[TOUCHED_PIECES];
    ssize_t touched;
    int count = 0;

    while (count < TOUCHED_PIECES && *at < file->size) {
        bytes[count++] = (struct iovec){file->data + *at, 1};
        *at += FAULT_AROUND_BYTES - (uintptr_t)(file->data + *at) % FAULT_AROUND_BYTES;
    }
    touched = writev(ends[1], bytes, count);
    if (touched >= 0 && touched < count)
        errno = EIO; /* not from there on */
    return touched == count && read(ends[0], taken, sizeof(taken)) == count;
}

/* MADV_POPULATE_READ would look at each page once more: 17.3 ms for Debian's kernel as a whole, and
 * 13.6 in such pieces, instead of 12.2. A neighbour that was not there is fetched when the
 * hypervisor misses it (hyper_copy). */
static bool populate(const struct file *file)
{
    size_t at = 0;
    int ends[2];
    bool can;
    int saved;

    if (pipe2(ends, O_CLOEXEC))
        return false;
    do
        can = touch_pieces(file, &at, ends);
    while (can && at < file->size);
    saved = errno;
    close(ends[0]);
    close(ends[1]);
    errno = saved;
    return can;
}

static int map(int fd, struct file *file, const char *path, struct error *err)
{
    void *data;

    if (file->size == 0)
        return 0;
    data = mmap(NULL, file->size, PROT_READ, MAP_SHARED, fd, 0);

    if (data == MAP_FAILED)
        return error_errno(err, "cannot map %s", path);
    file->data = data;
    file->mapped = file->size;
    read_ahead(fd, file);
    if (populate(file))
        return 0;
    error_errno(err, "cannot read %s", path);
    file_free(file);
    return -EIO;
}

static int with_file(struct file *file, const char *path, size_t limit, struct error *err,
                     int (*get)(int, struct file *, const char *, struct error *))
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc;

    memset(file, 0, sizeof(*file));
    if (fd < 0) {
        int saved = errno;

        error_errno(err, "cannot open %s", path);
        err->kind = ERROR_USAGE;
        return -saved;
    }
    rc = check(fd, file, path, limit, err);
    if (rc == 0)
        rc = get(fd, file, path, err);
    close(fd);
    return rc;
}

int file_read(struct file *file, const char *path, size_t limit, struct error *err)
{
    return with_file(file, path, limit, err, load);
}

int file_read_start(struct file *file, const char *path, size_t limit, struct error *err)
{
    return with_file(file, path, limit, err, load_start);
}

int file_map(struct file *file, const char *path, size_t limit, struct error *err)
{
    return with_file(file, path, limit, err, map);
}

void file_free(struct file *file)
{
    if (file->mapped)
        munmap(file->data, file->mapped);
    else
        free(file->data);
    memset(file, 0, sizeof(*file));
}

FILE *file_create(const char *path, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    FILE *out = fd < 0 || fchmod(fd, mode) ? NULL : fdopen(fd, "w");
    int saved = errno;

    if (!out && fd >= 0) {
        close(fd);
        unlink(path);
        errno = saved;
    }
    return out;
}

int file_absolute(char **path, struct error *err)
{
    char *dir;
    char *full;

    if (!*path || **path == '/')
        return 0;
    dir = getcwd(NULL, 0);
    if (!dir)
        return error_errno(err, "%s: cannot tell the current directory", *path);
    if (asprintf(&full, "%s/%s", strcmp(dir, "/") ? dir : "", *path) < 0)
        full = NULL;
    free(dir);
    if (!full)
        return error_set(err, ERROR_FAILED, "out of memory");
    free(*path);
    *path = full;
    return 0;
}
