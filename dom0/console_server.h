/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One process a console, started by the first who looks at it. It reads the console's terminal,
 * which only one can, keeps what it has read, and serves it to any number of viewers over a socket:
 * all that was printed so far, then what comes. What viewers send goes to the guest. It ends with
 * the domain.
 */
#ifndef DOM0_CONSOLE_SERVER_H
#define DOM0_CONSOLE_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "dom0/purlin.h"

#define CONSOLE_SERVER_DIR "/run/purlin"

struct console_server {
    uint32_t domid;
    const char *type; /* "pv": the first para-virtual console; "vuart": the emulated UART */
    bool only_new;    /* leave out what was printed before */
};

/* A connection to the server of a console, which is started when there is none. The descriptor, or
 * a negative errno. */
int console_server_connect(struct purlin *session, const struct console_server *which,
                           struct error *err);

#endif
