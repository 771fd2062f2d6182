/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uart.c, pl011.c and ns16550.c: on modelled registers.
 */
#include "core/base/errors.h"
#include "core/base/hw.h"
#include "drivers/uart.h"

#include <cmocka.h>

#define BASE 0x09000000ul

static struct { unsigned size; uint64_t offset, value; } writes[64];
static unsigned write_count;
static uint32_t regs[256];      /* by byte offset / 4, or by register number for 16550 */
static unsigned divisor = 4;    /* bytes per register */
static unsigned reads_until_ready, status_reads;
static uint64_t status_offset, ready_value, busy_value;

static uint64_t reg_read(void *context, uint64_t offset, unsigned size)
{
    (void)context;
    (void)size;
    if (offset == status_offset)
        return status_reads++ < reads_until_ready ? busy_value : ready_value;
    return regs[offset / divisor];
}

static void reg_write(void *context, uint64_t offset, unsigned size, uint64_t v)
{
    (void)context;
    writes[write_count % 64].size = size;
    writes[write_count % 64].offset = offset;
    writes[write_count++ % 64].value = v;
    regs[offset / divisor] = (uint32_t)v;
}

static void machine(void)
{
    fake_machine_init(1);
    fake_mmio_add(&(struct fake_mmio){ BASE, 0x1000, reg_read, reg_write, NULL });
}

static volatile void *const va = (volatile void *)BASE;

static void pl011_up(void)
{
    const struct uart_config c = { .base = BASE };

    machine();
    status_offset = 0x18;
    regs[0x30 / 4] = 0x300; /* CR at reset: off */
    assert_int_equal(pl011_driver.init(&c, va), 0);
}

static void pl011_is_switched_on_where_no_firmware_did(void **state)
{
    (void)state;
    pl011_up();
    assert_int_equal(regs[0x30 / 4], 0x301);
    assert_int_equal(regs[0x2c / 4], 0x70);
    assert_int_equal(regs[0x38 / 4], 0);
}

static void pl011_keeps_what_firmware_set(void **state)
{
    const struct uart_config c = { .base = BASE };

    (void)state;
    machine();
    regs[0x30 / 4] = 0xc01;
    regs[0x2c / 4] = 0x70;
    assert_int_equal(pl011_driver.init(&c, va), 0);
    assert_int_equal(regs[0x30 / 4], 0xf01);
    assert_int_equal(regs[0x2c / 4], 0x70);
}

static void pl011_waits_for_room(void **state)
{
    (void)state;
    pl011_up();
    busy_value = 1u << 5;
    reads_until_ready = 10;
    status_reads = 0;
    write_count = 0;
    uart_putc(&pl011_driver, 'x');
    assert_int_equal(status_reads, 11);
    assert_int_equal(write_count, 1);
    assert_int_equal(regs[0], 'x');
}

static void a_stuck_transmitter_is_waited_for_once(void **state)
{
    (void)state;
    pl011_up();
    busy_value = 1u << 5;
    reads_until_ready = ~0u;
    write_count = 0;
    uart_putc(&pl011_driver, 'a');
    assert_in_range(status_reads, 1000, 1000000);
    status_reads = 0;
    uart_putc(&pl011_driver, 'b');
    assert_int_equal(status_reads, 1);
    reads_until_ready = 0;
    uart_putc(&pl011_driver, 'c');
    assert_int_equal(write_count, 1);
    assert_int_equal(regs[0], 'c');
}

static void pl011_reads_until_empty(void **state)
{
    (void)state;
    pl011_up();
    regs[0] = 0xf00 | 'k'; /* error bits above the character */
    assert_int_equal(pl011_driver.getc(), 'k');
    ready_value = 1u << 4;
    assert_int_equal(pl011_driver.getc(), -1);
    pl011_driver.rx_irq_enable();
    assert_int_equal(regs[0x38 / 4], 0x50);
    pl011_driver.irq_ack();
    assert_int_equal(regs[0x44 / 4], 0x40); /* the level of reception goes by reading alone */
}

static void ns16550_spaces_and_sizes_its_registers(void **state)
{
    const struct uart_config c = { .base = BASE, .reg_shift = 2, .reg_width = 4 };

    (void)state;
    machine();
    status_offset = 5 << 2;
    ready_value = 0x20;
    assert_int_equal(ns16550_driver.init(&c, va), 0);
    assert_int_equal(regs[3], 3);
    uart_putc(&ns16550_driver, 'y');
    assert_int_equal(regs[0], 'y');
    for (unsigned i = 0; i < write_count; i++)
        assert_int_equal(writes[i].size, 4);
}

static void ns16550_defaults_to_bytes(void **state)
{
    const struct uart_config c = { .base = BASE };

    (void)state;
    machine();
    divisor = 1;
    status_offset = 5;
    ready_value = 0x21;
    assert_int_equal(ns16550_driver.init(&c, va), 0);
    for (unsigned i = 0; i < write_count; i++)
        assert_int_equal(writes[i].size, 1);
    regs[0] = 'z';
    assert_int_equal(ns16550_driver.getc(), 'z');
    ready_value = 0x20;
    assert_int_equal(ns16550_driver.getc(), -1);
    ns16550_driver.rx_irq_enable();
    assert_int_equal(regs[1], 1);
}

static void ns16550_refuses_what_it_cannot_access(void **state)
{
    const struct uart_config wide = { .base = BASE, .reg_width = 2 };
    const struct uart_config far = { .base = BASE, .reg_shift = 9 };

    (void)state;
    machine();
    assert_int_equal(ns16550_driver.init(&wide, va), -EINVAL);
    assert_int_equal(ns16550_driver.init(&far, va), -EINVAL);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(pl011_is_switched_on_where_no_firmware_did),
    cmocka_unit_test(pl011_keeps_what_firmware_set),
    cmocka_unit_test(pl011_waits_for_room),
    cmocka_unit_test(a_stuck_transmitter_is_waited_for_once),
    cmocka_unit_test(pl011_reads_until_empty),
    cmocka_unit_test(ns16550_spaces_and_sizes_its_registers),
    cmocka_unit_test(ns16550_defaults_to_bytes),
    cmocka_unit_test(ns16550_refuses_what_it_cannot_access),
};

FAKE_TEST_MAIN(tests)
