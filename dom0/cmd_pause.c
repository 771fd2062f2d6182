/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin pause and purlin unpause.
 */
#include <stdbool.h>

#include "dom0/cli_each.h"
#include "dom0/orphan.h"

/* In the making, and paused by its maker, as one that has never run: with --all nothing is done to
 * it, so that pauses and their ends stay in pairs. */
static bool is_unborn(const struct domain *domain)
{
    return domain->paused && domain->cpu_time_ns == 0 && orphan_is_marked(domain->domid);
}

static int pause_one(struct purlin *session, const struct domain *domain, void *arg,
                     struct error *err)
{
    const bool *all = arg;

    if (*all && is_unborn(domain))
        return 0;
    return domain_pause(session, domain->domid, err);
}

static int unpause_one(struct purlin *session, const struct domain *domain, void *arg,
                       struct error *err)
{
    const bool *all = arg;

    if (*all && is_unborn(domain))
        return 0;
    return domain->paused ? domain_unpause_all(session, domain->domid, err) : 0;
}

static int run(const struct cli_verb *verb, int argc, char **argv, cli_each_fn *fn)
{
    struct cli_each each = {.verb = verb, .alive = true, .names = argv + 1};
    const struct cli_flag flags[] = {{'a', "all", &each.all}};
    struct cli_parse parse = {.verb = verb, .flags = flags, .flag_count = 1, .max_args = -1};
    int code;

    each.arg = &each.all;
    each.count = cli_parse(&parse, argc, argv, &code);
    return each.count < 0 ? code : cli_each_run(&each, fn);
}

static int run_pause(int argc, char **argv)
{
    return run(&cmd_pause, argc, argv, pause_one);
}

static int run_unpause(int argc, char **argv)
{
    return run(&cmd_unpause, argc, argv, unpause_one);
}

const struct cli_verb cmd_pause = {
    .name = "pause",
    .summary = "stop a guest's CPUs",
    .help =
        "usage: purlin pause NAME|ID...\n"
        "       purlin pause --all\n"
        "\n"
        "Stops guests where they are; they keep their memory and devices. purlin unpause goes on.\n"
        "--all leaves out those that are being created just now.\n"
        "\n"
        "  purlin pause web\n",
    .run = run_pause,
};

const struct cli_verb cmd_unpause = {
    .name = "unpause",
    .summary = "let a paused guest run",
    .help =
        "usage: purlin unpause NAME|ID...\n"
        "       purlin unpause --all\n"
        "\n"
        "Starts guests that were created with -p, or goes on with those that were paused. --all\n"
        "leaves out those that are being created just now.\n"
        "\n"
        "  purlin unpause web db\n",
    .run = run_unpause,
};
