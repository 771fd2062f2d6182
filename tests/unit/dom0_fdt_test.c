/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dom0's device tree, made from boards' trees.
 */
#include "boot/dom0_fdt.h"
#include "tests/unit/fdt_env.h"

#define OUT_BYTES 0x20000

static struct platform p;
static struct dom0_fdt d;
static char out[OUT_BYTES];
static const struct platform_range banks[2] = {
    { 0x50000000, 0x10000000 }, { 0x100000000, 0x10000000 }
};

static void *up(const char *name, unsigned vcpus)
{
    void *fdt = fdt_env_load(name);
    struct platform_uart u;

    assert_int_equal(fdt_pack(fdt), 0);
    platform_read(fdt, &p);
    assert_int_equal(platform_uart(&p, NULL, &u), 0);
    d = (struct dom0_fdt){
        .platform = &p, .uart_node = u.node, .bank = banks, .banks = 2,
        .vcpus = vcpus,
        .gicd_bytes = p.gic.version == GIC_V2 ? 0x1000 : 0x10000,
        .gicc_or_gicr_bytes = p.gic.version == GIC_V2 ? 0x2000 : vcpus * 0x20000,
        .grant = { 0x40200000, 0x40000 }, .ramdisk = { 0x5f000000, 0x1234 },
        .bootargs = "console=hvc0", .event_irq = 16,
    };
    assert_true(dom0_fdt_build(&d, out, sizeof(out)) > 0);
    assert_int_equal(fdt_check_full(out, sizeof(out)), 0);
    return fdt;
}

