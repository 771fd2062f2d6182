/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A guest's memory map and device tree.
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

#include "dom0/guest_fdt.h"
#include "dom0/guest_map.h"

#define MIB (1ull << 20)
#define GIB (1ull << 30)

static struct error err;

static struct guest_map place(uint64_t memory, uint64_t kernel, uint64_t ramdisk)
{
    struct guest_map_needs needs = {.memory = memory, .kernel_size = kernel,
                                    .ramdisk_size = ramdisk, .dtb_size = 3000};
    struct guest_map map;

    memset(&err, 0, sizeof(err));
    if (guest_map_place(&map, &needs, &err))
        fail_msg("%s", err.text);
    return map;
}

static bool overlap(const struct guest_map_range *a, const struct guest_map_range *b)
{
    return a->base < b->base + b->size && b->base < a->base + a->size;
}

static void assert_sound(const struct guest_map *map)
{
    const struct guest_map_range *parts[] = {&map->kernel, &map->ramdisk, &map->dtb};

    for (int i = 0; i < 3; i++) {
        assert_true(parts[i]->base >= map->banks[0].base);
        assert_true(parts[i]->base + parts[i]->size <= map->banks[0].base + map->banks[0].size);
        for (int j = 0; j < i; j++)
            assert_false(overlap(parts[i], parts[j]));
    }
    assert_int_equal(map->ramdisk.base % GUEST_MAP_BLOCK_SIZE, 0);
    assert_int_equal(map->dtb.base % GUEST_MAP_BLOCK_SIZE, 0);
}

static void modules_lie_at_128_mib_when_there_is_room(void **state)
{
    struct guest_map map = place(192 * MIB, 32 * MIB, 4 * MIB - 5);

    (void)state;
    assert_sound(&map);
    assert_int_equal(map.kernel.base, 0x40000000);
    assert_int_equal(map.ramdisk.base, 0x48000000);
    assert_int_equal(map.dtb.base, 0x48400000);
    assert_int_equal(map.banks[1].size, 0);
}

static void modules_lie_at_the_end_of_small_memory(void **state)
{
    struct guest_map map = place(64 * MIB, 32 * MIB, 4 * MIB);

    (void)state;
    assert_sound(&map);
    assert_int_equal(map.ramdisk.base, 0x40000000 + 58 * MIB);
}

static void large_kernels_push_modules_up(void **state)
{
    struct guest_map map = place(512 * MIB, 200 * MIB + 1, 100 * MIB);

    (void)state;
    assert_sound(&map);
    assert_int_equal(map.ramdisk.base, 0x40000000 + 202 * MIB);
}

static void every_size_that_is_accepted_is_sound(void **state)
{
    (void)state;
    for (uint64_t memory = 1 * MIB; memory < 300 * MIB; memory += 3 * MIB) {
        struct guest_map_needs needs = {.memory = memory, .kernel_offset = 0x80000,
                                        .kernel_size = 31 * MIB, .ramdisk_size = 17 * MIB + 3,
                                        .dtb_size = 5000};
        struct guest_map map;

        memset(&err, 0, sizeof(err));
        if (guest_map_place(&map, &needs, &err) == 0)
            assert_sound(&map);
        else
            assert_true(memory < 52 * MIB);
    }
}

static void memory_that_is_too_small_is_refused_with_the_need(void **state)
{
    struct guest_map_needs needs = {.memory = 16 * MIB, .kernel_size = 32 * MIB, .dtb_size = 1};
    struct guest_map map;

    (void)state;
    memset(&err, 0, sizeof(err));
    assert_true(guest_map_place(&map, &needs, &err) < 0);
    assert_non_null(strstr(err.text, "need 34 MiB"));
}

static void memory_beyond_3_gib_goes_to_the_second_bank(void **state)
{
    struct guest_map map = place(5 * GIB, 32 * MIB, 4 * MIB);
    struct guest_map_range ranges[2];

    (void)state;
    assert_sound(&map);
    assert_int_equal(map.banks[0].size, 3 * GIB);
    assert_int_equal(map.banks[1].base, 8 * GIB);
    assert_int_equal(map.banks[1].size, 2 * GIB);
    assert_int_equal(guest_map_free_ranges(&map, 40, ranges), 1);
    assert_int_equal(ranges[0].base, 10 * GIB);
    assert_int_equal(ranges[0].base + ranges[0].size, 1ull << 40);
}

