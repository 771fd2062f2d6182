/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin network-detach: takes a network interface away from a running guest.
 */
#include "dom0/cli_detach.h"

static int run(int argc, char **argv)
{
    return cli_detach_run(&cmd_network_detach, "vif", argc, argv);
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
