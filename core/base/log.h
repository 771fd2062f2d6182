/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's log: a ring that Dom0 reads (sysctl readconsole, `purlin dmesg`), copied to
 * the UART as it is written. Lines are prefixed "(PUR) ". Usable on every CPU from the first
 * instruction of C on; before the UART is up, text waits in the ring.
 */
#ifndef CORE_BASE_LOG_H
#define CORE_BASE_LOG_H

#include <stdarg.h>

#include "core/base/types.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

#define LOG_RING_BYTES 32768u

/* printf-like: %d %u %x %s %c %p %%; lengths l, ll; width, '0', '-'.
 * Adds no newline. A message is cut at 255 bytes. */
void log_printf(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_vprintf(enum log_level level, const char *fmt, va_list ap);

#define log_error(...) log_printf(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_printf(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_printf(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_printf(LOG_DEBUG, __VA_ARGS__)

/* What a guest does wrong, at most LOG_GUEST_BURST lines a second in all, then a count of those
 * left out: a guest must not be able to fill the log. */
#define LOG_GUEST_BURST 10u
void log_guest(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Where lines go besides the ring; NULL for nowhere. sink(text, bytes) is called with the log's
 * lock held. The first call replays what is in the ring. */
void log_set_sink(void (*sink)(const char *text, size_t bytes));
void log_set_level(enum log_level level);
/* Called by panic: from here on no lock is taken. */
void log_enter_panic(void);
bool log_is_in_panic(void); /* for sinks: they must not wait for a lock then */

/* Reads the ring: copies at most bytes from stream position *pos on (a position that has been
 * overwritten moves to the oldest byte kept), advances *pos; returns the number copied. */
size_t log_read(uint64_t *pos, char *buf, size_t bytes);
/* Stream position of the oldest byte kept, and one past the newest. */
uint64_t log_oldest(void);
uint64_t log_end(void);
/* Forgets what is before a position that log_read or log_end gave: readconsole with clear forgets
 * what it has given out, and the rest comes with the next call. */
void log_clear(uint64_t to);

/* Formats into buf (always terminated); returns the length that the whole text has. */
int log_format(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int log_vformat(char *buf, size_t size, const char *fmt, va_list ap);

#endif
