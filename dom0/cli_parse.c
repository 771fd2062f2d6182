/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Command lines: options with and without a value, --help, the number of arguments. Pure but for
 * what it prints. Refuses to know what the verbs do.
 */
#include "dom0/cli_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dom0/error.h"

static const struct cli_flag *find_long(const struct cli_parse *parse, const char *name)
{
    for (size_t i = 0; i < parse->flag_count; i++)
        if (strcmp(parse->flags[i].name, name) == 0)
            return &parse->flags[i];
    return NULL;
}

static const struct cli_flag *find_short(const struct cli_parse *parse, char letter)
{
    for (size_t i = 0; i < parse->flag_count; i++)
        if (parse->flags[i].letter && parse->flags[i].letter == letter)
            return &parse->flags[i];
    return NULL;
}

static int usage(const struct cli_parse *parse, const char *what, const char *which, int *code)
{
    fprintf(stderr, "purlin: %s: %s%s: see purlin %s --help\n", parse->verb->name, what, which,
            parse->verb->name);
    *code = ERROR_USAGE;
    return -1;
}

/* One argument that begins with '-'; `next` is what follows it on the line, or NULL. Returns how
 * many arguments it took, or 0 with *problem set. */
static int set_long(const struct cli_parse *parse, char *arg, char *next, const char **problem)
{
    char *equals = strchr(arg, '=');
    const struct cli_flag *flag;

    if (equals)
        *equals = '\0';
    flag = find_long(parse, arg + 2);
    if (equals)
        *equals = '=';
    if (!flag || (equals && !flag->text)) {
        *problem = "unknown option ";
        return 0;
    }
    if (flag->value) {
        *flag->value = true;
        return 1;
    }
    *flag->text = equals ? equals + 1 : next;
    *problem = "nothing follows ";
    return *flag->text ? 1 + !equals : 0;
}

static int set_letters(const struct cli_parse *parse, char *arg, char *next, const char **problem)
{
    for (char *p = arg + 1; *p; p++) {
        const struct cli_flag *flag = find_short(parse, *p);

        if (!flag) {
            *problem = "unknown option ";
            return 0;
        }
        if (flag->value) {
            *flag->value = true;
            continue;
        }
        *flag->text = p[1] ? p + 1 : next;
        *problem = "nothing follows ";
        return *flag->text ? 1 + !p[1] : 0;
    }
    return 1;
}

static int check_count(const struct cli_parse *parse, int count, char **argv, int *code)
{
    if (count < parse->min_args)
        return usage(parse, "something is missing", "", code);
    if (parse->max_args >= 0 && count > parse->max_args)
        return usage(parse, "too much: ", argv[parse->max_args + 1], code);
    return count;
}

int cli_parse(const struct cli_parse *parse, int argc, char **argv, int *code)
{
    bool only_arguments = false;
    const char *problem = "";
    int taken = 1;
    int count = 0;

    for (int i = 1; i < argc; i += taken) {
        char *arg = argv[i];
        char *next = i + 1 < argc ? argv[i + 1] : NULL;

        taken = 1;
        if (only_arguments || arg[0] != '-' || arg[1] == '\0') {
            argv[++count] = arg;
        } else if (strcmp(arg, "--") == 0) {
            only_arguments = true;
        } else if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0) {
            fputs(parse->verb->help, stdout);
            *code = 0;
            return -1;
        } else {
            taken = arg[1] == '-' ? set_long(parse, arg, next, &problem)
                                  : set_letters(parse, arg, next, &problem);
            if (taken == 0)
                return usage(parse, problem, arg, code);
        }
    }
    return check_count(parse, count, argv, code);
}

bool cli_parse_number(const char *text, unsigned min, unsigned max, unsigned *value)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end || number < min || number > max)
        return false;
    *value = (unsigned)number;
    return true;
}
