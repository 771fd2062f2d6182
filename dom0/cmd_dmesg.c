/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin dmesg: what the hypervisor has said.
 */
#include <errno.h>
#include <stdio.h>

#include "dom0/cli.h"
#include "dom0/sysctl.h"

#define CHUNK 16384

static int print_ring(struct purlin *session, bool clear, struct error *err)
{
    static char text[CHUNK];
    uint32_t index = 0;
    int n;

    do {
        n = sysctl_console(&session->hyper, &index, text, sizeof(text), clear);
        if (n > 0)
            fwrite(text, 1, (size_t)n, stdout);
    } while (n == (int)sizeof(text));
    errno = n < 0 ? -n : 0;
    return n < 0 ? error_errno(err, "cannot read the hypervisor's messages") : 0;
}

static int run(int argc, char **argv)
{
    bool clear = false;
    const struct cli_flag table[] = {{'c', "clear", &clear}};
    struct cli_parse parse = {.verb = &cmd_dmesg, .flags = table, .flag_count = 1};
    struct purlin session;
    struct error err = {0};
    int code;
    int rc;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    code = cli_open(&session);
    if (code)
        return code;
    rc = print_ring(&session, clear, &err);
    purlin_close(&session);
    return rc ? cli_fail(&err) : 0;
}

const struct cli_verb cmd_dmesg = {
    .name = "dmesg",
    .summary = "show the hypervisor's messages",
    .help =
        "usage: purlin dmesg [-c]\n"
        "\n"
        "Prints the hypervisor's message buffer.\n"
        "\n"
        "  -c, --clear  empty it afterwards\n"
        "\n"
        "  purlin dmesg | tail\n",
    .run = run,
};