static void free_ranges_respect_the_address_width(void **state)
{
    struct guest_map map = place(192 * MIB, 32 * MIB, 0);
    struct guest_map_range ranges[2];

    (void)state;
    assert_int_equal(guest_map_free_ranges(&map, 44, ranges), 2);
    assert_int_equal(ranges[0].base, 0x4c000000);
    assert_int_equal(ranges[0].size, 0xb4000000);
    assert_int_equal(ranges[1].base, 0x200000000);
    assert_int_equal(ranges[1].size, 0xfe00000000);
    assert_int_equal(guest_map_free_ranges(&map, 32, ranges), 1);
}

static void *build(struct guest_fdt *guest, size_t *size)
{
    void *blob;

    memset(&err, 0, sizeof(err));
    if (guest_fdt_build(guest, &blob, size, &err))
        fail_msg("%s", err.text);
    assert_int_equal(fdt_check_full(blob, *size), 0);
    return blob;
}

static void assert_cells(const void *blob, const char *path, const char *name,
                         const uint32_t *want, int count)
{
    int length;
    int node = fdt_path_offset(blob, path);
    const fdt32_t *cells = node < 0 ? NULL : fdt_getprop(blob, node, name, &length);

    if (!cells)
        fail_msg("no %s in %s", name, path);
    assert_int_equal(length, count * 4);
    for (int i = 0; i < count; i++)
        assert_int_equal(fdt32_to_cpu(cells[i]), want[i]);
}

static void assert_text(const void *blob, const char *path, const char *name, const char *want,
                        int size)
{
    int length;
    int node = fdt_path_offset(blob, path);
    const char *text = node < 0 ? NULL : fdt_getprop(blob, node, name, &length);

    if (!text)
        fail_msg("no %s in %s", name, path);
    assert_int_equal(length, size);
    assert_memory_equal(text, want, (size_t)size);
}

#define ASSERT_TEXT(blob, path, name, want) assert_text(blob, path, name, want, sizeof(want))

/* The reference is what stock guests find on Xen 4.17. */
static void tree_is_what_stock_guests_expect(void **state)
{
    struct guest_map map = place(192 * MIB, 32 * MIB, 0xfe000);
    struct guest_fdt guest = {.map = &map, .vcpus = 1, .gic = 2, .address_bits = 44,
                              .cmdline = "console=hvc0", .version_major = 4,
                              .version_minor = 17};
    size_t size;
    void *blob = build(&guest, &size);

    (void)state;
    ASSERT_TEXT(blob, "/", "model", "XENVM-4.17");
    ASSERT_TEXT(blob, "/", "compatible", "xen,xenvm-4.17\0xen,xenvm");
    ASSERT_TEXT(blob, "/chosen", "bootargs", "console=hvc0");
    assert_cells(blob, "/chosen", "linux,initrd-start", (uint32_t[]){0, 0x48000000}, 2);
    assert_cells(blob, "/chosen", "linux,initrd-end", (uint32_t[]){0, 0x480fe000}, 2);
    ASSERT_TEXT(blob, "/cpus/cpu@0", "enable-method", "psci");
    ASSERT_TEXT(blob, "/psci", "compatible", "arm,psci-1.0\0arm,psci-0.2\0arm,psci");
    ASSERT_TEXT(blob, "/psci", "method", "hvc");
    assert_cells(blob, "/memory@40000000", "reg", (uint32_t[]){0, 0x40000000, 0, 0xc000000}, 4);
    ASSERT_TEXT(blob, "/interrupt-controller@3001000", "compatible",
                "arm,cortex-a15-gic\0arm,cortex-a9-gic");
    assert_cells(blob, "/interrupt-controller@3001000", "reg",
                 (uint32_t[]){0, 0x3001000, 0, 0x1000, 0, 0x3002000, 0, 0x2000}, 8);
    assert_cells(blob, "/timer", "interrupts",
                 (uint32_t[]){1, 13, 0xf08, 1, 14, 0xf08, 1, 11, 0xf08}, 9);
    ASSERT_TEXT(blob, "/hypervisor", "compatible", "xen,xen-4.17\0xen,xen");
    assert_cells(blob, "/hypervisor", "reg",
                 (uint32_t[]){0, 0x38000000, 0, 0x1000000, 0, 0x4c000000, 0, 0xb4000000, 2, 0,
                              0xfe, 0}, 12);
    assert_cells(blob, "/hypervisor", "interrupts", (uint32_t[]){1, 15, 0xf08}, 3);
    assert_null(fdt_getprop(blob, fdt_path_offset(blob, "/timer"), "clock-frequency", NULL));
    assert_int_equal(fdt_path_offset(blob, "/sbsa-uart@22000000"), -FDT_ERR_NOTFOUND);
    free(blob);
}

