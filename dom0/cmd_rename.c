/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin rename: another name for a domain that exists.
 */
#include "dom0/cli.h"
#include "dom0/domain.h"
#include "dom0/rename.h"

static int run(int argc, char **argv)
{
    struct cli_parse parse = {.verb = &cmd_rename, .min_args = 2, .max_args = 2};
    struct purlin session;
    struct domain domain;
    struct error err = {0};
    int code;
    int rc;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    code = cli_find(&session, argv[1], &domain);
    if (code)
        return code;
    rc = rename_domain(&session, &domain, argv[2], &err);
    purlin_close(&session);
    return rc ? cli_fail(&err) : 0;
}

const struct cli_verb cmd_rename = {
    .name = "rename",
    .summary = "give a guest another name",
    .help =
        "usage: purlin rename NAME|ID NEW-NAME\n"
        "\n"
        "Changes the name of a domain that exists, running or not. It keeps it over reboots; its\n"
        "configuration file and its log are not touched.\n"
        "\n"
        "  purlin rename web web-old\n",
    .run = run,
};
