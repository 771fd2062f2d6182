/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin mem-set: the memory of a running guest.
 */
#include <stdio.h>

#include "dom0/cli.h"
#include "dom0/cli_domain.h"
#include "dom0/memsize.h"
#include "dom0/tune.h"

struct wish {
    uint64_t kib;
    bool no_wait;
};

static int set(struct purlin *session, const struct domain *domain, void *arg, struct error *err)
{
    const struct wish *wish = arg;

    return tune_memory(session, domain, wish->kib, !wish->no_wait, err);
}

static int run(int argc, char **argv)
{
    struct wish wish = {0};
    const struct cli_flag table[] = {{.letter = 'n', .name = "no-wait", .value = &wish.no_wait}};
    struct cli_parse parse = {.verb = &cmd_mem_set, .flags = table, .flag_count = 1,
                              .min_args = 2, .max_args = 2};
    struct error err = {0};
    int code;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    if (memsize_parse(argv[2], &wish.kib, &err))
        return cli_fail(&err);
    return cli_domain_change(argv[1], set, &wish);
}

const struct cli_verb cmd_mem_set = {
    .name = "mem-set",
    .summary = "change how much memory a running guest has",
    .help =
        "usage: purlin mem-set [-n] NAME|ID AMOUNT\n"
        "\n"
        "Asks the guest's balloon driver to give memory back or to take some, and waits until it\n"
        "has. AMOUNT is in MiB, or a number with k, m or g; at most maxmem= of the guest's\n"
        "configuration, or what purlin mem-max has set.\n"
        "\n"
        "  -n, --no-wait  only ask\n"
        "\n"
        "  purlin mem-set web 512\n"
        "  purlin mem-set web 2g\n",
    .run = run,
};
