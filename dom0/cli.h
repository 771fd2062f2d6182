/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the verbs of the command line tool share: options, help, messages, exit codes.
 */
#ifndef DOM0_CLI_H
#define DOM0_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "dom0/purlin.h"

struct cli_verb {
    const char *name;
    const char *summary; /* one line, for purlin --help */
    const char *help;    /* what purlin VERB --help prints, with examples */
    int (*run)(int argc, char **argv);
};

struct cli_flag {
    char letter; /* 0: none */
    const char *name;
    bool *value;
};

struct cli_parse {
    const struct cli_verb *verb;
    const struct cli_flag *flags;
    size_t flag_count;
    int min_args;
    int max_args; /* -1: any number */
};

/* Sets flags and moves the other arguments to argv[1..]. Returns how many those are; or -1 when the
 * verb is done, with its exit code in *code: help was asked for, or the line was wrong. */
int cli_parse(const struct cli_parse *parse, int argc, char **argv, int *code);

/* Opens a session; on failure prints why. 0, or the exit code. */
int cli_open(struct purlin *session);

/* Prints "purlin: TEXT" and returns the exit code of the error. */
int cli_fail(const struct error *err);

/* Shows what takes long on standard error. */
void cli_show_progress(struct purlin *session, const char *name);

/* Opens a session and finds a domain in it; on failure prints why. 0, or the exit code. */
struct domain;
int cli_find(struct purlin *session, const char *name, struct domain *domain);

#define VERB(name) extern const struct cli_verb cmd_##name;
#include "dom0/verbs.def"
#undef VERB

#endif
