/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin debug-keys: what the hypervisor prints for a key.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dom0/cli.h"
#include "dom0/sysctl.h"

static int press(struct purlin *session, void *keys, struct error *err)
{
    int rc = sysctl_debug_keys(&session->hyper, keys, (uint32_t)strlen(keys));

    if (rc == -E2BIG)
        return error_set(err, ERROR_USAGE, "too many keys at once: at most 16");
    errno = -rc;
    return rc ? error_errno(err, "the hypervisor refused the keys") : 0;
}

static int run(int argc, char **argv)
{
    struct cli_parse parse = {.verb = &cmd_debug_keys, .min_args = 1, .max_args = 1};
    int code;

    return cli_parse(&parse, argc, argv, &code) < 0 ? code : cli_with_session(press, argv[1]);
}

const struct cli_verb cmd_debug_keys = {
    .name = "debug-keys",
    .summary = "press keys on the hypervisor's console",
    .help =
        "usage: purlin debug-keys KEYS\n"
        "\n"
        "Does what the keys do when typed at the hypervisor's console. What they print is on that\n"
        "console and in purlin dmesg. Key h lists them.\n"
        "\n"
        "  purlin debug-keys h && purlin dmesg | tail -20\n",
    .run = run,
};
