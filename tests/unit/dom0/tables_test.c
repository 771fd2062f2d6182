/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Lists of vCPUs, devices and shares, and the long form of a domain.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dom0/detail.h"
#include "dom0/tables.h"

static const struct domain web = {.domid = 3, .name = "web", .uuid = "u", .memory_kib = 262144,
                                  .max_memory_kib = 263168, .vcpus = 1, .running = true};
static struct vcpu vcpus[2] = {
    {.id = 0, .online = true, .running = true, .cpu = 2, .cpu_time_ns = 1500000000,
     .hard = {{0x04}}, .soft = {{0xff}}},
    {.id = 1, .hard = {{0xff}}, .soft = {{0xff}}},
};
static struct devices_item disks[1] = {
    {.devid = 51712, .state = 4, .name = "xvda", .target = "/srv/a b.img", .read_only = true,
     .in_bytes = 4096, .out_bytes = 1 << 20},
};
static struct devices_item networks[1] = {
    {.devid = 0, .state = 2, .name = "vif3.0", .target = "xenbr0", .mac = "00:16:3e:00:00:01"},
};

static char *text;
static size_t text_size;

static FILE *begin(void)
{
    free(text);
    return open_memstream(&text, &text_size);
}

static void assert_printed(FILE *out, const char *wanted)
{
    fclose(out);
    if (!strstr(text, wanted))
        fail_msg("no '%s' in:\n%s", wanted, text);
}

static struct json_object *get(struct json_object *object, const char *key)
{
    struct json_object *value = NULL;

    assert_true(json_object_object_get_ex(object, key, &value));
    return value;
}

static void vcpus_show_state_place_and_affinity(void **state)
{
    FILE *out = begin();
    struct json_object *list = tables_vcpus_json(&web, vcpus, 2, 4);

    (void)state;
    tables_vcpus_text(out, &web, vcpus, 2, 4);
    fflush(out);
    assert_non_null(strstr(text, "running         1.5  2 / all\n"));
    assert_printed(out, " 1    - offline         0.0  all / all\n");
    assert_int_equal(json_object_array_length(list), 2);
    assert_string_equal(json_object_get_string(get(json_object_array_get_idx(list, 0),
                                                   "hard_affinity")), "2");
    assert_string_equal(json_object_get_string(get(json_object_array_get_idx(list, 1), "state")),
                        "offline");
    json_object_put(list);
}

static void devices_show_what_is_behind_them(void **state)
{
    FILE *out = begin();
    struct json_object *list = tables_disks_json(disks, 1);

    (void)state;
    tables_disks_text(out, disks, 1);
    assert_printed(out, "xvda      51712 ro   connected             4       1024  /srv/a b.img\n");
    assert_true(json_object_get_boolean(get(json_object_array_get_idx(list, 0), "read_only")));
    json_object_put(list);
    out = begin();
    tables_networks_text(out, networks, 1);
    assert_printed(out, "00:16:3e:00:00:01 waiting ");
    list = tables_networks_json(networks, 1);
    assert_string_equal(json_object_get_string(get(json_object_array_get_idx(list, 0), "bridge")),
                        "xenbr0");
    json_object_put(list);
}

static void states_out_of_range_are_unknown(void **state)
{
    (void)state;
    assert_string_equal(tables_state_name(4), "connected");
    assert_string_equal(tables_state_name(-1), "unknown");
    assert_string_equal(tables_state_name(99), "unknown");
}

static void shares_are_listed(void **state)
{
    const struct tables_share share = {&web, {.weight = 512, .cap = 50}};
    FILE *out = begin();
    struct json_object *list = tables_shares_json(&share, 1);

    (void)state;
    tables_shares_text(out, &share, 1);
    assert_printed(out, "    3    512   50\n");
    assert_int_equal(json_object_get_int(get(json_object_array_get_idx(list, 0), "cap")), 50);
    json_object_put(list);
}

static void times_are_readable(void **state)
{
    char got[64];

    (void)state;
    tables_format_time(59.9, got, sizeof(got));
    assert_string_equal(got, "00:00:59");
    tables_format_time(86400 + 3661, got, sizeof(got));
    assert_string_equal(got, "1 day, 01:01:01");
    tables_format_time(3 * 86400, got, sizeof(got));
    assert_string_equal(got, "3 days, 00:00:00");
    tables_format_time(-5, got, sizeof(got));
    assert_string_equal(got, "00:00:00");
}

static void the_long_form_says_all(void **state)
{
    const struct detail detail = {
        .domain = &web, .share = {.weight = 256, .cap = 25}, .has_stats = true,
        .stats = {.counts = {.hypercalls = 9, .traps = {[1] = 8}, .upcalls = 7}},
        .vcpus = vcpus, .vcpu_count = 2, .disks = disks, .disk_count = 1,
        .networks = networks, .network_count = 1,
    };
    struct json_object *object = detail_json(&detail);
    FILE *out = begin();

    (void)state;
    detail_text(out, &detail);
    fflush(out);
    assert_non_null(strstr(text, "256 MiB of at most 257"));
    assert_non_null(strstr(text, "1 of 2 on line"));
    assert_non_null(strstr(text, "cap 25 % of a CPU"));
    assert_non_null(strstr(text, "9 hypercalls, 0 interrupts, 8 wfi\n"));
    assert_non_null(strstr(text, "xvda (read-only): /srv/a b.img, connected"));
    assert_printed(out, "vif3.0: MAC 00:16:3e:00:00:01, bridge xenbr0, waiting");
    assert_int_equal(json_object_get_int(get(object, "max_vcpus")), 2);
    assert_int_equal(json_object_get_int(get(get(object, "exits"), "wfi")), 8);
    assert_int_equal(json_object_array_length(get(object, "disks")), 1);
    json_object_put(object);
    free(text);
    text = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vcpus_show_state_place_and_affinity),
        cmocka_unit_test(devices_show_what_is_behind_them),
        cmocka_unit_test(states_out_of_range_are_unknown),
        cmocka_unit_test(shares_are_listed),
        cmocka_unit_test(times_are_readable),
        cmocka_unit_test(the_long_form_says_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
