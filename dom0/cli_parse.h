/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A verb of the command line tool, and its command line.
 */
#ifndef DOM0_CLI_PARSE_H
#define DOM0_CLI_PARSE_H

#include <stdbool.h>
#include <stddef.h>

struct cli_verb {
    const char *name;
    const char *summary; /* one line, for purlin --help */
    const char *help;    /* what purlin VERB --help prints, with examples */
    int (*run)(int argc, char **argv);
};

struct cli_flag {
    char letter; /* 0: none */
    const char *name;
    bool *value;       /* set to true; or */
    const char **text; /* set to what follows: "-t 5", "-t5", "--timeout 5", "--timeout=5" */
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

/* A whole number in [min, max], and nothing behind it. */
bool cli_parse_number(const char *text, unsigned min, unsigned max, unsigned *value);

#endif
