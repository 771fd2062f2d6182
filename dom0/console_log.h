/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a console has printed, kept for those who come later. Positions count bytes since the first;
 * the oldest are forgotten when there are too many. Pure.
 */
#ifndef DOM0_CONSOLE_LOG_H
#define DOM0_CONSOLE_LOG_H

#include <stddef.h>
#include <stdint.h>

/* Kept at least, and at most this much more. */
#define CONSOLE_LOG_KEEP (1u << 20)
#define CONSOLE_LOG_EXTRA (1u << 18)

struct console_log {
    char *text;
    size_t used;
    size_t size;
    uint64_t first; /* position of text[0] */
};

/* Appends. -1: out of memory, and nothing changed. */
int console_log_add(struct console_log *log, const char *text, size_t size);

/* What is to be read at *position, which moves to the oldest that is left when that is newer. The
 * bytes there and their number; 0: nothing yet. */
size_t console_log_peek(const struct console_log *log, uint64_t *position, const char **text);

void console_log_free(struct console_log *log);

#endif
