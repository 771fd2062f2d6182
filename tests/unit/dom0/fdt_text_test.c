/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Device trees as text: dtc must make the same tree of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "dom0/fdt_text.h"
#include "dom0/guest_fdt.h"

static struct error err;

static char *text_of(const void *blob)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_int_equal(fdt_text_write(out, blob), 0);
    fclose(out);
    return text;
}

static void *guest_tree(size_t *size)
{
    struct guest_map map;
    struct guest_map_needs needs = {.memory = 64 << 20, .kernel_size = 16 << 20,
                                    .ramdisk_size = 4096, .dtb_size = 1};
    struct guest_fdt guest = {.map = &map, .vcpus = 2, .gic = 3, .address_bits = 40,
                              .cmdline = "console=hvc0 x=\"y\"", .version_major = 4,
                              .version_minor = 17};
    void *blob;

    memset(&err, 0, sizeof(err));
    assert_int_equal(guest_map_place(&map, &needs, &err), 0);
    assert_int_equal(guest_fdt_build(&guest, &blob, size, &err), 0);
    return blob;
}

static void values_are_shown_as_what_they_look_like(void **state)
{
    size_t size;
    void *blob = guest_tree(&size);
    char *text = text_of(blob);

    (void)state;
    assert_int_equal(strncmp(text, "/dts-v1/;\n\n/ {\n", 15), 0);
    assert_non_null(strstr(text, "\tcompatible = \"xen,xenvm-4.17\", \"xen,xenvm\";\n"));
    assert_non_null(strstr(text, "\t\tbootargs = \"console=hvc0 x=\\\"y\\\"\";\n"));
    assert_non_null(strstr(text, "\tmemory@40000000 {\n"));
    assert_non_null(strstr(text, "\t\treg = <0x0 0x40000000 0x0 0x4000000>;\n"));
    assert_non_null(strstr(text, "\t\tinterrupt-controller;\n"));
    assert_string_equal(text + strlen(text) - 4, "\n};\n");
    free(text);
    free(blob);
}

/* With the compiler that the host has: the text is the tree, property by property. */
static void the_text_compiles_to_the_same_tree(void **state)
{
    size_t size;
    void *blob = guest_tree(&size);
    char *text = text_of(blob);
    char *again;
    char name[] = "/tmp/fdt_text_XXXXXX";
    char command[128];
    FILE *file = fdopen(mkstemp(name), "w");
    FILE *dtc;
    void *compiled = malloc(1 << 20);

    (void)state;
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    fclose(file);
    snprintf(command, sizeof(command), "dtc -q -I dts -O dtb %s", name);
    dtc = popen(command, "r");
    assert_true(fread(compiled, 1, 1 << 20, dtc) > 0);
    assert_int_equal(pclose(dtc), 0);
    again = text_of(compiled);
    assert_string_equal(text, again);
    remove(name);
    free(again);
    free(compiled);
    free(text);
    free(blob);
}

static void a_damaged_tree_is_an_error(void **state)
{
    char junk[64] = "no tree";
    FILE *out = fopen("/dev/null", "w");

    (void)state;
    assert_true(fdt_text_write(out, junk) < 0);
    fclose(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_shown_as_what_they_look_like),
        cmocka_unit_test(the_text_compiles_to_the_same_tree),
        cmocka_unit_test(a_damaged_tree_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
