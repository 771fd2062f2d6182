/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage 2 against a plain array that says what should be mapped: random operations, each followed
 * by accesses through the modelled TLB.
 */
#include "core/base/errors.h"
#include "core/base/hw.h"
#include "mm/page_alloc.h"
#include "mm/stage2.h"
#include "mm/vmid.h"

#include <cmocka.h>

#define GFNS 0x2000u /* 16 blocks of 2 MiB, as two halves at far ends of the space */
#define HALF (GFNS / 2)
#define FAR 0x7ffff000ul
#define ROUNDS 6000u

static struct stage2 s;
static uint64_t model[GFNS]; /* mfn + 1, 0: unmapped */
static uint8_t model_order[GFNS];
static uint64_t seed;

static uint64_t random_below(uint64_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (seed >> 11) % n;
}

static uint64_t gfn_of(unsigned i) { return i < HALF ? i : FAR + (i - HALF); }

static bool is_free(unsigned i, unsigned pages)
{
    for (unsigned n = 0; n < pages; n++)
        if (model[i + n])
            return false;
    return true;
}

/* What leaf covers a page after a map: blocks where the whole aligned block is contiguous. */
static void do_map(void)
{
    unsigned order = random_below(3) ? (unsigned)random_below(10) : 0, pages = 1u << order;
    unsigned i = (unsigned)random_below(GFNS) & ~(pages - 1);
    uint64_t mfn = 0x100000 + (random_below(0x10000) & ~(uint64_t)(pages - 1));
    int rc = stage2_map(&s, gfn_of(i), mfn, order, stage2_kind(STAGE2_RAM, STAGE2_RWX));

    assert_int_equal(rc, is_free(i, pages) ? 0 : -EEXIST);
    for (unsigned n = 0; !rc && n < pages; n++) {
        model[i + n] = mfn + n + 1;
        model_order[i + n] = order == 9 ? 9 : 0;
    }
}

static void do_map_range(void)
{
    unsigned i = (unsigned)random_below(HALF - 700), pages = 1 + (unsigned)random_below(700);
    uint64_t mfn = 0x200000 + (random_below(2) ? i : random_below(0x1000));
    int rc = stage2_map_range(&s, gfn_of(i), mfn, pages, stage2_kind(STAGE2_FOREIGN, STAGE2_RW));

    assert_int_equal(rc, is_free(i, pages) ? 0 : -EEXIST);
    for (unsigned n = 0; !rc && n < pages; n++) {
        struct stage2_leaf leaf;

        model[i + n] = mfn + n + 1;
        assert_true(stage2_lookup(&s, gfn_to_ipa(gfn_of(i + n)), &leaf));
        model_order[i + n] = (uint8_t)leaf.order;
    }
}

/* A leaf's other pages become single pages when it is split. */
static void model_unmap(unsigned i, unsigned pages)
{
    if (pages == 1 && model_order[i] == 9)
        for (unsigned n = 0; n < 512; n++)
            model_order[(i & ~511u) + n] = 0;
    for (unsigned n = 0; n < pages; n++)
        model[i + n] = 0;
}

static void do_unmap(void)
{
    struct stage2_gather g;
    unsigned count = 1 + (unsigned)random_below(24);

    stage2_gather_init(&g);
    while (count--) {
        unsigned i = (unsigned)random_below(GFNS), order = 0;
        struct stage2_leaf old;
        int rc;

        if (model_order[i] == 9 && model[i] && random_below(4)) {
            i &= ~511u;
            order = 9;
        }
        rc = stage2_unmap(&s, gfn_of(i), order, &old, &g);
        assert_int_equal(rc, model[i] ? 0 : -ENOENT);
        if (rc)
            continue;
        assert_int_equal(paddr_to_mfn(old.pa) + 1, model[i]);
        assert_int_equal(old.order, order);
        model_unmap(i, 1u << order);
    }
    stage2_flush(&s, &g);
}

/* A run of leaves goes, so that whole tables become empty. */
static void do_unmap_run(void)
{
    unsigned i = (unsigned)random_below(GFNS) & ~511u;
    struct stage2_gather g;
    struct stage2_leaf old;

    stage2_gather_init(&g);
    for (unsigned n = 0; n < 512; n += 1u << old.order) {
        old.order = 0;
        if (!stage2_lookup(&s, gfn_to_ipa(gfn_of(i + n)), &old))
            continue;
        assert_int_equal(stage2_unmap(&s, gfn_of(i + n), old.order, &old, &g), 0);
        model_unmap(i + n, 1u << old.order);
    }
    stage2_flush(&s, &g);
}

static void accesses_agree(unsigned count)
{
    while (count--) {
        unsigned i = (unsigned)random_below(GFNS);
        paddr_t pa;
        enum fake_access r = fake_guest_access(vmid_vttbr(&s), s.vtcr, gfn_to_ipa(gfn_of(i)),
                                               false, &pa);

        assert_int_equal(r, model[i] ? FAKE_ACCESS_OK : FAKE_ACCESS_TRANSLATION);
        if (model[i])
            assert_int_equal(paddr_to_mfn(pa) + 1, model[i]);
    }
}

/* stage2_next() finds all that the model has, and nothing else. */
static void scan_agrees(void)
{
    struct stage2_leaf leaf;
    uint64_t gfn = 0;
    unsigned seen = 0, want = 0;
    int rc;

    while ((rc = stage2_next(&s, &gfn, &leaf, 3)) != -ENOENT) {
        if (rc == -EAGAIN)
            continue;
        seen += 1u << leaf.order;
        gfn += 1ul << leaf.order;
    }
    for (unsigned i = 0; i < GFNS; i++)
        want += model[i] != 0;
    assert_int_equal(seen, want);
}

static void run(uint64_t first_seed)
{
    seed = first_seed;
    fake_machine_init(1);
    fake_memory_init(32ul << 20);
    assert_int_equal(stage2_init(&s, 43), 0);
    vmid_activate(&s);
    lock_acquire(&s.lock);
    for (unsigned round = 0; round < ROUNDS; round++) {
        switch (random_below(8)) {
        case 0: case 1: case 2: do_map(); break;
        case 3: do_map_range(); break;
        case 4: do_unmap_run(); break;
        default: do_unmap(); break;
        }
        accesses_agree(4);
        if (round % 64 == 0) {
            fake_tlb_check(vmid_vttbr(&s), s.vtcr);
            scan_agrees();
            page_alloc_progress(64);
            page_alloc_quiesce(0);
        }
    }
    lock_release(&s.lock);
}

static void random_operations_agree_with_a_plain_array(void **state)
{
    uint64_t before;

    (void)state;
    run(0x9e3779b97f4a7c15ul);
    before = page_alloc_free_count();
    stage2_destroy(&s);
    assert_true(page_alloc_free_count() > before);
    assert_int_equal(page_alloc_free_count(), page_alloc_total_count());
}

static void another_seed_agrees_too(void **state)
{
    (void)state;
    run(0x123456789abcdeful);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(random_operations_agree_with_a_plain_array),
    cmocka_unit_test(another_seed_agrees_too),
};

FAKE_TEST_MAIN(tests)
