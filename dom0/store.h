/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Xenstore: paths by format, transactions that repeat themselves, waiting by watches with a time
 * limit.
 */
#ifndef DOM0_STORE_H
#define DOM0_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <xenstore.h>

#include "dom0/error.h"

#define STORE_PATH_MAX 256

struct store {
    struct xs_handle *xs;
    struct xs_handle *watcher;    /* store_wait's: all answers of a handle that watches take the way
                                   * through a thread that the library gives it */
    xs_transaction_t transaction; /* XBT_NULL outside store_transact */
    int failed;                   /* first errno of a write in the running transaction */
};

/* Who may use a node, Dom0 apart. */
enum store_access {
    STORE_PRIVATE,  /* nobody */
    STORE_READABLE, /* the domain may read */
    STORE_OWNED,    /* the domain owns it */
    STORE_FRONTEND, /* the domain owns it, Dom0 is allowed to read */
};

int store_open(struct store *store, struct error *err);
void store_close(struct store *store);

/* Heap string, or NULL when the node does not exist. */
char *store_read(struct store *store, const char *path, ...)
    __attribute__((format(printf, 2, 3)));

/* A decimal number, or `missing` when there is none. */
int store_read_int(struct store *store, int missing, const char *path, ...)
    __attribute__((format(printf, 3, 4)));

bool store_exists(struct store *store, const char *path, ...)
    __attribute__((format(printf, 2, 3)));

/* Names of a node's children: heap array, one free(3) for all; NULL when there are none. */
char **store_list(struct store *store, unsigned *count, const char *path, ...)
    __attribute__((format(printf, 3, 4)));

/* Writes record their failure in the struct store; store_transact reports it. */
void store_write(struct store *store, const char *value, const char *path, ...)
    __attribute__((format(printf, 3, 4)));
void store_write_number(struct store *store, uint64_t value, const char *path, ...)
    __attribute__((format(printf, 3, 4)));

/* Makes a node, empty, with the access given; its later children inherit that. */
void store_node(struct store *store, unsigned domid, enum store_access access, const char *path,
                ...) __attribute__((format(printf, 4, 5)));
/* The two halves of that: a node with its parent's access, and an access for one that is there. */
void store_make(struct store *store, const char *path, ...)
    __attribute__((format(printf, 2, 3)));
void store_allow(struct store *store, unsigned domid, enum store_access access, const char *path,
                 ...) __attribute__((format(printf, 4, 5)));
void store_remove(struct store *store, const char *path, ...)
    __attribute__((format(printf, 2, 3)));

/* Removes a node, if it is there, then each parent that is left without children. Inside
 * store_transact only: a parent may get a child meanwhile. */
void store_remove_up(struct store *store, const char *path, ...)
    __attribute__((format(printf, 2, 3)));

/* Runs `body` in a transaction, again when it collided with another. `body` returns 0 to commit or
 * a negative errno, having set the error, to abandon. `what` is for the message. */
int store_transact(struct store *store, int (*body)(struct store *store, void *arg), void *arg,
                   const char *what, struct error *err);

/* Runs `body` without one: each of its writes is there at once, and nobody else may be looking.
 * Half as long: xenstored (C) looks, for each request of a transaction, through all nodes that it
 * has touched so far. */
int store_apply(struct store *store, int (*body)(struct store *store, void *arg), void *arg,
                const char *what, struct error *err);

struct store_wait {
    const char *const *paths; /* what is watched: nodes or whole trees */
    unsigned path_count;
    unsigned limit_ms;  /* 0: none */
    int fd;             /* also ends the wait when readable; -1: none */
    bool interruptible; /* a held signal ends the wait */
    /* Called first at once, then after every change: 1 done, 0 go on, negative: failed. */
    int (*done)(struct store *store, void *arg);
    void *arg;
};

/* The result of `done`; -ETIMEDOUT; -EINTR after a held signal; -EPIPE when fd became readable;
 * -ECONNRESET when xenstored went away. */
int store_wait(struct store *store, const struct store_wait *wait);

#endif
