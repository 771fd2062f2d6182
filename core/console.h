/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's console: EL2's log, Dom0's console_io and the domains whose UART is here share the
 * machine's UART. Input goes to one of Dom0 (VIRQ_CONSOLE), those domains and Purlin's debug keys;
 * three Ctrl-A move it on.
 */
#ifndef CORE_CONSOLE_H
#define CORE_CONSOLE_H

#include "core/base/types.h"
#include "core/base/xen_abi.h"
#include "drivers/uart.h"

/* Boot: chosen UART, mapped. Replays the log. */
int console_init(const struct uart_driver *driver, const struct uart_config *config,
                 volatile void *regs);
/* After gic_init: registers the receive interrupt. */
void console_irq_init(void);
/* Input goes to the next of: Dom0, the domains whose UART is here, the debug keys; which one is
 * said there. */
void console_next_input(void);
/* Text of a domain's UART; true: it has been written. While input goes to another, only whole lines
 * are (or in pieces of CONSOLE_LINE_BYTES: a UART is slow), with the domain's id in front. */
#define CONSOLE_LINE_BYTES 128u
bool console_domain_write(domid_t id, const char *text, size_t bytes);
/* The debug key `key` as if typed (sysctl debug_keys): 'h' lists them. */
void console_debug_key(char key);

#endif
