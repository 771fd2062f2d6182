/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page allocator: buddies, reservations, quiescence and scrubbing.
 */
#include "core/base/errors.h"
#include "core/base/hw.h"
#include "mm/page_alloc.h"
#include "mm/page_bank.h"

#include <cmocka.h>

#define MIB (1ul << 20)

static bool is_zero(const struct page *p, unsigned order)
{
    const char *va = page_to_virt(p);

    for (uint64_t i = 0; i < PAGE_SIZE << order; i++)
        if (va[i])
            return false;
    return true;
}

/* Each CPU of the machine answers. */
static void all_quiesce(void)
{
    for (unsigned i = 0; i < cpu_count; i++)
        page_alloc_quiesce(i);
}

static void reclaim_all(void)
{
    while (page_alloc_is_pending()) {
        page_alloc_progress(64);
        all_quiesce();
    }
}

/* As a caller does that is told that memory is on its way. */
static struct page *alloc_or_wait(unsigned order, enum page_type type, domid_t owner)
{
    struct page *p;

    while (!(p = page_alloc(order, type, owner)) && page_alloc_is_pending())
        reclaim_all();
    return p;
}

static void start(unsigned cpus, uint64_t bytes)
{
    fake_machine_init(cpus);
    fake_memory_init(bytes);
}

static void blocks_are_aligned_zeroed_and_owned(void **state)
{
    (void)state;
    fake_machine_init(1);
    fake_ram_add(paddr(FAKE_RAM_BASE), 64 * MIB);
    memset(hw_phys_to_virt(paddr(FAKE_RAM_BASE)), 0xa5, 64 * MIB);
    page_alloc_add_bank(paddr(FAKE_RAM_BASE), 64 * MIB);
    page_alloc_start();
    for (unsigned order = 0; order <= 10; order++) {
        struct page *p = alloc_or_wait(order, PAGE_DOMAIN, 3);

        assert_non_null(p);
        assert_true(IS_ALIGNED(page_to_paddr(p).v, PAGE_SIZE << order));
        assert_true(is_zero(p, order));
        for (unsigned i = 0; i < 1u << order; i++) {
            assert_int_equal(p[i].type, PAGE_DOMAIN);
            assert_int_equal(p[i].owner, 3);
            assert_int_equal(p[i].refs, 1);
        }
        memset(page_to_virt(p), 0x5a, PAGE_SIZE << order);
    }
}

static void all_memory_can_be_had_and_comes_back(void **state)
{
    void *split[PAGE_ALLOC_KEPT + 1];
    uint64_t total, taken = 0;
    unsigned splits = 0;
    struct page *p;

    (void)state;
    start(1, 32 * MIB);
    total = page_alloc_total_count();
    assert_int_equal(total, 32 * MIB / PAGE_SIZE - 32 * MIB / PAGE_SIZE * 16 / PAGE_SIZE);
    assert_int_equal(page_alloc_free_count(), total);
    while ((p = page_alloc(0, PAGE_SHARED, 1)) != NULL)
        taken++;
    assert_int_equal(taken, total - PAGE_ALLOC_KEPT);
    while ((split[splits] = page_alloc_split()) != NULL)
        splits++;
    assert_int_equal(splits, PAGE_ALLOC_KEPT);
    assert_int_equal(page_alloc_free_count(), 0);
    assert_false(page_alloc_is_pending());
    while (splits)
        page_free_el2(split[--splits]);
    for (uint64_t pa = FAKE_RAM_BASE; pa < FAKE_RAM_BASE + 32 * MIB; pa += PAGE_SIZE)
        if (page_of(paddr(pa))->type == PAGE_SHARED)
            assert_true(page_put(page_of(paddr(pa))));
    assert_int_equal(page_alloc_free_count(), total);
    reclaim_all();
    /* Merged again: half of the bank is one block. */
    assert_non_null(page_alloc(12, PAGE_EL2, DOMID_INVALID));
}

