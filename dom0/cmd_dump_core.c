/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin dump-core: a domain's memory and registers in a file.
 */
#include "dom0/cli.h"
#include "dom0/core_dump.h"
#include "dom0/interrupt.h"

static int dump(struct purlin *session, const struct domain *domain, const char *path,
                struct error *err)
{
    if (domain->domid == 0)
        return error_set(err, ERROR_USAGE, "Domain-0 is what runs this: it cannot dump itself");
    return core_dump_write(session, domain, path, err);
}

static int run(int argc, char **argv)
{
    struct cli_parse parse = {.verb = &cmd_dump_core, .min_args = 2, .max_args = 2};
    struct purlin session;
    struct domain domain;
    struct error err = {0};
    int code;
    int rc;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    interrupt_hold();
    code = cli_find_alive(&session, argv[1], &domain);
    if (code)
        return code;
    cli_show_progress(&session, domain.name);
    rc = dump(&session, &domain, argv[2], &err);
    purlin_close(&session);
    return rc ? cli_fail(&err) : 0;
}

const struct cli_verb cmd_dump_core = {
    .name = "dump-core",
    .summary = "write a guest's memory and registers to a file",
    .help =
        "usage: purlin dump-core NAME|ID FILE\n"
        "\n"
        "Writes an ELF core file, sparse, in the format of Xen's tools; gdb and readelf read it,\n"
        "too. A guest that runs is paused meanwhile; do not unpause it. FILE must not exist.\n"
        "\n"
        "  purlin dump-core web /var/tmp/web.core\n",
    .run = run,
};
