/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin block-detach: takes a disk away from a running guest.
 */
#include "dom0/cli_detach.h"

static int run(int argc, char **argv)
{
    return cli_detach_run(&cmd_block_detach, "vbd", argc, argv);
}

const struct cli_verb cmd_block_detach = {
    .name = "block-detach",
    .summary = "take a disk away from a running guest",
    .help =
        "usage: purlin block-detach [-f] NAME|ID DISK\n"
        "\n"
        "Asks the guest to close the disk, waits, and removes it. DISK is its name in the guest\n"
        "or its number (purlin block-list). A guest may refuse while it has it mounted\n"
        "(Linux 6.1 lets go all the same: unmount it first).\n"
        "\n"
        "  -f, --force  do not ask the guest: what it had not written is lost\n"
        "\n"
        "  purlin block-detach web xvdb\n",
    .run = run,
};
