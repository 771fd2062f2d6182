/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The consequences of a shutdown: on_poweroff, on_reboot, on_crash, on_watchdog. Owns their order:
 * dump, then wait for one's turn, then make room, then restart.
 */
#include "dom0/supervisor_act.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "dom0/clock.h"
#include "dom0/config_value.h"
#include "dom0/core_dump.h"
#include "dom0/domctl.h"
#include "dom0/live.h"
#include "dom0/record.h"
#include "dom0/rename.h"
#include "dom0/vbd.h"
#include "dom0/vif.h"

void supervisor_act_note(const struct supervisor *s, const char *text, const char *detail)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm tm;

    strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
    fprintf(stderr, "%s %s (domain %u): %s%s\n", stamp, s->config.name, s->domid, text,
            detail);
}

void supervisor_act_started(struct supervisor *s)
{
    s->since_ms = clock_ms();
}

bool supervisor_act_claim(struct supervisor *s)
{
    if (s->lock_fd >= 0)
        close(s->lock_fd);
    s->lock_fd = record_supervise(s->domid);
    return s->lock_fd >= 0;
}

/* The domain may have been renamed since, or is not to be restarted any more. */
static void refresh(struct supervisor *s)
{
    struct config fresh;

    if (!record_load(&s->domain, &fresh))
        return;
    if (s->owns_config)
        config_free(&s->config);
    s->config = fresh;
    s->owns_config = true;
}

static void dump(struct supervisor *s)
{
    struct error err = {0};
    char path[256];

    if (core_dump_auto(&s->session, &s->domain, path, sizeof(path), &err))
        supervisor_act_note(s, "no core dump: ", err.text);
    else
        supervisor_act_note(s, "memory and registers are in ", path);
}

struct news {
    struct purlin *session;
    uint32_t domid;
    const char *node;
    uint32_t value;
    struct error err;
};

static int tell_body(struct store *store, void *arg)
{
    struct news *news = arg;
    int rc = domain_check_home(news->session, news->domid, &news->err);

    if (rc == 0)
        store_write_number(store, news->value, "/libxl/%u/purlin/%s", news->domid, news->node);
    return rc;
}

/* For those who wait for what follows a shutdown. */
static void tell(struct supervisor *s, const char *node, uint32_t value)
{
    struct news news = {.session = &s->session, .domid = s->domid, .node = node, .value = value};

    store_transact(&s->session.store, tell_body, &news, "news", &news.err);
}

/* What is left of the old domain lets a new one have its name and disks. */
static bool make_room(struct supervisor *s, enum config_action action)
{
    struct error err = {0};
    int rc;

    if (action == CONFIG_RENAME_RESTART)
        rc = rename_aside(&s->session, &s->domain, &err);
    else
        rc = domain_destroy(&s->session, s->domid, &err);
    if (rc && action != CONFIG_RENAME_RESTART &&
        domctl_is_gone(&s->session.hyper, (domid_t)s->domid)) {
        supervisor_act_note(s, "destroyed, but ", err.text);
        return true;
    }
    if (rc)
        supervisor_act_note(s, "stays as it is: ", err.text);
    else
        supervisor_act_note(s, action == CONFIG_RENAME_RESTART ? "kept under another name"
                                                               : "destroyed", "");
    if (rc || action == CONFIG_RENAME_RESTART)
        tell(s, "stays", 1);
    s->preserved |= rc != 0;
    return rc == 0;
}

static int claim(void *arg, uint32_t domid, struct error *err)
{
    struct supervisor *s = arg;

    (void)err;
    s->domid = domid;
    supervisor_act_claim(s);
    return 0;
}

static bool restart(struct supervisor *s, const struct target_id *had)
{
    const struct create_options options = {.start = true, .had = had, .supervise = claim,
                                           .arg = s};
    struct error err = {0};
    uint32_t old = s->domid;

    if (create_domain(&s->session, &s->config, &options, &s->domid, &err)) {
        supervisor_act_note(s, "cannot restart: ", err.text);
        return false;
    }
    tell(s, "restarted-from", old);
    supervisor_act_started(s);
    supervisor_act_note(s, "restarted", "");
    return true;
}

