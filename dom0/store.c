/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The client side of xenstore: what its requests say. Owns the connection. Refuses to know what the
 * paths mean. One thread uses one struct store.
 */
#include "dom0/store.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dom0/interrupt.h"

#define SOCKET "/var/run/xenstored/socket"
#define OVERTAKEN_LIMIT 16
#define WATCH_TOKEN "purlin"
#define TEXT(text) {(text), strlen(text) + 1}

/* Formats the path argument of the calling variadic function into `path`. */
#define FORMAT_PATH(path, format)                                                                  \
    do {                                                                                           \
        va_list args_;                                                                             \
        va_start(args_, format);                                                                   \
        vsnprintf(path, sizeof(path), format, args_);                                              \
        va_end(args_);                                                                             \
    } while (0)

int store_open(struct store *store, struct error *err)
{
    const char *path = getenv("XENSTORED_PATH");
    int rc;

    memset(store, 0, sizeof(*store));
    rc = wire_open(&store->wire, path ? path : SOCKET);
    if (rc == 0)
        return 0;
    return error_set(err, ERROR_UNAVAILABLE, "cannot reach xenstored (%s): is it running, and are "
                     "you root?", strerror(-rc));
}

void store_close(struct store *store)
{
    wire_close(&store->wire);
}

/* A request about one path. The answer as a heap string of *size bytes, or NULL and errno. */
static char *ask(struct store *store, uint32_t type, const char *path, size_t *size)
{
    struct wire_request request = {.type = type, .transaction = store->transaction,
                                   .parts = {TEXT(path)}};
    char *text;
    int rc = wire_call(&store->wire, &request, &text, size);

    errno = -rc;
    return text;
}

