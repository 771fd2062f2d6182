/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin vcpu-set: how many vCPUs a running guest has.
 */
#include <stdio.h>

#include "dom0/cli.h"
#include "dom0/cli_domain.h"
#include "dom0/config.h"
#include "dom0/tune.h"

struct wish {
    unsigned count;
    bool no_wait;
};

static int set(struct purlin *session, const struct domain *domain, void *arg, struct error *err)
{
    const struct wish *wish = arg;

    return tune_vcpus(session, domain, wish->count, !wish->no_wait, err);
}

static int run(int argc, char **argv)
{
    struct wish wish = {0};
    const struct cli_flag table[] = {{.letter = 'n', .name = "no-wait", .value = &wish.no_wait}};
    struct cli_parse parse = {.verb = &cmd_vcpu_set, .flags = table, .flag_count = 1,
                              .min_args = 2, .max_args = 2};
    struct error err = {0};
    int code;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    if (!cli_parse_number(argv[2], 1, CONFIG_MAX_VCPUS, &wish.count)) {
        error_set(&err, ERROR_USAGE, "'%.20s' is no number of vCPUs: 1 to %d", argv[2],
                  CONFIG_MAX_VCPUS);
        return cli_fail(&err);
    }
    return cli_domain_change(argv[1], set, &wish);
}

const struct cli_verb cmd_vcpu_set = {
    .name = "vcpu-set",
    .summary = "change how many vCPUs a running guest has",
    .help =
        "usage: purlin vcpu-set [-n] NAME|ID COUNT\n"
        "\n"
        "Asks the guest to take its vCPUs from COUNT on off line, or others on line, and waits\n"
        "until it has. The most it can have is maxvcpus= of its configuration.\n"
        "\n"
        "  -n, --no-wait  only ask\n"
        "\n"
        "  purlin vcpu-set web 4\n"
        "  purlin vcpu-set web 1 && purlin vcpu-list web\n",
    .run = run,
};
