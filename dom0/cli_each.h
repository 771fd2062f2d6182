/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Verbs that do one thing to several domains.
 */
#ifndef DOM0_CLI_EACH_H
#define DOM0_CLI_EACH_H

#include "dom0/cli.h"
#include "dom0/domain.h"

/* Does it to one domain; 0 or a negative errno with the error set. Never called for Dom0. */
typedef int cli_each_fn(struct purlin *session, const struct domain *domain, void *arg,
                        struct error *err);

struct cli_each {
    const struct cli_verb *verb;
    bool all;     /* to all domains but Dom0, and no names are given */
    bool alive;   /* dying ones are refused, and left out of all */
    bool reap;    /* then finishes what others were killed in the middle of (orphan.h) */
    int count;
    char **names; /* or ids */
    void *arg;
};

/* Goes on after a failure, but not after a Ctrl-C, for which it looks before each domain. Prints
 * what fails. The exit code is that of the last failure. */
int cli_each_run(const struct cli_each *each, cli_each_fn *fn);

/* The list of domains that such a verb is for: heap array, their number; or -1 with *code set and
 * the reason printed. Names that nothing has, and dying domains where each->alive, are reported
 * and left out. */
int cli_each_find(struct purlin *session, const struct cli_each *each, struct domain **domains,
                  int *code);

#endif
