/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin list: the domains that exist.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dom0/cli.h"
#include "dom0/cli_domain.h"
#include "dom0/detail.h"
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

static int list_one(struct purlin *session, const struct domain *domain, void *json,
                    struct error *err)
{
    (void)session;
    (void)err;
    print(domain, 1, *(bool *)json);
    return 0;
}

/* --- long --------------------------------------------------------------------------------- */

/* What else there is to say about a domain. A part that cannot be read is left out. */
static int gather(struct purlin *session, const struct domain *domain, struct detail *detail,
                  struct error *err)
{
    int rc;

    memset(detail, 0, sizeof(*detail));
    detail->domain = domain;
    detail->has_stats = stats_read(session, domain->domid, 0, &detail->stats) == 0;
    rc = tune_get_share(session, domain, &detail->share, err);
    if (rc == 0) {
        detail->vcpu_count = vcpu_list(session, domain, &detail->vcpus, err);
        rc = detail->vcpu_count < 0 ? detail->vcpu_count : 0;
    }
    if (rc == 0 && domain->domid) {
        detail->disk_count = devices_list(session, domain->domid, "vbd", &detail->disks, err);
        detail->network_count = devices_list(session, domain->domid, "vif", &detail->networks,
                                             err);
        rc = detail->disk_count < 0 || detail->network_count < 0 ? -1 : 0;
    }
    return rc;
}

static int list_long(struct purlin *session, const struct domain *domain, void *arg,
                     struct error *err)
{
    struct json_object *list = arg;
    struct detail detail;
    int rc = gather(session, domain, &detail, err);

    if (rc == 0 && list)
        json_object_array_add(list, detail_json(&detail));
    else if (rc == 0)
        detail_text(stdout, &detail);
    free(detail.vcpus);
    free(detail.disks);
    free(detail.networks);
    return rc;
}

static int run_long(const char *name, bool json)
{
    struct json_object *list = json ? json_object_new_array() : NULL;
    int code = name ? cli_domain_do(name, list_long, list) : cli_domain_do_all(list_long, list);

    if (list && code == 0)
        report_print_json(stdout, list);
    else if (list)
        json_object_put(list);
    return code;
}

static int run(int argc, char **argv)
{
    bool json = false;
    bool detailed = false;
    const struct cli_flag table[] = {
        {.letter = 'l', .name = "long", .value = &detailed},
        {.name = "json", .value = &json},
    };
    struct cli_parse parse = {.verb = &cmd_list, .flags = table, .flag_count = 2, .max_args = 1};
    int code;
    int count = cli_parse(&parse, argc, argv, &code);

    if (count < 0)
        return code;
    if (detailed)
        return run_long(count ? argv[1] : NULL, json);
    return count ? cli_domain_do(argv[1], list_one, &json) : list_all(json);
}

const struct cli_verb cmd_list = {
    .name = "list",
    .summary = "show the domains",
    .help =
        "usage: purlin list [-l] [--json] [NAME|ID]\n"
        "\n"
        "Shows name, id, memory in MiB, vCPUs, state and CPU time of all domains, or of one.\n"
        "State: r running, b blocked, p paused, s shut down, c crashed, d dying.\n"
        "\n"
        "  -l, --long  all that is known: UUID, limits, share, vCPUs, disks, networks, counts\n"
        "\n"
        "  purlin list\n"
        "  purlin list -l web\n"
        "  purlin list --json | jq '.[] | select(.state == \"running\") | .name'\n",
    .run = run,
};
