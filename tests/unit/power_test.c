/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * power.c on a board with registers, with and without firmware.
 */
#include "core/base/hw.h"
#include "drivers/power.h"
#include "drivers/psci_fw.h"

#include <setjmp.h>

#include <cmocka.h>

#define SYSCON 0x17000000ul

static uint32_t words[8];
static jmp_buf halted;
static uint64_t called;

static void halt(void) { longjmp(halted, 1); }

/* Knows its version, and switches off and resets nothing. */
static void firmware(uint64_t x[4])
{
    called = x[0];
    x[0] = x[0] == PSCI_VERSION ? 2 : (uint64_t)-1;
}

static void up(bool has_firmware)
{
    const struct power_reg off = { .base = SYSCON + 8, .mask = 0xff00, .value = 0x5500,
                                   .regs = (void *)(SYSCON + 8) };
    const struct power_reg reset = { .base = SYSCON + 0x14, .mask = ~0u, .value = 1,
                                     .regs = (void *)(SYSCON + 0x14) };

    fake_machine_init(1);
    fake_mmio_add_memory(SYSCON, sizeof(words), words);
    fake_on_smc = firmware;
    fake_on_wfi = halt;
    for (unsigned i = 0; i < 8; i++)
        words[i] = 0x12345678;
    psci_fw_init(has_firmware);
    power_init(&off, &reset);
}

static void a_register_gets_its_value_where_the_mask_is(void **state)
{
    (void)state;
    up(false);
    if (!setjmp(halted))
        power_off();
    assert_int_equal(words[2], 0x12345578);
    assert_int_equal(words[5], 0x12345678);
}

static void the_firmware_is_asked_first(void **state)
{
    (void)state;
    up(true);
    if (!setjmp(halted))
        power_reset();
    assert_int_equal(called, PSCI_SYSTEM_RESET);
    assert_int_equal(words[5], 1);
    assert_int_equal(words[2], 0x12345678);
}

static void without_either_it_halts(void **state)
{
    const struct power_reg none = { .base = 0 };

    (void)state;
    up(false);
    power_init(&none, &none);
    if (!setjmp(halted))
        power_reset();
    assert_int_equal(fake_count(FAKE_EV_WFI), 1);
    assert_int_equal(words[5], 0x12345678);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_register_gets_its_value_where_the_mask_is),
    cmocka_unit_test(the_firmware_is_asked_first),
    cmocka_unit_test(without_either_it_halts),
};

FAKE_TEST_MAIN(tests)
