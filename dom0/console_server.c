/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The server's process. A lock file serialises those who start one; a listener at the socket is the
 * sign that there is one. Who does not read holds up nobody: each viewer has a place in the log.
 */
#include "dom0/console_server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dom0/console_log.h"
#include "dom0/console_tty.h"
#include "dom0/interrupt.h"

#define VIEWERS_MAX 32
#define LAST_WORDS_MS 2000 /* for xenconsoled to pass on what a dead domain left in its ring */
#define WATCH_TOKEN "server"

/* A viewer's first byte: from where on it wants to read. */
#define FROM_FIRST 'a'
#define FROM_NOW 'n'

struct viewer {
    int fd; /* -1: free */
    bool has_asked;
    uint64_t position;
};

struct server {
    struct purlin session;
    struct console_server which;
    struct console_log log;
    int tty;
    int listener;
    bool gone; /* the domain: only its last words are waited for */
    bool end;
    struct viewer viewers[VIEWERS_MAX];
    char input[1024]; /* from viewers, not yet taken by the tty */
    size_t pending;
};

static void server_path(const struct console_server *which, const char *kind, char *path,
                        size_t size)
{
    snprintf(path, size, CONSOLE_SERVER_DIR "/console-%u-%s.%s", which->domid, which->type, kind);
}

static void drop(struct viewer *viewer)
{
    close(viewer->fd);
    viewer->fd = -1;
}

static void accept_viewer(struct server *s)
{
    int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    for (int i = 0; fd >= 0 && i < VIEWERS_MAX; i++) {
        if (s->viewers[i].fd >= 0)
            continue;
        s->viewers[i] = (struct viewer){.fd = fd};
        return;
    }
    if (fd >= 0)
        close(fd);
}

/* --- copying ------------------------------------------------------------------------------ */

static void read_tty(struct server *s)
{
    char text[4096];
    ssize_t n = read(s->tty, text, sizeof(text));

    if (n > 0)
        console_log_add(&s->log, text, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        s->end = true;
}

static void write_tty(struct server *s)
{
    ssize_t n = write(s->tty, s->input, s->pending);

    if (n <= 0)
        return;
    s->pending -= (size_t)n;
    memmove(s->input, s->input + n, s->pending);
}

static void read_wish(struct server *s, struct viewer *viewer)
{
    const char *text;
    size_t size;
    char wish;

    if (read(viewer->fd, &wish, 1) != 1) {
        drop(viewer);
        return;
    }
    viewer->has_asked = true;
    size = console_log_peek(&s->log, &viewer->position, &text);
    viewer->position += wish == FROM_NOW ? size : 0;
}

/* There must be room: reading nothing looks like its end. */
static void read_viewer(struct server *s, struct viewer *viewer)
{
    ssize_t n = read(viewer->fd, s->input + s->pending, sizeof(s->input) - s->pending);

    if (n > 0)
        s->pending += (size_t)n;
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        drop(viewer);
}

static void write_viewer(struct server *s, struct viewer *viewer)
{
    const char *text;
    size_t size = console_log_peek(&s->log, &viewer->position, &text);
    ssize_t n = size ? send(viewer->fd, text, size, MSG_NOSIGNAL) : 0;

    if (n > 0)
        viewer->position += (uint64_t)n;
    else if (n < 0 && errno != EAGAIN && errno != EINTR)
        drop(viewer);
}

static bool has_news(const struct server *s, const struct viewer *viewer)
{
    const char *text;
    uint64_t position = viewer->position;

    return viewer->fd >= 0 && viewer->has_asked &&
           console_log_peek(&s->log, &position, &text) > 0;
}

static void check_domain(struct server *s)
{
    char **event;

    while ((event = xs_check_watch(s->session.store.xs)) != NULL)
        free(event);
    s->gone = console_tty_is_gone(&s->session, s->which.domid);
}

enum { POLL_TTY, POLL_LISTENER, POLL_STORE, POLL_VIEWERS };

static void prepare(const struct server *s, struct pollfd *fds)
{
    bool room = s->pending < sizeof(s->input);

    fds[POLL_TTY] = (struct pollfd){s->tty, (short)(POLLIN | (s->pending ? POLLOUT : 0)), 0};
    fds[POLL_LISTENER] = (struct pollfd){s->listener, POLLIN, 0};
    fds[POLL_STORE] = (struct pollfd){s->gone ? -1 : xs_fileno(s->session.store.xs), POLLIN, 0};
    for (int i = 0; i < VIEWERS_MAX; i++) {
        const struct viewer *viewer = &s->viewers[i];

        fds[POLL_VIEWERS + i] = (struct pollfd){
            viewer->fd, (short)((room || !viewer->has_asked ? POLLIN : 0) |
                                (has_news(s, viewer) ? POLLOUT : 0)), 0};
    }
}

/* Who has left is not waited for: a guest that takes nothing may never take what it said. */
static void hear_viewer(struct server *s, struct viewer *viewer, short events)
{
    if (!viewer->has_asked)
        read_wish(s, viewer);
    else if (s->pending < sizeof(s->input))
        read_viewer(s, viewer);
    else if (events & (POLLHUP | POLLERR))
        drop(viewer);
}

static void work(struct server *s, const struct pollfd *fds)
{
    if (fds[POLL_TTY].revents & (POLLIN | POLLHUP | POLLERR))
        read_tty(s);
    if (fds[POLL_TTY].revents & POLLOUT)
        write_tty(s);
    if (fds[POLL_LISTENER].revents)
        accept_viewer(s);
    if (fds[POLL_STORE].revents & POLLIN)
        check_domain(s);
    else if (fds[POLL_STORE].revents)
        s->gone = true; /* xenstored has ended: nobody would tell */
    for (int i = 0; i < VIEWERS_MAX; i++) {
        short events = fds[POLL_VIEWERS + i].revents;

        if (s->viewers[i].fd >= 0 && events & POLLOUT)
            write_viewer(s, &s->viewers[i]);
        if (s->viewers[i].fd >= 0 && events & (POLLIN | POLLHUP | POLLERR))
            hear_viewer(s, &s->viewers[i], events);
    }
}

static bool anyone_behind(const struct server *s)
{
    for (int i = 0; i < VIEWERS_MAX; i++)
        if (has_news(s, &s->viewers[i]))
            return true;
    return false;
}

static void serve(struct server *s)
{
    struct pollfd fds[POLL_VIEWERS + VIEWERS_MAX];
    int count;

    while (!s->end) {
        prepare(s, fds);
        count = poll(fds, POLL_VIEWERS + VIEWERS_MAX, s->gone ? LAST_WORDS_MS : -1);
        if (count == 0)
            break;
        if (count > 0)
            work(s, fds);
    }
    s->tty = -1;
    while (anyone_behind(s)) {
        prepare(s, fds);
        if (poll(fds, POLL_VIEWERS + VIEWERS_MAX, LAST_WORDS_MS) <= 0)
            return;
        work(s, fds);
    }
}

/* --- starting ----------------------------------------------------------------------------- */

static int listen_at(const struct console_server *which)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    server_path(which, "sock", address.sun_path, sizeof(address.sun_path));
    unlink(address.sun_path);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
        chmod(address.sun_path, 0600) == 0 && listen(fd, VIEWERS_MAX) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* The grandchild of whoever started it. `ready` is closed when viewers can connect. */
static void run_server(const struct console_server *which, int ready)
{
    static struct server s;
    struct error err = {0};
    char path[108];

    s.which = *which;
    for (int i = 0; i < VIEWERS_MAX; i++)
        s.viewers[i].fd = -1;
    if (purlin_open(&s.session, &err))
        _exit(1);
    s.tty = console_tty_open(&s.session, which->domid, which->type, &err);
    s.listener = s.tty < 0 ? -1 : listen_at(which);
    if (s.listener < 0) {
        dprintf(ready, "%s", err.text[0] ? err.text : "cannot listen in " CONSOLE_SERVER_DIR);
        _exit(1);
    }
    xs_watch(s.session.store.xs, "@releaseDomain", WATCH_TOKEN);
    close(ready);
    serve(&s);
    server_path(which, "sock", path, sizeof(path));
    unlink(path);
    server_path(which, "lock", path, sizeof(path));
    unlink(path);
    _exit(0);
}

static void detach(const struct console_server *which, int ready)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    interrupt_leave();
    if (chdir("/") || null < 0)
        _exit(1);
    dup2(null, 0);
    dup2(null, 1);
    dup2(null, 2);
    ready = dup2(ready, 3);
    close_range(4, ~0u, 0);
    if (fork() == 0)
        run_server(which, ready);
    _exit(0);
}

