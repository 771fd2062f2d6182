/* SPDX-License-Identifier: BSD-2-Clause
 *
 * New files: whose they are from the first moment on, and what stands in their way. Files that are
 * mapped.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "dom0/file.h"
#include "tests/unit/dom0/test_dir.h"

static unsigned mode_of(const char *path)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void a_new_file_has_exactly_the_mode_asked_for(void **state)
{
    static const mode_t masks[] = {0, 022, 077};

    (void)state;
    for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
        for (mode_t mode = 0600; mode <= 0644; mode += 044) {
            mode_t old = umask(masks[i]);
            FILE *out = file_create(file("new"), mode);

            umask(old);
            assert_non_null(out);
            assert_int_equal(mode_of(file("new")), mode);
            assert_true(fputs("text", out) >= 0);
            fclose(out);
            unlink(file("new"));
        }
    }
}

static void nothing_that_is_there_is_written_to(void **state)
{
    char to[160];

    (void)state;
    snprintf(to, sizeof(to), "%s", file("to"));
    assert_int_equal(symlink(to, file("link")), 0);
    assert_null(file_create(file("link"), 0600));
    assert_int_equal(errno, EEXIST);
    assert_int_equal(access(to, F_OK), -1);
    fclose(fopen(to, "w"));
    assert_null(file_create(to, 0600));
    assert_int_equal(errno, EEXIST);
    unlink(file("link"));
    assert_int_equal(unlink(to), 0);
}

/* More pieces than one call touches, and none at all. */
static void a_file_is_mapped_to_its_last_byte(void **state)
{
    const long size = (65 << 20) + 5;
    struct error err = {0};
    struct file mapped;
    FILE *out = fopen(file("large"), "w");

    (void)state;
    assert_non_null(out);
    assert_int_equal(fseek(out, size - 1, SEEK_SET), 0);
    assert_int_equal(fputc('z', out), 'z');
    fclose(out);
    assert_int_equal(file_map(&mapped, file("large"), (size_t)size - 1, &err), -EINVAL);
    error_clear(&err);
    assert_int_equal(file_map(&mapped, file("large"), (size_t)size, &err), 0);
    assert_int_equal(mapped.size, size);
    assert_int_equal(mapped.data[0], 0);
    assert_int_equal(mapped.data[size - 1], 'z');
    file_free(&mapped);
    assert_int_equal(truncate(file("large"), 0), 0);
    assert_int_equal(file_map(&mapped, file("large"), 1, &err), 0);
    assert_int_equal(mapped.size, 0);
    file_free(&mapped);
    assert_int_equal(unlink(file("large")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_file_has_exactly_the_mode_asked_for),
        cmocka_unit_test(nothing_that_is_there_is_written_to),
        cmocka_unit_test(a_file_is_mapped_to_its_last_byte),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
