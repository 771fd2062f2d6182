/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Facts read from device trees of boards.
 */
#include "boot/ranges.h"
#include "core/base/log.h"
#include "tests/unit/fdt_env.h"

static struct platform p;

static void *up(const char *name)
{
    void *fdt = fdt_env_load(name);

    platform_read(fdt, &p);
    return fdt;
}

static void qemus_board_with_gicv2_is_understood(void **state)
{
    void *fdt = up("qemu-gicv2");

    (void)state;
    assert_string_equal(p.model, "linux,dummy-virt");
    assert_int_equal(p.banks, 1);
    assert_int_equal(p.bank[0].base, 0x40000000);
    assert_int_equal(p.bank[0].bytes, 0x40000000);
    assert_int_equal(p.cpus, 2);
    assert_int_equal(p.cpu[1].mpidr, 1);
    assert_int_equal(p.cpu[1].start, PLATFORM_CPU_PSCI);
    assert_true(p.has_psci);
    assert_true(p.gic_node >= 0);
    assert_int_equal(p.gic.version, GIC_V2);
    assert_int_equal(p.gic.gicd_base, 0x8000000);
    assert_int_equal(p.gic.gicc_base, 0x8010000);
    assert_int_equal(p.gic.gich_base, 0x8030000);
    assert_int_equal(p.gic.gicv_base, 0x8040000);
    assert_int_equal(p.gic.maintenance_irq, 25);
    assert_true(p.timer_node >= 0);
    assert_int_equal(p.timer_virtual_irq, 27);
    assert_int_equal(p.timer_hyp_irq, 26);
    free(fdt);
}

/* Its tree in Linux names it; firmware that knows better says 0x78090000. */
static void gic_of_x_gene_at_its_secure_alias_is_flawed(void **state)
{
    const fdt32_t frames[] = { 0, cpu_to_fdt32(0x78010000), 0, cpu_to_fdt32(0x1000),
                               0, cpu_to_fdt32(0x78020000), 0, cpu_to_fdt32(0x1000),
                               0, cpu_to_fdt32(0x78040000), 0, cpu_to_fdt32(0x2000),
                               0, cpu_to_fdt32(0x78060000), 0, cpu_to_fdt32(0x2000) };
    void *fdt = up("qemu-gicv2");

    (void)state;
    assert_true(p.gic.is_flawed);
    assert_int_equal(fdt_setprop_string(fdt, 0, "compatible", "apm,mustang"), 0);
    platform_read(fdt, &p);
    assert_false(p.gic.is_flawed);
    assert_int_equal(fdt_setprop(fdt, p.gic_node, "reg", frames, sizeof(frames)), 0);
    platform_read(fdt, &p);
    assert_int_equal(p.gic.gicd_base, 0x78010000);
    assert_true(p.gic.is_flawed);
    free(fdt);
}

static void qemus_board_with_gicv3_is_understood(void **state)
{
    void *fdt = up("qemu-gicv3");

    (void)state;
    assert_int_equal(p.gic.version, GIC_V3);
    assert_int_equal(p.gic.gicd_base, 0x8000000);
    assert_int_equal(p.gic.gicr_regions, 1);
    assert_int_equal(p.gic.gicr[0].base, 0x80a0000);
    assert_int_equal(p.gic.gicr[0].bytes, 0xf60000);
    assert_int_equal(p.gic.maintenance_irq, 25);
    free(fdt);
}

static void modules_are_found_by_their_compatibles(void **state)
{
    void *fdt = up("qemu-gicv2");

    (void)state;
    assert_int_equal(p.kernel.base, 0x41000000);
    assert_true(p.kernel.bytes > 0);
    assert_string_equal(p.kernel.bootargs, "console=hvc0");
    assert_int_equal(p.ramdisk.base, 0x44000000);
    assert_string_equal(p.args, "dom0_mem=512M");
    assert_string_equal(p.dom0_args, "console=hvc0");
    free(fdt);
}

