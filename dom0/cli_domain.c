/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Session, domain, body, message, exit code. Owns no state.
 */
#include "dom0/cli_domain.h"

#include <stdio.h>
#include <stdlib.h>

#include "dom0/cli_parse.h"
#include "dom0/interrupt.h"
#include "dom0/report.h"

static int finish(struct purlin *session, const struct domain *domain, cli_domain_fn *body,
                  void *arg)
{
    struct error err = {0};
    int rc;

    cli_show_progress(session, domain->name);
    rc = body(session, domain, arg, &err);
    purlin_close(session);
    return rc ? cli_fail(&err) : 0;
}

int cli_domain_do(const char *name, cli_domain_fn *body, void *arg)
{
    struct purlin session;
    struct domain domain;
    int code;

    interrupt_hold();
    code = cli_find(&session, name, &domain);
    return code ? code : finish(&session, &domain, body, arg);
}

int cli_domain_change(const char *name, cli_domain_fn *body, void *arg)
{
    struct purlin session;
    struct domain domain;
    int code;

    interrupt_hold();
    code = cli_find_alive(&session, name, &domain);
    return code ? code : finish(&session, &domain, body, arg);
}

int cli_domain_do_all(cli_domain_fn *body, void *arg)
{
    struct purlin session;
    struct domain *domains;
    struct error err = {0};
    int code;
    int count;
    int rc = 0;

    interrupt_hold();
    code = cli_open(&session);
    if (code)
        return code;
    count = domain_list(&session, &domains, &err);
    for (int i = 0; i < count && rc == 0; i++) {
        rc = body(&session, &domains[i], arg, &err);
        if (err.kind == ERROR_NOT_FOUND) { /* ended since it was listed */
            error_clear(&err);
            rc = 0;
        }
    }
    free(domains);
    purlin_close(&session);
    return count < 0 || rc ? cli_fail(&err) : 0;
}

struct view {
    const struct cli_domain_table *table;
    struct json_object *list; /* NULL: a table with a title */
    bool has_title;
};

/* The title comes with the first line: a domain that is not there has none. */
static int show_one(struct purlin *session, const struct domain *domain, void *arg,
                    struct error *err)
{
    struct view *view = arg;

    if (!view->list && !view->has_title)
        view->table->title();
    view->has_title = true;
    return view->table->body(session, domain, view->list, err);
}

int cli_domain_show(const struct cli_domain_table *table, int argc, char **argv)
{
    bool json = false;
    const struct cli_flag flags[] = {{.name = "json", .value = &json}};
    struct cli_parse parse = {.verb = table->verb, .flags = flags, .flag_count = 1,
                              .max_args = 1};
    struct view view = {.table = table};
    int code;
    int count = cli_parse(&parse, argc, argv, &code);

    if (count < 0)
        return code;
    view.list = json ? json_object_new_array() : NULL;
    code = count ? cli_domain_do(argv[1], show_one, &view) : cli_domain_do_all(show_one, &view);
    if (view.list && code == 0)
        report_print_json(stdout, view.list);
    else if (view.list)
        json_object_put(view.list);
    return code;
}
