/* SPDX-License-Identifier: BSD-2-Clause
 *
 * xenstored's wire protocol, with the test at the daemon's end of the socket: answers lie there
 * before they are asked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "dom0/wire.h"

#define FIRST_ID 2u
#define SECOND_ID 4u
#define THIRD_ID 6u
#define MAY_BE_MISSING 1u

struct pair {
    struct wire wire;
    int daemon;
};

static void connect_pair(struct pair *p)
{
    int ends[2];

    memset(p, 0, sizeof(*p));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    p->wire.fd = ends[0];
    p->daemon = ends[1];
}

static void end_pair(struct pair *p)
{
    wire_close(&p->wire);
    close(p->daemon);
}

static void answer(struct pair *p, uint32_t type, uint32_t id, const char *text)
{
    struct xsd_sockmsg header = {.type = type, .req_id = id, .len = (uint32_t)strlen(text) + 1};

    assert_int_equal(write(p->daemon, &header, sizeof(header)), sizeof(header));
    assert_int_equal(write(p->daemon, text, header.len), header.len);
}

static struct wire_request request(uint32_t type, const char *path)
{
    struct wire_request r = {.type = type, .transaction = 7, .parts = {{path, strlen(path) + 1}}};

    return r;
}

static void was_asked(struct pair *p, uint32_t type, uint32_t id, const char *text)
{
    struct xsd_sockmsg header;
    char got[64];

    assert_int_equal(recv(p->daemon, &header, sizeof(header), MSG_DONTWAIT), sizeof(header));
    assert_int_equal(header.type, type);
    assert_int_equal(header.req_id, id);
    assert_int_equal(header.tx_id, 7);
    assert_int_equal(header.len, strlen(text) + 1);
    assert_int_equal(recv(p->daemon, got, header.len, MSG_DONTWAIT), header.len);
    assert_string_equal(got, text);
}

static void nothing_was_asked(struct pair *p)
{
    char byte;

    assert_int_equal(recv(p->daemon, &byte, 1, MSG_DONTWAIT), -1);
}

static int call(struct pair *p, const char *path, const char *wanted)
{
    struct wire_request r = request(XS_READ, path);
    size_t size = 0;
    char *text;
    int rc = wire_call(&p->wire, &r, &text, &size);

    if (rc == 0) {
        assert_int_equal(size, strlen(wanted) + 1);
        assert_string_equal(text, wanted);
    } else {
        assert_null(text);
    }
    free(text);
    return rc;
}

static void post(struct pair *p, uint32_t type, const char *path, bool may_be_missing)
{
    struct wire_request r = request(type, path);

    r.may_be_missing = may_be_missing;
    wire_post(&p->wire, &r);
}

static void a_call_returns_its_answer(void **state)
{
    struct pair p;

    (void)state;
    connect_pair(&p);
    answer(&p, XS_READ, FIRST_ID, "Domain-0");
    assert_int_equal(call(&p, "/name", "Domain-0"), 0);
    was_asked(&p, XS_READ, FIRST_ID, "/name");
    answer(&p, XS_ERROR, SECOND_ID, "ENOENT");
    assert_int_equal(call(&p, "/other", ""), -ENOENT);
    answer(&p, XS_ERROR, THIRD_ID, "ENEWS");
    assert_int_equal(call(&p, "/third", ""), -EINVAL);
    end_pair(&p);
}

static void what_is_posted_goes_with_the_next_call(void **state)
{
    struct pair p;

    (void)state;
    connect_pair(&p);
    post(&p, XS_MKDIR, "/a", false);
    post(&p, XS_RM, "/b", false);
    nothing_was_asked(&p);
    answer(&p, XS_MKDIR, FIRST_ID, "OK");
    answer(&p, XS_RM, SECOND_ID, "OK");
    answer(&p, XS_READ, THIRD_ID, "value");
    assert_int_equal(call(&p, "/c", "value"), 0);
    was_asked(&p, XS_MKDIR, FIRST_ID, "/a");
    was_asked(&p, XS_RM, SECOND_ID, "/b");
    was_asked(&p, XS_READ, THIRD_ID, "/c");
    assert_int_equal(wire_settle(&p.wire), 0);
    end_pair(&p);
}

static void the_first_failure_is_told_once(void **state)
{
    struct pair p;

    (void)state;
    connect_pair(&p);
    post(&p, XS_MKDIR, "/a", false);
    post(&p, XS_MKDIR, "/b", false);
    answer(&p, XS_ERROR, FIRST_ID, "EACCES");
    answer(&p, XS_ERROR, SECOND_ID, "EIO");
    assert_int_equal(wire_settle(&p.wire), -EACCES);
    assert_int_equal(wire_settle(&p.wire), 0);
    /* nor does it make a call fail, which has an answer of its own */
    post(&p, XS_MKDIR, "/c", false);
    answer(&p, XS_ERROR, THIRD_ID, "EIO");
    answer(&p, XS_READ, THIRD_ID + 2, "value");
    assert_int_equal(call(&p, "/d", "value"), 0);
    assert_int_equal(wire_settle(&p.wire), -EIO);
    end_pair(&p);
}

