/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which register windows Dom0 gets.
 */
#include "boot/dom0_devices.h"
#include "boot/ranges.h"
#include "tests/unit/fdt_env.h"

static struct platform p;
static struct platform_range window[DOM0_DEVICES_MAX];
static unsigned count;

static void *up(const char *name)
{
    void *fdt = fdt_env_load(name);
    struct platform_uart u;

    platform_read(fdt, &p);
    assert_int_equal(platform_uart(&p, NULL, &u), 0);
    assert_true(dom0_devices_windows(&p, u.node, window, &count, DOM0_DEVICES_MAX));
    return fdt;
}

static bool has(uint64_t base, uint64_t bytes)
{
    return ranges_contain(window, count, (struct platform_range){ base, bytes });
}

static bool touches(uint64_t base, uint64_t bytes)
{
    return ranges_overlap(window, count, (struct platform_range){ base, bytes });
}

static void devices_of_qemus_board_are_dom0s(void **state)
{
    void *fdt = up("qemu-gicv2");

    (void)state;
    assert_true(has(0xa000000, 0x400));            /* two virtio-mmio in one page */
    assert_true(has(0x9010000, 0x1000));           /* clock */
    assert_true(has(0x9020000, 0x18));             /* fw-cfg */
    assert_true(has(0x8020000, 0x1000));           /* v2m frame */
    assert_true(has(0x4010000000, 0x10000000));    /* PCI configuration space */
    assert_true(has(0x10000000, 0x2eff0000));      /* PCI windows */
    assert_true(has(0x3eff0000, 0x10000));
    assert_true(has(0x8000000000, 0x8000000000));
    free(fdt);
}

static void gic_console_and_ram_are_not(void **state)
{
    void *fdt = up("qemu-gicv2");

    (void)state;
    assert_false(touches(0x8000000, 0x20000));
    assert_false(touches(0x8030000, 0x20000));
    assert_false(touches(0x9000000, 0x1000));
    assert_false(touches(0x40000000, 0x40000000));
    free(fdt);
    fdt = up("qemu-gicv3");
    assert_false(touches(0x8000000, 0x10000));
    assert_false(touches(0x8080000, 0x20000));     /* ITS */
    assert_false(touches(0x80a0000, 0xf60000));
    free(fdt);
}

static void without_a_console_of_ours_the_uart_is_dom0s(void **state)
{
    void *fdt = up("qemu-gicv2");

    (void)state;
    assert_true(dom0_devices_windows(&p, -1, window, &count, DOM0_DEVICES_MAX));
    assert_true(has(0x9000000, 0x1000));
    free(fdt);
}

static void registers_claimed_over_ram_or_gic_are_cut_away(void **state)
{
    void *fdt = up("spin-table");

    (void)state;
    assert_false(touches(0x4040000000, 0x1000));
    assert_false(touches(0x78090000, 0x10000));
    assert_false(touches(0x780a0000, 0x20000));
    assert_true(has(0x78080000, 0x10000));         /* what is left of that claim */
    assert_true(has(0x1f000000, 0x2000));          /* whole pages */
    assert_false(touches(0x1c020000, 0x1000));
    assert_false(touches(0x48, 1));                /* an address on I2C is no register */
    assert_true(has(0xe180000000, 0x80000000));
    free(fdt);
}

static void too_many_windows_are_reported(void **state)
{
    void *fdt = up("qemu-gicv2");

    (void)state;
    assert_false(dom0_devices_windows(&p, -1, window, &count, 3));
    assert_true(count <= 3);
    free(fdt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(devices_of_qemus_board_are_dom0s),
        cmocka_unit_test(gic_console_and_ram_are_not),
        cmocka_unit_test(without_a_console_of_ours_the_uart_is_dom0s),
        cmocka_unit_test(registers_claimed_over_ram_or_gic_are_cut_away),
        cmocka_unit_test(too_many_windows_are_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
