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

/* Makes the domain with its devices connected, paused. On any error, and on a held signal, all that
 * was done is undone before it returns. */
int create_domain(struct purlin *session, const struct config *config, uint32_t *domid,
                  struct error *err);

/* The error of one that others have destroyed meanwhile, whatever failed first. */
int create_was_destroyed(const struct config *config, struct error *err);

/* All that create_domain looks at before it makes anything, and what it would make. */
struct create_preview {
    struct guest_map map;
    struct file dtb; /* file_free */
};
int create_preview(struct purlin *session, const struct config *config,
                   struct create_preview *preview, struct error *err);

#endif
