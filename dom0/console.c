/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The console client: a viewer of the console's server. Owns the terminal's mode while it runs.
 */
#include "dom0/console.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "dom0/console_copy.h"
#include "dom0/console_server.h"
#include "dom0/interrupt.h"

static const struct console_options usual = {.type = "pv", .escape = CONSOLE_ESCAPE};

/* A reader or a server that has gone is an error in it: a signal would leave the terminal raw. */
static void copy_in_raw_mode(struct console_copy *c)
{
    struct termios saved;
    void (*on_pipe)(int) = signal(SIGPIPE, SIG_IGN);

    c->is_terminal = c->input >= 0 && tcgetattr(c->input, &saved) == 0;
    if (c->is_terminal) {
        struct termios raw = saved;

        cfmakeraw(&raw);
        tcsetattr(c->input, TCSANOW, &raw);
    }
    console_copy(c);
    if (c->is_terminal)
        tcsetattr(c->input, TCSADRAIN, &saved);
    signal(SIGPIPE, on_pipe);
}

static int open_viewer(struct console_copy *c, struct purlin *session, uint32_t domid,
                       const struct console_options *options, struct error *err)
{
    const struct console_server which = {.domid = domid, .type = options->type,
                                         .only_new = options->only_new};

    *c = (struct console_copy){.input = options->watch_only ? -1 : STDIN_FILENO,
                               .output = STDOUT_FILENO, .escape = options->escape};
    c->server = console_server_connect(session, &which, err);
    return c->server < 0 ? c->server : 0;
}

int console_attach_with(struct purlin *session, uint32_t domid,
                        const struct console_options *options, struct error *err)
{
    struct console_copy c;
    int rc = open_viewer(&c, session, domid, options, err);

    if (rc)
        return rc;
    copy_in_raw_mode(&c);
    close(c.server);
    return 0;
}

int console_attach(struct purlin *session, uint32_t domid, struct error *err)
{
    return console_attach_with(session, domid, &usual, err);
}

/* But for these two and the standard streams: a viewer whose output nobody reads is not to hold
 * what its starter has open, as loop devices. */
static void close_all_but(int a, int b)
{
    const int kept[] = {a < b ? a : b, a < b ? b : a};
    int next = STDERR_FILENO + 1;

    for (int i = 0; i < 2; i++) {
        if (kept[i] > next)
            close_range((unsigned)next, (unsigned)kept[i] - 1, 0);
        if (kept[i] >= next)
            next = kept[i] + 1;
    }
    close_range((unsigned)next, ~0u, 0);
}

int console_attach_start(struct purlin *session, uint32_t domid, pid_t *viewer, struct error *err)
{
    pid_t starter = getpid();
    struct console_copy c;
    int rc = open_viewer(&c, session, domid, &usual, err);

    if (rc)
        return rc;
    *viewer = fork();
    if (*viewer == 0) {
        close_all_but(c.server, interrupt_fd());
        prctl(PR_SET_PDEATHSIG, SIGTERM); /* held: it puts the terminal back */
        if (getppid() == starter)
            copy_in_raw_mode(&c);
        _exit(0);
    }
    if (*viewer < 0)
        rc = error_errno(err, "cannot start a process for the console");
    close(c.server);
    return rc;
}

static void wait_for(pid_t viewer)
{
    while (waitpid(viewer, NULL, 0) < 0 && errno == EINTR)
        ;
}

void console_attach_wait(pid_t viewer)
{
    int ended = pidfd_open(viewer, 0);
    struct pollfd fds[2] = {{.fd = ended, .events = POLLIN},
                            {.fd = interrupt_fd(), .events = POLLIN}};

    /* Without a descriptor it is waited for all the same, only not by who is told to end. */
    while (ended >= 0 && poll(fds, 2, -1) < 0 && errno == EINTR)
        ;
    if (ended >= 0)
        close(ended);
    if (fds[1].revents)
        kill(viewer, SIGTERM);
    wait_for(viewer);
}

void console_attach_stop(pid_t viewer)
{
    kill(viewer, SIGTERM);
    wait_for(viewer);
}
