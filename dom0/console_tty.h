/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The pseudo terminal that xenconsoled makes for a domain's console.
 */
#ifndef DOM0_CONSOLE_TTY_H
#define DOM0_CONSOLE_TTY_H

#include <stdbool.h>

#include "dom0/purlin.h"

/* Waits until xenconsoled has made it; type: "pv" or "vuart". */
int console_tty_wait(struct purlin *session, uint32_t domid, const char *type, struct error *err);

/* As above, and opens it without waiting for input or output later. The descriptor. */
int console_tty_open(struct purlin *session, uint32_t domid, const char *type, struct error *err);

/* Is the domain dying, or gone? */
bool console_tty_is_gone(struct purlin *session, uint32_t domid);

#endif
