/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin shutdown and purlin reboot: asking guests, waiting for them, and doing without them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dom0/cli_each.h"
#include "dom0/control.h"
#include "dom0/interrupt.h"
#include "dom0/record.h"
#include "dom0/restarted.h"

#define FORCE_DEFAULT_S 60
#define LIMIT_MAX_S 86400

struct shutdown {
    enum domain_shutdown reason;
    bool wait;
    bool force;
    const char *limit_text;
    unsigned limit_s; /* 0: none */
};

static int ask(struct purlin *session, const struct domain *domain, void *arg, struct error *err)
{
    const struct shutdown *s = arg;
    bool can_force;
    int rc;

    if (domain->shutdown && (s->wait || s->force))
        return 0;
    if (domain->shutdown)
        return error_set(err, ERROR_FAILED, "%s has shut down already: purlin destroy %s removes "
                         "it", domain->name, domain->name);
    purlin_progress(session, s->reason == DOMAIN_REBOOT ? "asking it to reboot"
                                                        : "asking it to power off");
    rc = control_request(session, domain, s->reason,
                         s->limit_s < CONTROL_ACCEPT_S ? s->limit_s : 0, err);
    can_force = rc && s->force && err->kind == ERROR_FAILED;
    if (!can_force)
        return rc;
    purlin_progress(session, "%s; doing without its help", err->text);
    error_clear(err);
    return control_force(session, domain, s->reason, err);
}

static int await(struct purlin *session, const struct domain *domain, void *arg,
                 struct error *err)
{
    const struct shutdown *s = arg;
    struct control_end end = {.limit_ms = s->limit_s * 1000, .settled = true};
    int rc;

    purlin_progress(session, "waiting for its end");
    rc = control_wait_end(session, domain, &end, err);
    if (rc == -ETIMEDOUT && s->force) {
        error_clear(err);
        purlin_progress(session, "not ended within %u s; doing without its help", s->limit_s);
        rc = control_force(session, domain, s->reason, err);
        end.limit_ms = FORCE_DEFAULT_S * 1000;
        if (rc == 0)
            rc = control_wait_end(session, domain, &end, err);
    }
    if (rc == 0 && s->reason == DOMAIN_REBOOT)
        rc = restarted_wait(session, domain, err);
    return rc;
}

/* All are asked before the first is waited for. */
static int run_on(const struct cli_each *each, struct shutdown *s)
{
    struct purlin session;
    struct domain *domains;
    int code;
    int count;

    interrupt_hold();
    code = cli_open(&session);
    if (code)
        return code;
    count = cli_each_find(&session, each, &domains, &code);
    for (int i = 0; i < 2 * count && code != ERROR_INTERRUPTED; i++) {
        struct domain *domain = &domains[i % count];
        struct error err = {0};
        cli_each_fn *fn = i < count ? ask : await;

        cli_show_progress(&session, domain->name);
        if (domain->domid == 0 || (i >= count && !s->wait && !s->force))
            continue;
        if (fn(&session, domain, s, &err) == 0)
            continue;
        code = cli_fail(&err);
        domain->domid = 0; /* nothing to wait for */
    }
    free(domains);
    purlin_close(&session);
    return code;
}

static int run(const struct cli_verb *verb, int argc, char **argv, enum domain_shutdown reason)
{
    struct shutdown s = {.reason = reason};
    struct cli_each each = {.verb = verb, .alive = true, .names = argv + 1};
    const struct cli_flag flags[] = {
        {'a', "all", &each.all},
        {'w', "wait", &s.wait},
        {'F', "force", &s.force},
        {'t', "timeout", .text = &s.limit_text},
    };
    struct cli_parse parse = {.verb = verb, .flags = flags, .flag_count = 4, .max_args = -1};
    int code;

    each.count = cli_parse(&parse, argc, argv, &code);
    if (each.count < 0)
        return code;
    if (s.force)
        s.limit_s = FORCE_DEFAULT_S;
    if (s.limit_text && !cli_parse_number(s.limit_text, 1, LIMIT_MAX_S, &s.limit_s)) {
        fprintf(stderr, "purlin: %s: --timeout needs a number of seconds from 1 to %d\n",
                verb->name, LIMIT_MAX_S);
        return ERROR_USAGE;
    }
    return run_on(&each, &s);
}

static int run_shutdown(int argc, char **argv)
{
    return run(&cmd_shutdown, argc, argv, DOMAIN_POWEROFF);
}

static int run_reboot(int argc, char **argv)
{
    return run(&cmd_reboot, argc, argv, DOMAIN_REBOOT);
}

const struct cli_verb cmd_shutdown = {
    .name = "shutdown",
    .summary = "ask a guest to power off",
    .help =
        "usage: purlin shutdown [-w] [-F] [-t SECONDS] NAME|ID...\n"
        "       purlin shutdown [-w] [-F] [-t SECONDS] --all\n"
        "\n"
        "Asks guests to power off, as their power button would; returns when they have accepted.\n"
        "What follows is what on_poweroff says; by default they are destroyed.\n"
        "\n"
        "  -w, --wait             until they have ended and are gone (or preserved)\n"
        "  -F, --force            as -w, but one that does not accept, or does not end in time,\n"
        "                         is stopped without its help\n"
        "  -t, --timeout SECONDS  how long -w and -F wait; no limit by default, 60 with -F\n"
        "  -a, --all              all guests\n"
        "\n"
        "  purlin shutdown -w web && purlin create web.cfg\n"
        "  purlin shutdown -F -t 120 --all\n",
    .run = run_shutdown,
};

const struct cli_verb cmd_reboot = {
    .name = "reboot",
    .summary = "ask a guest to restart",
    .help =
        "usage: purlin reboot [-w] [-F] [-t SECONDS] NAME|ID...\n"
        "       purlin reboot [-w] [-F] [-t SECONDS] --all\n"
        "\n"
        "Asks guests to reboot, and returns when they have accepted. What follows is what\n"
        "on_reboot says; by default a new domain with the same name and devices takes the old\n"
        "one's place.\n"
        "\n"
        "  -w, --wait             until the new one runs\n"
        "  -F, --force            as -w, but one that does not accept, or does not end in time,\n"
        "                         is restarted without its help\n"
        "  -t, --timeout SECONDS  how long to wait for the old one's end; no limit by default, 60\n"
        "                         with -F\n"
        "  -a, --all              all guests\n"
        "\n"
        "  purlin reboot web\n"
        "  purlin reboot -F web      even if it hangs\n",
    .run = run_reboot,
};
