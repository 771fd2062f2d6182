/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 16550-compatible UARTs, Synopsys' DW_apb_uart (X-Gene) among them: registers 1 << reg_shift bytes
 * apart, accessed reg_width bytes wide (device tree bindings, serial/8250). The firmware's baud
 * rate is kept. The caller serialises all calls (console.c).
 */
#include "core/base/errors.h"
#include "core/base/hw.h"
#include "core/base/log.h"
#include "drivers/uart.h"

enum { RBR = 0, THR = 0, IER = 1, IIR = 2, FCR = 2, LCR = 3, MCR = 4, LSR = 5, USR = 31 };

#define IER_RDI       BIT(0)
#define IIR_ID        0xfu
#define IIR_BUSY      0x7u /* DW_apb_uart: LCR was written while busy; cleared by reading USR */
#define IIR_RX_TIMEOUT 0xcu
#define FCR_ENABLE    BIT(0)
#define LCR_8N1       0x03u
#define MCR_DTR       BIT(0)
#define MCR_RTS       BIT(1)
#define MCR_OUT2      BIT(3) /* lets the interrupt out on PC-like parts */
#define LSR_DR        BIT(0)
#define LSR_THRE      BIT(5)

static volatile uint8_t *regs;
static unsigned shift, width;

static volatile uint8_t *reg_at(unsigned reg) { return regs + (reg << shift); }

static uint32_t reg_read(unsigned reg)
{
    return width == 4 ? hw_mmio_read32(reg_at(reg)) & 0xff : hw_mmio_read8(reg_at(reg));
}

static void reg_write(unsigned reg, uint32_t v)
{
    if (width == 4)
        hw_mmio_write32(reg_at(reg), v);
    else
        hw_mmio_write8(reg_at(reg), (uint8_t)v);
}

static int ns16550_init(const struct uart_config *c, volatile void *va)
{
    if (c->reg_shift > 3 || (c->reg_width > 1 && c->reg_width != 4)) {
        log_error("ns16550: reg-shift %u, reg-io-width %u not supported\n", c->reg_shift,
                  c->reg_width);
        return -EINVAL;
    }
    regs = va;
    shift = c->reg_shift;
    width = c->reg_width ? c->reg_width : 1;
    reg_write(IER, 0);
    /* A DW_apb_uart ignores LCR while it is busy, and raises an interrupt: only when needed. */
    if (reg_read(LCR) != LCR_8N1)
        reg_write(LCR, LCR_8N1);
    reg_write(FCR, FCR_ENABLE);
    reg_write(MCR, MCR_DTR | MCR_RTS | MCR_OUT2);
    return 0;
}

static bool ns16550_put(char c)
{
    if (!(reg_read(LSR) & LSR_THRE))
        return false;
    reg_write(THR, (uint8_t)c);
    return true;
}

static int ns16550_getc(void) { return reg_read(LSR) & LSR_DR ? (int)reg_read(RBR) : -1; }

static void ns16550_rx_irq_enable(void) { reg_write(IER, IER_RDI); }

static void ns16550_irq_ack(void)
{
    uint32_t id = reg_read(IIR) & IIR_ID;

    if (id == IIR_BUSY)
        reg_read(USR);
    /* A DW_apb_uart may time out on an empty FIFO: only a read of RBR ends that interrupt. */
    if (id == IIR_RX_TIMEOUT && !(reg_read(LSR) & LSR_DR))
        reg_read(RBR);
}

static const char *const compatibles[] = { "ns16550a", "ns16550", "snps,dw-apb-uart", NULL };

const struct uart_driver ns16550_driver = {
    .compatibles = compatibles, .init = ns16550_init, .put = ns16550_put,
    .getc = ns16550_getc, .rx_irq_enable = ns16550_rx_irq_enable, .irq_ack = ns16550_irq_ack,
};