static void a_boards_power_registers_are_read(void **state)
{
    void *fdt = up("power");

    (void)state;
    assert_int_equal(p.off.base, 0x1c000008);
    assert_int_equal(p.off.mask, 0xff00);
    assert_int_equal(p.off.value, 0x5500);
    assert_int_equal(p.reset.base, 0x17000014);
    assert_int_equal(p.reset.mask, 0xffffffff); /* no value: all of the register becomes mask */
    assert_int_equal(p.reset.value, 1);
    assert_int_equal(fdt_setprop_string(fdt, fdt_path_offset(fdt, "/reboot"), "status", "disabled"),
                     0);
    assert_int_equal(fdt_del_node(fdt, fdt_path_offset(fdt, "/second")), 0);
    platform_read(fdt, &p);
    assert_int_equal(p.reset.base, 0x17000040);
    assert_int_equal(p.reset.value, 1);
    /* Beyond its registers, also by an offset that wraps around. */
    assert_int_equal(fdt_setprop_u64(fdt, fdt_path_offset(fdt, "/outside"), "offset", -4ul), 0);
    assert_int_equal(fdt_del_node(fdt, fdt_path_offset(fdt, "/reboot@17000014")), 0);
    platform_read(fdt, &p);
    assert_int_equal(p.reset.base, 0);
    free(fdt);
}

static void untyped_modules_are_kernel_then_ramdisk(void **state)
{
    void *fdt = up("spin-table");

    (void)state;
    assert_int_equal(p.kernel.base, 0x42000000);
    assert_int_equal(p.kernel.bytes, 0x1000000);
    assert_int_equal(p.ramdisk.base, 0x44000000);
    assert_string_equal(p.args, "dom0_mem=1G");
    assert_string_equal(p.dom0_args, "console=hvc0 root=/dev/sda1");
    free(fdt);
}

static void domains_are_read_and_faulty_ones_left_out(void **state)
{
    void *fdt = up("domains");
    const struct platform_domain *web = &p.domain[0], *db = &p.domain[1];

    (void)state;
    assert_int_equal(p.kernel.bytes, 0);
    assert_int_equal(p.domains, 2);
    assert_string_equal(web->name, "web");
    assert_int_equal(web->memory_bytes, 128ul << 20);
    assert_int_equal(web->cpus, 2);
    assert_int_equal(web->spis, 1); /* the UART's */
    assert_true(web->has_uart);
    assert_true(web->has_pmu);
    assert_false(db->has_pmu);
    assert_int_equal(web->kernel.base, 0x42000000);
    assert_string_equal(web->kernel.bootargs, "console=ttyAMA0");
    assert_int_equal(web->ramdisk.bytes, 0x800000);
    assert_string_equal(db->name, "db");
    assert_int_equal(db->memory_bytes, 32ul << 20);
    assert_int_equal(db->spis, 32);
    assert_false(db->has_uart);
    assert_int_equal(db->kernel.bytes, 0x1000000);
    assert_int_equal(db->ramdisk.bytes, 0);
    free(fdt);
}

/* Reads the tree with this in /chosen/web; true: the domain is left out, and the log says why. */
static bool is_left_out(const char *name, const char *value, int bytes, const char *why)
{
    void *fdt = fdt_env_load("domains");
    uint64_t pos = log_end();
    char said[4096];
    size_t n;

    assert_int_equal(fdt_setprop(fdt, fdt_env_node(fdt, "/chosen/web"), name, value, bytes), 0);
    platform_read(fdt, &p);
    n = log_read(&pos, said, sizeof(said) - 1);
    said[n] = '\0';
    free(fdt);
    return p.domains == 1 && strstr(said, "/chosen/web: ") && strstr(said, why);
}

static void only_what_is_asked_for_is_enhanced(void **state)
{
    (void)state;
    free(up("domains"));
    assert_false(p.domain[0].is_enhanced);
    assert_false(is_left_out("xen,enhanced", NULL, 0, ""));
    assert_true(p.domain[0].is_enhanced);
    assert_false(p.domain[1].is_enhanced);
    assert_false(is_left_out("xen,enhanced", "", 1, ""));
    assert_true(p.domain[0].is_enhanced);
    assert_false(is_left_out("xen,enhanced", "enabled", 8, ""));
    assert_true(p.domain[0].is_enhanced);
    assert_false(is_left_out("xen,enhanced", "disabled", 9, ""));
    assert_false(p.domain[0].is_enhanced);
    assert_true(is_left_out("xen,enhanced", "no-xenstore", 12, "xen,enhanced"));
}

