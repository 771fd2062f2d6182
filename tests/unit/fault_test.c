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

static void test_aborts_tell_level_and_address(void **state)
{
    (void)state;
    guest_at(PSTATE_EL1H);
    vcpu_inject_abort(EC_DABT_LOW, 0x1238, DABT_WNR | FSC_EXTERNAL);
    assert_int_equal(fake_sysreg_get(FAKE_FAR_EL1), 0x1238);
    assert_int_equal(fake_sysreg_get(FAKE_ESR_EL1), 0x96000050ul);
    fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_EL0T);
    vcpu_inject_abort(EC_DABT_LOW, 0x1238, FSC_EXTERNAL);
    assert_int_equal(fake_sysreg_get(FAKE_ESR_EL1), 0x92000010ul);
    fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_AARCH32);
    vcpu_inject_abort(EC_IABT_LOW, 0x4000, FSC_EXTERNAL);
    assert_int_equal(fake_sysreg_get(FAKE_ESR_EL1), 0x82000010ul);
    assert_int_equal(fake_sysreg_get(FAKE_FAR_EL1), 0x4000);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_undefined_from_el1h),
    cmocka_unit_test(test_vector_follows_the_mode),
    cmocka_unit_test(test_step_il_uao_btype_and_tco_are_cleared),
    cmocka_unit_test(test_pan_is_set_without_span_and_kept_with_it),
    cmocka_unit_test(test_ssbs_follows_dssbs),
    cmocka_unit_test(test_aborts_tell_level_and_address),
};

FAKE_TEST_MAIN(tests)
