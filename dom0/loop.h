/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Loop devices: files as block devices (loop(4)).
 */
#ifndef DOM0_LOOP_H
#define DOM0_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "dom0/error.h"

#define LOOP_PATH_MAX 32

/* Makes `file_fd` (opened from `name`) a block device, with direct I/O where the file system can,
 * and stores its path. The device detaches itself when the last user closes it, the descriptor
 * returned among them. Negative errno on failure. */
int loop_attach(int file_fd, const char *name, bool read_only, char path[LOOP_PATH_MAX],
                struct error *err);

/* The file that a loop device is attached to, as stat(2) knows it. False when it is to none. */
bool loop_backing(unsigned minor, uint64_t *device, uint64_t *inode);

/* Waits until the device at `path` is detached. False when it still is not after `limit_ms`. */
bool loop_wait_detached(const char *path, int limit_ms);

#endif