static void expect_cells(const char *path, const char *name, const uint32_t *want, unsigned cells)
{
    int bytes;
    const fdt32_t *p32 = fdt_getprop(out, fdt_env_node(out, path), name, &bytes);

    assert_non_null(p32);
    assert_int_equal(bytes, cells * 4);
    for (unsigned i = 0; i < cells; i++)
        assert_int_equal(fdt32_to_cpu(p32[i]), want[i]);
}
#define EXPECT_CELLS(path, name, ...) \
    expect_cells(path, name, (const uint32_t[]){ __VA_ARGS__ }, \
                 sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

static void want_string(const char *path, const char *name, const char *want)
{
    const char *s = fdt_util_string(out, fdt_env_node(out, path), name);

    assert_non_null(s);
    assert_string_equal(s, want);
}

static bool is_there(const char *path) { return fdt_path_offset(out, path) >= 0; }

static void what_the_hypervisor_keeps_is_gone(void **state)
{
    void *fdt = up("qemu-gicv2", 2);

    (void)state;
    assert_false(is_there("/memory@40000000"));
    assert_false(is_there("/pl011@9000000"));
    assert_false(is_there("/cpus/cpu-map"));
    assert_false(is_there("/chosen/module@0x41000000"));
    assert_false(is_there("/chosen/module@0x44000000"));
    assert_null(fdt_getprop(out, fdt_env_node(out, "/chosen"), "stdout-path", NULL));
    free(fdt);
}

static void performance_monitors_stay_if_their_interrupt_can_be_given(void **state)
{
    void *fdt = up("qemu-gicv2", 1);

    (void)state;
    assert_true(is_there("/pmu"));
    free(fdt);
}

/* Boards whose GIC has four cells, own strides, and names for timers in an order of their own. */
static void interrupts_have_as_many_cells_as_the_gic_says(void **state)
{
    const fdt32_t irqs[] = {
        cpu_to_fdt32(1), cpu_to_fdt32(14), cpu_to_fdt32(8), 0,
        cpu_to_fdt32(1), cpu_to_fdt32(11), cpu_to_fdt32(8), 0,
        cpu_to_fdt32(1), cpu_to_fdt32(10), cpu_to_fdt32(8), 0,
    };
    void *fdt = up("qemu-gicv3", 1);
    struct platform_uart u;
    int gic;

    (void)state;
    assert_int_equal(fdt_open_into(fdt, fdt, FDT_ENV_BYTES), 0);
    gic = fdt_node_offset_by_phandle(fdt, p.gic_phandle);
    fdt_setprop_u32(fdt, gic, "#interrupt-cells", 4);
    gic = fdt_node_offset_by_phandle(fdt, p.gic_phandle);
    fdt_setprop_u64(fdt, gic, "redistributor-stride", 0x40000);
    fdt_setprop(fdt, fdt_env_node(fdt, "/timer"), "interrupts", irqs, sizeof(irqs));
    fdt_setprop(fdt, fdt_env_node(fdt, "/timer"), "interrupt-names", "phys\0virt\0hyp-phys", 19);
    assert_int_equal(fdt_pack(fdt), 0);
    platform_read(fdt, &p);
    assert_int_equal(platform_uart(&p, NULL, &u), 0);
    d.uart_node = u.node;
    assert_true(dom0_fdt_build(&d, out, sizeof(out)) > 0);
    EXPECT_CELLS("/timer", "interrupts", 1, 13, 8, 0, 1, 14, 8, 0, 1, 11, 8, 0);
    EXPECT_CELLS("/hypervisor", "interrupts", 1, 0, 0xf08, 0);
    assert_null(fdt_getprop(out, fdt_env_node(out, "/timer"), "interrupt-names", NULL));
    gic = fdt_node_offset_by_phandle(out, p.gic_phandle);
    assert_null(fdt_getprop(out, gic, "redistributor-stride", NULL));
    free(fdt);
}

static void a_described_domain_gets_the_public_places_and_no_device(void **state)
{
    void *fdt = up("qemu-gicv3", 2);
    const struct platform_range bank = { 0x40000000, 0x8000000 };

    (void)state;
    d = (struct dom0_fdt){
        .platform = &p, .bank = &bank, .banks = 1, .vcpus = 2,
        .ramdisk = { 0x47000000, 0x1234 }, .bootargs = "console=ttyAMA0", .pmu_irq = 23,
    };
    assert_true(dom0_fdt_build_guest(&d, true, out, 0x1000) > 0);
    assert_int_equal(fdt_check_full(out, sizeof(out)), 0);
    EXPECT_CELLS("/memory@40000000", "reg", 0, 0x40000000, 0, 0x8000000);
    EXPECT_CELLS("/interrupt-controller", "reg", 0, 0x3001000, 0, 0x10000, 0, 0x3020000, 0,
                 0x1000000);
    EXPECT_CELLS("/timer", "interrupts", 1, 13, 0xf08, 1, 14, 0xf08, 1, 11, 0xf08);
    EXPECT_CELLS("/sbsa-uart", "reg", 0, 0x22000000, 0, 0x1000);
    EXPECT_CELLS("/sbsa-uart", "interrupts", 0, 0, 4);
    EXPECT_CELLS("/pmu", "interrupts", 1, 7, 0xf08);
    EXPECT_CELLS("/chosen", "linux,initrd-start", 0, 0x47000000);
    want_string("/chosen", "stdout-path", "/sbsa-uart");
    want_string("/chosen", "bootargs", "console=ttyAMA0");
    want_string("/cpus/cpu@1", "enable-method", "psci");
    want_string("/psci", "method", "hvc");
    assert_false(is_there("/hypervisor"));
    assert_false(is_there("/virtio_mmio@a000000"));
    p.gic.version = GIC_V2;
    assert_true(dom0_fdt_build_guest(&d, false, out, 0x1000) > 0);
    EXPECT_CELLS("/interrupt-controller", "reg", 0, 0x3001000, 0, 0x1000, 0, 0x3002000, 0, 0x2000);
    assert_false(is_there("/sbsa-uart"));
    assert_int_equal(dom0_fdt_build_guest(&d, true, out, 0x200), -ENOSPC);
    free(fdt);
}

static void an_enhanced_domain_is_told_of_xen(void **state)
{
    void *fdt = up("qemu-gicv3", 1);
    const struct platform_range bank = { 0x40000000, 0x8000000 };
    int node;

    (void)state;
    d = (struct dom0_fdt){
        .platform = &p, .bank = &bank, .banks = 1, .vcpus = 1, .bootargs = "",
        .grant = { GUEST_GNTTAB_BASE, GUEST_GNTTAB_SIZE }, .event_irq = GUEST_EVTCHN_PPI,
    };
    assert_true(dom0_fdt_build_guest(&d, false, out, 0x1000) > 0);
    node = fdt_env_node(out, "/hypervisor");
    assert_int_equal(fdt_stringlist_search(out, node, "compatible", "xen,xen-4.17"), 0);
    EXPECT_CELLS("/hypervisor", "reg", 0, GUEST_GNTTAB_BASE, 0, GUEST_GNTTAB_SIZE);
    EXPECT_CELLS("/hypervisor", "interrupts", 1, GUEST_EVTCHN_PPI - 16, 0xf08);
    assert_int_equal(fdt_util_property(out, node, "interrupt-parent", 0),
                     fdt_get_phandle(out, fdt_env_node(out, "/interrupt-controller")));
    free(fdt);
}

static void devices_and_seeds_stay(void **state)
{
    void *fdt = up("qemu-gicv2", 1);

    (void)state;
    assert_true(is_there("/virtio_mmio@a000000"));
    assert_true(is_there("/pl031@9010000"));
    assert_true(is_there("/pcie@10000000"));
    assert_true(is_there("/intc@8000000/v2m@8020000"));
    assert_non_null(fdt_getprop(out, fdt_env_node(out, "/pcie@10000000"), "msi-map", NULL));
    EXPECT_CELLS("/chosen", "kaslr-seed", 5, 6);
    free(fdt);
}

static void the_hypervisor_node_is_what_linux_looks_for(void **state)
{
    void *fdt = up("qemu-gicv2", 1);
    int node = fdt_env_node(out, "/hypervisor");

    (void)state;
    assert_int_equal(fdt_stringlist_search(out, node, "compatible", "xen,xen-4.17"), 0);
    assert_int_equal(fdt_stringlist_search(out, node, "compatible", "xen,xen"), 1);
    EXPECT_CELLS("/hypervisor", "reg", 0, 0x40200000, 0, 0x40000);
    EXPECT_CELLS("/hypervisor", "interrupts", 1, 0, 0xf08);
    EXPECT_CELLS("/hypervisor", "interrupt-parent", p.gic_phandle);
    free(fdt);
}

static void cpus_memory_psci_and_arguments_are_dom0s_own(void **state)
{
    void *fdt = up("qemu-gicv2", 3);
    int node, cpus = 0;

    (void)state;
    fdt_for_each_subnode(node, out, fdt_env_node(out, "/cpus"))
        cpus++;
    assert_int_equal(cpus, 3);
    EXPECT_CELLS("/cpus/cpu@2", "reg", 2);
    want_string("/cpus/cpu@2", "enable-method", "psci");
    want_string("/cpus/cpu@2", "compatible", "arm,cortex-a57");
    EXPECT_CELLS("/memory@50000000", "reg", 0, 0x50000000, 0, 0x10000000, 1, 0, 0, 0x10000000);
    want_string("/psci", "method", "hvc");
    want_string("/chosen", "bootargs", "console=hvc0");
    EXPECT_CELLS("/chosen", "linux,initrd-start", 0, 0x5f000000);
    EXPECT_CELLS("/chosen", "linux,initrd-end", 0, 0x5f001234);
    free(fdt);
}

static void gicv2_shows_distributor_and_cpu_interface_only(void **state)
{
    void *fdt = up("qemu-gicv2", 1);

    (void)state;
    EXPECT_CELLS("/intc@8000000", "reg", 0, 0x8000000, 0, 0x1000, 0, 0x8010000, 0, 0x2000);
    assert_null(fdt_getprop(out, fdt_env_node(out, "/intc@8000000"), "interrupts", NULL));
    EXPECT_CELLS("/timer", "interrupts", 1, 13, 0x304, 1, 14, 0x304, 1, 11, 0x304);
    free(fdt);
}

static void gicv3_shows_redistributors_of_its_vcpus_and_no_its(void **state)
{
    void *fdt = up("qemu-gicv3", 4);

    (void)state;
    EXPECT_CELLS("/intc@8000000", "reg", 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0x80000);
    EXPECT_CELLS("/intc@8000000", "#redistributor-regions", 1);
    assert_false(is_there("/intc@8000000/its@8080000"));
    assert_null(fdt_getprop(out, fdt_env_node(out, "/pcie@10000000"), "msi-map", NULL));
    free(fdt);
}

static void more_than_16_vcpus_are_named_by_their_affinity(void **state)
{
    void *fdt = up("qemu-gicv3", 18);

    (void)state;
    EXPECT_CELLS("/cpus/cpu@101", "reg", 0x101);
    want_string("/cpus/cpu@101", "compatible", "arm,cortex-a57");
    free(fdt);
}

static void a_console_behind_buses_and_its_aliases_are_gone(void **state)
{
    void *fdt = up("spin-table", 2);
    int aliases = fdt_env_node(out, "/aliases");

    (void)state;
    assert_false(is_there("/soc/bus@10000000/serial@c020000"));
    assert_true(is_there("/soc/bus@10000000/i2c@f000000"));
    assert_null(fdt_getprop(out, aliases, "serial0", NULL));
    assert_non_null(fdt_getprop(out, aliases, "disk0", NULL));
    assert_int_equal(fdt_num_mem_rsv(out), 0);
    assert_null(fdt_getprop(out, fdt_env_node(out, "/chosen"), "xen,dom0-bootargs", NULL));
    want_string("/cpus/cpu@1", "enable-method", "psci");
    free(fdt);
}

/* The board has them at 16, 29 and 30. */
static void the_timers_are_where_every_guest_has_them(void **state)
{
    void *fdt = up("spin-table", 2);

    (void)state;
    EXPECT_CELLS("/timer", "interrupts", 1, 13, 0xff08, 1, 14, 0xff08, 1, 11, 0xff08);
    free(fdt);
}

static void without_a_ramdisk_there_is_no_initrd(void **state)
{
    void *fdt = up("qemu-gicv2", 1);

    (void)state;
    d.ramdisk.bytes = 0;
    assert_true(dom0_fdt_build(&d, out, sizeof(out)) > 0);
    assert_null(fdt_getprop(out, fdt_env_node(out, "/chosen"), "linux,initrd-start", NULL));
    free(fdt);
}

static void too_small_a_buffer_is_an_error_at_any_size(void **state)
{
    void *fdt = up("qemu-gicv2", 2);
    int bytes = dom0_fdt_build(&d, out, sizeof(out));

    (void)state;
    for (int size = bytes - 64; size > 0; size -= 97)
        assert_int_equal(dom0_fdt_build(&d, out, (size_t)size), -ENOSPC);
    free(fdt);
}

static void a_gic_without_reg_is_an_error(void **state)
{
    void *fdt = fdt_env_load("qemu-gicv2");

    (void)state;
    assert_int_equal(fdt_delprop(fdt, fdt_env_node(fdt, "/intc@8000000"), "reg"), 0);
    assert_int_equal(fdt_pack(fdt), 0);
    platform_read(fdt, &p);
    d.uart_node = -1;
    assert_int_equal(dom0_fdt_build(&d, out, sizeof(out)), -EINVAL);
    free(fdt);
}

/* The host's tree may have no room for sizes of 4 GiB: half a truth is none. */
static void memory_that_its_cells_cannot_say_is_refused(void **state)
{
    struct platform_range bank = { 0x100000000, 0x100000 };
    void *fdt = up("qemu-gicv2", 1);

    (void)state;
    d.bank = &bank;
    d.banks = 1;
    d.uart_node = -1;
    assert_int_equal(fdt_open_into(fdt, fdt, FDT_ENV_BYTES), 0);
    fdt_setprop_u32(fdt, 0, "#size-cells", 1);
    assert_int_equal(fdt_pack(fdt), 0);
    platform_read(fdt, &p);
    assert_true(dom0_fdt_build(&d, out, sizeof(out)) > 0);
    bank.bytes = 0x140000000;
    assert_true(dom0_fdt_build(&d, out, sizeof(out)) < 0);
    free(fdt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_that_its_cells_cannot_say_is_refused),
        cmocka_unit_test(what_the_hypervisor_keeps_is_gone),
        cmocka_unit_test(performance_monitors_stay_if_their_interrupt_can_be_given),
        cmocka_unit_test(devices_and_seeds_stay),
        cmocka_unit_test(a_described_domain_gets_the_public_places_and_no_device),
        cmocka_unit_test(an_enhanced_domain_is_told_of_xen),
        cmocka_unit_test(the_hypervisor_node_is_what_linux_looks_for),
        cmocka_unit_test(cpus_memory_psci_and_arguments_are_dom0s_own),
        cmocka_unit_test(gicv2_shows_distributor_and_cpu_interface_only),
        cmocka_unit_test(gicv3_shows_redistributors_of_its_vcpus_and_no_its),
        cmocka_unit_test(more_than_16_vcpus_are_named_by_their_affinity),
        cmocka_unit_test(a_console_behind_buses_and_its_aliases_are_gone),
        cmocka_unit_test(interrupts_have_as_many_cells_as_the_gic_says),
        cmocka_unit_test(the_timers_are_where_every_guest_has_them),
        cmocka_unit_test(without_a_ramdisk_there_is_no_initrd),
        cmocka_unit_test(too_small_a_buffer_is_an_error_at_any_size),
        cmocka_unit_test(a_gic_without_reg_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
