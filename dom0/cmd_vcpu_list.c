/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin vcpu-list: where virtual CPUs run.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "dom0/cli_domain.h"
#include "dom0/report.h"
#include "dom0/sysctl.h"
#include "dom0/tables.h"

static int show(struct purlin *session, const struct domain *domain, void *arg, struct error *err)
{
    struct json_object *list = arg;
    struct xen_sysctl_physinfo info;
    struct json_object *part;
    struct vcpu *vcpus;
    int count = vcpu_list(session, domain, &vcpus, err);

    if (count < 0)
        return count;
    sysctl_physinfo(&session->hyper, &info);
    if (list) {
        part = tables_vcpus_json(domain, vcpus, count, info.nr_cpus);
        for (size_t i = 0; i < json_object_array_length(part); i++)
            json_object_array_add(list, json_object_get(json_object_array_get_idx(part, i)));
        json_object_put(part);
    } else {
        tables_vcpus_text(stdout, domain, vcpus, count, info.nr_cpus);
    }
    free(vcpus);
    return 0;
}

static void title(void)
{
    tables_vcpus_title(stdout);
}

static int run(int argc, char **argv)
{
    const struct cli_domain_table table = {&cmd_vcpu_list, title, show};

    return cli_domain_show(&table, argc, argv);
}

const struct cli_verb cmd_vcpu_list = {
    .name = "vcpu-list",
    .summary = "show virtual CPUs: where they run, their time and affinity",
    .help =
        "usage: purlin vcpu-list [--json] [NAME|ID]\n"
        "\n"
        "Shows the vCPUs of all domains, or of one. CPU is where a vCPU runs or ran last. Hard\n"
        "affinity is where it may run, soft where it would rather; purlin vcpu-pin changes both.\n"
        "\n"
        "  purlin vcpu-list\n"
        "  purlin vcpu-list web\n"
        "  purlin vcpu-list --json | jq '.[] | select(.cpu == 0) | .domain'\n",
    .run = run,
};
