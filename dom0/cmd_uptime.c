/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin uptime: how long domains have been running.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "dom0/cli.h"
#include "dom0/cli_domain.h"
#include "dom0/report.h"
#include "dom0/sysfs.h"
#include "dom0/tables.h"

/* Seconds; negative: its maker has not noted when. */
static double uptime(struct purlin *session, const struct domain *domain)
{
    char *vm;
    int start;

    if (domain->domid == 0)
        return sysfs_uptime();
    vm = store_read(&session->store, "/local/domain/%u/vm", domain->domid);
    start = vm ? store_read_int(&session->store, -1, "%s/start_time", vm) : -1;
    free(vm);
    return start < 0 ? -1 : difftime(time(NULL), start);
}

static int show(struct purlin *session, const struct domain *domain, void *arg, struct error *err)
{
    struct json_object *list = arg;
    double seconds = uptime(session, domain);
    char text[64] = "unknown";

    (void)err;
    if (list) {
        struct json_object *object = json_object_new_object();

        json_object_object_add(object, "name", json_object_new_string(domain->name));
        json_object_object_add(object, "id", json_object_new_uint64(domain->domid));
        if (seconds >= 0)
            json_object_object_add(object, "uptime_seconds", json_object_new_double(seconds));
        json_object_array_add(list, object);
        return 0;
    }
    if (seconds >= 0)
        tables_format_time(seconds, text, sizeof(text));
    printf("%-40s %5u  %s\n", domain->name, domain->domid, text);
    return 0;
}

static int run(int argc, char **argv)
{
    bool json = false;
    const struct cli_flag table[] = {{.name = "json", .value = &json}};
    struct cli_parse parse = {.verb = &cmd_uptime, .flags = table, .flag_count = 1,
                              .max_args = 1};
    struct json_object *list;
    int code;
    int count = cli_parse(&parse, argc, argv, &code);

    if (count < 0)
        return code;
    list = json ? json_object_new_array() : NULL;
    if (!json)
        printf("%-40s %5s  %s\n", "Name", "ID", "Uptime");
    code = count ? cli_domain_do(argv[1], show, list) : cli_domain_do_all(show, list);
    if (list && code == 0)
        report_print_json(stdout, list);
    else if (list)
        json_object_put(list);
    return code;
}

const struct cli_verb cmd_uptime = {
    .name = "uptime",
    .summary = "show how long domains have been running",
    .help =
        "usage: purlin uptime [--json] [NAME|ID]\n"
        "\n"
        "Shows the time since each domain, or one, was made. A guest that has rebooted is a new\n"
        "domain.\n"
        "\n"
        "  purlin uptime\n"
        "  purlin uptime web\n",
    .run = run,
};
