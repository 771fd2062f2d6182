/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The files that libxl looks for: their names, who may read them, and what is removed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "dom0/userdata.h"
#include "tests/unit/dom0/test_dir.h"

#define UUID "12345678-9abc-def0-0102-030405060708"

static const struct config config = {
    .name = "a",
    .uuid = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 1, 2, 3, 4, 5, 6, 7, 8},
    .memory_mib = 128,
    .maxmem_mib = 128,
    .vcpus = 1,
    .maxvcpus = 1,
    .kernel = "/boot/k",
    .cmdline = "",
};

static bool is_there(const char *name)
{
    return access(file(name), F_OK) == 0;
}

static void touch(const char *name)
{
    FILE *out = fopen(file(name), "w");

    assert_non_null(out);
    fclose(out);
}

static void the_file_is_where_libxl_looks_and_for_root_alone(void **state)
{
    struct error err = {0};
    struct stat st;
    char text[512] = "";
    FILE *in;

    (void)state;
    assert_int_equal(userdata_write(dir, 3, &config, &err), 0);
    assert_int_equal(stat(file("userdata-d.3." UUID ".libxl-json"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    in = fopen(file("userdata-d.3." UUID ".libxl-json"), "r");
    assert_true(fread(text, 1, sizeof(text) - 1, in) > 0);
    fclose(in);
    assert_non_null(strstr(text, "c_info"));
    assert_false(is_there("userdata-d.3." UUID ".libxl-json.new"));
    userdata_remove(dir, 3);
    assert_false(is_there("userdata-d.3." UUID ".libxl-json"));
}

static void all_of_one_domain_is_removed_and_of_no_other(void **state)
{
    static const char *const own[] = {"userdata-d.3.x.libxl-json", "userdata-n.3.y.lock"};
    static const char *const other[] = {"userdata-d.13.x.a", "userdata-d.30.x.a", "save.3.x"};

    (void)state;
    for (size_t i = 0; i < 2; i++)
        touch(own[i]);
    for (size_t i = 0; i < 3; i++)
        touch(other[i]);
    userdata_remove(dir, 3);
    userdata_remove(dir, 3);
    for (size_t i = 0; i < 2; i++)
        assert_false(is_there(own[i]));
    for (size_t i = 0; i < 3; i++) {
        assert_true(is_there(other[i]));
        unlink(file(other[i]));
    }
}

static void a_directory_that_cannot_be_written_is_an_error_that_names_it(void **state)
{
    struct error err = {0};

    (void)state;
    assert_true(userdata_write("/proc/none", 3, &config, &err) < 0);
    assert_non_null(strstr(err.text, "/proc/none/"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_is_where_libxl_looks_and_for_root_alone),
        cmocka_unit_test(all_of_one_domain_is_removed_and_of_no_other),
        cmocka_unit_test(a_directory_that_cannot_be_written_is_an_error_that_names_it),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