static void fragments_are_used_before_blocks_are_split(void **state)
{
    struct page *hole[64], *p;

    (void)state;
    start(1, 32 * MIB);
    for (unsigned i = 0; i < 64; i++)
        hole[i] = page_alloc(0, PAGE_DOMAIN, 1);
    for (unsigned i = 0; i < 64; i += 2)
        page_put(hole[i]);
    reclaim_all();
    for (unsigned i = 0; i < 32; i++) {
        bool was_hole = false;

        p = page_alloc(0, PAGE_DOMAIN, 2);
        for (unsigned j = 0; j < 64; j += 2)
            was_hole |= p == hole[j];
        assert_true(was_hole);
    }
    assert_non_null(alloc_or_wait(12, PAGE_DOMAIN, 1));
}

static void reserved_pages_are_never_handed_out(void **state)
{
    struct page *p;

    (void)state;
    fake_machine_init(1);
    fake_ram_add(paddr(FAKE_RAM_BASE), 8 * MIB);
    page_alloc_reserve(paddr(FAKE_RAM_BASE + MIB + 5), MIB);
    page_alloc_reserve(paddr(FAKE_RAM_BASE + 8 * MIB - PAGE_SIZE), PAGE_SIZE);
    page_alloc_add_bank(paddr(FAKE_RAM_BASE), 8 * MIB);
    page_alloc_start();
    assert_int_equal(page_of(paddr(FAKE_RAM_BASE + MIB))->type, PAGE_RESERVED);
    assert_int_equal(page_of(paddr(FAKE_RAM_BASE + 2 * MIB))->type, PAGE_RESERVED);
    assert_int_equal(page_alloc_at(paddr(FAKE_RAM_BASE + MIB), 0, PAGE_DOMAIN, 0), -ENOMEM);
    while ((p = page_alloc(0, PAGE_DOMAIN, 1)) != NULL) {
        uint64_t pa = page_to_paddr(p).v - FAKE_RAM_BASE;

        assert_true(pa < MIB || pa >= 2 * MIB + PAGE_SIZE);
        assert_true(pa < 8 * MIB - PAGE_SIZE);
        memset(page_to_virt(p), 0xff, PAGE_SIZE); /* would destroy the table if it were there */
    }
}

static void unreserved_pages_join_the_rest(void **state)
{
    uint64_t before;

    (void)state;
    fake_machine_init(1);
    fake_ram_add(paddr(FAKE_RAM_BASE), 8 * MIB);
    page_alloc_reserve(paddr(FAKE_RAM_BASE), 4 * MIB);
    page_alloc_add_bank(paddr(FAKE_RAM_BASE), 8 * MIB);
    page_alloc_start();
    before = page_alloc_total_count();
    memset(hw_phys_to_virt(paddr(FAKE_RAM_BASE)), 1, 4 * MIB);
    page_alloc_unreserve(paddr(FAKE_RAM_BASE), 4 * MIB);
    page_alloc_unreserve(paddr(FAKE_RAM_BASE), 4 * MIB); /* twice changes nothing */
    assert_int_equal(page_alloc_total_count(), before + 1024);
    assert_int_equal(page_alloc_free_count(), before + 1024);
    assert_int_equal(page_alloc_at(paddr(FAKE_RAM_BASE), 10, PAGE_DOMAIN, 0), 0);
    assert_true(is_zero(page_of(paddr(FAKE_RAM_BASE)), 10));
}

static void banks_do_not_merge_across_their_tables(void **state)
{
    struct page *p;

    (void)state;
    fake_machine_init(1);
    fake_ram_add(paddr(FAKE_RAM_BASE), 8 * MIB);
    page_alloc_reserve(paddr(FAKE_RAM_BASE + 4 * MIB), MIB);
    page_alloc_add_bank(paddr(FAKE_RAM_BASE), 5 * MIB);
    page_alloc_add_bank(paddr(FAKE_RAM_BASE + 5 * MIB), 3 * MIB);
    assert_int_equal(page_alloc_add_bank(paddr(FAKE_RAM_BASE + 7 * MIB), MIB), -EINVAL);
    page_alloc_start();
    /* Both halves of the 2 MiB at 4 MiB are free, the table of the first bank is further down. */
    page_alloc_unreserve(paddr(FAKE_RAM_BASE + 4 * MIB), MIB);
    assert_int_equal(page_alloc_at(paddr(FAKE_RAM_BASE + 4 * MIB), 9, PAGE_DOMAIN, 0), -ENOMEM);
    assert_int_equal(page_alloc_at(paddr(FAKE_RAM_BASE + 4 * MIB), 8, PAGE_DOMAIN, 0), 0);
    assert_int_equal(page_alloc_at(paddr(FAKE_RAM_BASE + 5 * MIB), 8, PAGE_DOMAIN, 0), 0);
    for (uint64_t pa = FAKE_RAM_BASE + 4 * MIB; pa < FAKE_RAM_BASE + 6 * MIB; pa += PAGE_SIZE)
        page_put(page_of(paddr(pa)));
    while ((p = page_alloc(3, PAGE_DOMAIN, 0)) != NULL) {
        for (unsigned i = 0; i < 8; i++) {
            assert_ptr_equal(page_of(page_to_paddr(&p[i])), &p[i]);
            page_put(&p[i]);
        }
    }
    reclaim_all();
    assert_int_equal(page_alloc_free_count(), page_alloc_total_count());
    assert_int_equal(page_alloc_at(paddr(FAKE_RAM_BASE + 4 * MIB), 9, PAGE_DOMAIN, 0), -ENOMEM);
}

