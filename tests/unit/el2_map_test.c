/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL2's own tables, read by a walker of the test's own. The image is an array of this program; the
 * linker's symbols are made from it by tests.mk.
 */
#include "core/base/errors.h"
#include "core/base/hw.h"
#include "mm/el2_map.h"
#include "mm/page_alloc.h"

#include <cmocka.h>

#define MIB (1ul << 20)
#define IMAGE_PA (FAKE_RAM_BASE + 4 * MIB)
#define RAM_BYTES (34 * MIB)

char el2_map_test_image[5 * PAGE_SIZE] __attribute__((aligned(4096)));

/* Leaf descriptor of va, 0: none. */
static uint64_t walk(uint64_t va, uint64_t *pa)
{
    uint64_t table = fake_sysreg_get(FAKE_TTBR0_EL2);

    for (unsigned level = 0; level <= 3; level++) {
        unsigned shift = 39 - 9 * level;
        uint64_t *t = hw_phys_to_virt(paddr(table)), d = t[(va >> shift) & 511];

        if (!(d & 1))
            return 0;
        table = d & 0xfffffffff000ul;
        if (level == 3 || !(d & 2)) {
            *pa = table | (va & ((1ul << shift) - 1));
            return d;
        }
    }
    return 0;
}

static void start(void)
{
    fake_machine_init(1);
    fake_ram_add(paddr(FAKE_RAM_BASE), RAM_BYTES);
    page_alloc_reserve(paddr(IMAGE_PA), 2 * MIB);
    page_alloc_add_bank(paddr(FAKE_RAM_BASE), RAM_BYTES);
    page_alloc_start();
    assert_int_equal(el2_map_init(paddr(IMAGE_PA), NULL, 0), 0);
    assert_int_equal(el2_map_ram(paddr(FAKE_RAM_BASE), RAM_BYTES), 0);
    assert_int_equal(el2_map_ram(paddr(0x880000000), 3ul << 30), 0);
    el2_map_activate();
}

#define RO 0x80ul
#define XN (1ul << 54)
#define ATTRIBUTES (RO | XN | 7ul << 2)

static void assert_leaf(uint64_t va, uint64_t pa, uint64_t attributes)
{
    uint64_t got, d = walk(va, &got);

    assert_int_not_equal(d, 0);
    assert_int_equal(got, pa);
    assert_int_equal(d & ATTRIBUTES, attributes);
    assert_int_equal(d >> 10 & 1, 1);
    assert_int_equal(d >> 8 & 3, 3);
}

static void the_image_has_its_sections_permissions(void **state)
{
    uint64_t va = (uintptr_t)el2_map_test_image, pa;

    (void)state;
    start();
    assert_leaf(va, IMAGE_PA, RO);
    assert_leaf(va + 2 * PAGE_SIZE - 1, IMAGE_PA + 2 * PAGE_SIZE - 1, RO);
    assert_leaf(va + 2 * PAGE_SIZE, IMAGE_PA + 2 * PAGE_SIZE, RO | XN);
    assert_leaf(va + 3 * PAGE_SIZE, IMAGE_PA + 3 * PAGE_SIZE, XN);
    assert_leaf(va + 5 * PAGE_SIZE - 1, IMAGE_PA + 5 * PAGE_SIZE - 1, XN);
    assert_int_equal(walk(va + 5 * PAGE_SIZE, &pa), 0);
}

static void ram_is_mapped_once_without_the_image(void **state)
{
    uint64_t pa;

    (void)state;
    start();
    for (uint64_t a = FAKE_RAM_BASE; a < FAKE_RAM_BASE + RAM_BYTES; a += PAGE_SIZE) {
        if (a - IMAGE_PA < 2 * MIB)
            assert_int_equal(walk(EL2_DIRECT_BASE + a, &pa), 0);
        else
            assert_leaf(EL2_DIRECT_BASE + a, a, XN);
    }
    assert_int_equal(walk(EL2_DIRECT_BASE + FAKE_RAM_BASE + RAM_BYTES, &pa), 0);
    assert_int_equal(walk(EL2_DIRECT_BASE + FAKE_RAM_BASE - 1, &pa), 0);
    assert_leaf(EL2_DIRECT_BASE + 0x8c0000123, 0x8c0000123, XN);
    assert_int_equal(walk(FAKE_RAM_BASE, &pa), 0);
}

