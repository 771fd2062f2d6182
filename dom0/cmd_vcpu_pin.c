/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin vcpu-pin: the affinity of vCPUs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dom0/cli.h"
#include "dom0/cli_domain.h"
#include "dom0/config.h"
#include "dom0/cpumap.h"
#include "dom0/vcpu.h"

struct wish {
    bool all; /* vCPUs */
    unsigned id;
    struct config_cpumap hard;
    struct config_cpumap soft;
    bool has_hard;
    bool has_soft;
};

static int pin(struct purlin *session, const struct domain *domain, void *arg, struct error *err)
{
    const struct wish *wish = arg;
    struct vcpu *vcpus;
    int count = vcpu_list(session, domain, &vcpus, err);
    bool found = false;
    int rc = count < 0 ? count : 0;

    for (int i = 0; i < count && rc == 0; i++) {
        const struct vcpu_pin one = {
            .id = vcpus[i].id,
            .hard = wish->has_hard ? &wish->hard : NULL,
            .soft = wish->has_soft ? &wish->soft : NULL,
        };

        if (!wish->all && vcpus[i].id != wish->id)
            continue;
        found = true;
        rc = vcpu_pin(session, domain, &one, err);
    }
    free(vcpus);
    if (rc == 0 && !found)
        rc = error_set(err, ERROR_USAGE, "%s has no vCPU %u: see purlin vcpu-list %s",
                       domain->name, wish->id, domain->name);
    return rc;
}

/* "-" leaves it as it is. */
static int take_map(const char *text, struct config_cpumap *map, bool *has, struct error *err)
{
    if (!text || strcmp(text, "-") == 0)
        return 0;
    *has = true;
    return cpumap_parse(text, map, err);
}

static int run(int argc, char **argv)
{
    struct cli_parse parse = {.verb = &cmd_vcpu_pin, .min_args = 3, .max_args = 4};
    struct wish wish = {0};
    struct error err = {0};
    int code;
    int count = cli_parse(&parse, argc, argv, &code);

    if (count < 0)
        return code;
    wish.all = strcmp(argv[2], "all") == 0;
    if (!wish.all && !cli_parse_number(argv[2], 0, CONFIG_MAX_VCPUS - 1, &wish.id)) {
        error_set(&err, ERROR_USAGE, "'%.20s' is no vCPU: write its number or \"all\"", argv[2]);
        return cli_fail(&err);
    }
    if (take_map(argv[3], &wish.hard, &wish.has_hard, &err) ||
        take_map(count == 4 ? argv[4] : NULL, &wish.soft, &wish.has_soft, &err))
        return cli_fail(&err);
    if (!wish.has_hard && !wish.has_soft) {
        error_set(&err, ERROR_USAGE, "nothing to change: give CPUs for hard or soft affinity");
        return cli_fail(&err);
    }
    return cli_domain_change(argv[1], pin, &wish);
}

const struct cli_verb cmd_vcpu_pin = {
    .name = "vcpu-pin",
    .summary = "say on which CPUs a vCPU may run",
    .help =
        "usage: purlin vcpu-pin NAME|ID VCPU|all HARD [SOFT]\n"
        "\n"
        "HARD: the CPUs on which a vCPU may run. SOFT: those of them that it prefers. Both are\n"
        "\"all\", numbers and ranges, or - to leave it as it is.\n"
        "\n"
        "  purlin vcpu-pin web 0 3        vCPU 0 runs on CPU 3 only\n"
        "  purlin vcpu-pin web all 2-7,^5\n"
        "  purlin vcpu-pin web all - 4-7  rather on CPUs 4 to 7\n"
        "  purlin vcpu-pin web all all    anywhere again\n",
    .run = run,
};
