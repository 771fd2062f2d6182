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

struct dmesg {
    bool clear;
    bool follow;
};

static int print(struct purlin *session, void *arg, struct error *err)
{
    const struct dmesg *dmesg = arg;
    uint32_t index = 0;
    int rc = print_ring(session, &index, dmesg->clear, err);

    return rc == 0 && dmesg->follow ? follow(session, &index, err) : rc;
}

static int run(int argc, char **argv)
{
    struct dmesg dmesg = {0};
    const struct cli_flag table[] = {
        {.letter = 'c', .name = "clear", .value = &dmesg.clear},
        {.letter = 'f', .name = "follow", .value = &dmesg.follow},
    };
    struct cli_parse parse = {.verb = &cmd_dmesg, .flags = table, .flag_count = 2};
    int code;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    if (dmesg.follow)
        interrupt_hold();
    return cli_with_session(print, &dmesg);
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
