/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage-2 tables, as the fake machine's own walker and TLB see them.
 */
#include "core/base/errors.h"
#include "core/base/hw.h"
#include "mm/page_alloc.h"
#include "mm/pte.h"
#include "mm/stage2.h"
#include "mm/vmid.h"

#include <cmocka.h>

#define MFN 0x80000ul /* what is mapped need not be RAM here */

#define RAM_RWX stage2_kind(STAGE2_RAM, STAGE2_RWX)

static struct stage2 s;

static void start(unsigned ipa_bits)
{
    fake_machine_init(1);
    fake_memory_init(64ul << 20);
    assert_int_equal(stage2_init(&s, ipa_bits), 0);
    vmid_activate(&s);
    lock_acquire(&s.lock);
}

static enum fake_access touch(uint64_t gfn, bool write, uint64_t *mfn)
{
    paddr_t pa = { 0 };
    enum fake_access r = fake_guest_access(vmid_vttbr(&s), s.vtcr, gfn_to_ipa(gfn), write, &pa);

    if (mfn)
        *mfn = paddr_to_mfn(pa);
    return r;
}

static void assert_maps(uint64_t gfn, uint64_t mfn)
{
    uint64_t got;

    assert_int_equal(touch(gfn, true, &got), FAKE_ACCESS_OK);
    assert_int_equal(got, mfn);
}

static void assert_unmapped(uint64_t gfn)
{
    assert_int_equal(touch(gfn, false, NULL), FAKE_ACCESS_TRANSLATION);
}

static void unmap_and_flush(uint64_t gfn, unsigned order, struct stage2_leaf *old)
{
    struct stage2_gather g;

    stage2_gather_init(&g);
    assert_int_equal(stage2_unmap(&s, gfn, order, old, &g), 0);
    stage2_flush(&s, &g);
    assert_int_equal(g.count, 0);
    fake_tlb_check(vmid_vttbr(&s), s.vtcr);
}

static void a_page_is_mapped_and_unmapped(void **state)
{
    static const unsigned widths[] = { 32, 36, 39, 40, 42, 43, 44, 48 };
    struct stage2_leaf old;

    (void)state;
    start(widths[0]);
    for (unsigned i = 0; i < ARRAY_SIZE(widths); i++) {
        uint64_t last = (1ul << (widths[i] - PAGE_SHIFT)) - 1;

        lock_release(&s.lock);
        stage2_destroy(&s);
        assert_int_equal(stage2_init(&s, widths[i]), 0);
        vmid_activate(&s);
        lock_acquire(&s.lock);
        assert_int_equal(stage2_map(&s, last, MFN, 0, RAM_RWX), 0);
        assert_int_equal(stage2_map(&s, 0, MFN + 1, 0, RAM_RWX), 0);
        assert_maps(last, MFN);
        assert_maps(0, MFN + 1);
        assert_unmapped(last - 1);
        unmap_and_flush(last, 0, &old);
        assert_int_equal(old.pa.v, MFN << PAGE_SHIFT);
        assert_int_equal(old.type, STAGE2_RAM);
        assert_int_equal(old.prot, STAGE2_RWX);
        assert_int_equal(old.order, 0);
        assert_unmapped(last);
        assert_maps(0, MFN + 1);
    }
}

