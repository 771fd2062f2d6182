/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Destroying a domain: what is cleared up when the hypervisor does it, and what stays when it does
 * not. Starting one that others may have started. The hypervisor, xenstore, devices and marks are
 * replaced by functions that record.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dom0/domain.c"

#define DOMID 7u

static struct {
    int pause;       /* what the hypervisor answers */
    int unpause;
    int destroy;
    int close;       /* and xenstore */
    bool is_there;   /* the domain, for the hypervisor */
    bool is_paused;
    bool is_marked;
    bool has_late_tty; /* xenconsoled writes where its terminal is, and unmaps then */
    bool is_home_there;
    bool has_back_ends;
    bool has_own_mark;
    bool has_waited_for_maker; /* with a mark of its own */
    bool maker_lives;
    unsigned closed, removed, forgotten, unrecorded, destroyed, waited;
} world;

static struct purlin session;

/* --- the hypervisor -------------------------------------------------------------------------- */
int domctl_pause(struct hyper *hyper, domid_t domid)
{
    (void)hyper;
    assert_int_equal(domid, DOMID);
    return world.is_there ? world.pause : -ESRCH;
}

int domctl_unpause(struct hyper *hyper, domid_t domid)
{
    (void)hyper;
    assert_int_equal(domid, DOMID);
    if (world.unpause)
        return world.unpause;
    if (!world.is_paused)
        return -EINVAL;
    world.is_paused = false;
    return 0;
}

int domctl_destroy(struct hyper *hyper, domid_t domid)
{
    (void)hyper;
    assert_int_equal(domid, DOMID);
    if (!world.is_there)
        return -ESRCH;
    if (world.destroy)
        return world.destroy;
    world.is_there = world.has_late_tty;
    world.destroyed++;
    return 0;
}

int domctl_info(struct hyper *hyper, domid_t domid, struct xen_domctl_getdomaininfo *info)
{
    (void)hyper;
    memset(info, 0, sizeof(*info));
    info->domain = domid;
    info->flags = world.is_paused ? XEN_DOMINF_paused : 0;
    if (world.destroyed && world.has_late_tty) {
        world.is_home_there = true;
        world.has_late_tty = world.is_there = false;
    }
    return world.is_there ? 0 : -ESRCH;
}

int domctl_next(struct hyper *hyper, domid_t first, struct xen_domctl_getdomaininfo *info)
{
    return domctl_info(hyper, first, info);
}

bool domctl_is_gone(struct hyper *hyper, domid_t domid)
{
    (void)hyper;
    (void)domid;
    return !world.is_there;
}

/* --- xenstore -------------------------------------------------------------------------------- */
char *store_read(struct store *store, const char *path, ...)
{
    (void)store;
    (void)path;
    return NULL;
}

bool store_exists(struct store *store, const char *path, ...)
{
    (void)store;
    (void)path;
    return false;
}

void store_remove(struct store *store, const char *path, ...)
{
    (void)store;
    world.forgotten += !world.is_home_there && world.forgotten == 0;
    if (strcmp(path, "/local/domain/%u") == 0)
        world.is_home_there = false;
}

void store_remove_up(struct store *store, const char *path, ...)
{
    (void)store;
    (void)path;
}

int store_transact(struct store *store, int (*body)(struct store *store, void *arg), void *arg,
                   const char *what, struct error *err)
{
    (void)what;
    (void)err;
    return body(store, arg);
}

int device_close_all(struct store *store, unsigned domid, struct error *err)
{
    (void)store;
    (void)domid;
    world.closed++;
    return world.close ? error_set(err, ERROR_FAILED, "xenstore is gone") : 0;
}

bool device_any(struct store *store, unsigned domid)
{
    (void)store;
    (void)domid;
    return world.has_back_ends;
}

int device_remove_all(struct store *store, unsigned domid, struct error *err)
{
    (void)store;
    (void)domid;
    (void)err;
    world.removed++;
    return 0;
}

struct loop *vbd_loops(struct store *store, unsigned domid)
{
    struct loop *loops = calloc(2, sizeof(*loops));

    (void)store;
    (void)domid;
    assert_true(world.closed > 0); /* none can be added any more */
    strcpy(loops[0].path, "/dev/loop3");
    return loops;
}

bool loop_wait_detached(const struct loop *loop, int limit_ms)
{
    (void)limit_ms;
    assert_string_equal(loop->path, "/dev/loop3");
    assert_true(world.has_waited_for_maker);
    world.waited++;
    return true;
}

/* --- marks and records ----------------------------------------------------------------------- */
int orphan_watch(uint32_t domid)
{
    (void)domid;
    world.has_own_mark = false; /* this try */
    return -1;
}

void orphan_wait(int fd, int limit_ms)
{
    (void)fd;
    (void)limit_ms;
    world.has_waited_for_maker = world.has_own_mark;
    if (world.maker_lives)
        world.is_marked = world.maker_lives = false;
}

int orphan_mark(uint32_t domid)
{
    (void)domid;
    world.has_own_mark = true;
    world.is_marked = true;
    return -1;
}

bool orphan_is_marked(uint32_t domid)
{
    (void)domid;
    return world.is_marked;
}

void orphan_forget(uint32_t domid)
{
    (void)domid;
    world.is_marked = false;
}

void record_remove(uint32_t domid)
{
    (void)domid;
    world.unrecorded++;
}

/* --------------------------------------------------------------------------------------------- */
static int up(void **state)
{
    (void)state;
    memset(&world, 0, sizeof(world));
    world.is_there = true;
    return 0;
}

