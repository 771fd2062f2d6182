/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A connection to xenstored by its wire protocol (xen/io/xs_wire.h), for requests in a row: those
 * whose answer nobody needs at once are posted and travel together. libxenstore waits for each, and
 * once something is watched a thread of its own takes every answer first. One thread uses one
 * struct wire.
 */
#ifndef DOM0_WIRE_H
#define DOM0_WIRE_H

#include <errno.h> /* xs_wire.h names the errors that it knows */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/io/xs_wire.h>

#define WIRE_PARTS_MAX 3

struct wire_buffer {
    char *data;
    size_t used;
    size_t room;
};

struct wire {
    int fd;                 /* -1: not connected, or the connection is lost */
    uint32_t last_id;       /* of the last request */
    uint32_t answered;      /* identifier of the last answer; the requests after it are under way */
    int failed;             /* first errno among the answers to posted requests */
    bool has_events;        /* watch events have come since wire_take_events() */
    struct wire_buffer out; /* posted, not sent */
    struct wire_buffer in;  /* the beginning of an answer */
};

struct wire_request {
    uint32_t type; /* enum xsd_sockmsg_type */
    uint32_t transaction;
    bool may_be_missing; /* posted: ENOENT is as good as success */
    struct {
        const void *data;
        size_t size;
    } parts[WIRE_PARTS_MAX]; /* the payload, end to end; size 0 ends the list */
};

/* Connects to the daemon's socket. 0 or -errno. */
int wire_open(struct wire *wire, const char *path);
void wire_close(struct wire *wire);

/* Queues a request. What it leads to, wire_settle() tells. */
void wire_post(struct wire *wire, const struct wire_request *request);

/* Sends what is queued and waits for all answers. 0, or the first failure of a posted request since
 * the last call as -errno; -ECONNRESET when the connection is lost. */
int wire_settle(struct wire *wire);

/* Sends a request after all that is queued and waits for its answer: 0 and a heap block (*text) of
 * *size bytes with a NUL behind them, or -errno. Failures of posted requests are left for
 * wire_settle(). */
int wire_call(struct wire *wire, const struct wire_request *request, char **text, size_t *size);

/* Takes the watch events that have come. Have there been any since the last call? To be asked
 * before one waits for the descriptor: an event may have come among answers. */
bool wire_take_events(struct wire *wire);

#endif
