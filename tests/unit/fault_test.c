/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/fault.c: exceptions given to a guest, as the architecture would take them at EL1.
 */
#include "tests/unit/sched_env.h"

#define VBAR 0xffff000000081000ul
#define PC 0xffff000000123450ul

static void guest_at(uint64_t pstate)
{
    sched_env_run(1, 1);
    step(0);
    fake_sysreg_set(FAKE_VBAR_EL1, VBAR);
    fake_sysreg_set(FAKE_ELR_EL2, PC);
    fake_sysreg_set(FAKE_SPSR_EL2, pstate);
    fake_sysreg_set(FAKE_SCTLR_EL1, SCTLR_EL1_SPAN);
}

static void test_undefined_from_el1h(void **state)
{
    (void)state;
    guest_at(PSTATE_EL1H | 5ul << 28);
    vcpu_inject_undefined();
    assert_int_equal(fake_sysreg_get(FAKE_ESR_EL1), ESR_IL);
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL1), PC);
    assert_int_equal(fake_sysreg_get(FAKE_SPSR_EL1), PSTATE_EL1H | 5ul << 28);
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL2), VBAR + 0x200);
    assert_int_equal(fake_sysreg_get(FAKE_SPSR_EL2),
                     PSTATE_EL1H | 0x3c0 | 5ul << 28);
}

static void test_vector_follows_the_mode(void **state)
{
    static const struct { uint64_t pstate, offset; } modes[] = {
        { PSTATE_EL1T, 0 }, { PSTATE_EL1H, 0x200 }, { PSTATE_EL0T, 0x400 },
        { PSTATE_AARCH32, 0x600 },
    };
    (void)state;
    guest_at(0);
    for (unsigned i = 0; i < ARRAY_SIZE(modes); i++) {
        fake_sysreg_set(FAKE_SPSR_EL2, modes[i].pstate);
        vcpu_inject_undefined();
        assert_int_equal(fake_sysreg_get(FAKE_ELR_EL2), VBAR + modes[i].offset);
    }
}

static void test_step_il_uao_btype_and_tco_are_cleared(void **state)
{
    uint64_t gone = PSTATE_SS | BIT(20) | BIT(23) | PSTATE_BTYPE | BIT(25); /* IL, UAO, TCO */
    (void)state;
    guest_at(PSTATE_EL1H | gone | PSTATE_DIT);
    vcpu_inject_undefined();
    assert_int_equal(fake_sysreg_get(FAKE_SPSR_EL2) & gone, 0);
    assert_true(fake_sysreg_get(FAKE_SPSR_EL2) & PSTATE_DIT);
    assert_true(fake_sysreg_get(FAKE_SPSR_EL1) & PSTATE_SS);
}

static void test_pan_is_set_without_span_and_kept_with_it(void **state)
{
    (void)state;
    guest_at(PSTATE_EL0T);
    vcpu_inject_undefined();
    assert_false(fake_sysreg_get(FAKE_SPSR_EL2) & PSTATE_PAN);
    fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_EL0T | PSTATE_PAN);
    vcpu_inject_undefined();
    assert_true(fake_sysreg_get(FAKE_SPSR_EL2) & PSTATE_PAN);
    fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_EL0T);
    fake_sysreg_set(FAKE_SCTLR_EL1, 0);
    vcpu_inject_undefined();
    assert_true(fake_sysreg_get(FAKE_SPSR_EL2) & PSTATE_PAN);
}

static void test_ssbs_follows_dssbs(void **state)
{
    (void)state;
    guest_at(PSTATE_EL0T | PSTATE_SSBS);
    vcpu_inject_undefined();
    assert_false(fake_sysreg_get(FAKE_SPSR_EL2) & PSTATE_SSBS);
    fake_sysreg_set(FAKE_SCTLR_EL1, SCTLR_EL1_DSSBS);
    vcpu_inject_undefined();
    assert_true(fake_sysreg_get(FAKE_SPSR_EL2) & PSTATE_SSBS);
}

static uint64_t abort_esr(unsigned ec, uint64_t far, uint64_t iss)
{
    fake_sysreg_set(FAKE_FAR_EL2, far);
    vcpu_inject_abort((uint64_t)ec << ESR_EC_SHIFT | ESR_IL | iss);
    assert_int_equal(fake_sysreg_get(FAKE_FAR_EL1), far);
    return fake_sysreg_get(FAKE_ESR_EL1);
}

