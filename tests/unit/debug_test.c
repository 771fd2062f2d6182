/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/debug.c: a guest's debug registers, and when the machine has them.
 */
#include "core/debug.h"
#include "tests/unit/sched_env.h"

#define MDSCR SYSREG(2, 0, 0, 2, 2)
#define OSLAR SYSREG(2, 0, 1, 0, 4)
#define OSLSR SYSREG(2, 0, 1, 1, 4)
#define OSDLR SYSREG(2, 0, 1, 3, 4)
#define CLAIMSET SYSREG(2, 0, 7, 8, 6)
#define CLAIMCLR SYSREG(2, 0, 7, 9, 6)
#define PAIR(n, op2) (uint32_t)SYSREG(2u, 0u, 0u, (uint32_t)(n), (uint32_t)(op2))
#define DBGBVR(n) PAIR(n, 4)
#define DBGBCR(n) PAIR(n, 5)
#define DBGWVR(n) PAIR(n, 6)
#define DBGWCR(n) PAIR(n, 7)
#define NOTHING 0xdeadul

static struct vcpu *v;

static void guest_up(unsigned vcpus)
{
    sched_env_run(1, vcpus);
    v = step(0);
    fake_sysreg_set(FAKE_DBGBCR0_EL1, NOTHING);
}

static bool write_reg(uint32_t reg, uint64_t value)
{
    struct sysreg_access a = { .value = value, .reg = reg, .is_write = true };

    return debug_access(v, &a);
}

static uint64_t read_reg(uint32_t reg)
{
    struct sysreg_access a = { .reg = reg };

    assert_true(debug_access(v, &a));
    return a.value;
}

static void test_registers_read_as_written_but_for_reserved_bits(void **state)
{
    (void)state;
    guest_up(1);
    assert_true(write_reg(DBGBVR(5), 0x123456789abcdef4ul));
    assert_true(write_reg(DBGBCR(5), ~0ul));
    assert_true(write_reg(DBGWVR(3), ~0ul));
    assert_true(write_reg(DBGWCR(3), ~0ul));
    assert_true(write_reg(MDSCR, ~0ul));
    assert_int_equal(read_reg(DBGBVR(5)), 0x123456789abcdef4ul);
    assert_int_equal(read_reg(DBGBCR(5)), 0xffe1e7);
    assert_int_equal(read_reg(DBGWVR(3)), ~3ul);
    assert_int_equal(read_reg(DBGWCR(3)), 0x1f1fffff);
    assert_int_equal(read_reg(MDSCR), 0xb001);
    assert_int_equal(read_reg(DBGBVR(0)), 0);
}

/* ID_AA64DFR0_EL1 of the fake machine: 6 breakpoints, 4 watchpoints. */
static void test_what_the_cpu_does_not_have_is_undefined(void **state)
{
    struct sysreg_access a = { .reg = DBGWVR(4) };

    (void)state;
    guest_up(1);
    assert_false(write_reg(DBGBVR(6), 4));
    assert_false(debug_access(v, &a));
}

static void test_os_lock_is_locked_at_reset_and_holds_debug_off(void **state)
{
    struct sysreg_access read = { .reg = OSLAR };

    (void)state;
    guest_up(1);
    assert_int_equal(read_reg(OSLSR), 8 | 2);
    assert_true(write_reg(MDSCR, 0xa001));
    assert_int_equal(read_reg(MDSCR), 0xa001);
    assert_int_equal(fake_sysreg_get(FAKE_MDSCR_EL1), 0);
    assert_true(write_reg(OSLAR, 0));
    assert_int_equal(read_reg(OSLSR), 8);
    assert_int_equal(fake_sysreg_get(FAKE_MDSCR_EL1), 0xa001);
    assert_true(write_reg(OSDLR, 1));
    assert_int_equal(fake_sysreg_get(FAKE_MDSCR_EL1), 0);
    assert_int_equal(read_reg(OSDLR), 1);
    assert_false(write_reg(OSLSR, 0));
    assert_false(debug_access(v, &read));
}

static void test_machine_has_them_while_they_are_on_only(void **state)
{
    (void)state;
    guest_up(1);
    write_reg(OSLAR, 0);
    write_reg(DBGBVR(0), 0x40080000);
    write_reg(DBGBCR(0), 0x1e5);
    assert_int_equal(fake_sysreg_get(FAKE_DBGBCR0_EL1), NOTHING);
    write_reg(MDSCR, BIT(15));
    assert_int_equal(fake_sysreg_get(FAKE_DBGBCR0_EL1), 0x1e5);
    assert_int_equal(fake_sysreg_get(FAKE_DBGBVR0_EL1), 0x40080000);
    write_reg(DBGBCR(0), 0);
    assert_int_equal(fake_sysreg_get(FAKE_DBGBCR0_EL1), 0);
}

/* The vCPU that is loaded next does not use them: MDSCR_EL1 is its own, and that is enough. */
static void test_registers_travel_with_a_vcpu_that_uses_them(void **state)
{
    struct hw_el1_state other = { 0 };

    (void)state;
    guest_up(1);
    write_reg(OSLAR, 0);
    write_reg(DBGWVR(1), 0x40001000);
    write_reg(DBGWCR(1), 0x1ff5);
    write_reg(MDSCR, BIT(15));
    fake_el1_state()->mdscr = fake_sysreg_get(FAKE_MDSCR_EL1);
    vcpu_save(v);
    hw_el1_restore(&other);
    fake_sysreg_set(FAKE_DBGWCR1_EL1, NOTHING);
    vcpu_load(v);
    assert_int_equal(fake_el1_state()->mdscr, BIT(15));
    assert_int_equal(fake_sysreg_get(FAKE_DBGWCR1_EL1), 0x1ff5);
    write_reg(MDSCR, 0);
    fake_el1_state()->mdscr = fake_sysreg_get(FAKE_MDSCR_EL1);
    vcpu_save(v);
    fake_sysreg_set(FAKE_DBGWCR1_EL1, NOTHING);
    vcpu_load(v);
    assert_int_equal(fake_sysreg_get(FAKE_DBGWCR1_EL1), NOTHING);
    assert_int_equal(read_reg(DBGWCR(1)), 0x1ff5);
}

static void test_claim_tags_are_set_and_cleared_one_by_one(void **state)
{
    (void)state;
    guest_up(1);
    write_reg(CLAIMSET, 0x105);
    assert_int_equal(read_reg(CLAIMSET), 0xff);
    assert_int_equal(read_reg(CLAIMCLR), 5);
    write_reg(CLAIMCLR, 1);
    assert_int_equal(read_reg(CLAIMCLR), 4);
}

static void test_a_reset_forgets_all(void **state)
{
    (void)state;
    guest_up(1);
    write_reg(OSLAR, 0);
    write_reg(DBGBCR(0), 0x1e5);
    debug_reset(v);
    assert_int_equal(read_reg(DBGBCR(0)), 0);
    assert_int_equal(read_reg(OSLSR), 8 | 2);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_registers_read_as_written_but_for_reserved_bits),
    cmocka_unit_test(test_what_the_cpu_does_not_have_is_undefined),
    cmocka_unit_test(test_os_lock_is_locked_at_reset_and_holds_debug_off),
    cmocka_unit_test(test_machine_has_them_while_they_are_on_only),
    cmocka_unit_test(test_registers_travel_with_a_vcpu_that_uses_them),
    cmocka_unit_test(test_claim_tags_are_set_and_cleared_one_by_one),
    cmocka_unit_test(test_a_reset_forgets_all),
};

FAKE_TEST_MAIN(tests)