static void a_uart_is_there_when_it_is_asked_for(void **state)
{
    struct guest_map map = place(192 * MIB, 32 * MIB, 0);
    struct guest_fdt guest = {.map = &map, .vcpus = 1, .gic = 3, .address_bits = 40,
                              .cmdline = "", .has_uart = true};
    size_t size;
    void *blob = build(&guest, &size);
    const char *path = "/sbsa-uart@22000000";

    (void)state;
    ASSERT_TEXT(blob, path, "compatible", "arm,sbsa-uart\0arm,pl011");
    assert_cells(blob, path, "reg", (uint32_t[]){0, 0x22000000, 0, 0x1000}, 4);
    assert_cells(blob, path, "interrupts", (uint32_t[]){0, 0, 0xf04}, 3);
    assert_cells(blob, path, "current-speed", (uint32_t[]){115200}, 1);
    ASSERT_TEXT(blob, "/chosen", "stdout-path", "/sbsa-uart@22000000");
    free(blob);
}

static void gicv3_has_its_redistributors(void **state)
{
    struct guest_map map = place(192 * MIB, 32 * MIB, 0);
    struct guest_fdt guest = {.map = &map, .vcpus = 2, .gic = 3, .address_bits = 40,
                              .cmdline = "", .clock_frequency = 50000000};
    size_t size;
    void *blob = build(&guest, &size);

    (void)state;
    ASSERT_TEXT(blob, "/interrupt-controller@3001000", "compatible", "arm,gic-v3");
    assert_cells(blob, "/interrupt-controller@3001000", "reg",
                 (uint32_t[]){0, 0x3001000, 0, 0x10000, 0, 0x3020000, 0, 0x1000000}, 8);
    assert_cells(blob, "/timer", "clock-frequency", (uint32_t[]){50000000}, 1);
    assert_null(fdt_getprop(blob, fdt_path_offset(blob, "/chosen"), "linux,initrd-start", NULL));
    free(blob);
}

static void performance_monitors_are_for_the_guest_that_gets_them(void **state)
{
    struct guest_map map = place(192 * MIB, 32 * MIB, 0);
    struct guest_fdt guest = {.map = &map, .vcpus = 1, .gic = 3, .address_bits = 40,
                              .cmdline = "", .has_pmu = true};
    size_t size;
    void *blob = build(&guest, &size);

    (void)state;
    ASSERT_TEXT(blob, "/pmu", "compatible", "arm,armv8-pmuv3");
    assert_cells(blob, "/pmu", "interrupts", (uint32_t[]){1, 7, 0xf08}, 3);
    free(blob);
    guest.has_pmu = false;
    blob = build(&guest, &size);
    assert_true(fdt_path_offset(blob, "/pmu") < 0);
    free(blob);
}

