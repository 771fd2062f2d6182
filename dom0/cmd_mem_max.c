/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin mem-max: the most memory that a guest may have.
 */
#include <stdio.h>

#include "dom0/cli.h"
#include "dom0/cli_domain.h"
#include "dom0/memsize.h"
#include "dom0/tune.h"

static int set(struct purlin *session, const struct domain *domain, void *arg, struct error *err)
{
    return tune_max_memory(session, domain, *(uint64_t *)arg, err);
}

static int run(int argc, char **argv)
{
    struct cli_parse parse = {.verb = &cmd_mem_max, .min_args = 2, .max_args = 2};
    struct error err = {0};
    uint64_t kib;
    int code;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    if (memsize_parse(argv[2], &kib, &err))
        return cli_fail(&err);
    return cli_domain_change(argv[1], set, &kib);
}

const struct cli_verb cmd_mem_max = {
    .name = "mem-max",
    .summary = "set the most memory that a guest may have",
    .help =
        "usage: purlin mem-max NAME|ID AMOUNT\n"
        "\n"
        "Sets the limit up to which purlin mem-set can go, in MiB or a number with k, m or g. It\n"
        "cannot be less than what the guest has now. A guest can only use what its device tree\n"
        "told it of when it started, or what it can plug in later.\n"
        "\n"
        "  purlin mem-max web 1g && purlin mem-set web 1g\n",
    .run = run,
};
