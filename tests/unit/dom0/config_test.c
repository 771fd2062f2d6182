/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The meaning of configuration keys: values, ranges, defaults, warnings.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dom0/config.h"
#include "dom0/config_text.h"
#include "dom0/config_value.h"

#define BASE "name='a'\nmemory=64\nkernel='/k'\n"

static struct config config;
static struct error err;
static char warnings[2048];

static void warn(const char *text, void *arg)
{
    size_t used = strlen(warnings);

    (void)arg;
    snprintf(warnings + used, sizeof(warnings) - used, "%s\n", text);
}

static int load(const char *text)
{
    const struct config_source source = {.path = "f.cfg", .warn = warn};
    struct cfg cfg;
    int rc;

    memset(&err, 0, sizeof(err));
    warnings[0] = '\0';
    cfg_init(&cfg, "f.cfg");
    rc = cfg_parse(&cfg, text, strlen(text), &err);
    if (rc == 0)
        rc = config_from_cfg(&config, &cfg, &source, &err);
    cfg_free(&cfg);
    return rc;
}

static void assert_refused(const char *text, const char *message)
{
    assert_true(load(text) < 0);
    assert_int_equal(err.kind, ERROR_USAGE);
    if (!strstr(err.text, message))
        fail_msg("'%s' is not in '%s'", message, err.text);
}

static void smallest_configuration_gets_defaults(void **state)
{
    (void)state;
    assert_int_equal(load(BASE), 0);
    assert_string_equal(config.name, "a");
    assert_int_equal(config.memory_mib, 64);
    assert_int_equal(config.maxmem_mib, 64);
    assert_int_equal(config.vcpus, 1);
    assert_int_equal(config.maxvcpus, 1);
    assert_int_equal(config.vpmu, 1);
    assert_string_equal(config.cmdline, "");
    assert_null(config.ramdisk);
    assert_int_equal(config.on_poweroff, CONFIG_DESTROY);
    assert_int_equal(config.on_reboot, CONFIG_RESTART);
    assert_int_equal(config.on_crash, CONFIG_DESTROY);
    assert_int_equal(config.uuid[6] >> 4, 4);
    assert_int_equal(config.uuid[8] >> 6, 2);
    assert_string_equal(warnings, "");
    config_free(&config);
}

static void missing_keys_are_named(void **state)
{
    (void)state;
    assert_refused("memory=64\nkernel='/k'", "key 'name' is missing");
    assert_refused("name='a'\nmemory=64", "key 'kernel' is missing");
    assert_refused("name='a'\nkernel='/k'", "key 'memory' is missing");
}

static void numbers_are_checked_with_their_position(void **state)
{
    (void)state;
    assert_refused(BASE "vcpus = 129", "f.cfg:4:9: vcpus must be a whole number from 1 to 128");
    assert_refused(BASE "vcpus = 0", "vcpus must be");
    assert_refused(BASE "vpmu = 2", "vpmu must be");
    assert_refused(BASE "memory = -1", "memory must be");
    assert_refused(BASE "memory = 'lots'", "memory must be");
    assert_refused(BASE "memory = [64]", "memory must be");
    assert_int_equal(load(BASE "memory = '128'"), 0);
    assert_int_equal(config.memory_mib, 128);
    config_free(&config);
}

static void limits_below_the_start_value_are_refused(void **state)
{
    (void)state;
    assert_refused(BASE "vcpus=4\nmaxvcpus=2", "maxvcpus must be at least vcpus (4)");
    assert_refused(BASE "maxmem=32", "maxmem must be at least memory (64)");
}

static void names_that_would_confuse_are_refused(void **state)
{
    (void)state;
    assert_refused(BASE "name='a/b'", "name must have");
    assert_refused(BASE "name='12'", "name must have");
    assert_refused(BASE "name='-x'", "name must have");
    assert_refused(BASE "name=''", "name is empty");
    assert_refused(BASE "name=5", "name must be a string");
}

static void command_line_is_joined_or_taken_whole(void **state)
{
    (void)state;
    assert_int_equal(load(BASE "root='/dev/xvda'\nextra='quiet'"), 0);
    assert_string_equal(config.cmdline, "root=/dev/xvda quiet");
    config_free(&config);
    assert_int_equal(load(BASE "extra='quiet'"), 0);
    assert_string_equal(config.cmdline, "quiet");
    config_free(&config);
    assert_int_equal(load(BASE "cmdline='c'\nextra='quiet'"), 0);
    assert_string_equal(config.cmdline, "c");
    assert_non_null(strstr(warnings, "root and extra are ignored"));
    config_free(&config);
}

static void unknown_keys_are_warnings_that_name_them(void **state)
{
    (void)state;
    assert_int_equal(load(BASE "frob = 1\nacpi = 0"), 0);
    assert_non_null(strstr(warnings, "f.cfg:4:1: unknown key 'frob'"));
    assert_non_null(strstr(warnings, "f.cfg:5:1: key 'acpi' has no effect"));
    config_free(&config);
}