static void a_wholly_reserved_bank_is_left_out(void **state)
{
    (void)state;
    fake_machine_init(1);
    fake_ram_add(paddr(FAKE_RAM_BASE), 8 * MIB);
    page_alloc_reserve(paddr(FAKE_RAM_BASE), 4 * MIB);
    page_alloc_add_bank(paddr(FAKE_RAM_BASE), 4 * MIB);
    page_alloc_add_bank(paddr(FAKE_RAM_BASE + 4 * MIB), 4 * MIB);
    page_alloc_start();
    assert_null(page_of(paddr(FAKE_RAM_BASE)));
    assert_int_equal(page_alloc_total_count(), 1024 - 4);
}

static void a_page_at_an_address_is_carved_out(void **state)
{
    uint64_t pa = FAKE_RAM_BASE + 5 * MIB, free;

    (void)state;
    start(1, 32 * MIB);
    free = page_alloc_free_count();
    assert_int_equal(page_alloc_at(paddr(pa + PAGE_SIZE), 0, PAGE_DOMAIN, 0), 0);
    assert_int_equal(page_alloc_at(paddr(pa + PAGE_SIZE), 0, PAGE_DOMAIN, 0), -ENOMEM);
    assert_int_equal(page_alloc_at(paddr(pa), 8, PAGE_DOMAIN, 0), -ENOMEM);
    assert_int_equal(page_alloc_at(paddr(pa), 0, PAGE_DOMAIN, 0), 0);
    assert_int_equal(page_alloc_at(paddr(pa + 2 * PAGE_SIZE), 1, PAGE_DOMAIN, 0), 0);
    assert_int_equal(page_alloc_at(paddr(pa + PAGE_SIZE), 1, PAGE_DOMAIN, 0), -EINVAL);
    assert_int_equal(page_alloc_at(paddr(0), 0, PAGE_DOMAIN, 0), -ENOMEM);
    assert_int_equal(page_alloc_free_count(), free - 4);
    for (unsigned i = 0; i < 4; i++)
        assert_true(page_put(page_of(paddr(pa + i * PAGE_SIZE))));
    reclaim_all();
    assert_int_equal(page_alloc_free_count(), free);
    assert_int_equal(page_alloc_at(paddr(FAKE_RAM_BASE + 4 * MIB), 10, PAGE_DOMAIN, 0), 0);
}

static void a_freed_page_waits_for_every_cpu(void **state)
{
    struct page *p;

    (void)state;
    start(3, 4 * MIB);
    p = page_alloc(0, PAGE_DOMAIN, 1);
    page_put(p);
    assert_int_equal(page_alloc_progress(16), 7);
    for (unsigned cpu = 0; cpu < 3; cpu++) {
        assert_int_equal(page_alloc_progress(16), 0);
        assert_int_equal(p->type, PAGE_DIRTY);
        page_alloc_quiesce(cpu);
        page_alloc_quiesce(cpu); /* a second answer is no other CPU's */
    }
    assert_true(page_alloc_is_pending());
    page_alloc_progress(16);
    assert_int_equal(p->type, PAGE_FREE);
    assert_false(page_alloc_is_pending());
}

