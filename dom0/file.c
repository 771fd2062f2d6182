/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading whole files. Refuses devices and anything over the caller's limit, so that a typo cannot
 * eat Dom0's memory.
 */
#include "dom0/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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

static int load(int fd, struct file *file, const char *path, size_t limit, struct error *err)
{
    struct stat st;
    int rc;

    if (fstat(fd, &st))
        return error_errno(err, "cannot look at %s", path);
    if (!S_ISREG(st.st_mode))
        return error_set(err, ERROR_USAGE, "%s is not a regular file", path);
    if ((uint64_t)st.st_size > limit)
        return error_set(err, ERROR_USAGE, "%s has %lld bytes; at most %zu are allowed", path,
                         (long long)st.st_size, limit);
    file->size = (size_t)st.st_size;
    file->data = malloc(file->size ? file->size : 1);
    if (!file->data)
        return error_set(err, ERROR_FAILED, "no memory for %s (%zu bytes)", path, file->size);
    rc = read_all(fd, file, path, err);
    if (rc)
        file_free(file);
    return rc;
}

int file_read(struct file *file, const char *path, size_t limit, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc;

    file->data = NULL;
    file->size = 0;
    if (fd < 0) {
        int saved = errno;

        error_errno(err, "cannot open %s", path);
        err->kind = ERROR_USAGE;
        return -saved;
    }
    rc = load(fd, file, path, limit, err);
    close(fd);
    return rc;
}

void file_free(struct file *file)
{
    free(file->data);
    file->data = NULL;
    file->size = 0;
}
