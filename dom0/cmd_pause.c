/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin pause and purlin unpause.
 */
#include "dom0/cli.h"
#include "dom0/domain.h"

static int run_control(const struct cli_verb *verb, int argc, char **argv,
                       int (*control)(struct purlin *session, uint32_t domid, struct error *err))
{
    struct cli_parse parse = {.verb = verb, .min_args = 1, .max_args = 1};
    struct purlin session;
    struct domain domain;
    struct error err = {0};
    int code;
    int rc;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    code = cli_find(&session, argv[1], &domain);
    if (code)
        return code;
    if (domain.domid == 0)
        rc = error_set(&err, ERROR_USAGE, "Domain-0 is what runs this: it cannot %s itself",
                       verb->name);
    else
        rc = control(&session, domain.domid, &err);
    purlin_close(&session);
    return rc ? cli_fail(&err) : 0;
}

static int run_pause(int argc, char **argv)
{
    return run_control(&cmd_pause, argc, argv, domain_pause);
}

static int run_unpause(int argc, char **argv)
{
    return run_control(&cmd_unpause, argc, argv, domain_unpause);
}

const struct cli_verb cmd_pause = {
    .name = "pause",
    .summary = "stop a guest's CPUs",
    .help =
        "usage: purlin pause NAME|ID\n"
        "\n"
        "Stops a guest where it is; it keeps its memory and devices. purlin unpause goes on.\n"
        "\n"
        "  purlin pause web\n",
    .run = run_pause,
};

const struct cli_verb cmd_unpause = {
    .name = "unpause",
    .summary = "let a paused guest run",
    .help =
        "usage: purlin unpause NAME|ID\n"
        "\n"
        "Starts a guest that was created with -p, or goes on with one that was paused.\n"
        "\n"
        "  purlin unpause web\n",
    .run = run_unpause,
};
