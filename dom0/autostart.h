/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The domains that start with the machine: the configurations in a directory, in order.
 */
#ifndef DOM0_AUTOSTART_H
#define DOM0_AUTOSTART_H

#include <stddef.h>

#include "dom0/error.h"

#define AUTOSTART_DIR "/etc/purlin/auto"

/* Paths of the files in a directory that end in .cfg, by name: "10-db.cfg" before "20-web.cfg".
 * Heap, to be freed by autostart_free. Their number, or a negative errno. named: NULL for
 * AUTOSTART_DIR, which need not be there; ERROR_USAGE when another is not. */
int autostart_list(const char *named, char ***paths, struct error *err);
void autostart_free(char **paths, size_t count);

#endif
