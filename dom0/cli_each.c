/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From names on the command line to domains, and the loop over them.
 */
#include "dom0/cli_each.h"

#include <stdio.h>
#include <stdlib.h>

#include "dom0/alive.h"
#include "dom0/interrupt.h"
#include "dom0/orphan.h"

static int usage(const struct cli_each *each, const char *what)
{
    fprintf(stderr, "purlin: %s: %s: see purlin %s --help\n", each->verb->name, what,
            each->verb->name);
    return ERROR_USAGE;
}

static int find_all(struct purlin *session, const struct cli_each *each, struct domain **domains,
                    int *code)
{
    struct error err = {0};
    int count = domain_list(session, domains, &err);
    int kept = 0;

    if (count < 0)
        *code = cli_fail(&err);
    for (int i = 0; i < count; i++)
        if ((*domains)[i].domid != 0 && !(each->alive && (*domains)[i].dying))
            (*domains)[kept++] = (*domains)[i];
    return count < 0 ? -1 : kept;
}

static int find_one(struct purlin *session, const struct cli_each *each, const char *name,
                    struct domain *domain)
{
    struct error err = {0};

    if (domain_find(session, name, domain, &err) == 0 && domain->domid == 0)
        error_set(&err, ERROR_USAGE, "Domain-0 is what runs this: purlin %s is for guests",
                  each->verb->name);
    if (err.kind == 0 && each->alive)
        alive_check(domain, &err);
    return err.kind ? cli_fail(&err) : 0;
}

int cli_each_find(struct purlin *session, const struct cli_each *each, struct domain **domains,
                  int *code)
{
    int kept = 0;

    *code = 0;
    *domains = NULL;
    if (each->all == (each->count > 0)) {
        *code = usage(each, each->all ? "names and --all exclude each other" : "which domain?");
        return -1;
    }
    if (each->all)
        return find_all(session, each, domains, code);
    *domains = calloc((size_t)each->count, sizeof(**domains));
    for (int i = 0; i < each->count && *domains; i++) {
        int rc = find_one(session, each, each->names[i], &(*domains)[kept]);

        *code = rc ? rc : *code;
        kept += rc == 0;
    }
    return kept;
}

int cli_each_run(const struct cli_each *each, cli_each_fn *fn)
{
    struct purlin session;
    struct domain *domains;
    int code;
    int count;

    interrupt_hold();
    code = cli_open(&session);
    if (code)
        return code;
    count = cli_each_find(&session, each, &domains, &code);
    for (int i = 0; i < count && code != ERROR_INTERRUPTED; i++) {
        struct error err = {0};

        cli_show_progress(&session, domains[i].name);
        if (interrupt_pending())
            code = ERROR_INTERRUPTED;
        else if (fn(&session, &domains[i], each->arg, &err))
            code = cli_fail(&err);
    }
    free(domains);
    cli_show_progress(&session, each->verb->name);
    if (each->reap && !interrupt_pending())
        orphan_reap(&session);
    purlin_close(&session);
    return code;
}
