/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin network-detach: takes a network interface away from a running guest.
 */
#include <stdio.h>

#include "dom0/cli.h"
#include "dom0/cli_domain.h"
#include "dom0/devices.h"
#include "dom0/plug.h"

struct wish {
    const char *name;
    bool force;
};

static int detach(struct purlin *session, const struct domain *domain, void *arg,
                  struct error *err)
{
    const struct wish *wish = arg;
    struct devices_item item = {0};
    const struct devices_query query = {"vif", wish->name};
    int rc = devices_find(session, domain, &query, &item, err);
    const struct plug_detach what = {"vif", item.devid, wish->force};

    return rc ? rc : plug_detach(session, domain, &what, err);
}

static int run(int argc, char **argv)
{
    struct wish wish = {0};
    const struct cli_flag table[] = {{.letter = 'f', .name = "force", .value = &wish.force}};
    struct cli_parse parse = {.verb = &cmd_network_detach, .flags = table, .flag_count = 1,
                              .min_args = 2, .max_args = 2};
    int code;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    wish.name = argv[2];
    return cli_domain_do(argv[1], detach, &wish);
}

const struct cli_verb cmd_network_detach = {
    .name = "network-detach",
    .summary = "take a network interface away from a running guest",
    .help =
        "usage: purlin network-detach [-f] NAME|ID INTERFACE\n"
        "\n"
        "Asks the guest to close the interface, waits, and removes it. INTERFACE is its number,\n"
        "its name in Dom0, or its MAC address (purlin network-list).\n"
        "\n"
        "  -f, --force  do not ask the guest: what it was sending is lost\n"
        "\n"
        "  purlin network-detach web 1\n",
    .run = run,
};