/* An operator restarts as often as he likes; a guest that cannot work does so only so often. */
static bool is_hopeless(struct supervisor *s)
{
    bool crashed = s->domain.reason == DOMAIN_CRASH || s->domain.reason == DOMAIN_WATCHDOG;
    char text[120];

    if (!crashed || pace_allows(&s->pace, clock_ms() - s->since_ms))
        return false;
    snprintf(text, sizeof(text), "crashed %d times in a row within %d s of its start: it is not "
             "restarted again; purlin create does", PACE_LIMIT, PACE_QUICK_MS / 1000);
    supervisor_act_note(s, text, "");
    return true;
}

/* What other tools have done to its devices. */
static void follow_devices(struct supervisor *s)
{
    struct error err = {0};

    if (domain_check_home(&s->session, s->domid, &err) == 0) {
        vbd_forget_detached(&s->session.store, s->domid, &s->config);
        vif_forget_detached(&s->session.store, s->domid, &s->config);
        if (live_take_attached(&s->session, &s->domain, &s->config, &err))
            supervisor_act_note(s, "a device that was attached is left out: ", err.text);
    }
    error_clear(&err);
}

/* The old domain makes room; what it had is asked first. */
static bool replace(struct supervisor *s, enum config_action action, bool may_restart)
{
    struct target_id *had = vbd_written(&s->session.store, s->domid);
    bool goes_on = true;

    follow_devices(s);
    if (make_room(s, may_restart ? action : CONFIG_DESTROY)) {
        if (!may_restart)
            supervisor_act_note(s, "not restarted: purlin autostop ends all guests", "");
        goes_on = may_restart && !is_hopeless(s) && restart(s, had);
    }
    free(had);
    return goes_on;
}

static bool is_restart(enum config_action action)
{
    return action == CONFIG_RESTART || action == CONFIG_RENAME_RESTART ||
           action == CONFIG_COREDUMP_RESTART;
}

static bool follow(struct supervisor *s, enum config_action action, bool may_restart)
{
    s->preserved = action == CONFIG_PRESERVE;
    if (s->preserved)
        return true;
    return is_restart(action) ? replace(s, action, may_restart) : !make_room(s, action);
}

static int is_ended(struct store *store, void *arg)
{
    struct supervisor *s = arg;
    struct xen_domctl_getdomaininfo info;
    int rc = domctl_info(&s->session.hyper, (domid_t)s->domid, &info);

    (void)store;
    return rc == -ESRCH || (rc == 0 && info.flags & XEN_DOMINF_dying);
}

/* Making a domain is much work for Dom0: one that ends at once would keep it busy. It stays as it
 * is meanwhile, so that who destroys it ends this, too: then it is false. */
static bool wait_for_turn(struct supervisor *s)
{
    const char *paths[] = {"@releaseDomain"};
    struct store_wait wait = {.paths = paths, .path_count = 1, .fd = -1, .done = is_ended,
                              .limit_ms = pace_pause_ms(clock_ms() - s->since_ms), .arg = s};

    if (wait.limit_ms == 0)
        return true;
    if (store_wait(&s->session.store, &wait) != -ETIMEDOUT)
        return false;
    refresh(s);
    return true;
}

bool supervisor_act(struct supervisor *s)
{
    static const char *const reasons[] = {"powered off: ", "wants a reboot: ", "suspended: ",
                                          "crashed: ", "was stopped by its watchdog: "};
    size_t reason = (size_t)s->domain.reason;
    enum config_action action;
    bool goes_on;
    int gate;

    refresh(s);
    action = config_action_for(&s->config, (unsigned)reason);
    supervisor_act_note(s, reason < sizeof(reasons) / sizeof(reasons[0]) ? reasons[reason]
                                                                          : "has shut down: ",
                        config_value_action_name(action));
    if (action == CONFIG_COREDUMP_DESTROY || action == CONFIG_COREDUMP_RESTART)
        dump(s);
    if (is_restart(action) && !wait_for_turn(s))
        return true;
    action = config_action_for(&s->config, (unsigned)reason); /* another by now: autostop's */
    gate = record_gate(false);
    goes_on = follow(s, action, gate != -EAGAIN);
    if (gate >= 0)
        close(gate);
    return goes_on;
}
