/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * printf-like formatting into a buffer: the conversions that core/base/log.h lists. Knows nothing
 * of where the text goes; allocates nothing; takes no lock.
 */
#include "core/base/log.h"

#include "core/base/string.h"

struct output {
    char *buf;
    size_t size; /* of buf, the terminator included */
    size_t length; /* of the whole text, even where it did not fit */
};

struct spec {
    bool left, zero, is_signed;
    unsigned base;
    int width;
    unsigned length_bytes; /* of an integer argument */
};

static void put(struct output *o, char c)
{
    if (o->length + 1 < o->size)
        o->buf[o->length] = c;
    o->length++;
}

static void put_repeated(struct output *o, char c, int count)
{
    for (; count > 0; count--)
        put(o, c);
}

static void put_bytes(struct output *o, const char *text, size_t bytes)
{
    while (bytes--)
        put(o, *text++);
}

/* Prefix and text, as wide as s asks: with blanks before or behind, or zeroes between. */
static void put_text(struct output *o, const struct spec *s, const char *prefix, const char *text,
                     size_t bytes)
{
    int pad = s->width - (int)(strlen(prefix) + bytes);

    if (!s->left && !s->zero)
        put_repeated(o, ' ', pad);
    put_bytes(o, prefix, strlen(prefix));
    if (!s->left && s->zero)
        put_repeated(o, '0', pad);
    put_bytes(o, text, bytes);
    if (s->left)
        put_repeated(o, ' ', pad);
}

static void put_number(struct output *o, const struct spec *s, uint64_t v, const char *prefix)
{
    char digits[20]; /* of UINT64_MAX */
    size_t at = sizeof(digits);

    do {
        digits[--at] = "0123456789abcdef"[v % s->base];
        v /= s->base;
    } while (v);
    put_text(o, s, prefix, digits + at, sizeof(digits) - at);
}

static void put_integer(struct output *o, const struct spec *s, va_list *ap)
{
    bool is_negative;
    uint64_t v;

    if (s->length_bytes == 8)
        v = va_arg(*ap, uint64_t);
    else if (s->is_signed)
        v = (uint64_t)(int64_t)va_arg(*ap, int);
    else
        v = va_arg(*ap, unsigned);
    is_negative = s->is_signed && (int64_t)v < 0;
    put_number(o, s, is_negative ? -v : v, is_negative ? "-" : "");
}

static const char *parse_spec(const char *f, struct spec *s)
{
    *s = (struct spec){ .length_bytes = 4 };
    for (; *f == '-' || *f == '0'; f++) {
        s->left |= *f == '-';
        s->zero |= *f == '0';
    }
    for (; *f >= '0' && *f <= '9'; f++)
        s->width = s->width * 10 + (*f - '0');
    for (; *f == 'l'; f++)
        s->length_bytes = 8;
    return f;
}

static void put_conversion(struct output *o, char conversion, struct spec *s, va_list *ap)
{
    const char *text;
    char c;

    s->is_signed = conversion == 'd';
    s->base = conversion == 'x' || conversion == 'p' ? 16 : 10;
    switch (conversion) {
    case 'd': case 'u': case 'x':
        put_integer(o, s, ap);
        break;
    case 'p':
        put_number(o, s, (uint64_t)(uintptr_t)va_arg(*ap, void *), "0x");
        break;
    case 'c':
        c = (char)va_arg(*ap, int);
        put_text(o, s, "", &c, 1);
        break;
    case 's':
        text = va_arg(*ap, const char *) ?: "(null)";
        put_text(o, s, "", text, strlen(text));
        break;
    default: /* %% and anything unknown */
        put(o, conversion);
    }
}

int log_vformat(char *buf, size_t size, const char *fmt, va_list ap)
{
    struct output o = { buf, size, 0 };
    struct spec s;
    va_list args;

    va_copy(args, ap);
    while (*fmt) {
        if (*fmt != '%') {
            put(&o, *fmt++);
            continue;
        }
        fmt = parse_spec(fmt + 1, &s);
        if (*fmt)
            put_conversion(&o, *fmt++, &s, &args);
    }
    va_end(args);
    if (size)
        buf[MIN(o.length, size - 1)] = '\0';
    return (int)o.length;
}

int log_format(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    int length;

    va_start(ap, fmt);
    length = log_vformat(buf, size, fmt, ap);
    va_end(ap);
    return length;
}
