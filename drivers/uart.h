/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A UART that EL2 drives: output polled, input by interrupt. One is chosen at boot (pl011.c,
 * ns16550.c); the table of known compatibles is uart_drivers[].
 */
#ifndef DRIVERS_UART_H
#define DRIVERS_UART_H

#include "core/base/types.h"

struct uart_config {
    uint64_t base, bytes;
    unsigned irq;             /* INTID, 0: none */
    unsigned reg_shift, reg_width; /* ns16550: register spacing (log2) and access bytes */
};

struct uart_driver {
    const char *const *compatibles; /* NULL-terminated */
    int (*init)(const struct uart_config *c, volatile void *regs);
    bool (*put)(char c);      /* false: no room now */
    int (*getc)(void);        /* -1: none */
    void (*rx_irq_enable)(void);
    void (*irq_ack)(void);
};

extern const struct uart_driver pl011_driver, ns16550_driver;
extern const struct uart_driver *const uart_drivers[]; /* all, NULL-terminated */

/* Waits for room, not for ever: then drops the character. The caller serialises (console.c). */
void uart_putc(const struct uart_driver *d, char c);

#endif
