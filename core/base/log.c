/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log's ring and its rate limit. Knows no UART: a sink is handed every line as it is written.
 * log_lock protects everything here; in panic mode nobody takes it, for its holder may be the CPU
 * that panics or one that was stopped.
 */
#include "core/base/log.h"

#include "core/base/hw.h"
#include "core/base/lock.h"

#define LOG_PREFIX "(PUR) "
#define LOG_PREFIX_BYTES (sizeof(LOG_PREFIX) - 1)
#define LOG_MESSAGE_BYTES 256u /* a longer one is cut */
#define LOG_TICKS_PER_S_FALLBACK 50000000ul /* before firmware's CNTFRQ_EL0 is trusted: any scale */

static struct lock log_lock = LOCK_INIT;
static char ring[LOG_RING_BYTES];
static uint64_t ring_start, ring_end; /* stream positions; end - start <= LOG_RING_BYTES */
static bool is_mid_line;
static bool in_panic;
static enum log_level level_max = LOG_INFO;
static void (*log_sink)(const char *text, size_t bytes);

static struct {
    uint64_t second;   /* the one that counts now */
    unsigned lines;    /* in it */
    unsigned left_out; /* since the last line that was let through */
} guest_rate;

static bool enter(void) LOCK_UNCHECKED
{
    if (__atomic_load_n(&in_panic, __ATOMIC_RELAXED))
        return false;
    lock_acquire(&log_lock);
    return true;
}

static void leave(bool is_locked) LOCK_UNCHECKED
{
    if (is_locked)
        lock_release(&log_lock);
}

static void emit(const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        ring[(ring_end + i) % LOG_RING_BYTES] = text[i];
    ring_end += bytes;
    if (ring_end - ring_start > LOG_RING_BYTES)
        ring_start = ring_end - LOG_RING_BYTES;
    if (log_sink)
        log_sink(text, bytes);
}

/* Writes text out, each line in one piece with its prefix, for which there is room before text. */
static void emit_lines(char *text)
{
    while (*text) {
        char *newline = strchr(text, '\n'), *end = newline ? newline + 1 : text + strlen(text);

        if (!is_mid_line) {
            text -= LOG_PREFIX_BYTES;
            memcpy(text, LOG_PREFIX, LOG_PREFIX_BYTES);
        }
        emit(text, (size_t)(end - text));
        is_mid_line = !newline;
        text = end;
    }
}

void log_vprintf(enum log_level level, const char *fmt, va_list ap)
{
    char room[LOG_PREFIX_BYTES + LOG_MESSAGE_BYTES], *message = room + LOG_PREFIX_BYTES;
    bool is_locked;

    if (level > level_max)
        return;
    /* A message that was cut keeps its newline, so that the next one starts a line. */
    if (log_vformat(message, LOG_MESSAGE_BYTES, fmt, ap) >= (int)LOG_MESSAGE_BYTES)
        message[LOG_MESSAGE_BYTES - 2] = '\n';
    is_locked = enter();
    emit_lines(message);
    leave(is_locked);
}

void log_printf(enum log_level level, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    log_vprintf(level, fmt, ap);
    va_end(ap);
}

static uint64_t second_now(void)
{
    uint64_t hz = hw_sysreg_read(CNTFRQ_EL0) & 0xffffffff;

    return hw_counter() / (hz ? hz : LOG_TICKS_PER_S_FALLBACK);
}

/* May one more guest line go out? *left_out: how many were not, to be told before it. */
static bool guest_line_allowed(unsigned *left_out)
{
    uint64_t second = second_now();

    if (second != guest_rate.second) {
        guest_rate.second = second;
        guest_rate.lines = 0;
    }
    if (guest_rate.lines == LOG_GUEST_BURST) {
        guest_rate.left_out++;
        return false;
    }
    guest_rate.lines++;
    *left_out = guest_rate.left_out;
    guest_rate.left_out = 0;
    return true;
}

/* Asked before it is formatted: what a guest does wrong costs a hundredth of the line. */
void log_guest(const char *fmt, ...)
{
    unsigned left_out;
    bool is_locked = enter(), is_allowed;
    va_list ap;

    is_allowed = LOG_WARNING <= level_max && guest_line_allowed(&left_out);
    leave(is_locked);
    if (!is_allowed)
        return;
    if (left_out)
        log_warning("%u guest messages left out\n", left_out);
    va_start(ap, fmt);
    log_vprintf(LOG_WARNING, fmt, ap);
    va_end(ap);
}

void log_set_sink(void (*sink)(const char *text, size_t bytes))
{
    bool is_locked = enter(), is_first = !log_sink;

    log_sink = sink;
    if (sink && is_first)
        for (uint64_t at = ring_start; at < ring_end; at++)
            sink(&ring[at % LOG_RING_BYTES], 1);
    leave(is_locked);
}

void log_set_level(enum log_level level) { level_max = level; }

void log_enter_panic(void)
{
    __atomic_store_n(&in_panic, true, __ATOMIC_RELAXED);
    /* The panic's own text starts a line, whatever this CPU or another was writing. */
    if (is_mid_line) {
        is_mid_line = false;
        emit("\n", 1);
    }
}

bool log_is_in_panic(void) { return __atomic_load_n(&in_panic, __ATOMIC_RELAXED); }

size_t log_read(uint64_t *pos, char *buf, size_t bytes)
{
    bool is_locked = enter();
    size_t count, to_wrap;

    if (*pos < ring_start || *pos > ring_end)
        *pos = ring_start;
    count = MIN(bytes, ring_end - *pos);
    to_wrap = MIN(count, LOG_RING_BYTES - *pos % LOG_RING_BYTES);
    memcpy(buf, ring + *pos % LOG_RING_BYTES, to_wrap);
    memcpy(buf + to_wrap, ring, count - to_wrap);
    *pos += count;
    leave(is_locked);
    return count;
}

uint64_t log_oldest(void) { return __atomic_load_n(&ring_start, __ATOMIC_RELAXED); }
uint64_t log_end(void) { return __atomic_load_n(&ring_end, __ATOMIC_RELAXED); }

void log_clear(uint64_t to)
{
    bool is_locked = enter();

    ring_start = MAX(ring_start, to);
    leave(is_locked);
}