static void a_page_is_unmapped_only_as_what_it_was_mapped(void **state)
{
    static const struct { uint64_t gfn, mfn; uint32_t prot; bool is_it; } try[] = {
        { 7, MFN, STAGE2_R, false }, { 7, MFN + 1, STAGE2_RW, false },
        { 8, MFN, STAGE2_RW, false }, { 0x200 + 7, MFN, STAGE2_RW, false },
        { ~0ul, MFN, STAGE2_RW, false }, { 7, MFN, STAGE2_RW, true },
    };
    struct stage2_gather g;

    (void)state;
    start(40);
    stage2_gather_init(&g);
    assert_int_equal(stage2_map(&s, 0x200, MFN & ~0x1fful, 9,
                                stage2_kind(STAGE2_GRANT_RW, STAGE2_RW)), 0);
    assert_int_equal(stage2_map(&s, 7, MFN, 0, stage2_kind(STAGE2_GRANT_RW, STAGE2_RW)), 0);
    assert_int_equal(stage2_map_page(&s, 6, MFN, RAM_RWX), 0);
    assert_int_equal(stage2_map_page(&s, 7, MFN, RAM_RWX), -EEXIST);
    assert_int_equal(stage2_map_page(&s, 0x200 + 7, MFN, RAM_RWX), -EEXIST);
    assert_int_equal(stage2_map_page(&s, 0x4000, MFN, RAM_RWX), 0);
    assert_int_equal(stage2_map_page(&s, ~0ul, MFN, RAM_RWX), -EINVAL);
    assert_maps(0x4000, MFN);
    for (unsigned i = 0; i < ARRAY_SIZE(try); i++) {
        assert_maps(7, MFN);
        assert_int_equal(stage2_unmap_page(&s, try[i].gfn, try[i].mfn,
                                           stage2_kind(STAGE2_GRANT_RW, try[i].prot), &g),
                         try[i].is_it);
        stage2_flush(&s, &g);
        fake_tlb_check(vmid_vttbr(&s), s.vtcr);
    }
    assert_unmapped(7);
    assert_false(stage2_unmap_page(&s, 7, MFN, stage2_kind(STAGE2_GRANT_RW, STAGE2_RW), &g));
    assert_maps(0x200 + 7, (MFN & ~0x1fful) + 7);
}

/* The table that the last page was in may not be used once it is gone. */
static void a_freed_table_is_forgotten(void **state)
{
    struct stage2_leaf old;

    (void)state;
    start(40);
    assert_int_equal(stage2_map(&s, 5, MFN, 0, RAM_RWX), 0);
    assert_int_equal(stage2_map_page(&s, 6, MFN, RAM_RWX), 0);
    unmap_and_flush(5, 0, &old);
    unmap_and_flush(6, 0, &old);
    assert_int_equal(stage2_map(&s, 0, MFN & ~0x1fful, 9, RAM_RWX), 0);
    assert_int_equal(stage2_map_page(&s, 6, MFN, RAM_RWX), -EEXIST);
    assert_maps(6, (MFN & ~0x1fful) + 6);
    lock_release(&s.lock);
    stage2_destroy(&s);
    assert_int_equal(stage2_init(&s, 40), 0);
    vmid_activate(&s);
    lock_acquire(&s.lock);
    assert_int_equal(stage2_map_page(&s, 6, MFN, RAM_RWX), 0);
    assert_maps(6, MFN);
}

static void ram_is_found_as_what_it_may_be_used_for(void **state)
{
    const uint64_t mfn = FAKE_RAM_BASE >> PAGE_SHIFT;
    char *ram;

    (void)state;
    start(40);
    ram = fake_phys_to_virt(paddr(FAKE_RAM_BASE));
    assert_int_equal(stage2_map(&s, 1, mfn, 0, RAM_RWX), 0);
    assert_int_equal(stage2_map(&s, 2, mfn + 1, 0, stage2_kind(STAGE2_RAM, STAGE2_R)), 0);
    assert_int_equal(stage2_map(&s, 3, mfn, 0, stage2_kind(STAGE2_GRANT_RW, STAGE2_RW)), 0);
    assert_int_equal(stage2_map(&s, 0x400, mfn, 9, RAM_RWX), 0);
    assert_ptr_equal(stage2_ram_ptr(&s, 1, true), ram);
    assert_ptr_equal(stage2_ram_ptr(&s, 2, false), ram + PAGE_SIZE);
    assert_null(stage2_ram_ptr(&s, 2, true));
    assert_null(stage2_ram_ptr(&s, 3, false));
    assert_null(stage2_ram_ptr(&s, 4, false));
    assert_null(stage2_ram_ptr(&s, 1ul << (40 - PAGE_SHIFT), false));
    assert_null(stage2_ram_ptr(&s, ~0ul, false));
    assert_ptr_equal(stage2_ram_ptr(&s, 0x400 + 9, true), ram + 9 * PAGE_SIZE);
}

