/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Starting domains. Owns the order: the supervisor watches before the first vCPU runs.
 */
#include "dom0/launch.h"

#include "dom0/create.h"
#include "dom0/domain.h"
#include "dom0/supervisor.h"

int launch_domain(struct purlin *session, const struct config *config, bool paused,
                  uint32_t *domid, struct error *err)
{
    struct create_result made;
    struct error undo = {0};
    int rc = create_domain(session, config, &made, err);

    if (rc)
        return rc;
    *domid = made.domid;
    rc = supervisor_start(config, &made, err);
    create_release(&made); /* from here on the supervisor holds what the domain needs */
    if (rc == 0 && !paused)
        rc = domain_unpause(session, made.domid, err);
    if (rc)
        domain_destroy(session, made.domid, &undo);
    return rc;
}
