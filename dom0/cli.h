/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the verbs of the command line tool share: sessions, messages, exit codes.
 */
#ifndef DOM0_CLI_H
#define DOM0_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "dom0/cli_parse.h"
#include "dom0/purlin.h"

/* Opens a session; on failure prints why. 0, or the exit code. */
int cli_open(struct purlin *session);

/* Calls `work` with a session: the exit code, what failed having been printed. */
int cli_with_session(int (*work)(struct purlin *session, void *arg, struct error *err), void *arg);

/* Prints "purlin: TEXT" and returns the exit code of the error. */
int cli_fail(const struct error *err);

/* Arguments joined by commas: the parts of one device. */
void cli_join(char **args, int count, char *text, size_t size);

/* Shows what takes long on standard error, with a name in front that must live as long as the
 * session, or until the next call. */
void cli_show_progress(struct purlin *session, const char *name);

/* Opens a session and finds a domain in it; on failure prints why. 0, or the exit code. */
struct domain;
int cli_find(struct purlin *session, const char *name, struct domain *domain);

/* As above for a verb that changes it: a dying one is refused. */
int cli_find_alive(struct purlin *session, const char *name, struct domain *domain);

#define VERB(name) extern const struct cli_verb cmd_##name;
#include "dom0/verbs.def"
#undef VERB

#endif