static void nothing_is_mapped_outside_the_space(void **state)
{
    struct stage2_gather g;
    struct stage2_leaf leaf;
    uint64_t end = 1ul << (40 - PAGE_SHIFT);

    (void)state;
    start(40);
    stage2_gather_init(&g);
    assert_int_equal(stage2_map(&s, end, MFN, 0, RAM_RWX), -EINVAL);
    assert_int_equal(stage2_map(&s, ~0ul, MFN, 0, RAM_RWX), -EINVAL);
    assert_int_equal(stage2_map(&s, end - 1, MFN, 1, RAM_RWX), -EINVAL);
    assert_int_equal(stage2_map(&s, 0, 1ul << 36, 0, RAM_RWX), -EINVAL);
    assert_int_equal(stage2_map(&s, 0, ~0ul, 1, RAM_RWX), -EINVAL);
    assert_int_equal(stage2_map(&s, 0, MFN, 64, RAM_RWX), -EINVAL);
    assert_int_equal(stage2_map_range(&s, 1, MFN, ~0ul, RAM_RWX), -EINVAL);
    assert_int_equal(stage2_unmap(&s, end, 0, &leaf, &g), -EINVAL);
    assert_int_equal(stage2_unmap(&s, 1, 9, &leaf, &g), -EINVAL);
    assert_int_equal(stage2_unmap(&s, 0, 5, &leaf, &g), -EINVAL);
    assert_int_equal(stage2_unmap(&s, 0, 27, &leaf, &g), -EINVAL);
    assert_false(stage2_lookup(&s, ipa(end << PAGE_SHIFT), &leaf));
    assert_int_equal(g.count, 0);
}

static void blocks_are_used_where_alignment_lets_them(void **state)
{
    struct stage2_leaf leaf;

    (void)state;
    start(40);
    assert_int_equal(stage2_map(&s, 0x40000, 0x80000, 18, RAM_RWX), 0);
    assert_true(stage2_lookup(&s, gfn_to_ipa(0x40000 + 77), &leaf));
    assert_int_equal(leaf.order, 18);
    assert_int_equal(paddr_to_mfn(leaf.pa), 0x80000 + 77);
    assert_int_equal(s.table_pages, 2); /* 40 bits: two concatenated root tables, no other */
    assert_int_equal(stage2_map(&s, 0x80000, 0x100200, 18, RAM_RWX), 0);
    assert_true(stage2_lookup(&s, gfn_to_ipa(0x80000), &leaf));
    assert_int_equal(leaf.order, 9);
    assert_int_equal(stage2_map_range(&s, 0xc01ff, 0x1ff, 514, RAM_RWX), 0);
    assert_true(stage2_lookup(&s, gfn_to_ipa(0xc01ff), &leaf));
    assert_int_equal(leaf.order, 0);
    assert_true(stage2_lookup(&s, gfn_to_ipa(0xc0200), &leaf));
    assert_int_equal(leaf.order, 9);
    assert_true(stage2_lookup(&s, gfn_to_ipa(0xc0400), &leaf));
    assert_int_equal(leaf.order, 0);
    assert_false(stage2_lookup(&s, gfn_to_ipa(0xc0401), &leaf));
    assert_maps(0x40000 + 0x3ffff, 0x80000 + 0x3ffff);
    assert_maps(0xc0400, 0x400);
}

