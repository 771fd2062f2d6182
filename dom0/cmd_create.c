/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin create: configuration in, running guest with a supervisor out.
 */
#include <stdio.h>
#include <string.h>

#include "dom0/cli.h"
#include "dom0/config.h"
#include "dom0/console.h"
#include "dom0/create.h"
#include "dom0/domain.h"
#include "dom0/interrupt.h"
#include "dom0/report.h"
#include "dom0/supervisor.h"

struct create_flags {
    bool console;
    bool paused;
    bool quiet;
    bool json;
};

static void warn(const char *text, void *arg)
{
    (void)arg;
    fprintf(stderr, "purlin: warning: %s\n", text);
}

/* The first argument is the file, unless it is an override like all the others. */
static int load(struct config *config, int count, char **args, struct error *err)
{
    bool has_file = strchr(args[0], '=') == NULL || args[0][0] == '/' || args[0][0] == '.';
    struct config_source source = {
        .path = has_file ? args[0] : NULL,
        .overrides = args + has_file,
        .override_count = (size_t)(count - has_file),
        .warn = warn,
    };

    return config_load(config, &source, err);
}

static void announce(struct purlin *session, uint32_t domid, const struct create_flags *flags)
{
    struct error err = {0};
    struct domain domain;

    if (domain_get(session, domid, &domain, &err))
        return;
    if (flags->json)
        report_print_json(stdout, report_domain_json(&domain));
    else
        printf("%s is domain %u\n", domain.name, domid);
    fflush(stdout);
}

/* From here on the supervisor holds what the domain needs. */
static int start(struct purlin *session, const struct config *config, struct create_result *made,
                 const struct create_flags *flags, struct error *err)
{
    struct error undo = {0};
    int rc = supervisor_start(config, made, err);

    create_release(made);
    if (rc == 0 && !flags->paused)
        rc = domain_unpause(session, made->domid, err);
    if (rc) {
        domain_destroy(session, made->domid, &undo);
        return rc;
    }
    announce(session, made->domid, flags);
    return flags->console ? console_attach(session, made->domid, err) : 0;
}

static int create(const struct config *config, const struct create_flags *flags)
{
    struct purlin session;
    struct create_result made;
    struct error err = {0};
    int code;
    int rc;

    interrupt_hold();
    code = cli_open(&session);
    if (code)
        return code;
    if (!flags->quiet)
        cli_show_progress(&session, config->name);
    rc = create_domain(&session, config, &made, &err);
    if (rc == 0)
        rc = start(&session, config, &made, flags, &err);
    purlin_close(&session);
    return rc ? cli_fail(&err) : 0;
}

static int run(int argc, char **argv)
{
    struct create_flags flags = {0};
    const struct cli_flag table[] = {
        {'c', "console", &flags.console},
        {'p', "paused", &flags.paused},
        {'q', "quiet", &flags.quiet},
        {0, "json", &flags.json},
    };
    struct cli_parse parse = {.verb = &cmd_create, .flags = table, .flag_count = 4, .min_args = 1,
                              .max_args = -1};
    struct config config;
    struct error err = {0};
    int code;
    int count = cli_parse(&parse, argc, argv, &code);

    if (count < 0)
        return code;
    if (load(&config, count, argv + 1, &err))
        return cli_fail(&err);
    code = create(&config, &flags);
    config_free(&config);
    return code;
}

const struct cli_verb cmd_create = {
    .name = "create",
    .summary = "start a guest from a configuration file",
    .help =
        "usage: purlin create [-c] [-p] [-q] [--json] FILE [KEY=VALUE...]\n"
        "\n"
        "Makes a domain as FILE describes (purlin.cfg(5); files for xl work) and starts it.\n"
        "When a step fails, all that was done is undone. A background process stays and does what\n"
        "on_poweroff, on_reboot and on_crash say; its log is /var/log/purlin/NAME.log.\n"
        "\n"
        "  -c, --console  attach to the guest's console; Ctrl-] leaves it\n"
        "  -p, --paused   do not start it: purlin unpause does\n"
        "  -q, --quiet    no progress lines\n"
        "      --json     print the new domain as JSON\n"
        "\n"
        "  purlin create -c /etc/purlin/web.cfg\n"
        "  purlin create web.cfg name=web2 memory=512 vcpus=2\n"
        "  purlin create web.cfg name=web3 'disk=[\"/srv/web3.img,raw,xvda,w\"]'\n",
    .run = run,
};
