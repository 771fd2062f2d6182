/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From a configuration to a domain that runs and is looked after.
 */
#ifndef DOM0_LAUNCH_H
#define DOM0_LAUNCH_H

#include "dom0/config.h"
#include "dom0/purlin.h"

/* All zero: the domain runs. */
struct launch_options {
    bool paused; /* it does not run yet */
    /* Is called when it runs (or would, if it were not paused), while its devices are being
     * connected; may be NULL. 0, or a negative errno and the error, which undoes all. */
    int (*begun)(void *arg, uint32_t domid, struct error *err);
    void *arg;
};

/* Makes the domain, lets it run, and starts its supervisor. On any error, and on a held signal,
 * nothing is left. */
int launch_domain(struct purlin *session, const struct config *config,
                  const struct launch_options *options, uint32_t *domid, struct error *err);

#endif
