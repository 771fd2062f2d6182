/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A domain's console in this terminal.
 */
#ifndef DOM0_CONSOLE_H
#define DOM0_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "dom0/purlin.h"

/* The byte that leaves the console: Ctrl-]. */
#define CONSOLE_ESCAPE 0x1d

struct console_options {
    const char *type;   /* "pv" or "vuart" */
    unsigned char escape;
    bool watch_only;    /* do not read standard input */
    bool only_new;      /* leave out what was printed before */
};

/* Shows what the console has printed since the domain's first line, then copies between it and
 * standard input and output until the escape byte, a held signal, or the end of the domain. Others
 * may look at the same time. Input that ends is just not read any more. A terminal is put in
 * raw mode meanwhile. 0 in all these cases. */
int console_attach(struct purlin *session, uint32_t domid, struct error *err);

/* The same by a process of its own: `viewer` is that process. One of the other two must follow. */
int console_attach_start(struct purlin *session, uint32_t domid, pid_t *viewer, struct error *err);
void console_attach_wait(pid_t viewer); /* returns at a held signal, too */
void console_attach_stop(pid_t viewer);
int console_attach_with(struct purlin *session, uint32_t domid,
                        const struct console_options *options, struct error *err);

#endif
