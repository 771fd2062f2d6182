/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Command line plumbing. Owns the wording of messages on standard error: one line each, beginning
 * with the program's name.
 */
#include "dom0/cli.h"

#include <stdio.h>
#include <string.h>

#include "dom0/domain.h"

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

static bool set_flags(const struct cli_parse *parse, const char *arg)
{
    const struct cli_flag *flag;

    if (arg[1] == '-') {
        flag = find_long(parse, arg + 2);
        if (flag)
            *flag->value = true;
        return flag != NULL;
    }
    for (const char *p = arg + 1; *p; p++) {
        flag = find_short(parse, *p);
        if (!flag)
            return false;
        *flag->value = true;
    }
    return true;
}

int cli_parse(const struct cli_parse *parse, int argc, char **argv, int *code)
{
    bool only_arguments = false;
    int count = 0;

    for (int i = 1; i < argc; i++) {
        if (only_arguments || argv[i][0] != '-' || argv[i][1] == '\0') {
            argv[++count] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            only_arguments = true;
        } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(parse->verb->help, stdout);
            *code = 0;
            return -1;
        } else if (!set_flags(parse, argv[i])) {
            return usage(parse, "unknown option ", argv[i], code);
        }
    }
    if (count < parse->min_args)
        return usage(parse, "something is missing", "", code);
    if (parse->max_args >= 0 && count > parse->max_args)
        return usage(parse, "too much: ", argv[parse->max_args + 1], code);
    return count;
}

int cli_fail(const struct error *err)
{
    fflush(stdout);
    if (err->kind != ERROR_INTERRUPTED || err->text[0])
        fprintf(stderr, "purlin: %s\n", err->text);
    return err->kind ? (int)err->kind : ERROR_FAILED;
}

int cli_open(struct purlin *session)
{
    struct error err = {0};

    return purlin_open(session, &err) ? cli_fail(&err) : 0;
}

static void print_progress(void *arg, const char *text)
{
    fprintf(stderr, "purlin: %s: %s\n", (const char *)arg, text);
}

void cli_show_progress(struct purlin *session, const char *name)
{
    session->progress = print_progress;
    session->arg = (void *)(uintptr_t)name;
}

int cli_find(struct purlin *session, const char *name, struct domain *domain)
{
    struct error err = {0};
    int code = cli_open(session);

    if (code)
        return code;
    if (domain_find(session, name, domain, &err) == 0)
        return 0;
    purlin_close(session);
    return cli_fail(&err);
}
