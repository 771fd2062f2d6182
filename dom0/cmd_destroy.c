/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin destroy: ends domains at once.
 */
#include "dom0/cli_each.h"

static int destroy(struct purlin *session, const struct domain *domain, void *arg,
                   struct error *err)
{
    (void)arg;
    return domain_destroy(session, domain->domid, err);
}

static int run(int argc, char **argv)
{
    struct cli_each each = {.verb = &cmd_destroy, .names = argv + 1, .reap = true};
    const struct cli_flag flags[] = {{'a', "all", &each.all}};
    struct cli_parse parse = {.verb = &cmd_destroy, .flags = flags, .flag_count = 1,
                              .max_args = -1};
    int code;

    each.count = cli_parse(&parse, argc, argv, &code);
    return each.count < 0 ? code : cli_each_run(&each, destroy);
}

const struct cli_verb cmd_destroy = {
    .name = "destroy",
    .summary = "end a guest at once, as if by pulling its plug",
    .help =
        "usage: purlin destroy NAME|ID...\n"
        "       purlin destroy --all\n"
        "\n"
        "Stops domains where they are, disconnects their devices and gives everything back. What\n"
        "a guest had not yet written to its disks is lost. Also finishes what a purlin create or\n"
        "destroy that was killed has left.\n"
        "\n"
        "  purlin destroy web\n"
        "  purlin destroy web2 web3\n",
    .run = run,
};
