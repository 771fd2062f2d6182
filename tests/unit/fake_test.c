/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fake machine itself: a test that cannot fail proves nothing, so its TLB must catch what it
 * is there to catch.
 */
#include "core/base/assert.h"
#include "core/base/hw.h"

#include <cmocka.h>

#define VTCR_1_LEVEL1 (25ul | 1ul << 6) /* 39 bits, start level 1 */
#define LEAF (3ul << 6 | 1ul << 10 | 0xful << 2)

/* Level 1 -> level 2 -> level 3 tables for IPA 0 in the first pages of RAM. */
static uint64_t *tables_make(uint64_t *vttbr)
{
    uint64_t *t;

    fake_machine_init(1);
    fake_ram_add(paddr(FAKE_RAM_BASE), 1ul << 20);
    t = hw_phys_to_virt(paddr(FAKE_RAM_BASE));
    t[0] = (FAKE_RAM_BASE + 0x1000) | 3;
    t[512] = (FAKE_RAM_BASE + 0x2000) | 3;
    t[1024] = 0x80000000ul | LEAF | 3;
    *vttbr = FAKE_RAM_BASE | 5ul << 48;
    return t;
}

static void a_walk_gives_the_leaf(void **state)
{
    uint64_t vttbr;
    paddr_t pa;

    (void)state;
    tables_make(&vttbr);
    assert_int_equal(fake_guest_access(vttbr, VTCR_1_LEVEL1, ipa(0x123), true, &pa),
                     FAKE_ACCESS_OK);
    assert_int_equal(pa.v, 0x80000123);
    assert_int_equal(fake_guest_access(vttbr, VTCR_1_LEVEL1, ipa(0x1000), false, &pa),
                     FAKE_ACCESS_TRANSLATION);
    fake_tlb_check(vttbr, VTCR_1_LEVEL1);
}

static void an_entry_stays_until_it_is_invalidated(void **state)
{
    uint64_t vttbr, *t;

    (void)state;
    t = tables_make(&vttbr);
    fake_guest_access(vttbr, VTCR_1_LEVEL1, ipa(0), true, NULL);
    t[1024] = 0;
    assert_int_equal(fake_guest_access(vttbr, VTCR_1_LEVEL1, ipa(0), true, NULL), FAKE_ACCESS_OK);
    fake_tlbi_ipa(vttbr, ipa(0));
    assert_true(fake_tlb_has(paddr(0x80000000)));
    fake_tlbi_ipa_finish(vttbr);
    assert_false(fake_tlb_has(paddr(0x80000000)));
    assert_int_equal(fake_guest_access(vttbr, VTCR_1_LEVEL1, ipa(0), true, NULL),
                     FAKE_ACCESS_TRANSLATION);
    fake_tlb_check(vttbr, VTCR_1_LEVEL1);
}

static void a_table_pointer_needs_the_whole_vmid(void **state)
{
    uint64_t vttbr, *t;

    (void)state;
    t = tables_make(&vttbr);
    fake_guest_access(vttbr, VTCR_1_LEVEL1, ipa(0), true, NULL);
    t[512] = 0;
    fake_tlbi_ipa(vttbr, ipa(0));
    fake_tlbi_ipa_finish(vttbr);
    assert_true(fake_tlb_has(paddr(FAKE_RAM_BASE + 0x2000)));
    hw_tlbi_vmid(vttbr);
    assert_int_equal(fake_tlb_entries(), 0);
}

static void at_is_the_identity_without_stage_2(void **state)
{
    (void)state;
    fake_machine_init(1);
    assert_int_equal(hw_at_s12e1(gva(0x40001234), true) & 0xfffffffff001ul, 0x40001000);
}

static void an_expected_panic_passes(void **state)
{
    (void)state;
    fake_expect_panic(panic("gone: %d\n", 7));
    assert_string_equal(fake_panic_text, "gone: 7\n");
}

static void registers_are_per_cpu(void **state)
{
    (void)state;
    fake_machine_init(2);
    hw_sysreg_write(HCR_EL2, 1);
    fake_cpu_switch(1);
    assert_int_equal(hw_sysreg_read(HCR_EL2), 0);
    assert_int_equal(hw_percpu()->id, 1);
    fake_cpu_switch(0);
    assert_int_equal(hw_sysreg_read(HCR_EL2), 1);
    assert_int_equal(fake_count(FAKE_EV_SYSREG_WRITE), 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_walk_gives_the_leaf),
    cmocka_unit_test(an_entry_stays_until_it_is_invalidated),
    cmocka_unit_test(a_table_pointer_needs_the_whole_vmid),
    cmocka_unit_test(at_is_the_identity_without_stage_2),
    cmocka_unit_test(an_expected_panic_passes),
    cmocka_unit_test(registers_are_per_cpu),
};

FAKE_TEST_MAIN(tests)
