/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A configuration as libxl reads it back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dom0/libxl_json.h"

static struct disk_spec disk = {.target = "/guests/a.img", .vdev = "xvda", .read_only = true};
static struct vif_spec vif = {.mac = {0, 0x16, 0x3e, 0, 0, 0x65}, .bridge = "xenbr0"};
static const struct config config = {
    .name = "a\"b",
    .uuid = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 1, 2, 3, 4, 5, 6, 7, 8},
    .memory_mib = 128,
    .maxmem_mib = 256,
    .vcpus = 2,
    .maxvcpus = 3,
    .cpu_weight = 512,
    .kernel = "/boot/k",
    .cmdline = "console=hvc0",
    .on_reboot = CONFIG_RESTART,
    .on_crash = CONFIG_PRESERVE,
    .disks = &disk,
    .disk_count = 1,
    .vifs = &vif,
    .vif_count = 1,
};

static struct json_object *made;

static int make(void **state)
{
    (void)state;
    made = libxl_json_config(&config);
    return made ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    json_object_put(made);
    return 0;
}

static struct json_object *get(struct json_object *object, const char *key)
{
    struct json_object *value = NULL;

    assert_true(json_object_object_get_ex(object, key, &value));
    return value;
}

static void check_string(struct json_object *object, const char *key, const char *wanted)
{
    assert_string_equal(json_object_get_string(get(object, key)), wanted);
}

static void check_number(struct json_object *object, const char *key, uint64_t wanted)
{
    assert_int_equal(json_object_get_uint64(get(object, key)), wanted);
}

static void identity_is_told(void **state)
{
    struct json_object *info = get(made, "c_info");

    (void)state;
    check_string(info, "type", "pvh");
    check_string(info, "name", "a\"b");
    check_string(info, "uuid", "12345678-9abc-def0-0102-030405060708");
}

static void limits_are_in_kib_and_online_vcpus_listed(void **state)
{
    struct json_object *info = get(made, "b_info");

    (void)state;
    check_number(info, "max_vcpus", 3);
    check_string(info, "avail_vcpus", "[ 0, 1 ]");
    check_number(info, "max_memkb", 262144);
    check_number(info, "target_memkb", 131072);
    check_number(get(info, "sched_params"), "weight", 512);
    assert_false(json_object_object_get_ex(get(info, "sched_params"), "cap", NULL));
    check_string(info, "kernel", "/boot/k");
    assert_false(json_object_object_get_ex(info, "ramdisk", NULL));
}

/* Without it libxl 4.17 aborts in mem-set. */
static void acpi_is_said_to_be_off(void **state)
{
    (void)state;
    check_string(get(made, "b_info"), "acpi", "False");
}

static void devices_are_told(void **state)
{
    struct json_object *one = json_object_array_get_idx(get(made, "disks"), 0);

    (void)state;
    check_string(one, "pdev_path", "/guests/a.img");
    check_string(one, "vdev", "xvda");
    check_number(one, "readwrite", 0);
    one = json_object_array_get_idx(get(made, "nics"), 0);
    check_number(one, "devid", 0);
    check_string(one, "mac", "00:16:3e:00:00:65");
    check_string(one, "bridge", "xenbr0");
    assert_false(json_object_object_get_ex(one, "ifname", NULL));
}

static void actions_have_libxls_names(void **state)
{
    (void)state;
    check_string(made, "on_poweroff", "destroy");
    check_string(made, "on_reboot", "restart");
    check_string(made, "on_crash", "preserve");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(identity_is_told, make, drop),
        cmocka_unit_test_setup_teardown(limits_are_in_kib_and_online_vcpus_listed, make, drop),
        cmocka_unit_test_setup_teardown(acpi_is_said_to_be_off, make, drop),
        cmocka_unit_test_setup_teardown(devices_are_told, make, drop),
        cmocka_unit_test_setup_teardown(actions_have_libxls_names, make, drop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
