/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Error records: kind, one line of text. Owns the mapping from kinds to errno values. Knows nothing
 * of who prints them.
 */
#include "dom0/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int kind_errno(enum error_kind kind)
{
    switch (kind) {
    case ERROR_USAGE:
        return -EINVAL;
    case ERROR_NOT_FOUND:
        return -ENOENT;
    case ERROR_EXISTS:
        return -EEXIST;
    case ERROR_UNAVAILABLE:
        return -ENODEV;
    case ERROR_INTERRUPTED:
        return -EINTR;
    default:
        return -EIO;
    }
}

static bool is_continuation(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* U+0080 to U+009F, which terminals obey as well. */
static bool is_control_pair(const unsigned char *p)
{
    return p[0] == 0xc2 && is_continuation(p[1]) && p[1] < 0xa0;
}

/* A text may hold what a guest has written. Control characters, and bytes that are not within a
 * character of UTF-8, become question marks: a terminal obeys neither. */
static void make_plain(char *text)
{
    unsigned rest = 0;

    for (unsigned char *p = (unsigned char *)text; *p; p++) {
        if (rest && is_continuation(*p)) {
            rest--;
            continue;
        }
        rest = *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : *p >= 0xc0 ? 1 : 0;
        if (is_control_pair(p))
            rest = 0;
        else if (*p >= 0x20 && *p != 0x7f && !is_continuation(*p))
            continue;
        *p = '?';
    }
}

int error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    va_list args;

    if (err->kind != ERROR_NONE)
        return kind_errno(err->kind);
    err->kind = kind;
    va_start(args, format);
    vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    make_plain(err->text);
    return kind_errno(kind);
}

int error_errno(struct error *err, const char *format, ...)
{
    int saved = errno ? errno : EIO;
    va_list args;
    size_t used;

    if (err->kind != ERROR_NONE)
        return -saved;
    err->kind = saved == EPERM || saved == EACCES ? ERROR_UNAVAILABLE : ERROR_FAILED;
    va_start(args, format);
    vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    used = strlen(err->text);
    snprintf(err->text + used, sizeof(err->text) - used, ": %s", strerror(saved));
    make_plain(err->text);
    return -saved;
}

void error_prefix(struct error *err, const char *format, ...)
{
    char old[sizeof(err->text)];
    va_list args;
    size_t used;

    memcpy(old, err->text, sizeof(old));
    va_start(args, format);
    vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    used = strlen(err->text);
    snprintf(err->text + used, sizeof(err->text) - used, ": %s", old);
    make_plain(err->text);
}

void error_clear(struct error *err)
{
    err->kind = ERROR_NONE;
    err->text[0] = '\0';
}
