/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Whose the nodes of a new domain are; and that what a failed making leaves below /vm is removed,
 * but not another domain's. Xenstore is replaced by nodes that inherit as its nodes do; it and the
 * hypervisor also by what they know of domain 5.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dom0/tree.c"

#define VM "/vm/01020304-0506-0708-090a-0b0c0d0e0f10"

static const char *vm_of_5;
static bool is_5_alive;
static char removed[STORE_PATH_MAX];

/* Who may use which node. */
static struct node {
    char path[STORE_PATH_MAX];
    enum store_access access;
} nodes[64];
static unsigned node_count;

int domctl_info(struct hyper *hyper, domid_t domid, struct xen_domctl_getdomaininfo *info)
{
    (void)hyper;
    (void)info;
    return domid == 5 && is_5_alive ? 0 : -ESRCH;
}

char *store_read(struct store *store, const char *path, ...)
{
    char text[STORE_PATH_MAX];
    va_list args;

    (void)store;
    va_start(args, path);
    vsnprintf(text, sizeof(text), path, args);
    va_end(args);
    return vm_of_5 && strcmp(text, "/local/domain/5/vm") == 0 ? strdup(vm_of_5) : NULL;
}

char **store_list(struct store *store, unsigned *count, const char *path, ...)
{
    static const char *const ids[] = {"0", "3", "5"};
    char **list = calloc(3, sizeof(*list));

    (void)store;
    assert_string_equal(path, "/local/domain");
    memcpy(list, ids, sizeof(ids));
    *count = 3;
    return list;
}

void store_remove_up(struct store *store, const char *path, ...)
{
    va_list args;

    (void)store;
    va_start(args, path);
    vsnprintf(removed, sizeof(removed), path, args);
    va_end(args);
}

int store_transact(struct store *store, int (*body)(struct store *store, void *arg), void *arg,
                   const char *what, struct error *err)
{
    (void)what;
    (void)err;
    return body(store, arg);
}

/* --- nodes that are made --------------------------------------------------------------------- */
static struct node *find_node(const char *path)
{
    for (unsigned i = 0; i < node_count; i++)
        if (strcmp(nodes[i].path, path) == 0)
            return &nodes[i];
    return NULL;
}

/* With its parents, which are made first, if need be. */
static struct node *make_node(const char *path)
{
    struct node *node = find_node(path);
    enum store_access access = STORE_PRIVATE;
    char parent[STORE_PATH_MAX];

    if (node)
        return node;
    snprintf(parent, sizeof(parent), "%s", path);
    *strrchr(parent, '/') = '\0';
    if (parent[0])
        access = make_node(parent)->access;
    assert_true(node_count < sizeof(nodes) / sizeof(nodes[0]));
    node = &nodes[node_count++];
    snprintf(node->path, sizeof(node->path), "%s", path);
    node->access = access;
    return node;
}

#define FORMAT(path, format) \
    do { \
        va_list args_; \
        va_start(args_, format); \
        vsnprintf(path, sizeof(path), format, args_); \
        va_end(args_); \
    } while (0)

void store_make(struct store *store, const char *path, ...)
{
    char full[STORE_PATH_MAX];

    (void)store;
    FORMAT(full, path);
    make_node(full);
}

void store_allow(struct store *store, unsigned domid, enum store_access access, const char *path,
                 ...)
{
    char full[STORE_PATH_MAX];

    (void)store;
    assert_int_equal(domid, 3);
    FORMAT(full, path);
    assert_non_null(find_node(full));
    find_node(full)->access = access;
}

void store_node(struct store *store, unsigned domid, enum store_access access, const char *path,
                ...)
{
    char full[STORE_PATH_MAX];

    (void)store;
    assert_int_equal(domid, 3);
    FORMAT(full, path);
    make_node(full)->access = access;
}

/* --- what a making alone calls --------------------------------------------------------------- */
void store_write(struct store *store, const char *value, const char *path, ...)
{
    (void)store;
    (void)value;
    (void)path;
}

void store_write_number(struct store *store, uint64_t value, const char *path, ...)
{
    (void)store;
    (void)value;
    (void)path;
}

void store_remove(struct store *store, const char *path, ...)
{
    (void)store;
    (void)path;
}

bool xs_introduce_domain(struct xs_handle *h, unsigned int domid, unsigned long mfn,
                         unsigned int eventchn)
{
    (void)h;
    (void)domid;
    (void)mfn;
    (void)eventchn;
    return false;
}

/* --- tests ------------------------------------------------------------------------------------ */
static const char *forget(const char *vm, bool is_alive)
{
    static struct purlin session;
    const struct config config = {.uuid = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
    const struct builder built = {.config = &config, .domid = 3};

    vm_of_5 = vm;
    is_5_alive = is_alive;
    removed[0] = '\0';
    tree_forget(&session, &built);
    return removed;
}

static void what_was_written_after_the_end_goes(void **state)
{
    (void)state;
    assert_string_equal(forget(NULL, true), VM);
    assert_string_equal(forget("/vm/another", true), VM);
    assert_string_equal(forget(VM, false), VM);
}

static void a_successor_keeps_what_it_has(void **state)
{
    (void)state;
    assert_string_equal(forget(VM, true), "");
}

static enum store_access access_of(const char *path)
{
    const struct node *node = find_node(path);

    if (!node)
        fail_msg("no node %s", path);
    return node->access;
}

/* The home, and each directory that is made only on the way to another, is for reading. */
static void the_guest_owns_what_it_writes_to_and_no_more(void **state)
{
    static const char *const owned[] = {
        "/h/device/suspend/event-channel", "/h/control/shutdown", "/h/control/feature-poweroff",
        "/h/control/feature-reboot", "/h/control/feature-suspend", "/h/control/sysrq", "/h/data",
        "/h/drivers", "/h/feature", "/h/attr", "/h/error",
    };
    unsigned readable = 0;

    (void)state;
    node_count = 0;
    store_node(NULL, 3, STORE_READABLE, "/h");
    tree_write_directories(NULL, 3, "/h");
    for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
        assert_int_equal(access_of(owned[i]), STORE_OWNED);
    for (unsigned i = 0; i < node_count; i++)
        readable += nodes[i].access == STORE_READABLE;
    assert_int_equal(readable, node_count - sizeof(owned) / sizeof(owned[0]));
    assert_int_equal(access_of("/h"), STORE_READABLE);
    assert_int_equal(access_of("/h/control"), STORE_READABLE);
    assert_int_equal(access_of("/h/device/suspend"), STORE_READABLE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_guest_owns_what_it_writes_to_and_no_more),
        cmocka_unit_test(what_was_written_after_the_end_goes),
        cmocka_unit_test(a_successor_keeps_what_it_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