/* Returns when it listens, or with what it said. */
static int start(const struct console_server *which, struct error *err)
{
    char text[512];
    size_t used = 0;
    int ready[2];
    ssize_t n;
    pid_t pid;

    if (pipe2(ready, O_CLOEXEC))
        return error_errno(err, "cannot start the console's server");
    fflush(NULL);
    pid = fork();
    if (pid == 0)
        detach(which, ready[1]);
    close(ready[1]);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    do {
        n = read(ready[0], text + used, sizeof(text) - 1 - used);
        used += n > 0 ? (size_t)n : 0;
    } while (n > 0 || (n < 0 && errno == EINTR));
    close(ready[0]);
    text[used] = '\0';
    return used ? error_set(err, ERROR_FAILED, "%s", text) : 0;
}

static int try_connect(const struct console_server *which)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    server_path(which, "sock", address.sun_path, sizeof(address.sun_path));
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
        send(fd, which->only_new ? (char[]){FROM_NOW} : (char[]){FROM_FIRST}, 1, MSG_NOSIGNAL) == 1)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

int console_server_connect(struct purlin *session, const struct console_server *which,
                           struct error *err)
{
    char path[108];
    int lock;
    int fd;
    int rc = 0;

    /* with this session, which Ctrl-C ends: there may be nothing to serve for long */
    rc = console_tty_wait(session, which->domid, which->type, err);
    if (rc)
        return rc;
    mkdir(CONSOLE_SERVER_DIR, 0755);
    server_path(which, "lock", path, sizeof(path));
    lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0 || flock(lock, LOCK_EX))
        rc = error_errno(err, "cannot lock %s", path);
    fd = rc ? -1 : try_connect(which);
    if (rc == 0 && fd < 0) {
        rc = start(which, err);
        fd = rc ? -1 : try_connect(which);
        if (rc == 0 && fd < 0)
            rc = error_set(err, ERROR_FAILED, "the console of domain %u has no server: is %s "
                           "writable?", which->domid, CONSOLE_SERVER_DIR);
    }
    if (lock >= 0)
        close(lock);
    return rc ? rc : fd;
}
