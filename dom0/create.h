/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Making a domain from a configuration, whole or not at all.
 */
#ifndef DOM0_CREATE_H
#define DOM0_CREATE_H

#include <stdbool.h>

#include "dom0/config.h"
#include "dom0/file.h"
#include "dom0/guest_map.h"
#include "dom0/purlin.h"
#include "dom0/target.h"

/* Both calls: NULL: nothing is to be done; they return 0, or a negative errno and the error. */
struct create_options {
    bool start; /* let it run */
    const struct target_id *had; /* NULL, or what the domain that it replaces wrote to (vbd.h) */
    /* It runs, unless it is not to; its devices are not connected yet. */
    int (*begun)(void *arg, uint32_t domid, struct error *err);
    /* Makes somebody look after it, when all else is done. */
    int (*supervise)(void *arg, uint32_t domid, struct error *err);
    void *arg;
};

/* Makes the domain and waits until its devices are connected; the guest boots meanwhile. On any
 * error, and on a held signal, all that was done is undone before it returns, and a guest that runs
 * already is destroyed. */
int create_domain(struct purlin *session, const struct config *config,
                  const struct create_options *options, uint32_t *domid, struct error *err);

/* All that create_domain looks at before it makes anything, and what it would make. */
struct create_preview {
    struct guest_map map;
    struct file dtb; /* file_free */
};
int create_preview(struct purlin *session, const struct config *config,
                   struct create_preview *preview, struct error *err);

#endif