static char *read_path(struct store *store, const char *path)
{
    size_t size;

    return ask(store, XS_READ, path, &size);
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

/* An array of pointers with the strings behind it, which `text` holds end to end. */
static char **split(const char *text, size_t size, unsigned *count)
{
    unsigned n = 0;
    char **names;
    char *at;

    for (size_t i = 0; i < size; i++)
        n += text[i] == '\0';
    names = n ? malloc(n * sizeof(*names) + size) : NULL;
    if (!names)
        return NULL;
    at = memcpy(names + n, text, size);
    for (unsigned i = 0; i < n; i++, at += strlen(at) + 1)
        names[i] = at;
    *count = n;
    return names;
}

/* A list too long for one answer comes in parts: a generation number, then names; an empty name
 * ends it. Of two generations nothing fits together. */
struct listing {
    char *names;
    size_t size;
    char generation[24];
    bool whole;
};

static int add_part(struct listing *all, const char *part, size_t size)
{
    size_t skip = strlen(part) + 1;
    char *bigger = size > skip ? realloc(all->names, all->size + size - skip) : NULL;

    if (!bigger)
        return -ENOMEM;
    all->names = bigger;
    memcpy(bigger + all->size, part + skip, size - skip);
    all->size += size - skip;
    snprintf(all->generation, sizeof(all->generation), "%s", part);
    all->whole = bigger[all->size - 1] == '\0' &&
                 (all->size == 1 || bigger[all->size - 2] == '\0');
    all->size -= all->whole;
    return 0;
}

static char *list_parts(struct store *store, const char *path, size_t *size)
{
    struct listing all = {0};
    int rc = 0;

    while (rc == 0 && !all.whole) {
        char offset[24];
        struct wire_request request = {.type = XS_DIRECTORY_PART,
                                       .transaction = store->transaction,
                                       .parts = {TEXT(path), {offset, 0}}};
        size_t got;
        char *part;

        request.parts[1].size = (size_t)snprintf(offset, sizeof(offset), "%zu", all.size) + 1;
        rc = wire_call(&store->wire, &request, &part, &got);
        if (rc == 0 && all.size && strcmp(part, all.generation))
            all.size = 0;
        else if (rc == 0)
            rc = add_part(&all, part, got);
        free(part);
    }
    *size = all.size;
    if (rc == 0)
        return all.names;
    free(all.names);
    return NULL;
}

static char **list_path(struct store *store, const char *path, unsigned *count)
{
    size_t size;
    char *text = ask(store, XS_DIRECTORY, path, &size);
    char **names = NULL;

    *count = 0;
    if (!text && errno == E2BIG)
        text = list_parts(store, path, &size);
    if (text)
        names = split(text, size, count);
    free(text);
    return names;
}

char **store_list(struct store *store, unsigned *count, const char *path, ...)
{
    char full[STORE_PATH_MAX];

    FORMAT_PATH(full, path);
    return list_path(store, full, count);
}

/* Posted in a transaction; outside, done. */
static void change(struct store *store, struct wire_request *request)
{
    int rc;

    request->transaction = store->transaction;
    wire_post(&store->wire, request);
    if (store->transaction)
        return;
    rc = wire_settle(&store->wire);
    if (rc && !store->failed)
        store->failed = -rc;
}

static void write_path(struct store *store, const char *path, const char *value)
{
    struct wire_request request = {.type = XS_WRITE,
                                   .parts = {TEXT(path), {value, strlen(value)}}};

    change(store, &request);
}

void store_write(struct store *store, const char *value, const char *path, ...)
{
    char full[STORE_PATH_MAX];

    FORMAT_PATH(full, path);
    write_path(store, full, value);
}

void store_write_number(struct store *store, uint64_t value, const char *path, ...)
{
    char full[STORE_PATH_MAX];
    char text[24];

    FORMAT_PATH(full, path);
    snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    write_path(store, full, text);
}

/* Of a node, the first permission names the owner and what all others may; the second, what one
 * domain may (docs/misc/xenstore.txt, SET_PERMS). */
void store_node(struct store *store, unsigned domid, enum store_access access, const char *path,
                ...)
{
    bool owns = access == STORE_OWNED || access == STORE_FRONTEND;
    struct wire_request request = {.type = XS_MKDIR};
    char full[STORE_PATH_MAX];
    char owner[16];
    char reader[16];

    FORMAT_PATH(full, path);
    request.parts[0].data = full;
    request.parts[0].size = strlen(full) + 1;
    change(store, &request);
    request.type = XS_SET_PERMS;
    request.parts[1].data = owner;
    request.parts[1].size = (size_t)snprintf(owner, sizeof(owner), "n%u", owns ? domid : 0) + 1;
    if (access == STORE_READABLE || access == STORE_FRONTEND) {
        request.parts[2].data = reader;
        request.parts[2].size = (size_t)snprintf(reader, sizeof(reader), "r%u",
                                                 owns ? 0 : domid) + 1;
    }
    change(store, &request);
}

static void remove_path(struct store *store, const char *path)
{
    struct wire_request request = {.type = XS_RM, .may_be_missing = true, .parts = {TEXT(path)}};

    change(store, &request);
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
    while (children == 0) {
        char *slash = strrchr(full, '/');

        remove_path(store, full);
        if (!slash || slash == full)
            return;
        *slash = '\0';
        free(list_path(store, full, &children));
    }
}

/* xenstored (C) gives a transaction no snapshot: one that reads a node, and the node's parent after
 * another has committed its removal, gets EIO. Its store is sound: beginning again sees all of the
 * other's work. Each time another has moved on; the limit is for a store that is not sound. EAGAIN
 * is the plain collision, told at the end. */
static bool is_overtaken(int failed, unsigned *tries)
{
    return failed == -EAGAIN || (failed == -EIO && ++*tries < OVERTAKEN_LIMIT);
}

static int begin(struct store *store)
{
    size_t size;
    char *text = ask(store, XS_TRANSACTION_START, "", &size);

    store->transaction = text ? (uint32_t)strtoul(text, NULL, 10) : 0;
    free(text);
    return store->transaction ? 0 : -EIO;
}

static int end(struct store *store, bool commit)
{
    int failed = wire_settle(&store->wire);
    size_t size;
    char *text = ask(store, XS_TRANSACTION_END, commit && !failed ? "T" : "F", &size);
    int rc = text ? failed : -errno;

    free(text);
    store->transaction = 0;
    return failed ? failed : rc;
}

int store_transact(struct store *store, int (*body)(struct store *store, void *arg), void *arg,
                   const char *what, struct error *err)
{
    unsigned tries = 0;
    int failed;

    do {
        int rc;

        if (begin(store))
            return error_errno(err, "%s: no xenstore transaction", what);
        rc = body(store, arg);
        failed = end(store, rc == 0);
        if (rc)
            return rc;
    } while (is_overtaken(failed, &tries));
    errno = -failed;
    return failed ? error_errno(err, "%s: xenstore refused a write", what) : 0;
}

int store_introduce(struct store *store, unsigned domid, uint64_t gfn, unsigned port)
{
    struct wire_request request = {.type = XS_INTRODUCE};
    char text[3][24];

    snprintf(text[0], sizeof(text[0]), "%u", domid);
    snprintf(text[1], sizeof(text[1]), "%llu", (unsigned long long)gfn);
    snprintf(text[2], sizeof(text[2]), "%u", port);
    for (unsigned i = 0; i < 3; i++) {
        request.parts[i].data = text[i];
        request.parts[i].size = strlen(text[i]) + 1;
    }
    wire_post(&store->wire, &request);
    return wire_settle(&store->wire);
}

static void post_watch(struct store *store, uint32_t type, const char *path)
{
    struct wire_request request = {.type = type, .parts = {TEXT(path), TEXT(WATCH_TOKEN)}};

    wire_post(&store->wire, &request);
}

int store_watch(struct store *store, const char *path)
{
    post_watch(store, XS_WATCH, path);
    return wire_settle(&store->wire);
}

bool store_has_changed(struct store *store)
{
    return wire_take_events(&store->wire);
}

int store_fd(const struct store *store)
{
    return store->wire.fd;
}

static int64_t now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Sleeps until there is an event. */
static int wait_for_change(struct store *store, const struct store_wait *wait, int64_t deadline)
{
    bool changed = false;

    while (!changed) {
        int64_t left = wait->limit_ms ? deadline - now_ms() : -1;
        struct pollfd fds[3] = {
            {.fd = wait->fd, .events = POLLIN},
            {.fd = wait->interruptible ? interrupt_fd() : -1, .events = POLLIN},
            {.events = POLLIN},
        };

        changed = store_has_changed(store);
        fds[2].fd = store_fd(store);
        if (fds[2].fd < 0)
            return -ECONNRESET;
        if (wait->limit_ms && left <= 0)
            return -ETIMEDOUT;
        if (poll(fds, 3, changed ? 0 : (int)left) < 0 && errno != EINTR)
            return -errno;
        if (fds[1].revents)
            return -EINTR;
        if (fds[0].revents)
            return -EPIPE;
    }
    return 0;
}

static int wait_loop(struct store *store, const struct store_wait *wait)
{
    int64_t deadline = now_ms() + wait->limit_ms;

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
    int rc;

    for (unsigned i = 0; i < wait->path_count; i++)
        post_watch(store, XS_WATCH, wait->paths[i]);
    rc = wire_settle(&store->wire);
    store_has_changed(store); /* a watch begins with an event */
    if (rc == 0)
        rc = wait_loop(store, wait);
    for (unsigned i = 0; i < wait->path_count; i++)
        post_watch(store, XS_UNWATCH, wait->paths[i]);
    wire_settle(&store->wire);
    store_has_changed(store);
    return rc;
}
