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

struct create_options {
    bool start; /* let it run */
    /* Makes somebody look after it, before it runs; NULL: nobody. 0, or a negative errno and
     * the error. */
    int (*supervise)(void *arg, uint32_t domid, struct error *err);
    void *arg;
};

/* Makes the domain, waits until its devices are connected and, with options->start, lets it run. On
 * any error, and on a held signal, all that was done is undone before it returns. */
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
