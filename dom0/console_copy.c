/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Owns nothing: descriptors are its caller's. No write to the server blocks.
 */
#include "dom0/console_copy.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dom0/interrupt.h"

#define PIECE 256u
#define READ_AHEAD 65536u

struct copy {
    struct console_copy which;
    char text[READ_AHEAD + PIECE]; /* from the user, not yet accepted by the server; then a piece */
    size_t pending;
    bool is_leaving;               /* when nothing is pending any more */
};

static bool write_out(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, text, size);

        if (n < 0 && errno == EAGAIN) {
            struct pollfd out = {.fd = fd, .events = POLLOUT};

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
static bool copy_output(struct copy *c)
{
    char buffer[4096];
    ssize_t n = read(c->which.server, buffer, sizeof(buffer));

    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    return n > 0 && write_out(c->which.output, buffer, (size_t)n);
}

static void push_input(struct copy *c)
{
    ssize_t n = send(c->which.server, c->text, c->pending, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n <= 0)
        return;
    c->pending -= (size_t)n;
    memmove(c->text, c->text + n, c->pending);
}

/* False: the user wants to leave, and what came before that has been offered to the server. */
static bool take_input(struct copy *c)
{
    char *fresh = c->text + c->pending;
    ssize_t n = read(c->which.input, fresh, PIECE);
    const char *escape;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n <= 0) {
        c->which.input = -1;
        return true;
    }
    escape = memchr(fresh, c->which.escape, (size_t)n);
    if (c->pending + PIECE <= READ_AHEAD)
        c->pending += escape ? (size_t)(escape - fresh) : (size_t)n;
    else if (!write_out(c->which.output, "\a", 1))
        return false;
    push_input(c);
    if (!escape)
        return true;
    c->which.input = -1;
    c->is_leaving = true;
    return !c->which.is_terminal;
}

static void copy_until_end(struct copy *c)
{
    while (!c->is_leaving || c->pending) {
        bool reads = c->which.is_terminal || !c->pending;
        struct pollfd fds[3] = {
            {.fd = c->which.server, .events = (short)(POLLIN | (c->pending ? POLLOUT : 0))},
            {.fd = reads ? c->which.input : -1, .events = POLLIN},
            {.fd = interrupt_fd(), .events = POLLIN},
        };

        if (poll(fds, 3, -1) < 0 && errno != EINTR)
            return;
        if (fds[2].revents)
            return;
        if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) && !copy_output(c))
            return;
        if (fds[0].revents & POLLOUT)
            push_input(c);
        if (fds[1].revents && !take_input(c))
            return;
    }
}

void console_copy(const struct console_copy *which)
{
    struct copy c = {.which = *which};

    copy_until_end(&c);
}