static void what_is_mapped_stays(void **state)
{
    struct stage2_leaf leaf;
    unsigned pages;

    (void)state;
    start(40);
    assert_int_equal(stage2_map(&s, 0x200, MFN, 9, RAM_RWX), 0);
    assert_int_equal(stage2_map(&s, 0x201, MFN, 0, RAM_RWX), -EEXIST);
    assert_int_equal(stage2_map(&s, 0x200, MFN, 9, RAM_RWX), -EEXIST);
    assert_int_equal(stage2_map(&s, 0, 0, 18, RAM_RWX), -EEXIST);
    assert_false(stage2_lookup(&s, ipa(0), &leaf));
    assert_int_equal(stage2_map(&s, 0x1f0, 0x1f0, 5, RAM_RWX), -EEXIST);
    /* A range that fails in its middle leaves nothing behind. */
    pages = s.table_pages;
    assert_int_equal(stage2_map_range(&s, 0x100, 0x100, 0x101, RAM_RWX), -EEXIST);
    assert_false(stage2_lookup(&s, gfn_to_ipa(0x100), &leaf));
    assert_false(stage2_lookup(&s, gfn_to_ipa(0x1ff), &leaf));
    assert_int_equal(s.table_pages, pages);
    assert_maps(0x200, MFN);
    fake_tlb_check(vmid_vttbr(&s), s.vtcr);
}

static void a_block_is_split_by_the_unmap_of_a_page(void **state)
{
    struct stage2_leaf old;

    (void)state;
    start(40);
    assert_int_equal(stage2_map(&s, 0x40000, 0x80000, 18, stage2_kind(STAGE2_RAM, STAGE2_RW)), 0);
    assert_maps(0x40000, 0x80000);
    assert_maps(0x40000 + 0x12345, 0x80000 + 0x12345);
    unmap_and_flush(0x40000 + 0x12345, 0, &old);
    assert_int_equal(paddr_to_mfn(old.pa), 0x80000 + 0x12345);
    assert_int_equal(old.prot, STAGE2_RW);
    assert_unmapped(0x40000 + 0x12345);
    for (uint64_t i = 0; i < 1ul << 18; i += 251)
        if (i != 0x12345)
            assert_maps(0x40000 + i, 0x80000 + i);
    assert_maps(0x40000 + 0x12344, 0x80000 + 0x12344);
    assert_maps(0x40000 + 0x12346, 0x80000 + 0x12346);
    unmap_and_flush(0x40000 + 0x200, 9, &old);
    assert_int_equal(old.order, 9);
    assert_unmapped(0x40000 + 0x3ff);
}

static void a_block_takes_the_place_of_an_empty_table(void **state)
{
    struct stage2_leaf old, leaf;
    unsigned tables;

    (void)state;
    start(40);
    assert_int_equal(stage2_map(&s, 0x40000, 0x80000, 9, RAM_RWX), 0);
    tables = s.table_pages;
    for (unsigned i = 0; i < 512; i++)
        unmap_and_flush(0x40000 + i, 0, &old);
    assert_int_equal(s.table_pages, tables + 1);
    assert_unmapped(0x40000);
    assert_int_equal(stage2_map(&s, 0x40000, 0x90000, 9, RAM_RWX), 0);
    assert_int_equal(s.table_pages, tables);
    assert_maps(0x40001, 0x90001);
    fake_tlb_check(vmid_vttbr(&s), s.vtcr);
    /* An empty table one level further up is in the way of the largest block only. */
    unmap_and_flush(0x40000, 9, &old);
    assert_int_equal(stage2_map(&s, 0x40000, 0x80000, 18, RAM_RWX), 0);
    assert_true(stage2_lookup(&s, gfn_to_ipa(0x40000), &leaf));
    assert_int_equal(leaf.order, 18);
}

