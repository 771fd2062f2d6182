/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * psci_fw.c on a firmware of this file.
 */
#include "core/base/errors.h"
#include "core/base/hw.h"
#include "drivers/psci_fw.h"

#include <setjmp.h>

#include <cmocka.h>

#define NOT_SUPPORTED ((uint64_t)-1)

static uint64_t psci_version = 0x10001, smccc_version = 0x10001, cpu_on_result;
static uint64_t last[4];
static jmp_buf jump;

static void firmware(uint64_t x[4])
{
    memcpy(last, x, sizeof(last));
    switch (x[0]) {
    case 0x84000000:
        x[0] = psci_version;
        break;
    case 0x8400000a:
        x[0] = x[1] == 0x80000000 && smccc_version ? 0 : NOT_SUPPORTED;
        break;
    case 0x80000000:
        x[0] = smccc_version;
        break;
    case 0x80000001:
        x[0] = x[1] == 0x80008000 ? 0 : NOT_SUPPORTED;
        break;
    case 0xc4000003:
        x[0] = cpu_on_result;
        break;
    case 0x84000008:
    case 0x84000009:
        longjmp(jump, (int)(x[0] & 0xf));
    default:
        x[0] = NOT_SUPPORTED;
    }
}

static void up(void)
{
    fake_machine_init(1);
    fake_on_smc = firmware;
    psci_fw_init(true);
    fake_trace_reset();
}

static void without_psci_no_smc_is_executed(void **state)
{
    (void)state;
    fake_machine_init(1);
    psci_fw_init(false);
    assert_int_equal(psci_fw_cpu_on(1, paddr(0)), -ENODEV);
    assert_int_equal(psci_fw_arch_feature(0x80008000), -1);
    psci_fw_arch_workaround(0x80008000, 0);
    assert_int_equal(fake_count(FAKE_EV_SMC), 0);
}

static void psci_0_1_is_refused(void **state)
{
    (void)state;
    fake_machine_init(1);
    fake_on_smc = firmware;
    psci_version = NOT_SUPPORTED;
    psci_fw_init(true);
    assert_int_equal(psci_fw_cpu_on(1, paddr(0)), -ENODEV);
}

static void a_cpu_is_started_with_its_entry(void **state)
{
    (void)state;
    up();
    assert_int_equal(psci_fw_cpu_on(0x101, paddr(0x40200000)), 0);
    assert_int_equal(last[1], 0x101);
    assert_int_equal(last[2], 0x40200000);
}

static void a_refusal_is_an_error(void **state)
{
    (void)state;
    up();
    cpu_on_result = (uint64_t)-2;
    assert_int_equal(psci_fw_cpu_on(1, paddr(0)), -EIO);
    cpu_on_result = 0xfffffffc; /* -4 as 32 bits */
    assert_int_equal(psci_fw_cpu_on(1, paddr(0)), -EIO);
}

static void workarounds_are_asked_for_only_with_smccc_1_1(void **state)
{
    (void)state;
    up();
    assert_int_equal(psci_fw_arch_feature(0x80008000), 0);
    assert_int_equal(psci_fw_arch_feature(0x80007fff), -1);
    smccc_version = 0;
    psci_fw_init(true);
    assert_int_equal(psci_fw_arch_feature(0x80008000), -1);
}

static void psci_0_2_is_not_asked_for_features(void **state)
{
    (void)state;
    fake_machine_init(1);
    fake_on_smc = firmware;
    psci_version = 2;
    psci_fw_init(true);
    assert_int_equal(fake_count(FAKE_EV_SMC), 1);
}

static void off_and_reset_go_to_the_firmware(void **state)
{
    int code;

    (void)state;
    up();
    code = setjmp(jump);
    if (code == 0)
        psci_fw_system_off();
    assert_int_equal(code, 8);
    code = setjmp(jump);
    if (code == 0)
        psci_fw_system_reset();
    assert_int_equal(code, 9);
}

static void without_firmware_off_and_reset_come_back(void **state)
{
    (void)state;
    fake_machine_init(1);
    psci_fw_init(false);
    psci_fw_system_off();
    psci_fw_system_reset();
    assert_int_equal(fake_count(FAKE_EV_SMC), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(without_psci_no_smc_is_executed),
    cmocka_unit_test(psci_0_1_is_refused),
    cmocka_unit_test(a_cpu_is_started_with_its_entry),
    cmocka_unit_test(a_refusal_is_an_error),
    cmocka_unit_test(workarounds_are_asked_for_only_with_smccc_1_1),
    cmocka_unit_test(psci_0_2_is_not_asked_for_features),
    cmocka_unit_test(off_and_reset_go_to_the_firmware),
    cmocka_unit_test(without_firmware_off_and_reset_come_back),
};

FAKE_TEST_MAIN(tests)
