/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Starting domains: what create_domain does, with a supervisor process.
 */
#include "dom0/launch.h"

#include "dom0/create.h"
#include "dom0/supervisor.h"

struct launch {
    const struct config *config;
    const struct launch_options *options;
};

static int begun(void *arg, uint32_t domid, struct error *err)
{
    const struct launch *launch = arg;
    const struct launch_options *options = launch->options;

    return options->begun ? options->begun(options->arg, domid, err) : 0;
}

static int supervise(void *arg, uint32_t domid, struct error *err)
{
    const struct launch *launch = arg;

    return supervisor_start(launch->config, domid, err);
}

int launch_domain(struct purlin *session, const struct config *config,
                  const struct launch_options *options, uint32_t *domid, struct error *err)
{
    struct launch launch = {.config = config, .options = options};
    const struct create_options create = {.start = !options->paused, .begun = begun,
                                          .supervise = supervise, .arg = &launch};

    return create_domain(session, config, &create, domid, err);
}
