/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A guest that is to end for good, and one of which that was interrupted. Domains and their answers
 * are replaced by a table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dom0/record.h"
#undef RECORD_DIR
#define RECORD_DIR "/tmp/purlin-autostop-test"
#define ignore record_ignore
#include "dom0/record.c"
#undef ignore
#include "dom0/cmd_autostop.c"

#define DOMID 7u
#define UUID "01000000-0000-0000-0000-000000000000"

static struct purlin session;
static struct domain domain;
static struct error err;
static enum error_kind answer; /* of the guest, when it is asked */
static bool is_accepted;       /* it is the end that is waited for */
static unsigned paused, unpaused, destroyed;
static enum config_action meanwhile; /* on_reboot in the record, when it is asked */

static enum config_action recorded(void)
{
    struct config config;
    enum config_action action;

    assert_true(record_load(&domain, &config));
    action = config.on_reboot;
    assert_int_equal(config.on_poweroff == CONFIG_DESTROY, action == CONFIG_DESTROY);
    config_free(&config);
    return action;
}

int control_request(struct purlin *s, const struct domain *d, enum domain_shutdown reason,
                    unsigned limit_s, struct error *e)
{
    (void)s, (void)d, (void)reason, (void)limit_s;
    meanwhile = recorded();
    return is_accepted || answer == ERROR_NONE ? 0 : error_set(e, answer, "not accepted");
}

int control_wait_end(struct purlin *s, const struct domain *d, struct control_end *end,
                     struct error *e)
{
    (void)s, (void)d;
    assert_int_equal(end->said_s, 1);
    end->gone = answer == ERROR_NONE;
    return end->gone ? 0 : error_set(e, answer, "not ended");
}

int domain_pause(struct purlin *s, uint32_t domid, struct error *e)
{
    (void)s, (void)domid, (void)e;
    paused++;
    return 0;
}

int domain_unpause_all(struct purlin *s, uint32_t domid, struct error *e)
{
    (void)s, (void)domid, (void)e;
    unpaused++;
    return 0;
}

int domain_destroy(struct purlin *s, uint32_t domid, struct error *e)
{
    (void)s, (void)domid, (void)e;
    destroyed++;
    return 0;
}

int domain_list(struct purlin *s, struct domain **domains, struct error *e)
{
    (void)s;
    *domains = NULL;
    return error_set(e, ERROR_FAILED, "not asked here");
}

void purlin_progress(struct purlin *s, const char *format, ...)
{
    (void)s, (void)format;
}

void purlin_close(struct purlin *s)
{
    (void)s;
}

__attribute__((noipa)) int cli_open(struct purlin *s)
{
    (void)s;
    return ERROR_UNAVAILABLE;
}

__attribute__((noipa)) int cli_fail(const struct error *e)
{
    return (int)e->kind;
}

void cli_show_progress(struct purlin *s, const char *prefix)
{
    (void)s, (void)prefix;
}

static int up(void **state)
{
    struct config_source source = {.path = RECORD_DIR "/source", .warn = ignore};
    struct config config;
    FILE *out;

    (void)state;
    memset(&err, 0, sizeof(err));
    domain = (struct domain){.domid = DOMID, .name = "web", .uuid = UUID, .cpu_time_ns = 1};
    answer = ERROR_NONE;
    is_accepted = false;
    paused = unpaused = destroyed = 0;
    if (system("rm -rf " RECORD_DIR) || mkdir(RECORD_DIR, 0755))
        return -1;
    out = fopen(source.path, "w");
    fputs("name='web'\nmemory=32\nkernel='/k'\nuuid='" UUID "'\non_poweroff='restart'\n", out);
    fclose(out);
    if (config_load(&config, &source, &err) || record_write(DOMID, &config, &err))
        return -1;
    config_free(&config);
    return 0;
}

static int down(void **state)
{
    (void)state;
    return system("rm -r " RECORD_DIR) == 0 ? 0 : -1;
}

static void a_guest_that_ends_is_not_restarted(void **state)
{
    (void)state;
    assert_int_equal(stop(&session, &domain, 1, &err), 0);
    assert_int_equal(meanwhile, CONFIG_DESTROY);
    assert_int_equal(unpaused + paused + destroyed, 0);
}

static void a_guest_that_does_not_end_is_destroyed(void **state)
{
    (void)state;
    domain.paused = true;
    answer = ERROR_FAILED;
    assert_int_equal(stop(&session, &domain, 1, &err), 0);
    assert_int_equal(recorded(), CONFIG_DESTROY);
    assert_int_equal(unpaused, 1);
    assert_int_equal(destroyed, 1);
}

static void an_interrupted_guest_is_as_it_was(void **state)
{
    (void)state;
    answer = ERROR_INTERRUPTED;
    assert_true(stop(&session, &domain, 1, &err) < 0);
    assert_int_equal(err.kind, ERROR_INTERRUPTED);
    assert_int_equal(meanwhile, CONFIG_DESTROY);
    assert_int_equal(recorded(), CONFIG_RESTART);
    assert_int_equal(paused, 0);
    memset(&err, 0, sizeof(err));
    domain.paused = is_accepted = true;
    assert_true(stop(&session, &domain, 1, &err) < 0);
    assert_int_equal(recorded(), CONFIG_RESTART);
    assert_int_equal(unpaused, 1);
    assert_int_equal(paused, 1);
    assert_int_equal(destroyed, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_guest_that_ends_is_not_restarted, up, down),
        cmocka_unit_test_setup_teardown(a_guest_that_does_not_end_is_destroyed, up, down),
        cmocka_unit_test_setup_teardown(an_interrupted_guest_is_as_it_was, up, down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
