/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A domain's console in this terminal.
 */
#ifndef DOM0_CONSOLE_H
#define DOM0_CONSOLE_H

#include <stdint.h>

#include "dom0/purlin.h"

/* The byte that leaves the console: Ctrl-]. */
#define CONSOLE_ESCAPE 0x1d

/* Copies between standard input and output and the domain's console until the escape byte, a held
 * signal, or the end of the domain. Input that ends is just not read any more. A terminal is put in
 * raw mode meanwhile. 0 in all these cases. */
int console_attach(struct purlin *session, uint32_t domid, struct error *err);

#endif
