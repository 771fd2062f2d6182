/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin uptime: how long domains have been running.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "dom0/cli_domain.h"
#include "dom0/report.h"
#include "dom0/sysfs.h"
#include "dom0/tables.h"

/* Seconds; negative: its maker has not noted when. libxl's note has hundredths. */
static double uptime(struct purlin *session, const struct domain *domain)
{
    char *vm;
    char *note;
    double start;

    if (domain->domid == 0)
        return sysfs_uptime();
    vm = store_read(&session->store, "/local/domain/%u/vm", domain->domid);
    note = vm ? store_read(&session->store, "%s/start_time", vm) : NULL;
    start = note && *note ? (double)strtoll(note, NULL, 10) : -1;
    free(note);
    free(vm);
    return start < 0 ? -1 : (double)time(NULL) - start;
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

static void title(void)
{
    printf("%-40s %5s  %s\n", "Name", "ID", "Uptime");
}

static int run(int argc, char **argv)
{
    const struct cli_domain_table table = {&cmd_uptime, title, show};

    return cli_domain_show(&table, argc, argv);
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