static void a_leaf_under_empty_tables_falls_back_to_smaller_ones(void **state)
{
    struct stage2_leaf old, leaf;

    (void)state;
    start(40);
    assert_int_equal(stage2_map(&s, 0x40000, MFN, 0, RAM_RWX), 0);
    unmap_and_flush(0x40000, 0, &old);
    assert_int_equal(stage2_map(&s, 0x40000, 0x80000, 18, RAM_RWX), 0);
    assert_true(stage2_lookup(&s, gfn_to_ipa(0x40000), &leaf));
    assert_int_equal(leaf.order, 9);
    assert_maps(0x40000 + 0x3ffff, 0x80000 + 0x3ffff);
    fake_tlb_check(vmid_vttbr(&s), s.vtcr);
}

static void attributes_reach_the_descriptor(void **state)
{
    struct stage2_leaf leaf;

    (void)state;
    start(40);
    assert_int_equal(stage2_map(&s, 1, MFN, 0, stage2_kind(STAGE2_GRANT_RO, STAGE2_R)), 0);
    assert_int_equal(stage2_map(&s, 2, MFN, 0,
                                stage2_kind(STAGE2_MMIO, STAGE2_RW | STAGE2_DEVICE)), 0);
    assert_int_equal(stage2_map(&s, 3, MFN, 0, stage2_kind(STAGE2_FOREIGN, STAGE2_RWX)), 0);
    assert_int_equal(touch(1, false, NULL), FAKE_ACCESS_OK);
    assert_int_equal(touch(1, true, NULL), FAKE_ACCESS_PERMISSION);
    assert_true(stage2_lookup(&s, gfn_to_ipa(1), &leaf));
    assert_int_equal(leaf.prot, STAGE2_R);
    assert_int_equal(leaf.type, STAGE2_GRANT_RO);
    assert_true(stage2_lookup(&s, gfn_to_ipa(2), &leaf));
    assert_int_equal(leaf.prot, STAGE2_RW | STAGE2_DEVICE);
    assert_int_equal(leaf.type, STAGE2_MMIO);
    assert_true(stage2_lookup(&s, ipa((3ul << PAGE_SHIFT) + 0x123), &leaf));
    assert_int_equal(leaf.prot, STAGE2_RWX);
    assert_int_equal(leaf.type, STAGE2_FOREIGN);
    assert_int_equal(leaf.pa.v, (MFN << PAGE_SHIFT) + 0x123);
}

static void mapping_invalidates_nothing(void **state)
{
    (void)state;
    start(40);
    assert_int_equal(stage2_map(&s, 1, MFN, 0, RAM_RWX), 0);
    fake_trace_reset();
    assert_int_equal(stage2_map(&s, 2, MFN, 0, RAM_RWX), 0);
    assert_int_equal(fake_count(FAKE_EV_TLBI_IPA), 0);
    assert_int_equal(fake_count(FAKE_EV_TLBI_VMID), 0);
    assert_int_equal(fake_count(FAKE_EV_TLBI_IPA_FINISH), 0);
    assert_int_equal(fake_count(FAKE_EV_DSB_ISHST), 1);
}

static void a_batch_is_invalidated_once(void **state)
{
    struct stage2_leaf old;
    struct stage2_gather g;

    (void)state;
    start(40);
    assert_int_equal(stage2_map_range(&s, 0, MFN, 64, RAM_RWX), 0);
    for (unsigned i = 0; i < 64; i++)
        assert_maps(i, MFN + i);
    stage2_gather_init(&g);
    fake_trace_reset();
    for (unsigned i = 0; i < STAGE2_GATHER_MAX; i++)
        assert_int_equal(stage2_unmap(&s, i, 0, &old, &g), 0);
    assert_int_equal(fake_count(FAKE_EV_TLBI_IPA), 0);
    assert_maps(0, MFN); /* the TLB still has it: the page must not be put yet */
    fake_trace_reset();
    stage2_flush(&s, &g);
    /* The entries are written before they are invalidated (DDI 0487, TLB maintenance ordering). */
    assert_int_equal(fake_trace(0)->event, FAKE_EV_DSB_ISH);
    assert_int_equal(fake_trace(1)->event, FAKE_EV_TLBI_IPA);
    assert_int_equal(fake_count(FAKE_EV_TLBI_IPA), STAGE2_GATHER_MAX);
    assert_int_equal(fake_count(FAKE_EV_TLBI_IPA_FINISH), 1);
    assert_int_equal(fake_count(FAKE_EV_TLBI_VMID), 0);
    fake_tlb_check(vmid_vttbr(&s), s.vtcr);
    fake_trace_reset();
    for (unsigned i = STAGE2_GATHER_MAX; i < 64; i++)
        assert_int_equal(stage2_unmap(&s, i, 0, &old, &g), 0);
    stage2_flush(&s, &g);
    assert_int_equal(fake_count(FAKE_EV_TLBI_IPA), 0);
    assert_int_equal(fake_count(FAKE_EV_TLBI_VMID), 1);
    fake_tlb_check(vmid_vttbr(&s), s.vtcr);
    fake_trace_reset();
    stage2_flush(&s, &g);
    assert_int_equal(fake_count(FAKE_EV_TLBI_VMID), 0);
}

