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

struct loop {
    char path[LOOP_PATH_MAX]; /* "": none */
    uint64_t sequence;        /* of what it is attached to: the next has another */
};

/* Makes `file_fd` (opened from `name`) a block device, with direct I/O where the file system can,
 * and stores its path. The device detaches itself when the last user closes it, the descriptor
 * returned among them. Negative errno on failure. */
int loop_attach(int file_fd, const char *name, bool read_only, char path[LOOP_PATH_MAX],
                struct error *err);

/* The file that a loop device is attached to, as stat(2) knows it; or the block device's number and
 * inode 0. False when it is to none. */
bool loop_backing(unsigned minor, uint64_t *device, uint64_t *inode);

/* Notes what the device at `path` is attached to. False when it is to nothing, or to another file
 * than `file`: it is not that one's any more. */
bool loop_note(struct loop *loop, const char *path, const char *file);

/* Waits until the device is detached from what was noted, be it attached to something else by then.
 * False when it still is not after `limit_ms`. */
bool loop_wait_detached(const struct loop *loop, int limit_ms);

#endif