static void pages_freed_during_a_round_wait_for_the_next(void **state)
{
    struct page *first, *second;

    (void)state;
    start(2, 4 * MIB);
    first = page_alloc(0, PAGE_DOMAIN, 1);
    second = page_alloc(0, PAGE_DOMAIN, 1);
    page_put(first);
    assert_int_equal(page_alloc_progress(16), 3);
    page_alloc_quiesce(0);
    page_put(second);
    assert_int_equal(page_alloc_progress(16), 0);
    page_alloc_quiesce(0);
    page_alloc_quiesce(1);
    assert_int_equal(page_alloc_progress(16), 3);
    assert_int_equal(first->type, PAGE_FREE);
    assert_int_equal(second->type, PAGE_DIRTY);
    all_quiesce();
    assert_int_equal(page_alloc_progress(16), 0);
    assert_int_equal(second->type, PAGE_FREE);
}

static void an_exhausted_allocator_says_that_memory_is_on_its_way(void **state)
{
    struct page *p, *last = NULL;

    (void)state;
    start(1, 4 * MIB);
    while ((p = page_alloc(0, PAGE_SHARED, 1)) != NULL)
        last = p;
    assert_false(page_alloc_is_pending());
    memset(page_to_virt(last), 0x77, PAGE_SIZE);
    page_put(last);
    assert_null(page_alloc(0, PAGE_SHARED, 2));
    assert_true(page_alloc_is_pending());
    assert_int_equal(page_alloc_free_count(), PAGE_ALLOC_KEPT + 1);
    assert_int_equal(page_alloc_progress(16), 1);
    page_alloc_quiesce(0);
    page_alloc_progress(16);
    p = page_alloc(0, PAGE_SHARED, 2);
    assert_ptr_equal(p, last);
    assert_true(is_zero(p, 0));
    assert_int_equal(p->owner, 2);
}

/* Or, with all memory given away, no block could be split to take a page back. */
static void the_last_pages_are_nobodys_ram(void **state)
{
    (void)state;
    start(1, 16 * MIB);
    while (page_alloc(0, PAGE_DOMAIN, 1))
        ;
    assert_int_equal(page_alloc_free_count(), PAGE_ALLOC_KEPT);
    assert_null(page_alloc(0, PAGE_DOMAIN, 1));
    assert_null(page_alloc_el2(PAGE_SIZE));
    assert_non_null(page_alloc_split());
}

static void scrubbing_is_bounded(void **state)
{
    struct page *p;

    (void)state;
    start(1, 16 * MIB);
    p = alloc_or_wait(9, PAGE_EL2, DOMID_INVALID);
    page_free_el2(page_to_virt(p));
    for (unsigned i = 0; i < 100; i++) {
        struct page *one = page_alloc(0, PAGE_DOMAIN, 1);

        page_put(one);
    }
    page_alloc_progress(0);
    all_quiesce();
    while (page_alloc_is_pending()) {
        fake_trace_reset();
        page_alloc_progress(20);
        assert_in_range(fake_count(FAKE_EV_PAGE_ZERO), 1, 20 + 15);
        all_quiesce();
    }
    assert_int_equal(page_alloc_free_count(), page_alloc_total_count());
}

/* RAM as found at boot: 2 MiB of it are scrubbed in parts, and not twice. */
static void a_large_block_is_scrubbed_in_parts_before_it_is_allocated(void **state)
{
    struct page *p = NULL;
    unsigned scrubbed = 0;

    (void)state;
    start(1, 16 * MIB);
    while (!p) {
        fake_trace_reset();
        p = page_alloc(9, PAGE_DOMAIN, 1);
        if (!p)
            assert_true(page_alloc_is_pending());
        page_alloc_progress(20);
        assert_in_range(fake_count(FAKE_EV_PAGE_ZERO), 0, 20 + 15);
        scrubbed += fake_count(FAKE_EV_PAGE_ZERO);
        all_quiesce();
    }
    assert_int_equal(scrubbed, 512);
    assert_true(is_zero(p, 9));
    assert_int_equal(page_alloc_free_count(), page_alloc_total_count() - 512);
}

