/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin sched: weight and cap of domains.
 */
#include <stdio.h>
#include <stdlib.h>

#include "dom0/cli.h"
#include "dom0/cli_domain.h"
#include "dom0/report.h"
#include "dom0/tables.h"

struct sched {
    const char *weight;
    const char *cap;
    struct tables_share *shares; /* listed so far */
    int count;
};

static int add(struct purlin *session, const struct domain *domain, void *arg, struct error *err)
{
    struct sched *s = arg;
    struct tables_share *more = realloc(s->shares, ((size_t)s->count + 1) * sizeof(*more));
    struct domain *copy = malloc(sizeof(*copy));
    int rc;

    if (more)
        s->shares = more;
    rc = more && copy ? tune_get_share(session, domain, &more[s->count].share, err)
                      : error_set(err, ERROR_FAILED, "out of memory");
    if (rc) {
        free(copy);
        return rc;
    }
    *copy = *domain;
    more[s->count++].domain = copy;
    return 0;
}

static int change(struct purlin *session, const struct domain *domain, void *arg,
                  struct error *err)
{
    struct sched *s = arg;
    struct tune_share share;
    int rc = tune_get_share(session, domain, &share, err);

    if (rc)
        return rc;
    if (s->weight && !cli_parse_number(s->weight, 1, 65535, &share.weight))
        return error_set(err, ERROR_USAGE, "'%.20s' is no weight: 1 to 65535, 256 is usual",
                         s->weight);
    if (s->cap && !cli_parse_number(s->cap, 0, 65535, &share.cap))
        return error_set(err, ERROR_USAGE, "'%.20s' is no cap: percent of one CPU, 0 for none",
                         s->cap);
    return tune_set_share(session, domain, &share, err);
}

static void print(const struct sched *s, bool json)
{
    if (json)
        report_print_json(stdout, tables_shares_json(s->shares, s->count));
    else
        tables_shares_text(stdout, s->shares, s->count);
}

static int run(int argc, char **argv)
{
    struct sched s = {0};
    bool json = false;
    const struct cli_flag table[] = {
        {.letter = 'w', .name = "weight", .text = &s.weight},
        {.letter = 'c', .name = "cap", .text = &s.cap},
        {.name = "json", .value = &json},
    };
    struct cli_parse parse = {.verb = &cmd_sched, .flags = table, .flag_count = 3, .max_args = 1};
    struct error err = {0};
    int code;
    int count = cli_parse(&parse, argc, argv, &code);

    if (count < 0)
        return code;
    if (s.weight || s.cap) {
        if (count == 1)
            return cli_domain_change(argv[1], change, &s);
        error_set(&err, ERROR_USAGE, "which domain? purlin sched NAME -w WEIGHT -c CAP");
        return cli_fail(&err);
    }
    code = count ? cli_domain_do(argv[1], add, &s) : cli_domain_do_all(add, &s);
    if (code == 0)
        print(&s, json);
    for (int i = 0; i < s.count; i++)
        free((void *)(uintptr_t)s.shares[i].domain);
    free(s.shares);
    return code;
}

const struct cli_verb cmd_sched = {
    .name = "sched",
    .summary = "show or set the share of the CPUs that domains get",
    .help =
        "usage: purlin sched [--json] [NAME|ID]\n"
        "       purlin sched NAME|ID [-w WEIGHT] [-c CAP]\n"
        "\n"
        "Who competes for a CPU gets it in proportion to weights. A cap is the most that all the\n"
        "vCPUs of a domain may use together, in percent of one CPU, even if CPUs are idle.\n"
        "\n"
        "  -w, --weight WEIGHT  1 to 65535; 256 is usual\n"
        "  -c, --cap CAP        percent; 50 is half a CPU, 200 two CPUs, 0 no cap\n"
        "\n"
        "  purlin sched\n"
        "  purlin sched web -w 512    twice the usual share\n"
        "  purlin sched batch -c 25\n",
    .run = run,
};
