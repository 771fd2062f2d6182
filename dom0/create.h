/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Making a domain from a configuration, whole or not at all.
 */
#ifndef DOM0_CREATE_H
#define DOM0_CREATE_H

#include "dom0/config.h"
#include "dom0/file.h"
#include "dom0/guest_map.h"
#include "dom0/purlin.h"

/* A new domain. The descriptors keep its disks' targets open: xen-blkback says that it is ready
 * before it has opened them, and a loop device vanishes with its last user. Whoever looks after the
 * domain holds them for its life. */
struct create_result {
    uint32_t domid;
    int fds[CONFIG_MAX_DEVICES];
    size_t fd_count;
};

/* Makes the domain with its devices connected, paused. On any error, and on a held signal, all that
 * was done is undone before it returns, and there is nothing to release. */
int create_domain(struct purlin *session, const struct config *config,
                  struct create_result *result, struct error *err);

/* All that create_domain looks at before it makes anything, and what it would make. */
struct create_preview {
    struct guest_map map;
    struct file dtb; /* file_free */
};
int create_preview(struct purlin *session, const struct config *config,
                   struct create_preview *preview, struct error *err);

/* Closes the descriptors. */
void create_release(struct create_result *result);

#endif