/* Single pages first, then what was free and never clean: no more at once than was asked for. */
static void no_step_scrubs_more_than_it_may(void **state)
{
    struct page *p[13];

    (void)state;
    start(1, 16 * MIB);
    for (unsigned i = 0; i < ARRAY_SIZE(p); i++)
        p[i] = page_alloc(0, PAGE_DOMAIN, 1);
    assert_null(page_alloc(9, PAGE_DOMAIN, 1)); /* its pages are on their way */
    for (unsigned i = 0; i < ARRAY_SIZE(p); i++)
        page_put(p[i]);
    page_alloc_progress(1);
    page_alloc_quiesce(0);
    for (unsigned n = 0; n < 4; n++) {
        fake_trace_reset();
        page_alloc_progress(14);
        assert_in_range(fake_count(FAKE_EV_PAGE_ZERO), 1, 14);
    }
}

static void a_clean_page_is_not_scrubbed_again(void **state)
{
    struct page *p, *q;

    (void)state;
    start(1, 16 * MIB);
    p = page_alloc(0, PAGE_DOMAIN, 1);
    q = page_alloc(0, PAGE_DOMAIN, 1); /* p's buddy: keeps p from joining what was never scrubbed */
    assert_ptr_equal(q, p + 1);
    page_put(p);
    reclaim_all();
    fake_trace_reset();
    assert_ptr_equal(page_alloc(0, PAGE_DOMAIN, 2), p);
    assert_int_equal(fake_count(FAKE_EV_PAGE_ZERO), 0);
}

/* RAM as found at boot is not zero; a scrubbed page that joins such a block makes it no cleaner. */
static void a_block_is_as_unclean_as_its_worst_half(void **state)
{
    struct page *p;

    (void)state;
    fake_machine_init(1);
    fake_ram_add(paddr(FAKE_RAM_BASE), 8 * MIB);
    memset(hw_phys_to_virt(paddr(FAKE_RAM_BASE)), 0xa5, 8 * MIB);
    page_alloc_add_bank(paddr(FAKE_RAM_BASE), 8 * MIB);
    page_alloc_start();
    assert_int_equal(page_alloc_at(paddr(FAKE_RAM_BASE), 0, PAGE_DOMAIN, 1), 0);
    page_put(page_of(paddr(FAKE_RAM_BASE)));
    reclaim_all();
    assert_int_equal(page_alloc_at(paddr(FAKE_RAM_BASE), 9, PAGE_DOMAIN, 1), 0);
    assert_true(is_zero(page_of(paddr(FAKE_RAM_BASE)), 9));
    page_put(page_of(paddr(FAKE_RAM_BASE + 2 * PAGE_SIZE)));
    while ((p = page_alloc(0, PAGE_DOMAIN, 1)) != NULL)
        assert_true(is_zero(p, 0));
}

static void idle_cpus_fill_the_reserve(void **state)
{
    uint64_t cpus, steps = 0;

    (void)state;
    start(1, 32 * MIB);
    assert_false(page_alloc_has_idle_work());
    page_alloc_set_reserve(4 * MIB / PAGE_SIZE);
    assert_true(page_alloc_has_idle_work());
    assert_null(page_alloc(9, PAGE_DOMAIN, 1)); /* begins to be scrubbed */
    while (page_alloc_idle(&cpus))
        steps++;
    assert_int_equal(steps, 4 * MIB / PAGE_SIZE / 16);
    assert_false(page_alloc_has_idle_work());
    assert_non_null(page_alloc(9, PAGE_DOMAIN, 1));
    assert_true(page_alloc_has_idle_work());
    assert_non_null(page_alloc(9, PAGE_DOMAIN, 1));
    assert_null(page_alloc(9, PAGE_DOMAIN, 1));
}

static void idle_cpus_leave_the_last_pages_to_tables(void **state)
{
    unsigned splits = 0;
    uint64_t cpus;

    (void)state;
    start(1, 16 * MIB);
    page_alloc_set_reserve(512 * MIB / PAGE_SIZE);
    while (alloc_or_wait(9, PAGE_DOMAIN, 1) || alloc_or_wait(0, PAGE_DOMAIN, 1))
        ;
    assert_int_equal(page_alloc_free_count(), PAGE_ALLOC_KEPT);
    page_alloc_idle(&cpus);
    page_alloc_idle(&cpus);
    assert_null(page_alloc_el2(PAGE_SIZE));
    while (page_alloc_split())
        splits++;
    assert_int_equal(splits, PAGE_ALLOC_KEPT);
}

