/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/idregs.c: what guests are told about the CPU.
 */
#include "core/idregs.h"
#include "tests/fake/fake.h"

#include <cmocka.h>

static void boot_with(enum fake_sysreg reg, uint64_t v)
{
    fake_machine_init(1);
    fake_sysreg_set(reg, v);
    idregs_init();
}

static uint64_t field(uint64_t v, unsigned low) { return v >> low & 15; }

static void test_features_that_need_el2_are_hidden(void **state)
{
    static const struct { enum fake_sysreg reg; uint8_t crm, op2, low; } hidden[] = {
        { FAKE_ID_AA64PFR0_EL1, 4, 0, 8 }, { FAKE_ID_AA64PFR0_EL1, 4, 0, 12 },
        { FAKE_ID_AA64PFR0_EL1, 4, 0, 28 }, { FAKE_ID_AA64PFR0_EL1, 4, 0, 32 },
        { FAKE_ID_AA64PFR0_EL1, 4, 0, 36 }, { FAKE_ID_AA64PFR0_EL1, 4, 0, 44 },
        { FAKE_ID_AA64PFR1_EL1, 4, 1, 8 }, { FAKE_ID_AA64PFR1_EL1, 4, 1, 24 },
        { FAKE_ID_AA64PFR1_EL1, 4, 1, 36 }, { FAKE_ID_AA64DFR0_EL1, 5, 0, 8 },
        { FAKE_ID_AA64DFR0_EL1, 5, 0, 32 }, { FAKE_ID_AA64ISAR0_EL1, 6, 0, 24 },
        { FAKE_ID_AA64ISAR1_EL1, 6, 1, 60 }, { FAKE_ID_AA64ISAR2_EL1, 6, 2, 16 },
        { FAKE_ID_AA64MMFR0_EL1, 7, 0, 56 }, { FAKE_ID_AA64MMFR1_EL1, 7, 1, 8 },
        { FAKE_ID_AA64MMFR1_EL1, 7, 1, 40 }, { FAKE_ID_AA64MMFR2_EL1, 7, 2, 24 },
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(hidden); i++) {
        boot_with(hidden[i].reg, 0x1111111111111111ul);
        assert_int_equal(field(idregs_read(hidden[i].crm, hidden[i].op2, GIC_V2, 40, false),
                               hidden[i].low), 0);
    }
}

static void test_features_that_work_are_shown(void **state)
{
    (void)state;
    boot_with(FAKE_ID_AA64ISAR0_EL1, 0x1021111010212120ul);
    assert_int_equal(idregs_read(6, 0, GIC_V3, 40, false), 0x1021111010212120ul);
    boot_with(FAKE_ID_AA64PFR0_EL1, 0x22);
    assert_int_equal(idregs_read(4, 0, GIC_V2, 40, false), 0x12); /* AArch32 at EL0 only */
    boot_with(FAKE_ID_AA64PFR1_EL1, 0x1111111111111121ul);
    assert_int_equal(idregs_read(4, 1, GIC_V2, 40, false), 0x10100021); /* BTI, SSBS */
}

static void test_gic_field_follows_the_domain(void **state)
{
    (void)state;
    boot_with(FAKE_ID_AA64PFR0_EL1, 3ul << 24 | 0x11);
    assert_int_equal(field(idregs_read(4, 0, GIC_V3, 40, false), 24), 1);
    assert_int_equal(field(idregs_read(4, 0, GIC_V2, 40, false), 24), 0);
}

static void test_address_size_is_the_lesser_of_guest_and_machine(void **state)
{
    (void)state;
    boot_with(FAKE_ID_AA64MMFR0_EL1, 5);
    assert_int_equal(field(idregs_read(7, 0, GIC_V3, 40, false), 0), 2);
    assert_int_equal(field(idregs_read(7, 0, GIC_V3, 48, false), 0), 5);
    boot_with(FAKE_ID_AA64MMFR0_EL1, 1);
    assert_int_equal(field(idregs_read(7, 0, GIC_V3, 40, false), 0), 1);
}

static void test_performance_monitors_are_shown_to_those_who_have_them(void **state)
{
    (void)state;
    boot_with(FAKE_ID_AA64DFR0_EL1, 9ul << 8 | 6);
    assert_int_equal(idregs_read(5, 0, GIC_V3, 40, true), 6ul << 8 | 6);
    assert_int_equal(idregs_read(5, 0, GIC_V3, 40, false), 6);
    boot_with(FAKE_S3_0_C0_C1_2, 4ul << 24 | 6);
    assert_int_equal(idregs_read(1, 2, GIC_V3, 40, true), 4ul << 24 | 6);
    assert_int_equal(idregs_read(1, 2, GIC_V3, 40, false), 6);
}

static void test_what_is_not_known_reads_zero(void **state)
{
    (void)state;
    boot_with(FAKE_ID_AA64ZFR0_EL1, ~0ul);
    for (unsigned crm = 1; crm <= 7; crm++)
        for (unsigned op2 = 0; op2 < 8; op2++)
            if (crm == 3 ? op2 > 4 && op2 != 6 : crm == 4 && op2 > 1)
                assert_int_equal(idregs_read(crm, op2, GIC_V3, 40, false), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_features_that_need_el2_are_hidden),
    cmocka_unit_test(test_features_that_work_are_shown),
    cmocka_unit_test(test_gic_field_follows_the_domain),
    cmocka_unit_test(test_address_size_is_the_lesser_of_guest_and_machine),
    cmocka_unit_test(test_performance_monitors_are_shown_to_those_who_have_them),
    cmocka_unit_test(test_what_is_not_known_reads_zero),
};

FAKE_TEST_MAIN(tests)
