/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin network-list: the network interfaces of a guest.
 */
#include <stdio.h>
#include <stdlib.h>

#include "dom0/cli.h"
#include "dom0/cli_domain.h"
#include "dom0/report.h"
#include "dom0/tables.h"

static int show(struct purlin *session, const struct domain *domain, void *arg, struct error *err)
{
    struct devices_item *items;
    int count = devices_list(session, domain->domid, "vif", &items, err);

    if (count < 0)
        return count;
    if (*(bool *)arg)
        report_print_json(stdout, tables_networks_json(items, count));
    else
        tables_networks_text(stdout, items, count);
    free(items);
    return 0;
}

static int run(int argc, char **argv)
{
    bool json = false;
    const struct cli_flag table[] = {{.name = "json", .value = &json}};
    struct cli_parse parse = {.verb = &cmd_network_list, .flags = table, .flag_count = 1,
                              .min_args = 1, .max_args = 1};
    int code;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    return cli_domain_do(argv[1], show, &json);
}

const struct cli_verb cmd_network_list = {
    .name = "network-list",
    .summary = "show the network interfaces of a guest",
    .help =
        "usage: purlin network-list [--json] NAME|ID\n"
        "\n"
        "Shows each interface with its name in Dom0, its MAC address, its state, what the guest\n"
        "has received and sent since it was connected, and the bridge.\n"
        "\n"
        "  purlin network-list web\n"
        "  purlin network-list web --json | jq '.[].mac'\n",
    .run = run,
};
