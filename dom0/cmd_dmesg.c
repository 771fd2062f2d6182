/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin dmesg: what the hypervisor has said.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include "dom0/cli.h"
#include "dom0/interrupt.h"
#include "dom0/sysctl.h"

#define CHUNK 16384
#define FOLLOW_MS 200 /* the hypervisor has no event for a new message */

/* Prints what is there from *index on. */
static int print_ring(struct purlin *session, uint32_t *index, bool clear, struct error *err)
{
    static char text[CHUNK];
    int n;

    do {
        n = sysctl_console(&session->hyper, index, text, sizeof(text), clear);
        if (n > 0)
            fwrite(text, 1, (size_t)n, stdout);
    } while (n == (int)sizeof(text));
    errno = n < 0 ? -n : 0;
    return n < 0 ? error_errno(err, "cannot read the hypervisor's messages") : 0;
}

/* Until Ctrl-C, or until nobody reads. */
static int follow(struct purlin *session, uint32_t *index, struct error *err)
{
    int rc = 0;

    while (rc == 0 && !ferror(stdout)) {
        struct pollfd fd = {.fd = interrupt_fd(), .events = POLLIN};

        if (fflush(stdout) || poll(&fd, 1, FOLLOW_MS) > 0)
            break;
        rc = print_ring(session, index, false, err);
    }
    return rc;
}

static int run(int argc, char **argv)
{
    bool clear = false;
    bool go_on = false;
    const struct cli_flag table[] = {
        {.letter = 'c', .name = "clear", .value = &clear},
        {.letter = 'f', .name = "follow", .value = &go_on},
    };
    struct cli_parse parse = {.verb = &cmd_dmesg, .flags = table, .flag_count = 2};
    uint32_t index = 0;
    struct purlin session;
    struct error err = {0};
    int code;
    int rc;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    if (go_on)
        interrupt_hold();
    code = cli_open(&session);
    if (code)
        return code;
    rc = print_ring(&session, &index, clear, &err);
    if (rc == 0 && go_on)
        rc = follow(&session, &index, &err);
    purlin_close(&session);
    return rc ? cli_fail(&err) : 0;
}

const struct cli_verb cmd_dmesg = {
    .name = "dmesg",
    .summary = "show the hypervisor's messages",
    .help =
        "usage: purlin dmesg [-c] [-f]\n"
        "\n"
        "Prints the hypervisor's message buffer.\n"
        "\n"
        "  -c, --clear   empty it afterwards\n"
        "  -f, --follow  go on with what comes, until Ctrl-C\n"
        "\n"
        "  purlin dmesg | tail\n"
        "  purlin dmesg -f\n",
    .run = run,
};
