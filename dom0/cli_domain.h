/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What every verb about one domain does around its work.
 */
#ifndef DOM0_CLI_DOMAIN_H
#define DOM0_CLI_DOMAIN_H

#include "dom0/cli.h"
#include "dom0/domain.h"

typedef int cli_domain_fn(struct purlin *session, const struct domain *domain, void *arg,
                          struct error *err);

/* Opens a session, finds the domain, shows progress, runs `body`, and prints what went wrong.
 * Returns the exit code. Ctrl-C is held meanwhile. */
int cli_domain_do(const char *name, cli_domain_fn *body, void *arg);

/* As above for a verb that changes the domain: a dying one is refused. */
int cli_domain_change(const char *name, cli_domain_fn *body, void *arg);

/* As cli_domain_do for every domain in order of ids; stops at the first that fails, but leaves out
 * those that end meanwhile (ERROR_NOT_FOUND). */
int cli_domain_do_all(cli_domain_fn *body, void *arg);

/* A verb that shows something of each domain, or of one: [--json] [NAME|ID]. `body` gets the JSON
 * array to add to, or NULL: then it prints below what `title` has printed. The exit code. */
struct cli_domain_table {
    const struct cli_verb *verb;
    void (*title)(void);
    cli_domain_fn *body;
};
int cli_domain_show(const struct cli_domain_table *table, int argc, char **argv);

#endif
