/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The client side of xenstore. Owns the connection. Refuses to know what the paths mean. One thread
 * uses one struct store.
 */
#include "dom0/store.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "dom0/clock.h"
#include "dom0/interrupt.h"

/* Formats the path argument of the calling variadic function into `path`. */
#define OVERTAKEN_LIMIT 16
#define FORMAT_PATH(path, format)                                                                  \
    do {                                                                                           \
        va_list args_;                                                                             \
        va_start(args_, format);                                                                   \
        vsnprintf(path, sizeof(path), format, args_);                                              \
        va_end(args_);                                                                             \
    } while (0)

/* Is a daemon listening? Without one the library would turn to the kernel's ring and wait there for
 * ever. */
static bool daemon_listens(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool listens;
    int saved;

    if (fd < 0)
        return false;
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", xs_daemon_socket());
    listens = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
    saved = errno;
    close(fd);
    errno = saved;
    return listens;
}

static struct xs_handle *connect_daemon(void)
{
    return daemon_listens() ? xs_open(0) : NULL;
}

int store_open(struct store *store, struct error *err)
{
    memset(store, 0, sizeof(*store));
    store->xs = connect_daemon();
    if (store->xs)
        return 0;
    return error_set(err, ERROR_UNAVAILABLE, "cannot reach xenstored (%s): is it running, and are "
                     "you root?", strerror(errno));
}

void store_close(struct store *store)
{
    if (store->watcher)
        xs_close(store->watcher);
    if (store->xs)
        xs_close(store->xs);
    store->watcher = store->xs = NULL;
}

static char *read_path(struct store *store, const char *path)
{
    return xs_read(store->xs, store->transaction, path, NULL);
}

char *store_read(struct store *store, const char *path, ...)
{
    char full[STORE_PATH_MAX];

    FORMAT_PATH(full, path);
    return read_path(store, full);
}

int store_read_int(struct store *store, int missing, const char *path, ...)
{
    char full[STORE_PATH_MAX];
    char *text;
    char *end;
    int value = missing;

    FORMAT_PATH(full, path);
    text = read_path(store, full);
    if (text && *text) {
        long number = strtol(text, &end, 10);

        value = *end ? missing : (int)number;
    }
    free(text);
    return value;
}

bool store_exists(struct store *store, const char *path, ...)
{
    char full[STORE_PATH_MAX];
    char *text;

    FORMAT_PATH(full, path);
    text = read_path(store, full);
    free(text);
    return text != NULL;
}

char **store_list(struct store *store, unsigned *count, const char *path, ...)
{
    char full[STORE_PATH_MAX];
    char **names;

    FORMAT_PATH(full, path);
    *count = 0;
    names = xs_directory(store->xs, store->transaction, full, count);
    return names;
}

static void note(struct store *store, bool ok)
{
    if (!ok && !store->failed)
        store->failed = errno ? errno : EIO;
}

void store_write(struct store *store, const char *value, const char *path, ...)
{
    char full[STORE_PATH_MAX];

    FORMAT_PATH(full, path);
    note(store, xs_write(store->xs, store->transaction, full, value, (unsigned)strlen(value)));
}

void store_write_number(struct store *store, uint64_t value, const char *path, ...)
{
    char full[STORE_PATH_MAX];
    char text[24];
    int length = snprintf(text, sizeof(text), "%llu", (unsigned long long)value);

    FORMAT_PATH(full, path);
    note(store, xs_write(store->xs, store->transaction, full, text, (unsigned)length));
}

static void allow_path(struct store *store, unsigned domid, enum store_access access,
                       const char *path)
{
    struct xs_permissions perms[2] = {{.id = 0, .perms = XS_PERM_NONE}};
    unsigned count = 1;

    if (access == STORE_OWNED || access == STORE_FRONTEND)
        perms[0].id = domid;
    if (access == STORE_READABLE || access == STORE_FRONTEND) {
        perms[1].id = access == STORE_READABLE ? domid : 0;
        perms[1].perms = XS_PERM_READ;
        count = 2;
    }
    note(store, xs_set_permissions(store->xs, store->transaction, path, perms, count));
}

void store_make(struct store *store, const char *path, ...)
{
    char full[STORE_PATH_MAX];

    FORMAT_PATH(full, path);
    note(store, xs_mkdir(store->xs, store->transaction, full));
}

void store_allow(struct store *store, unsigned domid, enum store_access access, const char *path,
                 ...)
{
    char full[STORE_PATH_MAX];

    FORMAT_PATH(full, path);
    allow_path(store, domid, access, full);
}

void store_node(struct store *store, unsigned domid, enum store_access access, const char *path,
                ...)
{
    char full[STORE_PATH_MAX];

    FORMAT_PATH(full, path);
    note(store, xs_mkdir(store->xs, store->transaction, full));
    allow_path(store, domid, access, full);
}

/* Was it there? */
static bool remove_path(struct store *store, const char *path)
{
    bool was_there = xs_rm(store->xs, store->transaction, path);

    if (!was_there && errno != ENOENT)
        note(store, false);
    return was_there;
}

void store_remove(struct store *store, const char *path, ...)
{
    char full[STORE_PATH_MAX];

    FORMAT_PATH(full, path);
    remove_path(store, full);
}

