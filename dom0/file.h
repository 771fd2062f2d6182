/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Whole files in memory, new files, and their names.
 */
#ifndef DOM0_FILE_H
#define DOM0_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "dom0/error.h"

struct file {
    uint8_t *data; /* heap or mapping; NULL when empty */
    size_t size;
    size_t mapped; /* bytes of the mapping; 0: heap */
};

/* Reads a regular file of at most `limit` bytes. The error names path and cause. */
int file_read(struct file *file, const char *path, size_t limit, struct error *err);

/* As file_read, but of what it has only the first FILE_START_BYTES, or less. */
#define FILE_START_BYTES 64u
int file_read_start(struct file *file, const char *path, size_t limit, struct error *err);

/* As file_read, for large files: maps it instead, all of it in memory. Whoever touches it later
 * must be able to live with a page that is gone: someone may make the file shorter meanwhile. */
int file_map(struct file *file, const char *path, size_t limit, struct error *err);

void file_free(struct file *file);

/* Makes a file with exactly these permissions, from its first moment on for nobody else than those,
 * to write to. Fails (errno) when there is anything of that name, be it a link to nowhere. */
FILE *file_create(const char *path, mode_t mode);

/* Makes the path (heap, or NULL) one that means the same file from everywhere: what is relative is
 * so to the current directory. */
int file_absolute(char **path, struct error *err);

#endif