static void all_is_cleared_up_of_one_that_is_destroyed(void **state)
{
    struct error err = {0};

    (void)state;
    assert_int_equal(domain_destroy(&session, DOMID, &err), 0);
    assert_int_equal(world.destroyed, 1);
    assert_int_equal(world.closed, 1);
    assert_int_equal(world.removed, 1);
    assert_int_equal(world.forgotten, 1);
    assert_int_equal(world.unrecorded, 1);
    assert_int_equal(world.waited, 1);
    assert_false(world.is_marked);
}

static void what_others_leave_of_one_is_cleared_up_when_it_is_gone(void **state)
{
    struct error err = {0};

    (void)state;
    world.has_back_ends = true;
    assert_int_equal(domain_clear_up(&session, DOMID, &err), 0);
    assert_int_equal(world.removed + world.unrecorded, 0);
    world.is_there = false;
    world.is_marked = world.maker_lives = true;
    assert_int_equal(domain_clear_up(&session, DOMID, &err), 0);
    assert_false(world.maker_lives);
    assert_int_equal(world.closed, 1);
    assert_int_equal(world.removed, 1);
    assert_int_equal(world.unrecorded, 1);
    world.has_back_ends = false;
    assert_int_equal(domain_clear_up(&session, DOMID, &err), 0);
    assert_int_equal(world.removed, 1);
    assert_int_equal(world.unrecorded, 2);
    world.is_marked = true; /* whoever destroyed it has died */
    assert_int_equal(domain_clear_up(&session, DOMID, &err), 0);
    assert_int_equal(world.removed, 2);
    assert_false(world.is_marked);
}

static void what_is_left_of_one_that_is_gone_is_cleared_up(void **state)
{
    struct error err = {0};

    (void)state;
    world.is_there = false;
    assert_int_equal(domain_destroy(&session, DOMID, &err), 0);
    assert_int_equal(world.closed, 1);
    assert_int_equal(world.forgotten, 1);
    assert_int_equal(world.unrecorded, 1);
    assert_false(world.is_marked);
}

static void what_xenconsoled_writes_late_does_not_stay(void **state)
{
    struct error err = {0};

    (void)state;
    world.has_late_tty = true;
    assert_int_equal(domain_destroy(&session, DOMID, &err), 0);
    assert_false(world.has_late_tty);
    assert_false(world.is_home_there);
}

static void nothing_is_touched_of_one_that_cannot_be_paused(void **state)
{
    struct error err = {0};

    (void)state;
    world.pause = -EPERM;
    assert_int_not_equal(domain_destroy(&session, DOMID, &err), 0);
    assert_non_null(strstr(err.text, "cannot destroy domain 7"));
    assert_int_equal(world.closed + world.destroyed + world.forgotten + world.unrecorded, 0);
    assert_false(world.is_marked);
    /* An orphan stays one. */
    world.is_marked = true;
    assert_int_not_equal(domain_destroy(&session, DOMID, &err), 0);
    assert_true(world.is_marked);
}

static void one_that_is_refused_is_known_still_and_a_second_try_works(void **state)
{
    struct error first = {0};
    struct error second = {0};

    (void)state;
    world.destroy = -ENOMEM;
    assert_int_not_equal(domain_destroy(&session, DOMID, &first), 0);
    assert_int_not_equal(domain_destroy(&session, DOMID, &second), 0);
    assert_string_equal(first.text, second.text);
    assert_int_equal(world.removed + world.forgotten + world.unrecorded, 0);
    assert_true(world.is_marked);
    world.destroy = 0;
    assert_int_equal(domain_destroy(&session, DOMID, &first), 0);
    assert_int_equal(world.forgotten, 1);
    assert_false(world.is_marked);
}

static void devices_that_cannot_be_closed_do_not_save_it(void **state)
{
    struct error err = {0};

    (void)state;
    world.close = -EIO;
    assert_int_not_equal(domain_destroy(&session, DOMID, &err), 0);
    assert_string_equal(err.text, "xenstore is gone");
    assert_int_equal(world.destroyed, 1);
    assert_int_equal(world.forgotten, 1);
    assert_false(world.is_marked);
}

static void one_that_others_have_started_runs(void **state)
{
    struct error err = {0};

    (void)state;
    world.is_paused = true;
    assert_int_equal(domain_start(&session, DOMID, &err), 0);
    assert_false(world.is_paused);
    assert_int_equal(domain_start(&session, DOMID, &err), 0);
    assert_int_equal(err.kind, ERROR_NONE);
}

static void one_that_stays_paused_or_is_gone_has_not_started(void **state)
{
    struct error first = {0};
    struct error second = {0};

    (void)state;
    world.is_paused = true;
    world.unpause = -EPERM;
    assert_int_equal(domain_start(&session, DOMID, &first), -EPERM);
    assert_non_null(strstr(first.text, "cannot unpause domain 7"));
    world.is_there = false;
    world.unpause = -ESRCH;
    assert_int_not_equal(domain_start(&session, DOMID, &second), 0);
    assert_int_equal(second.kind, ERROR_NOT_FOUND);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(all_is_cleared_up_of_one_that_is_destroyed, up),
        cmocka_unit_test_setup(what_others_leave_of_one_is_cleared_up_when_it_is_gone, up),
        cmocka_unit_test_setup(what_is_left_of_one_that_is_gone_is_cleared_up, up),
        cmocka_unit_test_setup(what_xenconsoled_writes_late_does_not_stay, up),
        cmocka_unit_test_setup(nothing_is_touched_of_one_that_cannot_be_paused, up),
        cmocka_unit_test_setup(one_that_is_refused_is_known_still_and_a_second_try_works, up),
        cmocka_unit_test_setup(devices_that_cannot_be_closed_do_not_save_it, up),
        cmocka_unit_test_setup(one_that_others_have_started_runs, up),
        cmocka_unit_test_setup(one_that_stays_paused_or_is_gone_has_not_started, up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
