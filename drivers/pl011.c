/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arm PrimeCell UART (PL011; DDI 0183). The firmware's baud rate is kept; where there was no
 * firmware (QEMU's -kernel) the reset value works. The caller serialises all calls (console.c).
 */
#include "core/base/hw.h"
#include "drivers/uart.h"

enum { DR = 0x000, FR = 0x018, LCR_H = 0x02c, CR = 0x030, IMSC = 0x038, ICR = 0x044 };

#define FR_RXFE    BIT(4)
#define FR_TXFF    BIT(5)
#define LCR_H_FEN  BIT(4)
#define LCR_H_WLEN (3u << 5) /* 8 bits */
#define CR_UARTEN  BIT(0)
#define CR_TXE     BIT(8)
#define CR_RXE     BIT(9)
#define INT_RX     BIT(4)
#define INT_RT     BIT(6) /* receive time-out: fewer characters than the FIFO's trigger */
#define INT_ALL    0x7ffu

static volatile uint8_t *regs;

static uint32_t reg_read(unsigned offset) { return hw_mmio_read32(regs + offset); }
static void reg_write(unsigned offset, uint32_t v) { hw_mmio_write32(regs + offset, v); }

static int pl011_init(const struct uart_config *, volatile void *va)
{
    uint32_t cr;

    regs = va;
    reg_write(IMSC, 0);
    reg_write(ICR, INT_ALL);
    cr = reg_read(CR);
    if (!(cr & CR_UARTEN) || !(reg_read(LCR_H) & LCR_H_FEN)) {
        /* LCR_H may only be written while the UART is off (DDI 0183, UARTLCR_H). */
        reg_write(CR, 0);
        reg_write(LCR_H, LCR_H_WLEN | LCR_H_FEN);
    }
    reg_write(CR, cr | CR_UARTEN | CR_TXE | CR_RXE);
    return 0;
}

static bool pl011_put(char c)
{
    if (reg_read(FR) & FR_TXFF)
        return false;
    reg_write(DR, (uint8_t)c);
    return true;
}

static int pl011_getc(void) { return reg_read(FR) & FR_RXFE ? -1 : (int)(reg_read(DR) & 0xff); }

static void pl011_rx_irq_enable(void) { reg_write(IMSC, INT_RX | INT_RT); }

/* Not INT_RX: reading takes that back when the FIFO has fallen below its trigger (DDI 0183,
 * UARTRXINTR). Cleared while characters are left, it would not come again for them. */
static void pl011_irq_ack(void) { reg_write(ICR, INT_RT); }

static const char *const pl011_compatibles[] = { "arm,pl011", NULL };

const struct uart_driver pl011_driver = {
    .compatibles = pl011_compatibles, .init = pl011_init, .put = pl011_put,
    .getc = pl011_getc, .rx_irq_enable = pl011_rx_irq_enable, .irq_ack = pl011_irq_ack,
};
