/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Texts of errors: whatever a guest or a file has put into one, a terminal can show it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dom0/error.h"

static void check(const char *said, const char *wanted)
{
    struct error err = {0};

    assert_int_equal(error_set(&err, ERROR_FAILED, "%s", said), -EIO);
    assert_string_equal(err.text, wanted);
}

static void control_characters_are_replaced(void **state)
{
    (void)state;
    check("unknown fe protocol \x1b]0;x\a\x1b[2J", "unknown fe protocol ?]0;x??[2J");
    check("a\nb\tc\rd\x7f", "a?b?c?d?");
    check("\xc2\x9b" "2J", "??2J");
    check("\x9b" "2J", "?2J");
}

static void utf_8_stays(void **state)
{
    (void)state;
    check("/srv/gr\xc3\xb6\xc3\x9f" "e.img", "/srv/gr\xc3\xb6\xc3\x9f" "e.img");
    check("\xe2\x82\xac \xf0\x9f\x90\xa7 \xc2\xa0.", "\xe2\x82\xac \xf0\x9f\x90\xa7 \xc2\xa0.");
    check("cut \xe2\x82", "cut \xe2\x82");
    check("cut \xe2\n", "cut \xe2?");
}

static void so_with_errno_and_prefix(void **state)
{
    struct error err = {0};

    (void)state;
    errno = ENOENT;
    assert_int_equal(error_errno(&err, "cannot open %s", "a\x1b"), -ENOENT);
    error_prefix(&err, "b\x1b");
    assert_string_equal(err.text, "b?: cannot open a?: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_characters_are_replaced),
        cmocka_unit_test(utf_8_stays),
        cmocka_unit_test(so_with_errno_and_prefix),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
