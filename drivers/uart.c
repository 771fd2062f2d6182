/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of UARTs that EL2 can drive. Adding one: its driver's structure here and in uart.h.
 */
#include "drivers/uart.h"

const struct uart_driver *const uart_drivers[] = { &pl011_driver, &ns16550_driver, NULL };

/* Looks at a full transmitter before a character is dropped: one takes at least 50 ns, a character
 * at 9600 baud 1 ms. */
#define TX_POLLS_MAX 100000u

static bool is_stuck; /* the last character was dropped: wait no more until there is room */

void uart_putc(const struct uart_driver *d, char c)
{
    unsigned polls = is_stuck ? 1 : TX_POLLS_MAX;

    while (!d->put(c) && --polls)
        ;
    is_stuck = !polls;
}
