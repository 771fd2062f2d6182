/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Session, domain, body, message, exit code. Owns no state.
 */
#include "dom0/cli_domain.h"

#include <stdlib.h>

#include "dom0/cli.h"
#include "dom0/interrupt.h"

int cli_domain_do(const char *name, cli_domain_fn *body, void *arg)
{
    struct purlin session;
    struct domain domain;
    struct error err = {0};
    int code;
    int rc;

    interrupt_hold();
    code = cli_find(&session, name, &domain);
    if (code)
        return code;
    cli_show_progress(&session, domain.name);
    rc = body(&session, &domain, arg, &err);
    purlin_close(&session);
    return rc ? cli_fail(&err) : 0;
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
    for (int i = 0; i < count && rc == 0; i++)
        rc = body(&session, &domains[i], arg, &err);
    free(domains);
    purlin_close(&session);
    return count < 0 || rc ? cli_fail(&err) : 0;
}