static void freed_pages_are_scrubbed_in_idle_time(void **state)
{
    uint64_t cpus = 0;
    struct page *p;

    (void)state;
    start(2, 4 * MIB);
    p = page_alloc(0, PAGE_DOMAIN, 1);
    assert_false(page_alloc_has_idle_work());
    page_put(p);
    assert_true(page_alloc_has_idle_work());
    assert_false(page_alloc_idle(&cpus));
    assert_int_equal(cpus, 3);
    page_alloc_quiesce(0);
    assert_false(page_alloc_idle(&cpus));
    assert_int_equal(cpus, 0);
    page_alloc_quiesce(1);
    assert_true(page_alloc_idle(&cpus));
    assert_false(page_alloc_has_idle_work());
    assert_false(page_alloc_is_pending());
}

static void a_wrong_or_double_free_is_caught(void **state)
{
    void *va;

    (void)state;
    start(1, 4 * MIB);
    va = page_alloc_el2(2 * PAGE_SIZE + 1);
    fake_expect_panic(page_free_el2((char *)va + PAGE_SIZE));
    page_free_el2(va);
    fake_expect_panic(page_free_el2(va));
    fake_expect_panic(page_free_el2(page_to_virt(page_alloc(0, PAGE_DOMAIN, 1))));
}

static void orders_beyond_the_largest_are_refused(void **state)
{
    (void)state;
    start(1, 4 * MIB);
    assert_null(page_alloc(PAGE_ORDER_MAX + 1, PAGE_DOMAIN, 1));
    assert_int_equal(page_alloc_at(paddr(0), PAGE_ORDER_MAX + 1, PAGE_DOMAIN, 1), -EINVAL);
    assert_null(page_alloc(12, PAGE_DOMAIN, 1));
}

static void a_reservation_to_the_end_of_all_addresses_is_one(void **state)
{
    (void)state;
    fake_machine_init(1);
    fake_ram_add(paddr(FAKE_RAM_BASE), 8 * MIB);
    page_alloc_reserve(paddr(FAKE_RAM_BASE + 4 * MIB), ~(FAKE_RAM_BASE + 4 * MIB));
    page_alloc_add_bank(paddr(FAKE_RAM_BASE), 8 * MIB);
    page_alloc_start();
    assert_int_not_equal(page_alloc_at(paddr(FAKE_RAM_BASE + 5 * MIB), 0, PAGE_DOMAIN, 1), 0);
    assert_int_equal(page_alloc_at(paddr(FAKE_RAM_BASE + MIB), 0, PAGE_DOMAIN, 1), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_reservation_to_the_end_of_all_addresses_is_one),
    cmocka_unit_test(blocks_are_aligned_zeroed_and_owned),
    cmocka_unit_test(all_memory_can_be_had_and_comes_back),
    cmocka_unit_test(fragments_are_used_before_blocks_are_split),
    cmocka_unit_test(reserved_pages_are_never_handed_out),
    cmocka_unit_test(unreserved_pages_join_the_rest),
    cmocka_unit_test(banks_do_not_merge_across_their_tables),
    cmocka_unit_test(a_wholly_reserved_bank_is_left_out),
    cmocka_unit_test(a_page_at_an_address_is_carved_out),
    cmocka_unit_test(a_freed_page_waits_for_every_cpu),
    cmocka_unit_test(pages_freed_during_a_round_wait_for_the_next),
    cmocka_unit_test(an_exhausted_allocator_says_that_memory_is_on_its_way),
    cmocka_unit_test(the_last_pages_are_nobodys_ram),
    cmocka_unit_test(scrubbing_is_bounded),
    cmocka_unit_test(a_large_block_is_scrubbed_in_parts_before_it_is_allocated),
    cmocka_unit_test(no_step_scrubs_more_than_it_may),
    cmocka_unit_test(a_clean_page_is_not_scrubbed_again),
    cmocka_unit_test(a_block_is_as_unclean_as_its_worst_half),
    cmocka_unit_test(idle_cpus_fill_the_reserve),
    cmocka_unit_test(idle_cpus_leave_the_last_pages_to_tables),
    cmocka_unit_test(freed_pages_are_scrubbed_in_idle_time),
    cmocka_unit_test(a_wrong_or_double_free_is_caught),
    cmocka_unit_test(orders_beyond_the_largest_are_refused),
};

FAKE_TEST_MAIN(tests)
