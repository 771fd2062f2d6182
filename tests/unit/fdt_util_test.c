/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a device tree: walk, translation, interrupts.
 */
#include "tests/unit/fdt_env.h"

static const char serial[] = "/soc/bus@10000000/serial@c020000";
static const char i2c[] = "/soc/bus@10000000/i2c@f000000";

static void a_walk_visits_every_node_with_its_path(void **state)
{
    void *fdt = fdt_env_load("spin-table");
    unsigned nodes = 0, expected = 0;
    struct fdt_walk w;

    (void)state;
    for (int n = 0, depth = 0; n >= 0 && depth >= 0; n = fdt_next_node(fdt, n, &depth))
        expected++;
    fdt_util_walk_begin(&w, fdt);
    while (fdt_util_walk_next(&w)) {
        int node = fdt_util_node(&w);

        if (w.depth > 0)
            assert_int_equal(w.path[w.depth - 1], fdt_parent_offset(fdt, node));
        nodes++;
    }
    assert_int_equal(nodes, expected);
    free(fdt);
}

static void nodes_too_deep_are_skipped(void **state)
{
    void *fdt = fdt_env_load("spin-table");
    unsigned deepest = 0;
    struct fdt_walk w;
    int node = 0;

    (void)state;
    for (int i = 0; i < FDT_UTIL_DEPTH_MAX + 4; i++)
        node = fdt_add_subnode(fdt, node, "deeper");
    assert_true(node > 0);
    fdt_util_walk_begin(&w, fdt);
    while (fdt_util_walk_next(&w))
        deepest = MAX(deepest, (unsigned)w.depth);
    assert_int_equal(deepest, FDT_UTIL_DEPTH_MAX - 1);
    free(fdt);
}

static void registers_are_translated_through_all_buses(void **state)
{
    void *fdt = fdt_env_load("spin-table");
    uint64_t base, bytes;
    struct fdt_walk w;

    (void)state;
    fdt_env_walk(&w, fdt, serial);
    assert_int_equal(fdt_util_reg(&w, 0, &base, &bytes), 0);
    assert_int_equal(base, 0x1c020000);
    assert_int_equal(bytes, 0x1000);
    assert_int_equal(fdt_util_reg(&w, 1, &base, &bytes), -ENOENT);
    fdt_env_walk(&w, fdt, "/soc/sata@1a000000");
    assert_int_equal(fdt_util_reg(&w, 1, &base, &bytes), 0);
    assert_int_equal(base, 0x1f210000);
    free(fdt);
}

static void what_no_bus_translates_is_refused(void **state)
{
    void *fdt = fdt_env_load("spin-table");
    uint64_t base, bytes;
    struct fdt_walk w;

    (void)state;
    fdt_env_walk(&w, fdt, "/soc/bus@10000000/i2c@f000000/sensor@48");
    assert_int_equal(fdt_util_reg(&w, 0, &base, &bytes), -EINVAL);
    fdt_env_walk(&w, fdt, "/soc/bus@10000000/outside@10000000");
    assert_int_equal(fdt_util_reg(&w, 0, &base, &bytes), -EINVAL);
    fdt_env_walk(&w, fdt, "/cpus/cpu@100");
    assert_int_equal(fdt_util_reg(&w, 0, &base, &bytes), -EINVAL);
    fdt_env_walk(&w, fdt, "/timer");
    assert_int_equal(fdt_util_reg(&w, 0, &base, &bytes), -ENOENT);
    free(fdt);
}

static void interrupts_are_numbered_as_the_gic_numbers_them(void **state)
{
    void *fdt = fdt_env_load("spin-table");
    uint32_t gic = fdt_get_phandle(fdt, fdt_env_node(fdt, "/interrupt-controller@78090000"));
    struct fdt_walk w;

    (void)state;
    fdt_env_walk(&w, fdt, serial);
    assert_int_equal(fdt_util_interrupt(&w, 0, gic), 32 + 0x4c);
    assert_int_equal(fdt_util_interrupt(&w, 1, gic), 0);
    fdt_env_walk(&w, fdt, "/timer");
    assert_int_equal(fdt_util_interrupt(&w, 3, gic), 31);
    assert_int_equal(fdt_util_interrupt(&w, 0, gic + 1000), 0);
    free(fdt);
}

