/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin console: a guest's console in this terminal.
 */
#include <stdio.h>

#include "dom0/cli.h"
#include "dom0/console.h"
#include "dom0/domain.h"
#include "dom0/interrupt.h"

static int run(int argc, char **argv)
{
    struct cli_parse parse = {.verb = &cmd_console, .min_args = 1, .max_args = 1};
    struct purlin session;
    struct domain domain;
    struct error err = {0};
    int code;
    int rc;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    interrupt_hold();
    code = cli_find(&session, argv[1], &domain);
    if (code)
        return code;
    if (domain.domid == 0)
        rc = error_set(&err, ERROR_USAGE, "Domain-0 has no console here: this is Domain-0");
    else
        rc = console_attach(&session, domain.domid, &err);
    purlin_close(&session);
    return rc ? cli_fail(&err) : 0;
}

const struct cli_verb cmd_console = {
    .name = "console",
    .summary = "attach to a guest's console",
    .help =
        "usage: purlin console NAME|ID\n"
        "\n"
        "Connects this terminal with the console of a guest. Ctrl-] leaves it; it also ends when\n"
        "the domain does. Without a terminal, input is copied as it comes.\n"
        "\n"
        "  purlin console web\n"
        "  purlin console web < /dev/null > web.log   record what it prints\n",
    .run = run,
};