static void a_node_to_remove_may_be_missing(void **state)
{
    struct pair p;

    (void)state;
    connect_pair(&p);
    post(&p, XS_RM, "/a", true);
    answer(&p, XS_ERROR, FIRST_ID | MAY_BE_MISSING, "ENOENT");
    assert_int_equal(wire_settle(&p.wire), 0);
    post(&p, XS_RM, "/a", true);
    answer(&p, XS_ERROR, SECOND_ID | MAY_BE_MISSING, "EACCES");
    assert_int_equal(wire_settle(&p.wire), -EACCES);
    end_pair(&p);
}

static void events_among_answers_are_not_lost(void **state)
{
    struct pair p;

    (void)state;
    connect_pair(&p);
    assert_false(wire_take_events(&p.wire));
    answer(&p, XS_WATCH_EVENT, 0, "@releaseDomain");
    answer(&p, XS_READ, FIRST_ID, "value");
    assert_int_equal(call(&p, "/a", "value"), 0);
    assert_true(wire_take_events(&p.wire));
    assert_false(wire_take_events(&p.wire));
    answer(&p, XS_WATCH_EVENT, 0, "/b");
    assert_true(wire_take_events(&p.wire));
    end_pair(&p);
}

static void half_an_event_is_none(void **state)
{
    const struct xsd_sockmsg header = {.type = XS_WATCH_EVENT, .len = 4};
    struct pair p;

    (void)state;
    connect_pair(&p);
    assert_int_equal(write(p.daemon, &header, 9), 9);
    assert_false(wire_take_events(&p.wire));
    assert_int_equal(write(p.daemon, (const char *)&header + 9, 7), 7);
    assert_int_equal(write(p.daemon, "/a", 3), 3);
    assert_false(wire_take_events(&p.wire));
    assert_int_equal(write(p.daemon, "", 1), 1);
    assert_true(wire_take_events(&p.wire));
    end_pair(&p);
}

static void is_lost(struct pair *p)
{
    assert_int_equal(call(p, "/a", ""), -ECONNRESET);
    assert_int_equal(p->wire.fd, -1);
    assert_int_equal(call(p, "/a", ""), -ECONNRESET);
    post(p, XS_MKDIR, "/a", false);
    assert_int_equal(wire_settle(&p->wire), -ECONNRESET);
    assert_false(wire_take_events(&p->wire));
    end_pair(p);
}

static void a_daemon_that_ends_or_errs_loses_the_connection(void **state)
{
    const struct xsd_sockmsg huge = {.type = XS_READ, .req_id = FIRST_ID,
                                     .len = XENSTORE_PAYLOAD_MAX + 1};
    struct pair p;

    (void)state;
    connect_pair(&p);
    shutdown(p.daemon, SHUT_RDWR);
    is_lost(&p);
    connect_pair(&p);
    answer(&p, XS_READ, SECOND_ID, "the answer to another question");
    is_lost(&p);
    connect_pair(&p);
    assert_int_equal(write(p.daemon, &huge, sizeof(huge)), sizeof(huge));
    is_lost(&p);
}

static void too_long_a_request_is_not_sent(void **state)
{
    static char path[XENSTORE_PAYLOAD_MAX + 1];
    struct pair p;

    (void)state;
    connect_pair(&p);
    memset(path, 'a', sizeof(path) - 1);
    assert_int_equal(call(&p, path, ""), -E2BIG);
    post(&p, XS_MKDIR, path, false);
    assert_int_equal(wire_settle(&p.wire), -E2BIG);
    nothing_was_asked(&p);
    answer(&p, XS_READ, FIRST_ID, "value");
    assert_int_equal(call(&p, "/a", "value"), 0);
    end_pair(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_returns_its_answer),
        cmocka_unit_test(what_is_posted_goes_with_the_next_call),
        cmocka_unit_test(the_first_failure_is_told_once),
        cmocka_unit_test(a_node_to_remove_may_be_missing),
        cmocka_unit_test(events_among_answers_are_not_lost),
        cmocka_unit_test(half_an_event_is_none),
        cmocka_unit_test(a_daemon_that_ends_or_errs_loses_the_connection),
        cmocka_unit_test(too_long_a_request_is_not_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
