/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin config: a running domain's configuration as a file.
 */
#include <stdio.h>

#include "dom0/cli.h"
#include "dom0/cli_domain.h"
#include "dom0/config_text.h"
#include "dom0/live.h"

static int show(struct purlin *session, const struct domain *domain, void *arg, struct error *err)
{
    struct config config;
    int rc = live_config(session, domain, &config, err);

    (void)arg;
    if (rc)
        return rc;
    config_text_write(stdout, &config);
    config_free(&config);
    return 0;
}

static int run(int argc, char **argv)
{
    struct cli_parse parse = {.verb = &cmd_config, .min_args = 1, .max_args = 1};
    int code;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    return cli_domain_do(argv[1], show, NULL);
}

const struct cli_verb cmd_config = {
    .name = "config",
    .summary = "print a running guest's configuration as a file",
    .help =
        "usage: purlin config NAME|ID\n"
        "\n"
        "Prints the guest as it is now, with the vCPUs, memory, share, disks and network\n"
        "interfaces that it has by now, in the syntax of purlin.cfg(5).\n"
        "\n"
        "  purlin config web > web.cfg\n"
        "  purlin destroy web && purlin create web.cfg\n",
    .run = run,
};