static void what_is_not_supported_is_refused_by_name(void **state)
{
    static const char *const names[] = { "xen,static-mem", "direct-map", "domain-cpupool" };
    static const char *const nodes[] = { "multiboot,device-tree", "xen,evtchn-v1",
                                         "xen,domain-shared-memory-v1" };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
        assert_true(is_left_out(names[i], NULL, 0, names[i]));
    assert_false(is_left_out("xen,domain-p2m-mem-mb", "\0\0\0\10", 4, "")); /* of no use here */
    for (unsigned i = 0; i < ARRAY_SIZE(nodes); i++) {
        void *fdt = fdt_env_load("domains");
        int node = fdt_add_subnode(fdt, fdt_env_node(fdt, "/chosen/web"), "part");

        assert_true(node > 0);
        assert_int_equal(fdt_setprop_string(fdt, node, "compatible", nodes[i]), 0);
        platform_read(fdt, &p);
        assert_int_equal(p.domains, 1);
        free(fdt);
    }
}

static void a_module_with_a_bad_reg_is_no_module(void **state)
{
    void *fdt = fdt_env_load("qemu-gicv2");
    int node = fdt_env_node(fdt, "/chosen/module@0x41000000");

    (void)state;
    assert_int_equal(fdt_setprop_u32(fdt, node, "reg", 0x41000000), 0);
    platform_read(fdt, &p);
    assert_int_equal(p.kernel.bytes, 0);
    assert_int_equal(p.ramdisk.base, 0x44000000);
    free(fdt);
}

/* The reg's length tells how many there are, whatever /chosen says. */
static void an_absurd_number_of_cells_does_not_hide_a_module(void **state)
{
    const fdt32_t reg[] = { 0, cpu_to_fdt32(0x41000000), cpu_to_fdt32(0x1000) };
    void *fdt = fdt_env_load("qemu-gicv2");

    (void)state;
    assert_int_equal(fdt_setprop(fdt, fdt_env_node(fdt, "/chosen/module@0x41000000"), "reg", reg,
                                 sizeof(reg)), 0);
    assert_int_equal(fdt_setprop_u32(fdt, fdt_env_node(fdt, "/chosen"), "#address-cells",
                                     0x40000002), 0);
    assert_int_equal(fdt_setprop_u32(fdt, fdt_env_node(fdt, "/chosen"), "#size-cells", 1), 0);
    platform_read(fdt, &p);
    assert_int_equal(p.kernel.base, 0x41000000);
    assert_int_equal(p.kernel.bytes, 0x1000);
    free(fdt);
}

static void ram_is_sorted_whole_blocks_without_nomap_regions(void **state)
{
    void *fdt = up("spin-table");

    (void)state;
    assert_int_equal(p.banks, 3);
    assert_int_equal(p.bank[0].base, 0x4000200000);
    assert_int_equal(p.bank[0].bytes, 0xfe00000);
    assert_int_equal(p.bank[1].base, 0x4010200000);
    assert_int_equal(p.bank[1].bytes, 0x6fe00000);
    assert_int_equal(p.bank[2].base, 0x4100000000);
    assert_int_equal(p.bank[2].bytes, 0x40000000);
    free(fdt);
}

static void touching_banks_are_one(void **state)
{
    void *fdt = fdt_env_load("spin-table");
    int node = fdt_env_node(fdt, "/memory@4100000000");
    fdt64_t reg[2] = { cpu_to_fdt64(0x4080000000), cpu_to_fdt64(0x80000000) };

    (void)state;
    assert_int_equal(fdt_setprop(fdt, node, "reg", reg, sizeof(reg)), 0);
    platform_read(fdt, &p);
    assert_int_equal(p.banks, 2);
    assert_int_equal(p.bank[1].base, 0x4010200000);
    assert_int_equal(p.bank[1].bytes, 0xefe00000);
    free(fdt);
}

static void reservations_of_both_kinds_are_kept(void **state)
{
    void *fdt = up("spin-table");

    (void)state;
    assert_int_equal(p.reserveds, 2);
    assert_int_equal(p.reserved[0].base, 0x4000000000);
    assert_int_equal(p.reserved[0].bytes, 0x10000);
    assert_int_equal(p.reserved[1].base, 0x4020000000);
    free(fdt);
}

