/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Starting domains. Owns the order: the supervisor watches before the first vCPU runs.
 */
#include "dom0/launch.h"

#include "dom0/create.h"
#include "dom0/domain.h"
#include "dom0/domctl.h"
#include "dom0/supervisor.h"

int launch_domain(struct purlin *session, const struct config *config, bool paused,
                  uint32_t *domid, struct error *err)
{
    struct error undo = {0};
    int rc = create_domain(session, config, domid, err);

    if (rc)
        return rc;
    rc = supervisor_start(config, *domid, err);
    if (rc == 0 && !paused)
        rc = domain_unpause(session, *domid, err);
    if (rc && domctl_is_gone(&session->hyper, (domid_t)*domid))
        rc = create_was_destroyed(config, err);
    if (rc)
        domain_destroy(session, *domid, &undo);
    return rc;
}
