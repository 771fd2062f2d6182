/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin list: the domains that exist.
 */
#include <stdio.h>
#include <stdlib.h>

#include "dom0/cli.h"
#include "dom0/domain.h"
#include "dom0/report.h"

static void print(const struct domain *domains, int count, bool json)
{
    if (json)
        report_print_json(stdout, report_list_json(domains, count));
    else
        report_list_text(stdout, domains, count);
}

static int list_all(bool json)
{
    struct purlin session;
    struct error err = {0};
    struct domain *domains;
    int code = cli_open(&session);
    int count;

    if (code)
        return code;
    count = domain_list(&session, &domains, &err);
    if (count >= 0)
        print(domains, count, json);
    free(domains);
    purlin_close(&session);
    return count < 0 ? cli_fail(&err) : 0;
}

static int run(int argc, char **argv)
{
    bool json = false;
    const struct cli_flag table[] = {{0, "json", &json}};
    struct cli_parse parse = {.verb = &cmd_list, .flags = table, .flag_count = 1, .max_args = 1};
    struct purlin session;
    struct domain domain;
    int code;
    int count = cli_parse(&parse, argc, argv, &code);

    if (count < 0)
        return code;
    if (count == 0)
        return list_all(json);
    code = cli_find(&session, argv[1], &domain);
    if (code)
        return code;
    print(&domain, 1, json);
    purlin_close(&session);
    return 0;
}

const struct cli_verb cmd_list = {
    .name = "list",
    .summary = "show the domains",
    .help =
        "usage: purlin list [--json] [NAME|ID]\n"
        "\n"
        "Shows name, id, memory in MiB, vCPUs, state and CPU time of all domains, or of one.\n"
        "State: r running, b blocked, p paused, s shut down, c crashed, d dying.\n"
        "\n"
        "  purlin list\n"
        "  purlin list web\n"
        "  purlin list --json | jq '.[] | select(.state == \"running\") | .name'\n",
    .run = run,
};
