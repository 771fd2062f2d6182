/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a viewer does: copies between a console's server and its user.
 */
#ifndef DOM0_CONSOLE_COPY_H
#define DOM0_CONSOLE_COPY_H

#include <stdbool.h>

struct console_copy {
    int server;           /* a stream socket */
    int input;            /* -1: none is read */
    int output;
    bool is_terminal;     /* the input */
    unsigned char escape; /* the byte of the input that ends it */
};

/* Copies both ways until the escape byte, a held signal, or the end of the server or the output.
 * A terminal is read even when the server takes nothing, so that the escape byte is seen: what does
 * not fit into a buffer of 64 KiB is dropped, with a bell, and what has not been taken when the
 * byte comes is left behind. Other input waits; all before the byte reaches the server. */
void console_copy(const struct console_copy *which);

#endif
