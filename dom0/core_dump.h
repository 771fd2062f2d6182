/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Dumping a domain's memory and registers to a core file.
 */
#ifndef DOM0_CORE_DUMP_H
#define DOM0_CORE_DUMP_H

#include "dom0/domain.h"

#define CORE_DUMP_DIR "/var/lib/purlin/dump"

/* Writes `path`, whole or not at all. A domain that runs is paused meanwhile; ERROR_EXISTS when
 * another does that. A pause by another in the meantime cannot be told from this one and ends with
 * it; one that runs or is destroyed in the meantime is an error. */
int core_dump_write(struct purlin *session, const struct domain *domain, const char *path,
                    struct error *err);

/* As core_dump_write, to CORE_DUMP_DIR/NAME-TIME.core; the path is left in `path`. */
int core_dump_auto(struct purlin *session, const struct domain *domain, char *path, size_t size,
                   struct error *err);

#endif