static void a_space_that_never_ran_needs_no_invalidation(void **state)
{
    struct stage2 other;
    struct stage2_leaf old;
    struct stage2_gather g;

    (void)state;
    start(40);
    assert_int_equal(stage2_init(&other, 40), 0);
    lock_acquire(&other.lock);
    assert_int_equal(stage2_map(&other, 0, MFN, 9, RAM_RWX), 0);
    stage2_gather_init(&g);
    fake_trace_reset();
    assert_int_equal(stage2_unmap(&other, 1, 0, &old, &g), 0);
    stage2_flush(&other, &g);
    assert_int_equal(fake_count(FAKE_EV_TLBI_IPA) + fake_count(FAKE_EV_TLBI_VMID), 0);
}

static void unmapping_nothing_is_enoent(void **state)
{
    struct stage2_leaf old;
    struct stage2_gather g;

    (void)state;
    start(40);
    stage2_gather_init(&g);
    assert_int_equal(stage2_unmap(&s, 0, 0, &old, &g), -ENOENT);
    assert_int_equal(stage2_map(&s, 1, MFN, 0, RAM_RWX), 0);
    assert_int_equal(stage2_unmap(&s, 0, 0, &old, &g), -ENOENT);
    assert_int_equal(stage2_unmap(&s, 0x200, 9, &old, &g), -ENOENT);
    assert_int_equal(stage2_unmap(&s, 0, 9, &old, &g), -EINVAL);
    assert_int_equal(g.count, 0);
}

static void tables_are_limited_and_given_back(void **state)
{
    struct stage2_leaf leaf;
    uint64_t before;
    unsigned i;

    (void)state;
    fake_machine_init(1);
    fake_memory_init(64ul << 20);
    before = page_alloc_free_count();
    assert_int_equal(stage2_init(&s, 40), 0);
    s.table_limit = 10;
    lock_acquire(&s.lock);
    for (i = 0; stage2_map(&s, i * 0x200ul, MFN, 0, RAM_RWX) == 0; i++)
        ;
    assert_int_equal(s.table_pages, 10);
    assert_int_equal(i, 10 - 2 - 1);
    assert_int_equal(stage2_map(&s, i * 0x200ul, MFN, 0, RAM_RWX), -ENOMEM);
    assert_false(stage2_lookup(&s, gfn_to_ipa(i * 0x200ul), &leaf));
    assert_int_equal(before - page_alloc_free_count(), 10);
    lock_release(&s.lock);
    stage2_destroy(&s);
    assert_int_equal(page_alloc_free_count(), before);
    stage2_destroy(&s);
    assert_int_equal(page_alloc_free_count(), before);
}

