/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The console client: finds the pseudo terminal that xenconsoled made for the domain, and copies.
 * Owns the terminal's mode while it runs.
 */
#include "dom0/console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "dom0/domain.h"
#include "dom0/interrupt.h"

#define TTY_LIMIT_MS 30000
#define LAST_WORDS_MS 2000 /* for xenconsoled to pass on what a dead domain left in its ring */
#define WATCH_TOKEN "console"

struct console {
    struct purlin *session;
    uint32_t domid;
    int tty;
    bool input_open;
    bool domain_gone;
    bool store_lost;
    char input[256]; /* read from the user, not yet accepted by the tty */
    size_t pending;
    char *path;
};

static bool is_gone(struct purlin *session, uint32_t domid)
{
    struct error err = {0};
    struct domain domain;

    return domain_get(session, domid, &domain, &err) != 0 || domain.dying;
}

static int find_tty(struct store *store, void *arg)
{
    struct console *c = arg;

    free(c->path);
    c->path = store_read(store, "/local/domain/%u/console/tty", c->domid);
    if (c->path && c->path[0])
        return 1;
    return is_gone(c->session, c->domid) ? -ESRCH : 0;
}

static int open_tty(struct console *c, struct error *err)
{
    char path[64];
    const char *paths[] = {path, "@releaseDomain"};
    struct store_wait wait = {.paths = paths, .path_count = 2, .limit_ms = TTY_LIMIT_MS, .fd = -1,
                              .interruptible = true, .done = find_tty, .arg = c};
    int rc;

    snprintf(path, sizeof(path), "/local/domain/%u/console/tty", c->domid);
    rc = store_wait(&c->session->store, &wait);
    if (rc == -EINTR)
        return error_set(err, ERROR_INTERRUPTED, "interrupted");
    if (rc == -ESRCH)
        return error_set(err, ERROR_NOT_FOUND, "domain %u has ended", c->domid);
    if (rc < 0)
        return error_set(err, ERROR_UNAVAILABLE, "domain %u has no console after %d s: is "
                         "xenconsoled running?", c->domid, TTY_LIMIT_MS / 1000);
    c->tty = open(c->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    return c->tty < 0 ? error_errno(err, "cannot open the console %s", c->path) : 0;
}

static bool write_out(const char *text, size_t size)
{
    while (size > 0) {
        ssize_t n = write(STDOUT_FILENO, text, size);

        if (n < 0 && errno == EAGAIN) {
            struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

            poll(&out, 1, -1);
            continue;
        }
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            text += n;
            size -= (size_t)n;
        }
    }
    return true;
}

/* False: the console has ended. */
static bool copy_output(struct console *c)
{
    char buffer[4096];
    ssize_t n = read(c->tty, buffer, sizeof(buffer));

    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    return n > 0 && write_out(buffer, (size_t)n);
}

static void push_input(struct console *c)
{
    ssize_t n = write(c->tty, c->input, c->pending);

    if (n <= 0)
        return;
    c->pending -= (size_t)n;
    memmove(c->input, c->input + n, c->pending);
}

/* False: the user wants to leave. */
static bool take_input(struct console *c)
{
    ssize_t n = read(STDIN_FILENO, c->input, sizeof(c->input));
    char *escape;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n <= 0) {
        c->input_open = false;
        return true;
    }
    escape = memchr(c->input, CONSOLE_ESCAPE, (size_t)n);
    c->pending = escape ? (size_t)(escape - c->input) : (size_t)n;
    push_input(c);
    return escape == NULL;
}

static void check_watch(struct console *c)
{
    char **event;

    while ((event = xs_check_watch(c->session->store.xs)) != NULL)
        free(event);
    c->domain_gone = is_gone(c->session, c->domid);
}

static void copy_until_end(struct console *c)
{
    for (;;) {
        bool watching = !c->domain_gone && !c->store_lost;
        struct pollfd fds[4] = {
            {.fd = c->tty, .events = (short)(POLLIN | (c->pending ? POLLOUT : 0))},
            {.fd = c->input_open && !c->pending ? STDIN_FILENO : -1, .events = POLLIN},
            {.fd = watching ? xs_fileno(c->session->store.xs) : -1, .events = POLLIN},
            {.fd = interrupt_fd(), .events = POLLIN},
        };
        int count = poll(fds, 4, c->domain_gone ? LAST_WORDS_MS : -1);

        if (count == 0 || fds[3].revents)
            return;
        c->store_lost = c->store_lost || (fds[2].revents & (POLLHUP | POLLERR | POLLNVAL));
        if (fds[2].revents & POLLIN)
            check_watch(c);
        if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) && !copy_output(c))
            return;
        if ((fds[0].revents & POLLOUT) && c->pending)
            push_input(c);
        if (fds[1].revents && !take_input(c))
            return;
    }
}

static void copy_in_raw_mode(struct console *c)
{
    struct termios saved;
    bool is_terminal = tcgetattr(STDIN_FILENO, &saved) == 0;

    if (is_terminal) {
        struct termios raw = saved;

        cfmakeraw(&raw);
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    copy_until_end(c);
    if (is_terminal)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
}

int console_attach(struct purlin *session, uint32_t domid, struct error *err)
{
    struct console c = {.session = session, .domid = domid, .tty = -1, .input_open = true};
    int rc = open_tty(&c, err);

    if (rc == 0) {
        xs_watch(session->store.xs, "@releaseDomain", WATCH_TOKEN);
        copy_in_raw_mode(&c);
        xs_unwatch(session->store.xs, "@releaseDomain", WATCH_TOKEN);
        close(c.tty);
    }
    free(c.path);
    return rc;
}
