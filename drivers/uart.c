/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of UARTs that EL2 can drive. Adding one: its driver's structure here and in uart.h.
 */
#include "drivers/uart.h"

#include "core/base/string.h"

static const struct uart_driver *const uart_drivers[] = { &pl011_driver, &ns16550_driver };

const struct uart_driver *uart_driver_find(const char *compatible)
{
    for (size_t i = 0; i < ARRAY_SIZE(uart_drivers); i++)
        for (const char *const *name = uart_drivers[i]->compatibles; *name; name++)
            if (strcmp(*name, compatible) == 0)
                return uart_drivers[i];
    return NULL;
}
