/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What is said of a domain that does not end in time, and of one that just does. Xenstore is
 * replaced by a wait without end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dom0/control.c"

static struct purlin session;
static int shutdown_gives;
static const struct domain domain = {.domid = 7, .name = "web"};

int store_wait(struct store *store, const struct store_wait *wait)
{
    (void)store, (void)wait;
    return -ETIMEDOUT;
}

char *store_read(struct store *store, const char *path, ...)
{
    (void)store, (void)path;
    return NULL;
}

bool store_exists(struct store *store, const char *path, ...)
{
    (void)store, (void)path;
    return false;
}

void store_write(struct store *store, const char *value, const char *path, ...)
{
    (void)store, (void)value, (void)path;
}

int store_transact(struct store *store, int (*body)(struct store *store, void *arg), void *arg,
                   const char *what, struct error *err)
{
    (void)what, (void)err;
    return body(store, arg);
}

int domain_get(struct purlin *s, uint32_t domid, struct domain *found, struct error *err)
{
    (void)s, (void)domid, (void)err;
    *found = domain;
    return 0;
}

int domain_check_home(struct purlin *s, uint32_t domid, struct error *err)
{
    (void)s, (void)domid, (void)err;
    return 0;
}

int domain_wait_gone(struct purlin *s, uint32_t domid, struct error *err)
{
    (void)s, (void)domid, (void)err;
    return 0;
}

int hyper_shutdown(struct hyper *hyper, domid_t domid, unsigned reason)
{
    (void)hyper, (void)domid, (void)reason;
    return shutdown_gives;
}

bool record_load(const struct domain *d, struct config *config)
{
    (void)d, (void)config;
    return false;
}

bool record_is_supervised(uint32_t domid)
{
    (void)domid;
    return false;
}

static void assert_said(unsigned limit_ms, unsigned said_s, const char *wanted)
{
    struct control_end end = {.limit_ms = limit_ms, .said_s = said_s};
    struct error err = {0};

    assert_int_equal(control_wait_end(&session, &domain, &end, &err), -ETIMEDOUT);
    if (!strstr(err.text, wanted))
        fail_msg("'%s' is not in '%s'", wanted, err.text);
}

static void the_limit_that_was_given_is_said(void **state)
{
    (void)state;
    assert_said(20000, 0, "has not ended within 20 s");
    assert_said(1, 60, "has not ended within 60 s"); /* accepting it took the rest */
}

/* The limit of shutdown -F, at the moment of the guest's own end. */
static void one_that_ended_meanwhile_needs_no_force(void **state)
{
    struct error err = {0};

    (void)state;
    shutdown_gives = -ESRCH;
    assert_int_equal(control_force(&session, &domain, DOMAIN_REBOOT, &err), 0);
    assert_int_equal(err.kind, 0);
    shutdown_gives = -EPERM;
    assert_int_not_equal(control_force(&session, &domain, DOMAIN_REBOOT, &err), 0);
    assert_non_null(strstr(err.text, "cannot shut web down"));
    shutdown_gives = 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_ended_meanwhile_needs_no_force),
        cmocka_unit_test(the_limit_that_was_given_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
