/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Successors of domains that wanted a reboot: same name, new id.
 */
#include "dom0/restarted.h"

#include <errno.h>
#include <string.h>

#include "dom0/device.h"

struct restarted {
    struct purlin *session;
    const struct domain *old;
};

static int runs_again(struct store *store, void *arg)
{
    struct restarted *r = arg;
    struct error err = {0};
    struct domain domain;

    return domain_find(r->session, r->old->name, &domain, &err) == 0 &&
           domain.domid != r->old->domid && !domain.paused && !domain.dying &&
           device_all_announced(store, domain.domid);
}

int restarted_wait(struct purlin *session, const struct domain *old, struct error *err)
{
    struct restarted r = {.session = session, .old = old};
    /* written by the supervisor when the new one has been started */
    const char *paths[] = {"@introduceDomain", "/libxl"};
    struct store_wait wait = {.paths = paths, .path_count = 2, .fd = -1, .interruptible = true,
                              .limit_ms = RESTARTED_LIMIT_S * 1000, .done = runs_again,
                              .arg = &r};
    int rc;

    purlin_progress(session, "waiting for its restart");
    rc = store_wait(&session->store, &wait);
    if (rc == -EINTR)
        return error_set(err, ERROR_INTERRUPTED, "interrupted");
    if (rc > 0)
        return 0;
    return error_set(err, ERROR_FAILED, "%s ended, but no domain has taken its place within %d s: "
                     "does its on_reboot say \"restart\"? See /var/log/purlin/%s.log", old->name,
                     RESTARTED_LIMIT_S, old->name);
}
