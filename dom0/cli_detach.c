/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The verbs that take a device away. Owns their flags; finding and waiting is devices.c's and
 * plug.c's.
 */
#include "dom0/cli_detach.h"

#include "dom0/cli_domain.h"
#include "dom0/devices.h"
#include "dom0/plug.h"

struct wish {
    const char *kind, *name;
    bool force;
};

static int detach(struct purlin *session, const struct domain *domain, void *arg,
                  struct error *err)
{
    const struct wish *wish = arg;
    struct devices_item item = {0};
    const struct devices_query query = {wish->kind, wish->name};
    int rc = devices_find(session, domain, &query, &item, err);
    const struct plug_detach what = {wish->kind, item.devid, wish->force};

    return rc ? rc : plug_detach(session, domain, &what, err);
}

int cli_detach_run(const struct cli_verb *verb, const char *kind, int argc, char **argv)
{
    struct wish wish = {.kind = kind};
    const struct cli_flag table[] = {{.letter = 'f', .name = "force", .value = &wish.force}};
    struct cli_parse parse = {.verb = verb, .flags = table, .flag_count = 1,
                              .min_args = 2, .max_args = 2};
    int code;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    wish.name = argv[2];
    return cli_domain_change(argv[1], detach, &wish);
}
