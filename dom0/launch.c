/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Starting domains: what create_domain does, with a supervisor process.
 */
#include "dom0/launch.h"

#include "dom0/create.h"
#include "dom0/supervisor.h"

static int supervise(void *arg, uint32_t domid, struct error *err)
{
    return supervisor_start(arg, domid, err);
}

int launch_domain(struct purlin *session, const struct config *config, bool paused,
                  uint32_t *domid, struct error *err)
{
    const struct create_options options = {.start = !paused, .supervise = supervise,
                                           .arg = (void *)(uintptr_t)config};

    return create_domain(session, config, &options, domid, err);
}
