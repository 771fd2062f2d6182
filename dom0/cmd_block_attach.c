/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin block-attach: one more disk for a running guest.
 */
#include <stdio.h>
#include <string.h>

#include "dom0/cli.h"
#include "dom0/cli_domain.h"
#include "dom0/file.h"
#include "dom0/plug.h"

static int attach(struct purlin *session, const struct domain *domain, void *arg,
                  struct error *err)
{
    return plug_attach_disk(session, domain, arg, err);
}

static int run(int argc, char **argv)
{
    struct cli_parse parse = {.verb = &cmd_block_attach, .min_args = 2, .max_args = -1};
    struct disk_spec spec;
    struct error err = {0};
    char text[4352] = "";
    int code;
    int count = cli_parse(&parse, argc, argv, &code);

    if (count < 0)
        return code;
    cli_join(argv + 2, count - 1, text, sizeof(text));
    if (disk_spec_parse(&spec, text, &err) || file_absolute(&spec.target, &err))
        return cli_fail(&err);
    code = cli_domain_change(argv[1], attach, &spec);
    disk_spec_free(&spec);
    return code;
}

const struct cli_verb cmd_block_attach = {
    .name = "block-attach",
    .summary = "give a running guest one more disk",
    .help =
        "usage: purlin block-attach NAME|ID DISK\n"
        "\n"
        "DISK is written as in disk= of a configuration (purlin.cfg(5)): a file or block device,\n"
        "its format, its name in the guest, and w or r. Parts may be arguments of their own.\n"
        "\n"
        "  purlin block-attach web /srv/data.img,raw,xvdb,w\n"
        "  purlin block-attach web vdev=xvdc access=ro target=/dev/vg0/share\n",
    .run = run,
};