/* No ISV and what goes with it: stage 1 tells none. A walk's or a cached level of stage 2 is not
 * the guest's. */
static void test_aborts_tell_level_and_address(void **state)
{
    (void)state;
    guest_at(PSTATE_EL1H);
    assert_int_equal(abort_esr(EC_DABT_LOW, 0x1238, DABT_ISV | 5ul << 16 | DABT_WNR | 6),
                     0x96000050ul);
    assert_int_equal(abort_esr(EC_DABT_LOW, 0x1238, DABT_WNR | DABT_CM | 6), 0x96000150ul);
    assert_int_equal(abort_esr(EC_DABT_LOW, 0x1239, FSC_ALIGNMENT), 0x96000021ul);
    fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_EL0T);
    assert_int_equal(abort_esr(EC_DABT_LOW, 0x1238, 0xf), 0x92000010ul);
    fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_AARCH32);
    assert_int_equal(abort_esr(EC_IABT_LOW, 0x4000, 6), 0x82000010ul);
}

/* Stage 1 of 39 bits with pages of 4 KiB begins at level 1. */
static void test_an_abort_of_a_walk_tells_its_level(void **state)
{
    const uint64_t va = 3ul << 30 | 5ul << 21 | 7ul << 12, upper = va | 0xffffff8000000000ul;
    const uint64_t ram = 0x40000000;
    struct page *page;
    uint64_t *table;

    (void)state;
    guest_at(PSTATE_EL1H);
    page = env_page_alloc(vcpu_current()->domain, 0);
    table = page_to_virt(page);
    lock_acquire(&vcpu_current()->domain->s2.lock);
    assert_int_equal(stage2_map(&vcpu_current()->domain->s2, ram >> PAGE_SHIFT,
                                paddr_to_mfn(page_to_paddr(page)), 0,
                                stage2_kind(STAGE2_RAM, STAGE2_RWX)), 0);
    lock_release(&vcpu_current()->domain->s2.lock);
    fake_sysreg_set(FAKE_TCR_EL1, 25 | 25ul << 16 | 2ul << 30);
    fake_sysreg_set(FAKE_TTBR0_EL1, 0x10000000);
    fake_sysreg_set(FAKE_HPFAR_EL2, 0x10000000 >> PAGE_SHIFT << 4);
    assert_int_equal(abort_esr(EC_DABT_LOW, va, ABT_S1PTW | 6), 0x96000015ul);
    fake_sysreg_set(FAKE_TTBR0_EL1, ram);
    table[3] = 0x10000003;
    assert_int_equal(abort_esr(EC_DABT_LOW, va, ABT_S1PTW | 6), 0x96000016ul);
    assert_int_equal(abort_esr(EC_IABT_LOW, va, ABT_S1PTW | 6), 0x86000016ul);
    table[3] = ram | 3;
    table[5] = 0x10000003;
    fake_sysreg_set(FAKE_TTBR1_EL1, ram | 1ul << 48);
    assert_int_equal(abort_esr(EC_DABT_LOW, upper, ABT_S1PTW | 6), 0x96000017ul);
    fake_sysreg_set(FAKE_TCR_EL1, 0); /* whatever it says, no more than a level comes of it */
    assert_int_equal(abort_esr(EC_DABT_LOW, va, ABT_S1PTW | 6) & ~3ul, 0x96000014ul);
    fake_sysreg_set(FAKE_TCR_EL1, 63);
    assert_int_equal(abort_esr(EC_DABT_LOW, va, ABT_S1PTW | 6) & ~3ul, 0x96000014ul);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_undefined_from_el1h),
    cmocka_unit_test(test_vector_follows_the_mode),
    cmocka_unit_test(test_step_il_uao_btype_and_tco_are_cleared),
    cmocka_unit_test(test_pan_is_set_without_span_and_kept_with_it),
    cmocka_unit_test(test_ssbs_follows_dssbs),
    cmocka_unit_test(test_aborts_tell_level_and_address),
    cmocka_unit_test(test_an_abort_of_a_walk_tells_its_level),
};

FAKE_TEST_MAIN(tests)