static void taking_down_is_bounded(void **state)
{
    uint64_t before;
    unsigned rounds = 0, was = 103;

    (void)state;
    fake_machine_init(1);
    fake_memory_init(64ul << 20);
    before = page_alloc_free_count();
    assert_int_equal(stage2_init(&s, 44), 0);
    vmid_activate(&s);
    lock_acquire(&s.lock);
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(stage2_map(&s, i * 0x200ul, MFN + i, 0, RAM_RWX), 0);
    for (unsigned i = 0; i < 100; i++)
        assert_maps(i * 0x200ul, MFN + i);
    lock_release(&s.lock);
    while (stage2_relinquish(&s, 200) == -ERESTART) {
        assert_true(was - s.table_pages <= 200 / 16 + 1);
        was = s.table_pages;
        rounds++;
    }
    assert_in_range(rounds, 100 / (200 / 16 + 1), 20);
    assert_int_equal(s.table_pages, 1);
    assert_int_equal(fake_tlb_entries(), 0);
    stage2_destroy(&s);
    assert_int_equal(page_alloc_free_count(), before);
}

/* The root of 43 bits is 16 tables long: to look through it takes several calls, each of which goes
 * on where the last one stopped. */
static void empty_tables_are_looked_through_in_pieces(void **state)
{
    unsigned rounds = 1;

    (void)state;
    start(43);
    assert_int_equal(stage2_map(&s, (1ul << 31) - 1, MFN, 0, RAM_RWX), 0);
    lock_release(&s.lock);
    assert_int_equal(stage2_relinquish(&s, 1000), -ERESTART);
    assert_int_equal(s.table_pages, 16 + 2);
    while (stage2_relinquish(&s, 1000) == -ERESTART)
        assert_true(++rounds < 16);
    assert_true(rounds >= 8);
    assert_int_equal(s.table_pages, 16);
    assert_int_equal(stage2_relinquish(&s, 1000), 0);
    lock_acquire(&s.lock);
    stage2_destroy(&s);
}

static void a_failed_split_changes_nothing(void **state)
{
    struct stage2_leaf old;
    struct stage2_gather g;

    (void)state;
    start(40);
    assert_int_equal(stage2_map(&s, 0, 0, 18, RAM_RWX), 0);
    s.table_limit = s.table_pages + 1;
    stage2_gather_init(&g);
    assert_int_equal(stage2_unmap(&s, 5, 0, &old, &g), -ENOMEM);
    assert_int_equal(g.count, 0);
    assert_maps(5, 5);
    assert_maps(0x3ffff, 0x3ffff);
    fake_tlb_check(vmid_vttbr(&s), s.vtcr);
}

static void all_that_is_mapped_is_found_in_order(void **state)
{
    static const struct { uint64_t gfn; unsigned order; } want[] = {
        { 3, 0 }, { 0x200, 9 }, { 0x40000, 18 }, { 0x80001, 0 }, { 0xfffffff, 0 },
    };
    struct stage2_leaf leaf;
    uint64_t gfn = 0;
    unsigned calls = 0;
    int rc;

    (void)state;
    start(40);
    for (unsigned i = 0; i < ARRAY_SIZE(want); i++)
        assert_int_equal(stage2_map(&s, want[i].gfn, want[i].gfn & ~0x1fful ? want[i].gfn : 7,
                                    want[i].order, RAM_RWX), 0);
    for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
        while ((rc = stage2_next(&s, &gfn, &leaf, 1)) == -EAGAIN)
            calls++;
        assert_int_equal(rc, 0);
        assert_int_equal(gfn, want[i].gfn);
        assert_int_equal(leaf.order, want[i].order);
        gfn += 1ul << leaf.order;
    }
    assert_in_range(calls, 1, 20);
    assert_int_equal(stage2_next(&s, &gfn, &leaf, 100), -ENOENT);
    gfn = 0x300; /* in the middle of a block: its first page */
    assert_int_equal(stage2_next(&s, &gfn, &leaf, 100), 0);
    assert_int_equal(gfn, 0x200);
    gfn = ~0ul;
    assert_int_equal(stage2_next(&s, &gfn, &leaf, 100), -ENOENT);
}

