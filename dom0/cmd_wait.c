/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin wait: until a domain has ended.
 */
#include <errno.h>
#include <stdio.h>

#include "dom0/cli_each.h"
#include "dom0/control.h"
#include "dom0/domain_text.h"
#include "dom0/report.h"

#define LIMIT_MAX_S 4000000

struct wait {
    const char *limit_text;
    unsigned limit_s;
    bool json;
};

static void print(const struct domain *domain, const struct control_end *end, bool json)
{
    const char *reason = end->has_reason ? domain_text_reason(end->reason) : "destroyed";
    struct json_object *object;

    if (!json) {
        printf("%s: %s%s\n", domain->name, reason, end->gone ? "" : ", preserved");
        return;
    }
    object = json_object_new_object();
    json_object_object_add(object, "id", json_object_new_uint64(domain->domid));
    json_object_object_add(object, "name", json_object_new_string(domain->name));
    json_object_object_add(object, "reason", json_object_new_string(reason));
    json_object_object_add(object, "gone", json_object_new_boolean(end->gone));
    report_print_json(stdout, object);
}

static int wait_one(struct purlin *session, const struct domain *domain, void *arg,
                    struct error *err)
{
    const struct wait *w = arg;
    struct control_end end = {.limit_ms = w->limit_s * 1000, .settled = true};
    int rc = control_wait_end(session, domain, &end, err);

    if (rc == 0)
        print(domain, &end, w->json);
    return rc;
}

static int run(int argc, char **argv)
{
    struct wait w = {0};
    struct cli_each each = {.verb = &cmd_wait, .names = argv + 1, .arg = &w};
    const struct cli_flag flags[] = {
        {'a', "all", &each.all},
        {0, "json", &w.json},
        {'t', "timeout", .text = &w.limit_text},
    };
    struct cli_parse parse = {.verb = &cmd_wait, .flags = flags, .flag_count = 3, .max_args = -1};
    int code;

    each.count = cli_parse(&parse, argc, argv, &code);
    if (each.count < 0)
        return code;
    if (w.limit_text && !cli_parse_number(w.limit_text, 1, LIMIT_MAX_S, &w.limit_s)) {
        fprintf(stderr, "purlin: wait: --timeout needs a number of seconds from 1 to %d\n",
                LIMIT_MAX_S);
        return ERROR_USAGE;
    }
    return cli_each_run(&each, wait_one);
}

const struct cli_verb cmd_wait = {
    .name = "wait",
    .summary = "wait until a guest has ended",
    .help =
        "usage: purlin wait [-t SECONDS] [--json] NAME|ID...\n"
        "       purlin wait [-t SECONDS] [--json] --all\n"
        "\n"
        "Waits until the domains have ended, and prints why: poweroff, reboot, suspend, crash,\n"
        "watchdog or destroyed. Returns when what on_poweroff and the others say is done.\n"
        "\n"
        "  -t, --timeout SECONDS  fail when one takes longer\n"
        "      --json             print objects with id, name, reason and gone\n"
        "  -a, --all              all guests that exist now\n"
        "\n"
        "  purlin wait web\n"
        "  purlin create job.cfg && purlin wait -t 3600 job\n",
    .run = run,
};
