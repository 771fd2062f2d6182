/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The text format of Prometheus: every line well-formed, every number there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <regex.h>

#include "dom0/metrics.h"

static struct devices_item disks[2] = {{.name = "xvda", .in_bytes = 100, .out_bytes = 200},
                                       {.name = "xvdb", .in_bytes = 101, .out_bytes = 201}};
static struct devices_item networks[1] = {{.name = "v\"1", .in_bytes = 300, .out_bytes = 400}};

static struct sample_domain domains[2] = {
    {.domain = {.domid = 0, .name = "Domain-0", .cpu_time_ns = 1500000000, .running = true,
                .memory_kib = 1024, .vcpus = 2},
     .has_stats = true,
     .stats = {.untrapped_ns = 500000000, .grants_mapped = 4, .is_capped = 1,
               .counts = {.hypercalls = 1234567890123, .interrupts = 7, .upcalls = 5,
                          .switches = 6, .traps = {[0x01] = 11, [0x24] = 12, [0x3c] = 1, [0] = 2},
                          .grant_ops = {[0] = 21, [1] = 20, [5] = 22}}}},
    {.domain = {.domid = 7, .name = "a\"b\\c", .blocked = true},
     .disk = {.devices = 2, .items = disks}, .network = {.devices = 1, .items = networks}},
};

static const struct sample sample = {.cpus = 4, .total_kib = 2048, .free_kib = 1024,
                                     .domains = domains, .count = 2};

static char *render(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    metrics_write(out, &sample);
    fclose(out);
    return text;
}

static void assert_has(const char *line)
{
    char *text = render();
    char whole[256];

    snprintf(whole, sizeof(whole), "\n%s\n", line);
    if (!strstr(text, whole))
        fail_msg("no line '%s' in:\n%s", line, text);
    free(text);
}

static void every_line_is_of_the_format(void **state)
{
    static const char pattern[] =
        "^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+([{][a-z]+=\"([^\"\\\\]|\\\\.)*\""
        "(,[a-z]+=\"([^\"\\\\]|\\\\.)*\")*[}])? [0-9.e+]+)$";
    char *text = render();
    char *rest = text;
    char *line;
    regex_t re;
    unsigned count = 0;

    (void)state;
    assert_int_equal(regcomp(&re, pattern, REG_EXTENDED), 0);
    while ((line = strsep(&rest, "\n")) && *line) {
        if (regexec(&re, line, 0, NULL, 0))
            fail_msg("not of the format: %s", line);
        count++;
    }
    assert_true(count > 50);
    regfree(&re);
    free(text);
}

static void numbers_are_exact(void **state)
{
    (void)state;
    assert_has("purlin_cpus 4");
    assert_has("purlin_memory_bytes 2097152");
    assert_has("purlin_domains{state=\"running\"} 1");
    assert_has("purlin_domains{state=\"paused\"} 0");
    assert_has("purlin_domain_cpu_seconds_total{domain=\"Domain-0\",id=\"0\"} 1.5");
    assert_has("purlin_domain_cpu_unwatched_seconds_total{domain=\"Domain-0\",id=\"0\"} 0.5");
    assert_has("purlin_domain_capped{domain=\"Domain-0\",id=\"0\"} 1");
    assert_has("purlin_domain_events_total{domain=\"Domain-0\",id=\"0\"} 5");
    assert_has("purlin_domain_grants_mapped{domain=\"Domain-0\",id=\"0\"} 4");
}

static void each_device_has_its_own_counters(void **state)
{
    (void)state;
    assert_has("purlin_domain_disk_written_bytes_total{domain=\"a\\\"b\\\\c\",id=\"7\","
               "device=\"xvda\"} 200");
    assert_has("purlin_domain_disk_read_bytes_total{domain=\"a\\\"b\\\\c\",id=\"7\","
               "device=\"xvdb\"} 101");
    assert_has("purlin_domain_network_transmit_bytes_total{domain=\"a\\\"b\\\\c\",id=\"7\","
               "device=\"v\\\"1\"} 400");
}

static void exits_and_grants_have_their_reasons(void **state)
{
    (void)state;
    assert_has("purlin_domain_exits_total{domain=\"Domain-0\",id=\"0\",reason=\"hypercall\"} "
               "1234567890123");
    assert_has("purlin_domain_exits_total{domain=\"Domain-0\",id=\"0\",reason=\"wfi\"} 11");
    assert_has("purlin_domain_exits_total{domain=\"Domain-0\",id=\"0\",reason=\"data_abort\"} 12");
    assert_has("purlin_domain_exits_total{domain=\"Domain-0\",id=\"0\",reason=\"other\"} 3");
    assert_has("purlin_domain_grant_operations_total{domain=\"Domain-0\",id=\"0\","
               "operation=\"copy\"} 22");
}

static void what_is_not_counted_is_left_out(void **state)
{
    char *text = render();

    (void)state;
    assert_null(strstr(text, "purlin_domain_exits_total{domain=\"a"));
    assert_null(strstr(text, "purlin_domain_capped{domain=\"a"));
    free(text);
}

static void json_has_the_same_lines(void **state)
{
    struct json_object *list = metrics_json(&sample);
    char *text = render();
    unsigned lines = 0;

    (void)state;
    for (const char *p = text; *p; p = strchr(p, '\n') + 1)
        lines += *p != '#';
    assert_int_equal(json_object_array_length(list), lines);
    json_object_put(list);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_is_of_the_format),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(each_device_has_its_own_counters),
        cmocka_unit_test(exits_and_grants_have_their_reasons),
        cmocka_unit_test(what_is_not_counted_is_left_out),
        cmocka_unit_test(json_has_the_same_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