static void large_blocks_keep_the_tables_few(void **state)
{
    uint64_t first = (uintptr_t)el2_map_test_image, last = first + 5 * PAGE_SIZE - 1;
    uint64_t image = 3 + (first >> 21 != last >> 21) + (first >> 30 != last >> 30);

    (void)state;
    start();
    /* Root; image; direct: level 1, level 2 below it. The second bank is three 1 GiB blocks. */
    assert_int_equal(page_alloc_total_count() - page_alloc_free_count(), 1 + image + 2);
}

static void devices_are_apart_and_not_executable(void **state)
{
    uint64_t a, b, pa;

    (void)state;
    start();
    a = (uint64_t)el2_map_device(paddr(0x9000018), 0x1000);
    b = (uint64_t)el2_map_device(paddr(0x8000000), 0x20000);
    assert_leaf(a, 0x9000018, XN | 1 << 2);
    assert_leaf(a + 0xfff, 0x9001017, XN | 1 << 2);
    assert_leaf(b + 0x1ffff, 0x801ffff, XN | 1 << 2);
    assert_int_equal(walk(b - 1, &pa), 0);
    assert_int_equal(walk(b + 0x20000, &pa), 0);
}

static void ram_may_be_told_of_twice(void **state)
{
    (void)state;
    start();
    assert_int_equal(el2_map_ram(paddr(0x9c0001000), 3 * PAGE_SIZE), 0);
    assert_int_equal(el2_map_ram(paddr(0x9c0000000), 4 * MIB), 0);
    assert_leaf(EL2_DIRECT_BASE + 0x9c0001000, 0x9c0001000, XN);
    assert_leaf(EL2_DIRECT_BASE + 0x9c0200000, 0x9c0200000, XN);
}

static void stacks_have_guard_pages(void **state)
{
    uint64_t top, other, pa;

    (void)state;
    start();
    top = (uint64_t)el2_map_stack(2);
    other = (uint64_t)el2_map_stack(2);
    assert_true(IS_ALIGNED(top, PAGE_SIZE));
    for (uint64_t va = top - 2 * PAGE_SIZE; va < top; va += PAGE_SIZE)
        assert_int_equal(walk(va, &pa) & ATTRIBUTES, XN);
    assert_int_equal(walk(top, &pa), 0);
    assert_int_equal(walk(top - 2 * PAGE_SIZE - 1, &pa), 0);
    assert_int_equal(walk(other, &pa), 0);
    assert_int_equal(walk(other - 2 * PAGE_SIZE - 1, &pa), 0);
}

static void ram_beyond_the_direct_map_is_refused(void **state)
{
    (void)state;
    start();
    assert_int_equal(el2_map_ram(paddr(EL2_DIRECT_BYTES), PAGE_SIZE), -EINVAL);
    assert_int_equal(el2_map_ram(paddr(PAGE_SIZE), ~0ul), -EINVAL);
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    start();
    while (page_alloc(0, PAGE_EL2, DOMID_INVALID))
        ;
    assert_null(el2_map_device(paddr(0x9000000), PAGE_SIZE));
    assert_null(el2_map_stack(1));
}

static void secondaries_get_the_same_root(void **state)
{
    (void)state;
    start();
    assert_int_equal(el2_map_root().v, fake_sysreg_get(FAKE_TTBR0_EL2));
    assert_int_equal(fake_count(FAKE_EV_TLBI_EL2_ALL), 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_image_has_its_sections_permissions),
    cmocka_unit_test(ram_is_mapped_once_without_the_image),
    cmocka_unit_test(large_blocks_keep_the_tables_few),
    cmocka_unit_test(devices_are_apart_and_not_executable),
    cmocka_unit_test(ram_may_be_told_of_twice),
    cmocka_unit_test(stacks_have_guard_pages),
    cmocka_unit_test(ram_beyond_the_direct_map_is_refused),
    cmocka_unit_test(no_memory_is_an_error),
    cmocka_unit_test(secondaries_get_the_same_root),
};

FAKE_TEST_MAIN(tests)