static void tables_made_ahead_are_used_before_new_ones(void **state)
{
    struct stage2_leaf old;
    uint64_t all, before;

    (void)state;
    start(40);
    all = page_alloc_free_count();
    assert_int_equal(stage2_map(&s, 0x200, MFN, 9, RAM_RWX), 0);
    assert_int_equal(stage2_reserve(&s, 2), 0);
    before = page_alloc_free_count();
    unmap_and_flush(0x201, 0, &old);
    assert_maps(0x202, MFN + 2);
    assert_int_equal(stage2_map(&s, 0x600, MFN, 0, RAM_RWX), 0);
    assert_unmapped(0x601);
    assert_int_equal(page_alloc_free_count(), before);
    assert_int_equal(stage2_map(&s, 0x800, MFN, 0, RAM_RWX), 0);
    assert_int_equal(page_alloc_free_count(), before - 1);
    assert_int_equal(stage2_reserve(&s, 3), 0);
    lock_release(&s.lock);
    stage2_destroy(&s);
    assert_int_equal(page_alloc_free_count(), all + 2); /* and the root */
}

static void vtcr_says_how_the_tables_are(void **state)
{
    (void)state;
    start(40);
    assert_int_equal(BITS_GET(s.vtcr, 5, 0), 24);
    assert_int_equal(BITS_GET(s.vtcr, 7, 6), 1);
    assert_int_equal(BITS_GET(s.vtcr, 13, 8), 0x35); /* walks: write-back, inner shareable */
    assert_int_equal(BITS_GET(s.vtcr, 18, 16), 4);
    assert_int_equal(BITS_GET(s.vtcr, 19, 19), 0);
    assert_int_equal(BITS_GET(s.vtcr, 31, 31), 1);
    vmid_init(16);
    fake_sysreg_set(FAKE_ID_AA64MMFR0_EL1, 0x1126); /* 52 bits: VTCR_EL2.PS ends at 48 here */
    lock_release(&s.lock);
    stage2_destroy(&s);
    assert_int_equal(stage2_init(&s, 48), 0);
    assert_int_equal(BITS_GET(s.vtcr, 7, 6), 2);
    assert_int_equal(BITS_GET(s.vtcr, 18, 16), 5);
    assert_int_equal(BITS_GET(s.vtcr, 19, 19), 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_page_is_mapped_and_unmapped),
    cmocka_unit_test(a_page_is_unmapped_only_as_what_it_was_mapped),
    cmocka_unit_test(a_freed_table_is_forgotten),
    cmocka_unit_test(ram_is_found_as_what_it_may_be_used_for),
    cmocka_unit_test(nothing_is_mapped_outside_the_space),
    cmocka_unit_test(blocks_are_used_where_alignment_lets_them),
    cmocka_unit_test(what_is_mapped_stays),
    cmocka_unit_test(a_block_is_split_by_the_unmap_of_a_page),
    cmocka_unit_test(a_block_takes_the_place_of_an_empty_table),
    cmocka_unit_test(a_leaf_under_empty_tables_falls_back_to_smaller_ones),
    cmocka_unit_test(attributes_reach_the_descriptor),
    cmocka_unit_test(mapping_invalidates_nothing),
    cmocka_unit_test(a_batch_is_invalidated_once),
    cmocka_unit_test(a_space_that_never_ran_needs_no_invalidation),
    cmocka_unit_test(unmapping_nothing_is_enoent),
    cmocka_unit_test(tables_are_limited_and_given_back),
    cmocka_unit_test(taking_down_is_bounded),
        cmocka_unit_test(empty_tables_are_looked_through_in_pieces),
    cmocka_unit_test(a_failed_split_changes_nothing),
    cmocka_unit_test(all_that_is_mapped_is_found_in_order),
    cmocka_unit_test(tables_made_ahead_are_used_before_new_ones),
    cmocka_unit_test(vtcr_says_how_the_tables_are),
};

FAKE_TEST_MAIN(tests)
