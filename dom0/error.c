/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Error records: kind, one line of text. Owns the mapping from kinds to errno values. Knows nothing
 * of who prints them.
 */
#include "dom0/error.h"

#include <errno.h>
#include <stdarg.h>
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

int error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    va_list args;

    if (err->kind != ERROR_NONE)
        return kind_errno(err->kind);
    err->kind = kind;
    va_start(args, format);
    vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
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
}

void error_clear(struct error *err)
{
    err->kind = ERROR_NONE;
    err->text[0] = '\0';
}
