/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What is printed: JSON that scripts rely on, columns that people know from xl.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dom0/alive.h"
#include "dom0/domain_text.h"
#include "dom0/report.h"

static const struct domain web = {.domid = 3, .name = "w\"eb", .uuid = "u", .memory_kib = 196608,
                                  .vcpus = 2, .cpu_time_ns = 1500000000, .paused = true};

static struct json_object *get(struct json_object *object, const char *key)
{
    struct json_object *value = NULL;

    assert_true(json_object_object_get_ex(object, key, &value));
    return value;
}

static void domain_json_is_exact(void **state)
{
    struct json_object *list = report_list_json(&web, 1);
    struct json_object *object = json_object_array_get_idx(list, 0);

    (void)state;
    assert_int_equal(json_object_get_uint64(get(object, "id")), 3);
    assert_string_equal(json_object_get_string(get(object, "name")), "w\"eb");
    assert_int_equal(json_object_get_uint64(get(object, "memory_bytes")), 201326592);
    assert_string_equal(json_object_get_string(get(object, "state")), "paused");
    assert_int_equal(json_object_get_double(get(object, "cpu_seconds")) * 10, 15);
    json_object_put(list);
}

static void machine_json_has_bytes_to_the_last(void **state)
{
    const struct report_machine machine = {.version_major = 4, .version_minor = 17,
                                           .total_memory_bytes = 0x123456789000,
                                           .free_memory_bytes = 0x12345000};
    struct json_object *object = report_machine_json(&machine);

    (void)state;
    assert_string_equal(json_object_get_string(get(object, "version")), "4.17");
    assert_int_equal(json_object_get_uint64(get(object, "total_memory_bytes")), 0x123456789000);
    assert_int_equal(json_object_get_uint64(get(object, "free_memory_bytes")), 0x12345000);
    json_object_put(object);
}

static char *capture(void (*print)(FILE *out))
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    print(out);
    fclose(out);
    return text;
}

static void print_web(FILE *out)
{
    report_list_text(out, &web, 1);
}

static void print_web_json(FILE *out)
{
    report_print_json(out, report_list_json(&web, 1));
}

static void list_has_the_columns_of_xl(void **state)
{
    char *text = capture(print_web);
    char name[16];
    char flags[16];
    unsigned id;
    unsigned mem;
    unsigned vcpus;
    double seconds;

    (void)state;
    assert_int_equal(sscanf(strchr(text, '\n'), "%15s %u %u %u %15s %lf", name, &id, &mem, &vcpus,
                            flags, &seconds), 6);
    assert_int_equal(id, 3);
    assert_int_equal(mem, 192);
    assert_int_equal(vcpus, 2);
    assert_string_equal(flags, "--p---");
    free(text);
}

static void printed_json_parses_again(void **state)
{
    char *text = capture(print_web_json);
    struct json_object *object = json_tokener_parse(text);

    (void)state;
    assert_non_null(object);
    assert_int_equal(json_object_array_length(object), 1);
    json_object_put(object);
    free(text);
}

static void states_have_one_word_each(void **state)
{
    struct domain d = {.blocked = true};

    (void)state;
    assert_string_equal(domain_text_state(&d), "blocked");
    d.running = true;
    assert_string_equal(domain_text_state(&d), "running");
    d.shutdown = true;
    d.reason = DOMAIN_CRASH;
    assert_string_equal(domain_text_state(&d), "crashed");
    d.reason = DOMAIN_POWEROFF;
    assert_string_equal(domain_text_state(&d), "shutdown");
    d.dying = true;
    assert_string_equal(domain_text_state(&d), "dying");
}

static void a_dying_domain_is_refused_in_one_line_with_its_remedy(void **state)
{
    struct domain d = {.domid = 7, .name = "web", .shutdown = true, .paused = true};
    struct error err = {0};

    (void)state;
    assert_int_equal(alive_check(&d, &err), 0);
    assert_int_equal(err.kind, ERROR_NONE);
    d.dying = true;
    assert_true(alive_check(&d, &err) < 0);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_string_equal(err.text, "domain 7 web is dying: purlin destroy 7 waits for its end");
}

static void uuids_have_their_usual_spelling(void **state)
{
    static const uint8_t uuid[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
                                     0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};
    char text[DOMAIN_UUID_TEXT];

    (void)state;
    domain_text_uuid(uuid, text);
    assert_string_equal(text, "01234567-89ab-cdef-fedc-ba9876543210");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(domain_json_is_exact),
        cmocka_unit_test(machine_json_has_bytes_to_the_last),
        cmocka_unit_test(list_has_the_columns_of_xl),
        cmocka_unit_test(printed_json_parses_again),
        cmocka_unit_test(states_have_one_word_each),
        cmocka_unit_test(a_dying_domain_is_refused_in_one_line_with_its_remedy),
        cmocka_unit_test(uuids_have_their_usual_spelling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
