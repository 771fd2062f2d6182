/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin destroy: ends domains at once.
 */
#include <stdio.h>

#include "dom0/cli.h"
#include "dom0/domain.h"
#include "dom0/interrupt.h"

static int destroy(const char *name)
{
    struct purlin session;
    struct domain domain;
    struct error err = {0};
    int code = cli_find(&session, name, &domain);
    int rc;

    if (code)
        return code;
    if (domain.domid == 0)
        rc = error_set(&err, ERROR_USAGE, "Domain-0 cannot be destroyed: shut the machine down");
    else
        rc = domain_destroy(&session, domain.domid, &err);
    purlin_close(&session);
    return rc ? cli_fail(&err) : 0;
}

static int run(int argc, char **argv)
{
    struct cli_parse parse = {.verb = &cmd_destroy, .min_args = 1, .max_args = -1};
    int code;
    int worst = 0;
    int count = cli_parse(&parse, argc, argv, &code);

    if (count < 0)
        return code;
    interrupt_hold();
    for (int i = 1; i <= count; i++) {
        code = destroy(argv[i]);
        worst = code ? code : worst;
    }
    return worst;
}

const struct cli_verb cmd_destroy = {
    .name = "destroy",
    .summary = "end a guest at once, as if by pulling its plug",
    .help =
        "usage: purlin destroy NAME|ID...\n"
        "\n"
        "Stops domains where they are, disconnects their devices and gives everything back. What\n"
        "a guest had not yet written to its disks is lost.\n"
        "\n"
        "  purlin destroy web\n"
        "  purlin destroy web2 web3\n",
    .run = run,
};