void store_remove_up(struct store *store, const char *path, ...)
{
    char full[STORE_PATH_MAX];
    unsigned children = 0;

    FORMAT_PATH(full, path);
    while (children == 0 && remove_path(store, full)) {
        char *slash = strrchr(full, '/');

        if (!slash || slash == full)
            return;
        *slash = '\0';
        children = 1; /* no answer is no reason to remove more */
        free(xs_directory(store->xs, store->transaction, full, &children));
    }
}

/* xenstored (C) gives a transaction no snapshot: one that reads a node, and the node's parent after
 * another has committed its removal, gets EIO, and one that removes such a node EINVAL. Its store
 * is sound: beginning again sees all of the other's work. Each time another has moved on; the limit
 * is for a store that is not sound. */
static bool is_overtaken(const struct store *store, unsigned *tries)
{
    return (store->failed == EIO || store->failed == EINVAL) && ++*tries < OVERTAKEN_LIMIT;
}

/* A request is read, and its answer written, in pieces, and each piece would have this process run
 * at once, if only to wait for the next; not a batch process. Returns the policy so far. */
static int let_answers_come_whole(void)
{
    const struct sched_param none = {0};
    int policy = sched_getscheduler(0);

    if (policy == SCHED_OTHER)
        sched_setscheduler(0, SCHED_BATCH, &none);
    return policy;
}

static void go_on_as(int policy)
{
    const struct sched_param none = {0};

    if (policy == SCHED_OTHER)
        sched_setscheduler(0, SCHED_OTHER, &none);
}

static int transact(struct store *store, int (*body)(struct store *store, void *arg), void *arg,
                    const char *what, struct error *err)
{
    unsigned tries = 0;

    for (;;) {
        int rc;
        bool ended;

        store->failed = 0;
        store->transaction = xs_transaction_start(store->xs);
        if (store->transaction == XBT_NULL)
            return error_errno(err, "%s: no xenstore transaction", what);
        rc = body(store, arg);
        ended = xs_transaction_end(store->xs, store->transaction, rc || store->failed);
        store->transaction = XBT_NULL;
        if (rc)
            return rc;
        if (ended && !store->failed)
            return 0;
        if (is_overtaken(store, &tries) || (!ended && errno == EAGAIN && !store->failed))
            continue;
        errno = store->failed ? store->failed : errno;
        return error_errno(err, "%s: xenstore refused a write", what);
    }
}

int store_transact(struct store *store, int (*body)(struct store *store, void *arg), void *arg,
                   const char *what, struct error *err)
{
    int policy = let_answers_come_whole();
    int rc = transact(store, body, arg, what, err);

    go_on_as(policy);
    return rc;
}

int store_apply(struct store *store, int (*body)(struct store *store, void *arg), void *arg,
                const char *what, struct error *err)
{
    int policy = let_answers_come_whole();
    int rc;

    store->failed = 0;
    rc = body(store, arg);
    go_on_as(policy);
    if (rc || !store->failed)
        return rc;
    errno = store->failed;
    return error_errno(err, "%s: xenstore refused a write", what);
}

static void drain_watches(struct store *store)
{
    char **event;

    while ((event = xs_check_watch(store->watcher)) != NULL)
        free(event);
}

static int wait_for_change(struct store *store, const struct store_wait *wait, int64_t deadline)
{
    struct pollfd fds[3] = {
        {.fd = xs_fileno(store->watcher), .events = POLLIN},
        {.fd = wait->fd, .events = POLLIN},
        {.fd = wait->interruptible ? interrupt_fd() : -1, .events = POLLIN},
    };
    int64_t left = deadline - clock_ms();

    if (wait->limit_ms && left <= 0)
        return -ETIMEDOUT;
    if (left > INT_MAX) /* poll's longest; the caller looks again after it */
        left = INT_MAX;
    if (poll(fds, 3, wait->limit_ms ? (int)left : -1) < 0 && errno != EINTR)
        return -errno;
    if (fds[2].revents)
        return -EINTR;
    if (fds[1].revents)
        return -EPIPE;
    if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
        return -ECONNRESET;
    drain_watches(store);
    return 0;
}

static int wait_loop(struct store *store, const struct store_wait *wait)
{
    int64_t deadline = clock_ms() + wait->limit_ms;

    for (;;) {
        int rc = wait->done(store, wait->arg);

        if (rc)
            return rc;
        rc = wait_for_change(store, wait, deadline);
        if (rc)
            return rc;
    }
}

int store_wait(struct store *store, const struct store_wait *wait)
{
    char token[32];
    unsigned watched = 0;
    int rc = 0;

    if (!store->watcher)
        store->watcher = connect_daemon();
    if (!store->watcher)
        return -ECONNRESET;
    for (; watched < wait->path_count && rc == 0; watched++) {
        snprintf(token, sizeof(token), "wait%u", watched);
        if (!xs_watch(store->watcher, wait->paths[watched], token))
            rc = -errno;
    }
    if (rc == 0)
        rc = wait_loop(store, wait);
    while (watched-- > 0) {
        snprintf(token, sizeof(token), "wait%u", watched);
        xs_unwatch(store->watcher, wait->paths[watched], token);
    }
    drain_watches(store);
    return rc;
}
