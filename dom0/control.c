/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Requests through a domain's control/ nodes: written here, removed or emptied by the guest's
 * driver when it has seen them. Refuses to know what follows a shutdown (supervisor.c).
 */
#include "dom0/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "dom0/alive.h"
#include "dom0/record.h"

struct request {
    struct purlin *session;
    uint32_t domid;
    const char *node; /* below control/ */
    const char *value;
    const char *what; /* for messages */
    unsigned limit_s;
    struct error *err;
};

static int accepted(struct store *store, void *arg)
{
    struct request *r = arg;
    struct error err = {0};
    struct domain domain;
    char *value;
    int taken;

    if (domain_get(r->session, r->domid, &domain, &err)) {
        if (err.kind == ERROR_NOT_FOUND)
            return 1;
    } else if (domain.dying || domain.shutdown) {
        return 1;
    }
    value = store_read(store, "/local/domain/%u/control/%s", r->domid, r->node);
    taken = !value || !*value;
    free(value);
    return taken;
}

static int write_body(struct store *store, void *arg)
{
    const struct request *r = arg;
    int rc = domain_check_home(r->session, r->domid, r->err);

    if (rc == 0)
        store_write(store, r->value, "/local/domain/%u/control/%s", r->domid, r->node);
    return rc;
}

static int withdraw_body(struct store *store, void *arg)
{
    const struct request *r = arg;
    int rc = domain_check_home(r->session, r->domid, r->err);

    if (rc == 0)
        store_write(store, "", "/local/domain/%u/control/%s", r->domid, r->node);
    return rc;
}

static int withdraw(struct request *r, int why, struct error *err)
{
    struct error ignored = {0};

    r->err = &ignored;
    store_transact(&r->session->store, withdraw_body, r, r->what, &ignored);
    if (why == -EINTR)
        return error_set(err, ERROR_INTERRUPTED, "interrupted: the %s is withdrawn", r->what);
    if (why == -ETIMEDOUT)
        return error_set(err, ERROR_FAILED, "domain %u has not accepted the %s within %u s: has "
                         "its kernel Xen drivers? -F does without its help", r->domid, r->what,
                         r->limit_s);
    return error_set(err, ERROR_UNAVAILABLE, "lost xenstored during the %s", r->what);
}

static int check_awake(const struct domain *domain, const char *what, struct error *err)
{
    int rc = alive_check(domain, err);

    if (rc)
        return rc;
    if (domain->shutdown)
        return error_set(err, ERROR_FAILED, "%s has shut down already: purlin destroy %s "
                         "removes it", domain->name, domain->name);
    if (domain->paused)
        return error_set(err, ERROR_FAILED, "%s is paused and cannot accept a %s: purlin unpause "
                         "%s first", domain->name, what, domain->name);
    return 0;
}

static int send_request(struct request *r, const struct domain *domain, struct error *err)
{
    char path[STORE_PATH_MAX];
    const char *paths[] = {path, "@releaseDomain"};
    struct store_wait wait = {.paths = paths, .path_count = 2, .fd = -1, .interruptible = true,
                              .done = accepted, .arg = r};
    int rc = check_awake(domain, r->what, err);

    if (rc)
        return rc;
    r->domid = domain->domid;
    r->err = err;
    r->limit_s = r->limit_s ? r->limit_s : CONTROL_ACCEPT_S;
    wait.limit_ms = r->limit_s * 1000;
    snprintf(path, sizeof(path), "/local/domain/%u/control/%s", domain->domid, r->node);
    rc = store_transact(&r->session->store, write_body, r, r->what, err);
    if (rc)
        return rc;
    rc = store_wait(&r->session->store, &wait);
    return rc < 0 ? withdraw(r, rc, err) : 0;
}

int control_request(struct purlin *session, const struct domain *domain,
                    enum domain_shutdown reason, unsigned limit_s, struct error *err)
{
    bool reboot = reason == DOMAIN_REBOOT;
    struct request r = {.session = session, .node = "shutdown",
                        .value = reboot ? "reboot" : "poweroff",
                        .what = reboot ? "reboot" : "shutdown", .limit_s = limit_s};

    return send_request(&r, domain, err);
}

int control_sysrq(struct purlin *session, const struct domain *domain, char key,
                  struct error *err)
{
    const char value[2] = {key, '\0'};
    struct request r = {.session = session, .node = "sysrq", .value = value, .what = "SysRq key"};

    return send_request(&r, domain, err);
}

int control_force(struct purlin *session, const struct domain *domain,
                  enum domain_shutdown reason, struct error *err)
{
    int rc = alive_check(domain, err);

    if (rc)
        return rc;
    rc = hyper_shutdown(&session->hyper, (domid_t)domain->domid, (unsigned)reason);
    if (rc == -ESRCH)
        return 0; /* it took its time, and has ended at last */
    errno = -rc;
    return rc ? error_errno(err, "cannot shut %s down: purlin destroy %s ends it", domain->name,
                            domain->name) : 0;
}

struct end_wait {
    struct purlin *session;
    uint32_t domid;
    struct control_end *end;
    struct error *err;
};

/* Does its supervisor leave it where it is? One that nobody looks after stays, too. */
static bool is_to_stay(struct store *store, const struct domain *domain)
{
    struct config config;
    bool stays;

    if (store_exists(store, "/libxl/%u/purlin/stays", domain->domid))
        return true; /* whatever the record says: it could not be done */
    if (!record_is_supervised(domain->domid) || !record_load(domain, &config))
        return true;
    stays = config_action_for(&config, (unsigned)domain->reason) == CONFIG_PRESERVE;
    config_free(&config);
    return stays;
}

static int has_ended(struct store *store, void *arg)
{
    struct end_wait *w = arg;
    struct domain domain;
    int rc = domain_get(w->session, w->domid, &domain, w->err);

    if (rc && w->err->kind != ERROR_NOT_FOUND)
        return rc;
    error_clear(w->err);
    if (rc || domain.dying) {
        w->end->gone = true;
        return 1;
    }
    if (!domain.shutdown)
        return 0;
    w->end->has_reason = true;
    w->end->reason = domain.reason;
    return !w->end->settled || is_to_stay(store, &domain);
}

int control_wait_end(struct purlin *session, const struct domain *domain, struct control_end *end,
                     struct error *err)
{
    /* what supervisors have done shows there */
    const char *paths[] = {"@releaseDomain", "/libxl"};
    struct end_wait w = {.session = session, .domid = domain->domid, .end = end, .err = err};
    struct store_wait wait = {.paths = paths, .path_count = 2, .limit_ms = end->limit_ms, .fd = -1,
                              .interruptible = true, .done = has_ended, .arg = &w};
    int rc;

    end->gone = end->has_reason = false;
    rc = store_wait(&session->store, &wait);
    if (rc == -EINTR)
        return error_set(err, ERROR_INTERRUPTED, "interrupted: %s goes on", domain->name);
    if (rc == -ETIMEDOUT) {
        error_set(err, ERROR_FAILED, "%s has not ended within %u s: it may still do so; "
                  "purlin shutdown -F or purlin destroy do not ask it", domain->name,
                  end->said_s ? end->said_s : end->limit_ms / 1000);
        return rc;
    }
    if (rc < 0)
        return error_set(err, ERROR_UNAVAILABLE, "lost xenstored while waiting for %s",
                         domain->name);
    return end->gone ? domain_wait_gone(session, domain->domid, err) : 0;
}
