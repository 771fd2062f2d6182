/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Removing a node with the parents that it leaves empty. The library is replaced by a few nodes.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dom0/store.c"

static const char *const all[] = {"/a", "/a/b", "/a/b/c", "/a/b/c/d", "/a/x"};
#define COUNT (sizeof(all) / sizeof(all[0]))

static bool is_there[COUNT];
static const char *mute; /* this node's children cannot be had */

static bool is_below(const char *path, const char *parent)
{
    size_t length = strlen(parent);

    return strncmp(path, parent, length) == 0 && path[length] == '/';
}

bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *path)
{
    bool found = false;

    (void)h;
    (void)t;
    for (size_t i = 0; i < COUNT; i++) {
        found = found || (is_there[i] && strcmp(all[i], path) == 0);
        if (strcmp(all[i], path) == 0 || is_below(all[i], path))
            is_there[i] = false;
    }
    errno = ENOENT;
    return found;
}

char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned *num)
{
    unsigned count = 0;

    (void)h;
    (void)t;
    errno = ENOMEM;
    if (mute && strcmp(path, mute) == 0)
        return NULL;
    for (size_t i = 0; i < COUNT; i++)
        count += is_there[i] && is_below(all[i], path) &&
                 !strchr(all[i] + strlen(path) + 1, '/');
    *num = count;
    return calloc(1, sizeof(char *));
}

/* --- what these tests do not use ------------------------------------------------------------- */
const char *xs_daemon_socket(void)
{
    return "/nowhere";
}

struct xs_handle *xs_open(unsigned long flags)
{
    (void)flags;
    return NULL;
}

void xs_close(struct xs_handle *h)
{
    (void)h;
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned *len)
{
    (void)h, (void)t, (void)path, (void)len;
    return NULL;
}

bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path, const void *data,
              unsigned len)
{
    (void)h, (void)t, (void)path, (void)data, (void)len;
    return false;
}

bool xs_mkdir(struct xs_handle *h, xs_transaction_t t, const char *path)
{
    (void)h, (void)t, (void)path;
    return false;
}

bool xs_set_permissions(struct xs_handle *h, xs_transaction_t t, const char *path,
                        struct xs_permissions *perms, unsigned count)
{
    (void)h, (void)t, (void)path, (void)perms, (void)count;
    return false;
}

xs_transaction_t xs_transaction_start(struct xs_handle *h)
{
    (void)h;
    return XBT_NULL;
}

bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort)
{
    (void)h, (void)t, (void)abort;
    return false;
}

bool xs_watch(struct xs_handle *h, const char *path, const char *token)
{
    (void)h, (void)path, (void)token;
    return false;
}

bool xs_unwatch(struct xs_handle *h, const char *path, const char *token)
{
    (void)h, (void)path, (void)token;
    return false;
}

char **xs_check_watch(struct xs_handle *h)
{
    (void)h;
    return NULL;
}

int xs_fileno(struct xs_handle *h)
{
    (void)h;
    return -1;
}

/* --- the tests ------------------------------------------------------------------------------- */
static int begin(void **state)
{
    (void)state;
    memset(is_there, true, sizeof(is_there));
    mute = NULL;
    return 0;
}

static void parents_that_are_left_empty_go_too(void **state)
{
    struct store store = {0};

    (void)state;
    store_remove_up(&store, "/a/b/c/%s", "d");
    assert_true(is_there[0]);
    assert_false(is_there[1] || is_there[2] || is_there[3]);
    assert_true(is_there[4]);
    assert_int_equal(store.failed, 0);
}

static void what_is_not_there_has_no_parents_to_remove(void **state)
{
    struct store store = {0};

    (void)state;
    store_remove_up(&store, "/a/b/none");
    for (size_t i = 0; i < COUNT; i++)
        assert_true(is_there[i]);
}

static void a_parent_stays_when_its_children_cannot_be_told(void **state)
{
    struct store store = {0};

    (void)state;
    mute = "/a";
    store_remove_up(&store, "/a/b");
    assert_true(is_there[0] && is_there[4]);
    assert_false(is_there[1]);
    begin(state);
    mute = "/a/b/c";
    store_remove_up(&store, "/a/b/c/d");
    assert_true(is_there[1] && is_there[2]);
    assert_false(is_there[3]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(parents_that_are_left_empty_go_too, begin),
        cmocka_unit_test_setup(what_is_not_there_has_no_parents_to_remove, begin),
        cmocka_unit_test_setup(a_parent_stays_when_its_children_cannot_be_told, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
