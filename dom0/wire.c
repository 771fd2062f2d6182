/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Requests and answers on xenstored's socket. Owns the order: xenstored answers a connection's
 * requests one after the other, so an answer with another identifier than the next is the end of
 * the connection. Refuses to know paths and permissions.
 */
#include "dom0/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ID_STEP 2u
#define ID_MAY_BE_MISSING 1u /* in an identifier: the answer carries it back */
#define READ_SIZE 8192u

static int lose(struct wire *wire)
{
    if (wire->fd >= 0)
        close(wire->fd);
    wire->fd = -1;
    return -ECONNRESET;
}

int wire_open(struct wire *wire, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int rc;

    memset(wire, 0, sizeof(*wire));
    wire->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (wire->fd < 0)
        return -errno;
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (connect(wire->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return 0;
    rc = -errno;
    lose(wire);
    return rc;
}

void wire_close(struct wire *wire)
{
    lose(wire);
    free(wire->out.data);
    free(wire->in.data);
    memset(wire, 0, sizeof(*wire));
    wire->fd = -1;
}

static bool reserve(struct wire_buffer *buffer, size_t size)
{
    size_t room = buffer->room ? buffer->room : READ_SIZE;
    char *bigger;

    while (room - buffer->used < size)
        room *= 2;
    if (room == buffer->room)
        return true;
    bigger = realloc(buffer->data, room);
    if (!bigger)
        return false;
    buffer->data = bigger;
    buffer->room = room;
    return true;
}

static void append(struct wire_buffer *buffer, const void *data, size_t size)
{
    memcpy(buffer->data + buffer->used, data, size);
    buffer->used += size;
}

static int queue(struct wire *wire, const struct wire_request *request)
{
    struct xsd_sockmsg header = {.type = request->type, .tx_id = request->transaction};
    size_t size = 0;

    for (size_t i = 0; i < WIRE_PARTS_MAX; i++)
        size += request->parts[i].size;
    if (wire->fd < 0)
        return -ECONNRESET;
    if (size > XENSTORE_PAYLOAD_MAX)
        return -E2BIG;
    if (!reserve(&wire->out, sizeof(header) + size))
        return -ENOMEM;
    wire->last_id += ID_STEP;
    header.req_id = wire->last_id | (request->may_be_missing ? ID_MAY_BE_MISSING : 0);
    header.len = (uint32_t)size;
    append(&wire->out, &header, sizeof(header));
    for (size_t i = 0; i < WIRE_PARTS_MAX; i++)
        if (request->parts[i].size)
            append(&wire->out, request->parts[i].data, request->parts[i].size);
    return 0;
}

/* xenstored never waits for us to read before it reads on: a whole queue can be sent first. */
static int send_queue(struct wire *wire)
{
    size_t sent = 0;

    while (wire->fd >= 0 && sent < wire->out.used) {
        ssize_t n = send(wire->fd, wire->out.data + sent, wire->out.used - sent, MSG_NOSIGNAL);

        if (n > 0)
            sent += (size_t)n;
        else if (n == 0 || errno != EINTR)
            lose(wire);
    }
    wire->out.used = 0;
    return wire->fd < 0 ? -ECONNRESET : 0;
}

/* 1: some bytes came; 0: none are there (with MSG_DONTWAIT); negative: lost. */
static int receive(struct wire *wire, int flags)
{
    ssize_t n = -1;

    if (wire->fd < 0 || !reserve(&wire->in, READ_SIZE))
        return lose(wire);
    do
        n = recv(wire->fd, wire->in.data + wire->in.used, wire->in.room - wire->in.used, flags);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN)
        return 0;
    if (n <= 0)
        return lose(wire);
    wire->in.used += (size_t)n;
    return 1;
}

/* The size of the first message with its header, or 0 when it is not whole. */
static size_t first_message(struct wire *wire, struct xsd_sockmsg *header)
{
    if (wire->in.used < sizeof(*header))
        return 0;
    memcpy(header, wire->in.data, sizeof(*header));
    if (header->len > XENSTORE_PAYLOAD_MAX)
        lose(wire);
    return wire->in.used < sizeof(*header) + header->len ? 0 : sizeof(*header) + header->len;
}

static void drop_first(struct wire *wire, size_t size)
{
    wire->in.used -= size;
    memmove(wire->in.data, wire->in.data + size, wire->in.used);
}

/* Drops the watch events in front; the size of the answer behind them, or 0. */
static size_t skip_events(struct wire *wire, struct xsd_sockmsg *header)
{
    size_t size;

    while ((size = first_message(wire, header)) != 0 && header->type == XS_WATCH_EVENT) {
        wire->has_events = true;
        drop_first(wire, size);
    }
    return size;
}

static int error_number(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++)
        if (size > strlen(xsd_errors[i].errstring) &&
            strcmp(name, xsd_errors[i].errstring) == 0)
            return xsd_errors[i].errnum;
    return EINVAL;
}

/* The next answer, at the beginning of wire->in: its header, and 0 or the -errno that it says. */
static int next_answer(struct wire *wire, struct xsd_sockmsg *header)
{
    size_t size;

    while ((size = skip_events(wire, header)) == 0)
        if (receive(wire, 0) < 0)
            return -ECONNRESET;
    wire->answered += ID_STEP;
    if ((header->req_id & ~ID_MAY_BE_MISSING) != wire->answered)
        return lose(wire);
    if (header->type != XS_ERROR)
        return 0;
    return -error_number(wire->in.data + sizeof(*header), header->len);
}

/* Takes the answers to all requests before `id`. */
static int take_posted(struct wire *wire, uint32_t id)
{
    struct xsd_sockmsg header;
    int rc = send_queue(wire);

    while (rc == 0 && wire->answered != id - ID_STEP) {
        int answer = next_answer(wire, &header);

        if (wire->fd < 0)
            return -ECONNRESET;
        if (answer == -ENOENT && header.req_id & ID_MAY_BE_MISSING)
            answer = 0;
        if (answer && !wire->failed)
            wire->failed = -answer;
        drop_first(wire, sizeof(header) + header.len);
    }
    return rc;
}

void wire_post(struct wire *wire, const struct wire_request *request)
{
    int rc = queue(wire, request);

    if (rc && !wire->failed)
        wire->failed = -rc;
}

int wire_settle(struct wire *wire)
{
    int rc = take_posted(wire, wire->last_id + ID_STEP);

    if (rc == 0)
        rc = -wire->failed;
    wire->failed = 0;
    return rc;
}

int wire_call(struct wire *wire, const struct wire_request *request, char **text, size_t *size)
{
    struct xsd_sockmsg header;
    int rc = queue(wire, request);

    *text = NULL;
    if (rc == 0)
        rc = take_posted(wire, wire->last_id);
    if (rc)
        return rc;
    rc = next_answer(wire, &header);
    if (wire->fd < 0)
        return -ECONNRESET;
    if (rc == 0) {
        *text = calloc(1, header.len + 1);
        *size = header.len;
        if (*text)
            memcpy(*text, wire->in.data + sizeof(header), header.len);
        rc = *text ? 0 : -ENOMEM;
    }
    drop_first(wire, sizeof(header) + header.len);
    return rc;
}

bool wire_take_events(struct wire *wire)
{
    struct xsd_sockmsg header;
    bool came;

    while (receive(wire, MSG_DONTWAIT) > 0)
        continue;
    skip_events(wire, &header);
    came = wire->has_events;
    wire->has_events = false;
    return came;
}
