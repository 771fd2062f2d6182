/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Amounts of memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dom0/memsize.h"

static void units_are_those_that_people_write(void **state)
{
    static const struct {
        const char *text;
        uint64_t kib;
    } good[] = {
        {"512", 524288}, {"512m", 524288}, {"512M", 524288}, {"512MiB", 524288}, {"1g", 1048576},
        {"2GB", 2097152}, {"65536k", 65536}, {"1", 1024}, {"1024k", 1024}, {"1024g", 1ull << 30},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct error err = {0};
        uint64_t kib = 0;

        assert_int_equal(memsize_parse(good[i].text, &kib, &err), 0);
        assert_int_equal(kib, good[i].kib);
    }
}

static void nonsense_is_named(void **state)
{
    static const char *const bad[] = {"", "0", "m", "-5", "12x", "12mm", "1.5g", "1023k", "1025g",
                                      "99999999999999999999", " 12"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct error err = {0};
        uint64_t kib = 77;

        assert_int_not_equal(memsize_parse(bad[i], &kib, &err), 0);
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_int_equal(kib, 77);
        assert_non_null(strstr(err.text, bad[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_are_those_that_people_write),
        cmocka_unit_test(nonsense_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