/* What there is no room to keep apart, or wraps around, must not become somebody's RAM. */
static void reservations_without_end_are_no_ram(void **state)
{
    void *fdt = fdt_env_load("spin-table");
    int parent = fdt_env_node(fdt, "/reserved-memory");

    (void)state;
    for (unsigned i = 0; i < 60; i++) {
        fdt64_t reg[2] = { cpu_to_fdt64(0x4040000000 + i * 0x200000ul), cpu_to_fdt64(0x1000) };
        char name[16];
        int node;

        snprintf(name, sizeof(name), "r@%x", i);
        node = fdt_add_subnode(fdt, parent, name);
        assert_true(node >= 0);
        assert_int_equal(fdt_setprop(fdt, node, "reg", reg, sizeof(reg)), 0);
    }
    assert_int_equal(fdt_add_mem_rsv(fdt, 0x4050000000, ~0ul), 0);
    platform_read(fdt, &p);
    assert_int_equal(p.reserveds, PLATFORM_RESERVED_MAX);
    for (unsigned i = 0; i < 60; i++) {
        struct platform_range r = { 0x4040000000 + i * 0x200000ul, 0x1000 };

        assert_true(ranges_overlap(p.reserved, p.reserveds, r) ||
                    !ranges_overlap(p.bank, p.banks, r));
    }
    for (unsigned i = 0; i < p.banks; i++)
        assert_true(p.bank[i].base < 0x4050000000);
    free(fdt);
}

static void spin_table_cpus_have_a_release_address(void **state)
{
    void *fdt = up("spin-table");

    (void)state;
    assert_false(p.has_psci);
    assert_int_equal(p.cpus, 2);
    assert_int_equal(p.cpu[1].mpidr, 0x100);
    assert_int_equal(p.cpu[1].start, PLATFORM_CPU_SPIN);
    assert_int_equal(p.cpu[1].release_address, 0x400000fff8);
    assert_string_equal(p.cpu[1].compatible, "apm,potenza");
    assert_int_equal(p.timer_frequency_hz, 50000000);
    assert_int_equal(p.timer_virtual_irq, 30);
    assert_int_equal(p.timer_hyp_irq, 31);
    free(fdt);
}

static void the_console_is_found_by_alias_and_translated(void **state)
{
    void *fdt = up("spin-table");
    struct platform_uart u;

    (void)state;
    assert_int_equal(platform_uart(&p, NULL, &u), 0);
    assert_ptr_equal(u.driver, &ns16550_driver);
    assert_int_equal(u.config.base, 0x1c020000);
    assert_int_equal(u.config.reg_shift, 2);
    assert_int_equal(u.config.reg_width, 4);
    assert_int_equal(u.config.irq, 32 + 0x4c);
    free(fdt);
}

static void the_console_may_be_missing_or_unknown(void **state)
{
    void *fdt = up("qemu-gicv2");
    struct platform_uart u;

    (void)state;
    assert_int_equal(platform_uart(&p, NULL, &u), 0);
    assert_ptr_equal(u.driver, &pl011_driver);
    assert_int_equal(u.config.irq, 33);
    assert_int_equal(platform_uart(&p, "/nowhere", &u), -ENOENT);
    assert_int_equal(u.node, -1);
    assert_int_equal(platform_uart(&p, "/timer", &u), -ENODEV);
    assert_int_equal(u.node, -1); /* Dom0 may have it */
    fdt_delprop(fdt, fdt_env_node(fdt, "/chosen"), "stdout-path");
    assert_int_equal(platform_uart(&p, NULL, &u), -ENOENT);
    free(fdt);
}

/* Which of three strings goes where: docs/misc/arm/device-tree/booting.txt of Xen. */
static void expect_args(const char *own, const char *dom0, const char *plain, const char *want_own,
                        const char *want_dom0)
{
    void *fdt = fdt_env_load("qemu-gicv2");
    int chosen = fdt_env_node(fdt, "/chosen");

    fdt_delprop(fdt, chosen, "bootargs");
    fdt_delprop(fdt, fdt_env_node(fdt, "/chosen/module@0x41000000"), "bootargs");
    chosen = fdt_env_node(fdt, "/chosen");
    if (own)
        fdt_setprop_string(fdt, chosen, "xen,xen-bootargs", own);
    if (dom0)
        fdt_setprop_string(fdt, chosen, "xen,dom0-bootargs", dom0);
    if (plain)
        fdt_setprop_string(fdt, chosen, "bootargs", plain);
    platform_read(fdt, &p);
    assert_string_equal(p.args, want_own);
    assert_string_equal(p.dom0_args, want_dom0);
    free(fdt);
}