static void actions_and_types_are_enumerated(void **state)
{
    (void)state;
    assert_int_equal(load(BASE "on_crash='preserve'\non_reboot='destroy'\ntype='pvh'"), 0);
    assert_int_equal(config.on_crash, CONFIG_PRESERVE);
    assert_int_equal(config.on_reboot, CONFIG_DESTROY);
    config_free(&config);
    assert_int_equal(load(BASE "on_watchdog='coredump-restart'\non_poweroff='rename-restart'"), 0);
    assert_int_equal(config_action_for(&config, 0), CONFIG_RENAME_RESTART);
    assert_int_equal(config_action_for(&config, 1), CONFIG_RESTART);
    assert_int_equal(config_action_for(&config, 2), CONFIG_PRESERVE);
    assert_int_equal(config_action_for(&config, 3), CONFIG_DESTROY);
    assert_int_equal(config_action_for(&config, 4), CONFIG_COREDUMP_RESTART);
    assert_int_equal(config_action_for(&config, 5), CONFIG_PRESERVE);
    config_free(&config);
    for (int i = 0; i < CONFIG_ACTION_COUNT; i++)
        assert_non_null(config_value_action_name((enum config_action)i));
    assert_refused(BASE "on_crash='explode'", "\"rename-restart\", \"preserve\", \"coredump-");
    assert_refused(BASE "vuart='ns16550'", "f.cfg:4:7: vuart must be \"sbsa_uart\"");
    assert_refused(BASE "vuart=1", "vuart must be");
    assert_refused(BASE "type='hvm'", "type must be \"pvh\" or \"pv\"");
}

static void uuid_is_parsed_or_refused(void **state)
{
    static const uint8_t want[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
                                     0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};

    (void)state;
    assert_int_equal(load(BASE "uuid='01234567-89ab-cdef-0123-456789ABCDEF'"), 0);
    assert_memory_equal(config.uuid, want, 16);
    config_free(&config);
    assert_refused(BASE "uuid='01234567-89ab-cdef-0123-456789abcde'", "uuid must look like");
    assert_refused(BASE "uuid='0123456789abcdef0123456789abcdef'", "uuid must look like");
}

static void affinity_is_one_set_or_one_a_vcpu(void **state)
{
    (void)state;
    assert_int_equal(load(BASE "cpus='0-3,^2, 9'"), 0);
    assert_int_equal(config.affinity_count, 1);
    assert_int_equal(config.affinity[0].bits[0], 0x0b);
    assert_int_equal(config.affinity[0].bits[1], 0x02);
    config_free(&config);
    assert_int_equal(load(BASE "cpus=['0', 1]"), 0);
    assert_int_equal(config.affinity_count, 2);
    assert_int_equal(config.affinity[1].bits[0], 2);
    config_free(&config);
    assert_refused(BASE "cpus='0-300'", "cpus must be");
    assert_refused(BASE "cpus='^0'", "cpus must be");
    assert_refused(BASE "cpus='3-1'", "cpus must be");
    assert_refused(BASE "cpus=['0', []]", "f.cfg:4:12: cpus must be");
}

static void disks_report_the_position_of_their_string(void **state)
{
    (void)state;
    assert_int_equal(load(BASE "disk=['/a,raw,xvda,w',\n 'phy:/b,xvdb,r']"), 0);
    assert_int_equal(config.disk_count, 2);
    assert_string_equal(config.disks[1].target, "/b");
    config_free(&config);
    assert_refused(BASE "disk=['/a,raw,xvda,w',\n '/b,raw,xvdb,q']", "f.cfg:5:2: disk access 'q'");
    assert_refused(BASE "disk=['/a,raw,xvda,w', '/b,raw,xvda,w']", "xvda is given twice");
    assert_refused(BASE "disk=[5]", "disk must be a list of strings");
}

static void network_interfaces_get_addresses_of_xen(void **state)
{
    static const uint8_t oui[3] = {0x00, 0x16, 0x3e};

    (void)state;
    assert_int_equal(load(BASE "vif=['', 'mac=02:00:00:00:00:01,bridge=br0,model=e1000']"), 0);
    assert_int_equal(config.vif_count, 2);
    assert_memory_equal(config.vifs[0].mac, oui, 3);
    assert_int_equal(config.vifs[1].mac[0], 2);
    assert_string_equal(config.vifs[1].bridge, "br0");
    assert_non_null(strstr(warnings, "f.cfg:4:10: vif key 'model' has no effect"));
    config_free(&config);
    assert_refused(BASE "vif=['mac=zz']", "f.cfg:4:6: mac 'zz'");
}

static void too_many_devices_are_refused(void **state)
{
    char text[4096] = BASE "vif=[";

    (void)state;
    for (int i = 0; i <= CONFIG_MAX_DEVICES; i++)
        strcat(text, "'',");
    strcat(text, "]");
    assert_refused(text, "at most 64 are allowed");
}

