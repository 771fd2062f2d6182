/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin supervise: a new supervisor for domains that have lost theirs.
 */
#include "dom0/cli_each.h"
#include "dom0/record.h"
#include "dom0/supervisor.h"

static int supervise(struct purlin *session, const struct domain *domain, void *arg,
                     struct error *err)
{
    const bool *all = arg;
    struct config config;
    int rc;

    if (record_is_supervised(domain->domid))
        return *all ? 0 : error_set(err, ERROR_EXISTS, "%s has a supervisor: there is nothing to "
                                    "do", domain->name);
    if (!record_load(domain, &config))
        return *all ? 0 : error_set(err, ERROR_FAILED, "%s was not made by purlin create: there "
                                    "is no record of its configuration", domain->name);
    purlin_progress(session, "has a supervisor again");
    rc = supervisor_start(&config, domain->domid, err);
    config_free(&config);
    return rc;
}

static int run(int argc, char **argv)
{
    struct cli_each each = {.verb = &cmd_supervise, .alive = true, .names = argv + 1,
                            .arg = &each.all};
    const struct cli_flag flags[] = {{'a', "all", &each.all}};
    struct cli_parse parse = {.verb = &cmd_supervise, .flags = flags, .flag_count = 1,
                              .max_args = -1};
    int code;

    each.count = cli_parse(&parse, argc, argv, &code);
    return each.count < 0 ? code : cli_each_run(&each, supervise);
}

const struct cli_verb cmd_supervise = {
    .name = "supervise",
    .summary = "look after guests whose supervisor was killed",
    .help =
        "usage: purlin supervise NAME|ID...\n"
        "       purlin supervise --all\n"
        "\n"
        "Starts the background process that does what on_poweroff, on_reboot, on_crash and\n"
        "on_watchdog say, for domains that have lost it. They run on without it; but when they\n"
        "shut down, nothing follows.\n"
        "\n"
        "  purlin supervise --all\n",
    .run = run,
};
