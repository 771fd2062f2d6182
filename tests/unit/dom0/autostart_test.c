/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which files of a directory are started, and in which order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dom0/autostart.h"
#include "tests/unit/dom0/test_dir.h"

static void configurations_come_in_the_order_of_their_names(void **state)
{
    static const char *const names[] = {"20-web.cfg", "10-db.cfg", ".cfg", ".x.cfg", "web.cfg~"};
    struct error err = {0};
    char **paths;

    (void)state;
    for (size_t i = 0; i < 5; i++)
        fclose(fopen(file(names[i]), "w"));
    assert_int_equal(autostart_list(dir, &paths, &err), 2);
    assert_string_equal(paths[0], file("10-db.cfg"));
    assert_string_equal(paths[1], file("20-web.cfg"));
    autostart_free(paths, 2);
    for (size_t i = 0; i < 5; i++)
        unlink(file(names[i]));
    assert_int_equal(autostart_list(dir, &paths, &err), 0);
    autostart_free(paths, 0);
}

static void a_directory_that_is_named_must_be_there(void **state)
{
    struct error err = {0};
    char **paths;
    int count;

    (void)state;
    assert_true(autostart_list("/nonexistent/auto", &paths, &err) < 0);
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.text, "/nonexistent/auto does not exist"));
    memset(&err, 0, sizeof(err));
    count = autostart_list(NULL, &paths, &err);
    assert_true(count >= 0);
    autostart_free(paths, (size_t)count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(configurations_come_in_the_order_of_their_names),
        cmocka_unit_test(a_directory_that_is_named_must_be_there),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
