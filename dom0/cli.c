/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sessions and messages of the verbs. Owns the wording of messages on standard error: one line
 * each, beginning with the program's name.
 */
#include "dom0/cli.h"

#include <stdio.h>
#include <string.h>

#include "dom0/alive.h"

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

int cli_with_session(int (*work)(struct purlin *session, void *arg, struct error *err), void *arg)
{
    struct purlin session;
    struct error err = {0};
    int code = cli_open(&session);
    int rc;

    if (code)
        return code;
    rc = work(&session, arg, &err);
    purlin_close(&session);
    return rc ? cli_fail(&err) : 0;
}

void cli_join(char **args, int count, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (int i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? "," : "", args[i]);
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

int cli_find_alive(struct purlin *session, const char *name, struct domain *domain)
{
    struct error err = {0};
    int code = cli_find(session, name, domain);

    if (code || alive_check(domain, &err) == 0)
        return code;
    purlin_close(session);
    return cli_fail(&err);
}