static void command_lines_follow_the_published_rules(void **state)
{
    (void)state;
    expect_args("own", "dom0", "plain", "own", "dom0");
    expect_args(NULL, "dom0", "plain", "plain", "dom0");
    expect_args("own", NULL, "plain", "own", "plain");
    expect_args(NULL, NULL, "plain", "", "plain");
    expect_args(NULL, NULL, NULL, "", "");
}

static void an_empty_tree_has_nothing_and_harms_nobody(void **state)
{
    char fdt[512];

    (void)state;
    assert_int_equal(fdt_create_empty_tree(fdt, sizeof(fdt)), 0);
    platform_read(fdt, &p);
    assert_int_equal(p.banks, 0);
    assert_int_equal(p.cpus, 0);
    assert_int_equal(p.gic_node, -1);
    assert_int_equal(p.timer_node, -1);
    assert_int_equal(p.kernel.bytes, 0);
    assert_string_equal(p.args, "");
}

static void what_is_no_tree_is_refused(void **state)
{
    uint8_t *fdt = fdt_env_load("qemu-gicv2");
    uint8_t junk[64] = { 0 };

    (void)state;
    assert_true(fdt_util_is_sound(fdt, FDT_ENV_BYTES));
    assert_false(fdt_util_is_sound(fdt, 1024));
    assert_false(fdt_util_is_sound(junk, sizeof(junk)));
    /* Before version 16 the root has no name of its own. */
    fdt_set_version(fdt, 3);
    assert_false(fdt_util_is_sound(fdt, FDT_ENV_BYTES));
    fdt_set_version(fdt, 17);
    /* A token in the middle of the structure that is none. */
    memset(fdt + fdt_off_dt_struct(fdt) + 64, 0xee, 64);
    assert_false(fdt_util_is_sound(fdt, FDT_ENV_BYTES));
    free(fdt);
}

static void a_property_that_ends_where_it_begins_is_refused(void **state)
{
    void *fdt = fdt_env_load("qemu-gicv2");
    int bytes;
    struct fdt_property *property;

    (void)state;
    property = fdt_get_property_w(fdt, 0, "compatible", &bytes);
    property->len = cpu_to_fdt32(0u - (uint32_t)sizeof(*property));
    assert_false(fdt_util_is_sound(fdt, FDT_ENV_BYTES));
    free(fdt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(qemus_board_with_gicv2_is_understood),
        cmocka_unit_test(gic_of_x_gene_at_its_secure_alias_is_flawed),
        cmocka_unit_test(qemus_board_with_gicv3_is_understood),
        cmocka_unit_test(modules_are_found_by_their_compatibles),
        cmocka_unit_test(a_boards_power_registers_are_read),
    cmocka_unit_test(untyped_modules_are_kernel_then_ramdisk),
        cmocka_unit_test(domains_are_read_and_faulty_ones_left_out),
        cmocka_unit_test(only_what_is_asked_for_is_enhanced),
        cmocka_unit_test(what_is_not_supported_is_refused_by_name),
        cmocka_unit_test(a_module_with_a_bad_reg_is_no_module),
        cmocka_unit_test(an_absurd_number_of_cells_does_not_hide_a_module),
        cmocka_unit_test(ram_is_sorted_whole_blocks_without_nomap_regions),
        cmocka_unit_test(touching_banks_are_one),
        cmocka_unit_test(reservations_of_both_kinds_are_kept),
        cmocka_unit_test(reservations_without_end_are_no_ram),
    cmocka_unit_test(spin_table_cpus_have_a_release_address),
        cmocka_unit_test(the_console_is_found_by_alias_and_translated),
        cmocka_unit_test(the_console_may_be_missing_or_unknown),
        cmocka_unit_test(command_lines_follow_the_published_rules),
        cmocka_unit_test(an_empty_tree_has_nothing_and_harms_nobody),
        cmocka_unit_test(what_is_no_tree_is_refused),
        cmocka_unit_test(a_property_that_ends_where_it_begins_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
