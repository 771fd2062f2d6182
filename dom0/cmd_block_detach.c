/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin block-detach: takes a disk away from a running guest.
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
    const struct devices_query query = {"vbd", wish->name};
    int rc = devices_find(session, domain, &query, &item, err);
    const struct plug_detach what = {"vbd", item.devid, wish->force};

    return rc ? rc : plug_detach(session, domain, &what, err);
}

static int run(int argc, char **argv)
{
    struct wish wish = {0};
    const struct cli_flag table[] = {{.letter = 'f', .name = "force", .value = &wish.force}};
    struct cli_parse parse = {.verb = &cmd_block_detach, .flags = table, .flag_count = 1,
                              .min_args = 2, .max_args = 2};
    int code;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    wish.name = argv[2];
    return cli_domain_do(argv[1], detach, &wish);
}

const struct cli_verb cmd_block_detach = {
    .name = "block-detach",
    .summary = "take a disk away from a running guest",
    .help =
        "usage: purlin block-detach [-f] NAME|ID DISK\n"
        "\n"
        "Asks the guest to close the disk, waits, and removes it. DISK is its name in the guest\n"
        "or its number (purlin block-list). A guest that has it mounted does not let go.\n"
        "\n"
        "  -f, --force  do not ask the guest: what it had not written is lost\n"
        "\n"
        "  purlin block-detach web xvdb\n",
    .run = run,
};