static void extended_interrupts_name_their_controller(void **state)
{
    void *fdt = fdt_env_load("spin-table");
    uint32_t gic = fdt_get_phandle(fdt, fdt_env_node(fdt, "/interrupt-controller@78090000"));
    struct fdt_walk w;

    (void)state;
    fdt_env_walk(&w, fdt, i2c);
    assert_int_equal(fdt_util_interrupt(&w, 0, gic), 0);
    assert_int_equal(fdt_util_interrupt(&w, 1, gic), 32 + 0x44);
    assert_int_equal(fdt_util_interrupt(&w, 2, gic), 0);
    free(fdt);
}

/* Multiplied by four, or by an index, they would come out small. */
static void absurd_numbers_of_cells_lead_nowhere(void **state)
{
    static const uint32_t absurd[] = { 5, 0x40000001, 0x80000000, 0x80000003, 0xffffffff };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(absurd); i++) {
        void *fdt = fdt_env_load("spin-table");
        int gic = fdt_env_node(fdt, "/interrupt-controller@78090000");
        uint32_t phandle = fdt_get_phandle(fdt, gic);
        uint64_t base, bytes;
        struct fdt_walk w;

        assert_int_equal(fdt_setprop_u32(fdt, gic, "#interrupt-cells", absurd[i]), 0);
        fdt_env_walk(&w, fdt, "/timer");
        for (unsigned index = 0; index < 4; index++)
            assert_int_equal(fdt_util_interrupt(&w, index, phandle), 0);
        fdt_env_walk(&w, fdt, i2c);
        for (unsigned index = 0; index < 4; index++)
            assert_int_equal(fdt_util_interrupt(&w, index, phandle), 0);
        assert_int_equal(fdt_setprop_u32(fdt, fdt_env_node(fdt, "/soc/bus@10000000"),
                                         "#address-cells", absurd[i]), 0);
        fdt_env_walk(&w, fdt, serial);
        assert_int_equal(fdt_util_reg(&w, 0, &base, &bytes), -EINVAL);
        free(fdt);
    }
}

static void strings_must_be_terminated(void **state)
{
    void *fdt = fdt_env_load("spin-table");

    (void)state;
    assert_string_equal(fdt_util_string(fdt, 0, "model"), "spin-table board");
    assert_int_equal(fdt_setprop(fdt, 0, "model", "abc", 3), 0);
    assert_null(fdt_util_string(fdt, 0, "model"));
    assert_null(fdt_util_string(fdt, 0, "nothing"));
    free(fdt);
}

static void status_tells_availability(void **state)
{
    void *fdt = fdt_env_load("spin-table");

    (void)state;
    assert_true(fdt_util_is_available(fdt, fdt_env_node(fdt, "/cpus/cpu@100")));
    assert_false(fdt_util_is_available(fdt, fdt_env_node(fdt, "/cpus/cpu@200")));
    free(fdt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_walk_visits_every_node_with_its_path),
        cmocka_unit_test(nodes_too_deep_are_skipped),
        cmocka_unit_test(registers_are_translated_through_all_buses),
        cmocka_unit_test(what_no_bus_translates_is_refused),
        cmocka_unit_test(interrupts_are_numbered_as_the_gic_numbers_them),
        cmocka_unit_test(extended_interrupts_name_their_controller),
        cmocka_unit_test(absurd_numbers_of_cells_lead_nowhere),
        cmocka_unit_test(strings_must_be_terminated),
        cmocka_unit_test(status_tells_availability),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
