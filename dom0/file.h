/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Whole files in memory.
 */
#ifndef DOM0_FILE_H
#define DOM0_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "dom0/error.h"

struct file {
    uint8_t *data; /* heap; NULL when empty */
    size_t size;
};

/* Reads a regular file of at most `limit` bytes. The error names path and cause. */
int file_read(struct file *file, const char *path, size_t limit, struct error *err);
void file_free(struct file *file);

#endif
