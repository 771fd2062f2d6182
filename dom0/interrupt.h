/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Ctrl-C and friends, turned from asynchronous events into something that long operations ask for,
 * so that what they have done can be undone in order.
 */
#ifndef DOM0_INTERRUPT_H
#define DOM0_INTERRUPT_H

#include <stdbool.h>

/* From here on SIGINT, SIGQUIT, SIGTERM and SIGHUP only become pending; those that are ignored stay
 * so. SIGPIPE and SIGXFSZ are ignored: a write fails instead. Call before any thread is made. */
void interrupt_hold(void);

/* Did one of them arrive? Stays true. */
bool interrupt_pending(void);

/* A descriptor that is readable when one is pending, for poll(2); -1 when signals are not held. */
int interrupt_fd(void);

/* In a child process that has its own fate: signals work as usual again. */
void interrupt_release(void);

/* In a child process before another program takes its place, which would inherit what is blocked
 * and ignored. That program is waited for: Ctrl-C at the terminal, meant for this one, does not
 * reach it, also if it came since the fork. */
void interrupt_leave(void);

#endif
