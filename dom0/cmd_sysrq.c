/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin sysrq: magic keys for a guest's kernel.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "dom0/cli.h"
#include "dom0/control.h"
#include "dom0/interrupt.h"

static int send(const char *name, char key)
{
    struct purlin session;
    struct domain domain;
    struct error err = {0};
    int code;
    int rc;

    interrupt_hold();
    code = cli_find_alive(&session, name, &domain);
    if (code)
        return code;
    if (domain.domid == 0)
        rc = error_set(&err, ERROR_USAGE, "for Domain-0 itself: echo %c > /proc/sysrq-trigger",
                       key);
    else
        rc = control_sysrq(&session, &domain, key, &err);
    purlin_close(&session);
    return rc ? cli_fail(&err) : 0;
}

static int run(int argc, char **argv)
{
    struct cli_parse parse = {.verb = &cmd_sysrq, .min_args = 2, .max_args = 2};
    int code;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    if (strlen(argv[2]) != 1 || !isalnum((unsigned char)argv[2][0])) {
        fprintf(stderr, "purlin: sysrq: '%s' is not one letter or digit: h asks the guest which "
                "there are\n", argv[2]);
        return ERROR_USAGE;
    }
    return send(argv[1], argv[2][0]);
}

const struct cli_verb cmd_sysrq = {
    .name = "sysrq",
    .summary = "send a magic SysRq key to a guest's kernel",
    .help =
        "usage: purlin sysrq NAME|ID KEY\n"
        "\n"
        "Sends a magic SysRq key, and returns when the guest's kernel has taken it. The answer,\n"
        "if there is one, is on the guest's console. Which keys work is set by the guest in\n"
        "/proc/sys/kernel/sysrq.\n"
        "\n"
        "  purlin sysrq web h    which keys there are\n"
        "  purlin sysrq web s    write all file systems back\n"
        "  purlin sysrq web t    what each task is doing\n",
    .run = run,
};
