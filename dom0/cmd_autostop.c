/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin autostop: all guests end, in the reverse of the order in which they started.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dom0/autostart.h"
#include "dom0/cli.h"
#include "dom0/clock.h"
#include "dom0/control.h"
#include "dom0/interrupt.h"
#include "dom0/record.h"

#define LIMIT_DEFAULT_S 60
#define LIMIT_MAX_S 86400
#define STEP_MS 20

static void ignore(const char *text, void *arg)
{
    (void)text;
    (void)arg;
}

/* The names in the directory's configurations, in their order; those that cannot be read have no
 * domain, either. Heap array of heap strings, ended by NULL. */
static char **read_names(char **paths, size_t count)
{
    char **names = calloc(count + 1, sizeof(*names));
    size_t used = 0;

    for (size_t i = 0; i < count && names; i++) {
        struct config_source source = {.path = paths[i], .warn = ignore};
        struct error err = {0};
        struct config config;

        if (config_load(&config, &source, &err))
            continue;
        names[used++] = strdup(config.name);
        config_free(&config);
    }
    return names;
}

static int rank(char **names, const char *name)
{
    for (int i = 0; names && names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

/* Those outside the directory end first, the youngest before all; then the others, backwards. */
static bool goes_before(char **names, const struct domain *a, const struct domain *b)
{
    int ra = rank(names, a->name);
    int rb = rank(names, b->name);

    if ((ra < 0) != (rb < 0))
        return ra < 0;
    return ra < 0 ? a->domid > b->domid : ra > rb;
}

static void sort(struct domain *domains, int count, char **names)
{
    for (int i = 1; i < count; i++) {
        for (int j = i; j > 0 && goes_before(names, &domains[j], &domains[j - 1]); j--) {
            struct domain swap = domains[j];

            domains[j] = domains[j - 1];
            domains[j - 1] = swap;
        }
    }
}

/* What is to follow its end. */
struct fate {
    enum config_action poweroff, reboot, crash, watchdog;
};

static int exchange_fate(struct config *config, void *arg, struct error *err)
{
    struct fate *fate = arg;
    const struct fate old = {config->on_poweroff, config->on_reboot, config->on_crash,
                             config->on_watchdog};

    (void)err;
    config->on_poweroff = fate->poweroff;
    config->on_reboot = fate->reboot;
    config->on_crash = fate->crash;
    config->on_watchdog = fate->watchdog;
    *fate = old;
    return 0;
}

/* Somebody has paused a guest that has something to end. One that has never run has not. */
static bool let_run(struct purlin *session, struct domain *domain)
{
    struct error ignored = {0};

    if (!domain->paused || domain->shutdown || domain->cpu_time_ns == 0)
        return false;
    purlin_progress(session, "it is paused: letting it run");
    domain->paused = domain_unpause_all(session, domain->domid, &ignored) != 0;
    return !domain->paused;
}

/* All of the limit is for both: to accept, and to end. */
static int ask(struct purlin *session, const struct domain *domain, unsigned limit_s,
               struct control_end *end, struct error *err)
{
    const int64_t deadline = clock_ms() + (int64_t)limit_s * 1000;
    int64_t left;
    int rc;

    purlin_progress(session, "asking it to power off");
    rc = control_request(session, domain, DOMAIN_POWEROFF, limit_s, err);
    if (rc)
        return rc;
    left = deadline - clock_ms();
    end->limit_ms = left > 1 ? (unsigned)left : 1;
    return control_wait_end(session, domain, end, err);
}

static int stop(struct purlin *session, struct domain *domain, unsigned limit_s,
                struct error *err)
{
    struct control_end end = {.said_s = limit_s, .settled = true};
    /* Whatever its configuration says: nothing starts again now. */
    struct fate fate = {CONFIG_DESTROY, CONFIG_DESTROY, CONFIG_DESTROY, CONFIG_DESTROY};
    struct error ignored = {0};
    struct error polite = {0};
    bool is_noted = record_update(domain, exchange_fate, &fate, &ignored) == 0;
    bool was_paused = let_run(session, domain);

    error_clear(&ignored);
    ask(session, domain, limit_s, &end, &polite);
    if (end.gone)
        return 0;
    if (polite.kind == ERROR_INTERRUPTED) { /* it goes on as it was */
        if (is_noted && record_update(domain, exchange_fate, &fate, &ignored))
            error_set(err, ERROR_INTERRUPTED, "interrupted, and %s will not be restarted when it "
                      "ends: %s", domain->name, ignored.text);
        if (was_paused)
            domain_pause(session, domain->domid, &ignored);
        return error_set(err, polite.kind, "%s", polite.text);
    }
    if (polite.kind && polite.kind != ERROR_NOT_FOUND)
        purlin_progress(session, "%s; destroying it", polite.text);
    return domain_destroy(session, domain->domid, err);
}

/* Restarts that are under way end first, and none begins as long as the descriptor is open. Without
 * one (negative) a guest may be missed that is not there for a moment. */
static int close_gate(unsigned limit_s)
{
    struct pollfd fd = {.fd = interrupt_fd(), .events = POLLIN};
    int gate = record_gate(true);

    for (unsigned waited = 0; gate == -EAGAIN && waited < limit_s * 1000; waited += STEP_MS) {
        if (poll(&fd, 1, STEP_MS) > 0)
            return -EINTR;
        gate = record_gate(true);
    }
    return gate;
}

/* The next to end, of those not tried yet. False: there is none. */
static bool find_next(struct purlin *session, char **names, const bool *tried,
                      struct domain *next, struct error *err)
{
    struct domain *domains;
    int count = domain_list(session, &domains, err);
    int at = 0;

    sort(domains, count, names);
    /* Of one that is dying nothing runs any more: what others still have mapped of it goes with the
     * machine. */
    while (at < count && (domains[at].domid == 0 || domains[at].dying || tried[domains[at].domid]))
        at++;
    if (at < count)
        *next = domains[at];
    free(domains);
    return at < count;
}

/* Listed anew each time: more may have come. */
static int stop_all(struct purlin *session, char **names, unsigned limit_s)
{
    bool tried[DOMID_FIRST_RESERVED] = {false};
    struct error err = {0};
    struct domain domain;
    int code = 0;

    while (code != ERROR_INTERRUPTED && find_next(session, names, tried, &domain, &err)) {
        tried[domain.domid] = true;
        cli_show_progress(session, domain.name);
        if (stop(session, &domain, limit_s, &err))
            code = cli_fail(&err);
        else
            printf("%s has ended\n", domain.name);
        fflush(stdout);
        error_clear(&err);
    }
    return err.kind ? cli_fail(&err) : code;
}

static int run_in(const char *dir, unsigned limit_s)
{
    struct purlin session;
    struct error err = {0};
    char **paths;
    int count = autostart_list(dir, &paths, &err);
    int code = count < 0 ? cli_fail(&err) : cli_open(&session);
    char **names;
    int gate;

    if (code)
        return code;
    names = read_names(paths, (size_t)count);
    autostart_free(paths, (size_t)count);
    gate = close_gate(limit_s);
    code = gate == -EINTR ? ERROR_INTERRUPTED : stop_all(&session, names, limit_s);
    if (gate >= 0)
        close(gate);
    autostart_free(names, (size_t)count);
    purlin_close(&session);
    return code;
}

static int run(int argc, char **argv)
{
    const char *limit_text = NULL;
    unsigned limit_s = LIMIT_DEFAULT_S;
    const struct cli_flag flags[] = {{'t', "timeout", .text = &limit_text}};
    struct cli_parse parse = {.verb = &cmd_autostop, .flags = flags, .flag_count = 1,
                              .max_args = 1};
    int code;
    int count = cli_parse(&parse, argc, argv, &code);

    if (count < 0)
        return code;
    if (limit_text && !cli_parse_number(limit_text, 1, LIMIT_MAX_S, &limit_s)) {
        fprintf(stderr, "purlin: autostop: --timeout needs a number of seconds from 1 to %d\n",
                LIMIT_MAX_S);
        return ERROR_USAGE;
    }
    interrupt_hold();
    return run_in(count ? argv[1] : NULL, limit_s);
}

const struct cli_verb cmd_autostop = {
    .name = "autostop",
    .summary = "end all guests, before the machine does",
    .help =
        "usage: purlin autostop [-t SECONDS] [DIRECTORY]\n"
        "\n"
        "Asks all guests to power off, one after the other: first those that are not in DIRECTORY\n"
        "(default: /etc/purlin/auto), then those that are, in the reverse of the order of purlin\n"
        "autostart. One that is paused is let run first, unless it has never run. One that does\n"
        "not end is destroyed. None is restarted, whatever on_poweroff says.\n"
        "purlin-domains.service does this at shutdown.\n"
        "\n"
        "  -t, --timeout SECONDS  how long each may take, all in all; default 60\n"
        "\n"
        "  purlin autostop -t 300\n",
    .run = run,
};
