/* SPDX-License-Identifier: BSD-2-Clause
 *
 * libpurlin: domains on a Xen-compatible hypervisor, from Dom0. A session is the connection to the
 * hypervisor and to xenstored; every operation takes one. A session belongs to one thread and does
 * not survive fork(2).
 *
 *     struct purlin session;
 *     struct error err = {0};
 *     if (purlin_open(&session, &err) == 0 &&
 *         launch_domain(&session, &config, &options, &domid, &err) == 0)
 *         ...
 *     purlin_close(&session);
 */
#ifndef DOM0_PURLIN_H
#define DOM0_PURLIN_H

#include "dom0/error.h"
#include "dom0/hyper.h"
#include "dom0/store.h"

#define PURLIN_VERSION "0.1"

struct purlin {
    struct hyper hyper;
    struct store store;
    void (*progress)(void *arg, const char *text); /* what takes long; may be NULL */
    void *arg;
};

/* Connects to both. ERROR_UNAVAILABLE when that is impossible. */
int purlin_open(struct purlin *session, struct error *err);
void purlin_close(struct purlin *session);

/* Passes a line to the session's progress function. */
void purlin_progress(struct purlin *session, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
