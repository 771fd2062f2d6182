/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin block-list: the disks of a guest.
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
    int count = devices_list(session, domain->domid, "vbd", &items, err);

    if (count < 0)
        return count;
    if (*(bool *)arg)
        report_print_json(stdout, tables_disks_json(items, count));
    else
        tables_disks_text(stdout, items, count);
    free(items);
    return 0;
}

static int run(int argc, char **argv)
{
    bool json = false;
    const struct cli_flag table[] = {{.name = "json", .value = &json}};
    struct cli_parse parse = {.verb = &cmd_block_list, .flags = table, .flag_count = 1,
                              .min_args = 1, .max_args = 1};
    int code;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    return cli_domain_do(argv[1], show, &json);
}

const struct cli_verb cmd_block_list = {
    .name = "block-list",
    .summary = "show the disks of a guest",
    .help =
        "usage: purlin block-list [--json] NAME|ID\n"
        "\n"
        "Shows each disk with its name in the guest, its state, what has been read and written\n"
        "since it was connected, and the file or device behind it.\n"
        "\n"
        "  purlin block-list web\n"
        "  purlin block-list web --json | jq '.[].target'\n",
    .run = run,
};