static void relative_paths_are_completed_with_the_current_directory(void **state)
{
    char *dir = getcwd(NULL, 0);
    char path[PATH_MAX];

    (void)state;
    assert_int_equal(load("name='a'\nmemory=64\nkernel='k/Image'\nramdisk='/r'\n"
                          "disk=['d.img,raw,xvda,w', '/e.img,raw,xvdb,w']"), 0);
    snprintf(path, sizeof(path), "%s/k/Image", dir);
    assert_string_equal(config.kernel, path);
    assert_string_equal(config.ramdisk, "/r");
    snprintf(path, sizeof(path), "%s/d.img", dir);
    assert_string_equal(config.disks[0].target, path);
    assert_string_equal(config.disks[1].target, "/e.img");
    config_free(&config);
    free(dir);
}

static void overrides_win_over_the_file(void **state)
{
    char *overrides[] = {"name=z", "memory=32", "kernel=/k"};
    const struct config_source source = {.overrides = overrides, .override_count = 3,
                                         .warn = warn};

    (void)state;
    memset(&err, 0, sizeof(err));
    assert_int_equal(config_load(&config, &source, &err), 0);
    assert_string_equal(config.name, "z");
    assert_int_equal(config.memory_mib, 32);
    config_free(&config);
}

static void a_file_that_is_not_there_is_an_error_with_its_name(void **state)
{
    const struct config_source source = {.path = "/nonexistent/x.cfg", .warn = warn};

    (void)state;
    memset(&err, 0, sizeof(err));
    assert_true(config_load(&config, &source, &err) < 0);
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.text, "/nonexistent/x.cfg: No such file"));
}

static char *text_of(const struct config *from)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    config_text_write(out, from);
    fclose(out);
    return text;
}

/* Every key; names with what needs escapes. */
static void a_configuration_written_as_text_reads_back_the_same(void **state)
{
    static const char *const texts[] = {
        BASE,
        "name='w\xc3\xa9" "b'\nmemory=128\nmaxmem=512\nvcpus=2\nmaxvcpus=4\n"
        "kernel='/a b/\\\\\\'\\\"k'\n"
        "ramdisk='/r'\nroot='/dev/xvda'\nextra='a=\\x01b'\ncpu_weight=300\ncap=50\nvpmu=0\n"
        "cpus=['0-3,^2','7']\non_poweroff='preserve'\non_watchdog='coredump-destroy'\n"
        "disk=['/x.img,raw,xvda,w', 'vdev=xvdb, devtype=cdrom, no-discard, target=/d, e']\n"
        "vif=['mac=00:16:3e:01:02:03,bridge=br1,vifname=eth9', '']\nvuart='sbsa_uart'\n",
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char *first;
        char *second;

        assert_int_equal(load(texts[i]), 0);
        first = text_of(&config);
        assert_int_equal(!strstr(first, "vpmu = 0"), config.vpmu);
        config_free(&config);
        if (load(first))
            fail_msg("%s in:\n%s", err.text, first);
        assert_string_equal(warnings, "");
        second = text_of(&config);
        config_free(&config);
        assert_string_equal(first, second);
        free(first);
        free(second);
    }
}

static void a_written_configuration_says_what_it_is(void **state)
{
    char *text;

    (void)state;
    assert_int_equal(load(BASE "cpus='1-2,5'\ndisk=['/d.img,raw,xvda,r']\nvif=['']"), 0);
    text = text_of(&config);
    config_free(&config);
    assert_non_null(strstr(text, "name = \"a\"\n"));
    assert_non_null(strstr(text, "cpus = \"1-2,5\"\n"));
    assert_non_null(strstr(text, "vdev=xvda, access=ro, target=/d.img\""));
    assert_non_null(strstr(text, "bridge=xenbr0\""));
    assert_non_null(strstr(text, "on_reboot = \"restart\"\n"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smallest_configuration_gets_defaults),
        cmocka_unit_test(missing_keys_are_named),
        cmocka_unit_test(numbers_are_checked_with_their_position),
        cmocka_unit_test(limits_below_the_start_value_are_refused),
        cmocka_unit_test(names_that_would_confuse_are_refused),
        cmocka_unit_test(command_line_is_joined_or_taken_whole),
        cmocka_unit_test(unknown_keys_are_warnings_that_name_them),
        cmocka_unit_test(actions_and_types_are_enumerated),
        cmocka_unit_test(uuid_is_parsed_or_refused),
        cmocka_unit_test(affinity_is_one_set_or_one_a_vcpu),
        cmocka_unit_test(disks_report_the_position_of_their_string),
        cmocka_unit_test(network_interfaces_get_addresses_of_xen),
        cmocka_unit_test(too_many_devices_are_refused),
        cmocka_unit_test(relative_paths_are_completed_with_the_current_directory),
        cmocka_unit_test(overrides_win_over_the_file),
        cmocka_unit_test(a_configuration_written_as_text_reads_back_the_same),
        cmocka_unit_test(a_written_configuration_says_what_it_is),
        cmocka_unit_test(a_file_that_is_not_there_is_an_error_with_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