static void a_seed_is_for_the_guest_that_gets_one(void **state)
{
    static const uint8_t seed[GUEST_FDT_SEED_BYTES] = {1, 2, 3, [GUEST_FDT_SEED_BYTES - 1] = 4};
    struct guest_map map = place(192 * MIB, 32 * MIB, 0);
    struct guest_fdt guest = {.map = &map, .vcpus = 1, .gic = 3, .address_bits = 40,
                              .cmdline = "", .rng_seed = seed};
    const void *found;
    void *blob;
    size_t size;
    int length;

    (void)state;
    assert_int_equal(guest_fdt_build(&guest, &blob, &size, &err), 0);
    found = fdt_getprop(blob, fdt_path_offset(blob, "/chosen"), "rng-seed", &length);
    assert_non_null(found);
    assert_int_equal(length, GUEST_FDT_SEED_BYTES);
    assert_memory_equal(found, seed, sizeof(seed));
    free(blob);
    guest.rng_seed = NULL;
    assert_int_equal(guest_fdt_build(&guest, &blob, &size, &err), 0);
    assert_null(fdt_getprop(blob, fdt_path_offset(blob, "/chosen"), "rng-seed", NULL));
    free(blob);
}

static void cpus_are_numbered_16_to_a_cluster(void **state)
{
    struct guest_map map = place(192 * MIB, 32 * MIB, 0);
    struct guest_fdt guest = {.map = &map, .vcpus = 128, .gic = 3, .address_bits = 40,
                              .cmdline = ""};
    size_t size;
    void *blob = build(&guest, &size);
    int count = 0;
    int node;

    (void)state;
    fdt_for_each_subnode(node, blob, fdt_path_offset(blob, "/cpus"))
        count++;
    assert_int_equal(count, 128);
    assert_cells(blob, "/cpus/cpu@f", "reg", (uint32_t[]){15}, 1);
    assert_cells(blob, "/cpus/cpu@100", "reg", (uint32_t[]){0x100}, 1);
    assert_cells(blob, "/cpus/cpu@70f", "reg", (uint32_t[]){0x70f}, 1);
    free(blob);
}

static void size_does_not_depend_on_addresses(void **state)
{
    struct guest_map small = place(64 * MIB, 32 * MIB, 100);
    struct guest_map large = place(1 * GIB, 200 * MIB, 4 * MIB);
    struct guest_fdt guest = {.map = &small, .vcpus = 4, .gic = 2, .address_bits = 40,
                              .cmdline = "x"};
    size_t first;
    size_t second;

    (void)state;
    free(build(&guest, &first));
    guest.map = &large;
    free(build(&guest, &second));
    assert_int_equal(first, second);
}

static void long_command_lines_fit_and_endless_ones_fail(void **state)
{
    struct guest_map map = place(192 * MIB, 32 * MIB, 0);
    struct guest_fdt guest = {.map = &map, .vcpus = 1, .gic = 2, .address_bits = 40};
    char *cmdline = malloc(2 * MIB);
    size_t size;
    void *blob;

    (void)state;
    memset(cmdline, 'x', 2 * MIB);
    cmdline[20000] = '\0';
    guest.cmdline = cmdline;
    free(build(&guest, &size));
    assert_true(size > 20000);
    cmdline[20000] = 'x';
    cmdline[2 * MIB - 1] = '\0';
    memset(&err, 0, sizeof(err));
    assert_true(guest_fdt_build(&guest, &blob, &size, &err) < 0);
    free(cmdline);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modules_lie_at_128_mib_when_there_is_room),
        cmocka_unit_test(modules_lie_at_the_end_of_small_memory),
        cmocka_unit_test(large_kernels_push_modules_up),
        cmocka_unit_test(every_size_that_is_accepted_is_sound),
        cmocka_unit_test(memory_that_is_too_small_is_refused_with_the_need),
        cmocka_unit_test(memory_beyond_3_gib_goes_to_the_second_bank),
        cmocka_unit_test(free_ranges_respect_the_address_width),
        cmocka_unit_test(tree_is_what_stock_guests_expect),
    cmocka_unit_test(a_uart_is_there_when_it_is_asked_for),
        cmocka_unit_test(gicv3_has_its_redistributors),
        cmocka_unit_test(performance_monitors_are_for_the_guest_that_gets_them),
    cmocka_unit_test(a_seed_is_for_the_guest_that_gets_one),
        cmocka_unit_test(cpus_are_numbered_16_to_a_cluster),
        cmocka_unit_test(size_does_not_depend_on_addresses),
        cmocka_unit_test(long_command_lines_fit_and_endless_ones_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
