/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Output, a line at a time: to Xen's console_io or to a PL011.
 */
#include <stdarg.h>

#include "tests/bench/image/bench.h"
#include "core/base/xen_abi.h"

#define LINE_BYTES 256u
#define PL011_DR 0x00u
#define PL011_FR 0x18u
#define PL011_FR_TXFF 0x20u

struct line {
    char text[LINE_BYTES];
    unsigned used;
};

static void put(struct line *l, char c)
{
    if (l->used < LINE_BYTES)
        l->text[l->used++] = c;
}

static void put_number(struct line *l, uint64_t value, unsigned base)
{
    char digits[24];
    unsigned n = 0;

    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    while (n)
        put(l, digits[--n]);
}

static void put_text(struct line *l, const char *text)
{
    while (*text)
        put(l, *text++);
}

/* One conversion, its letter at *format; the last character used. */
static const char *convert(struct line *l, const char *format, va_list *args)
{
    bool is_long = *format == 'l';

    if (is_long)
        format++;
    if (*format == 's')
        put_text(l, va_arg(*args, const char *));
    else if (*format == 'u' || *format == 'x')
        put_number(l, is_long ? va_arg(*args, unsigned long) : va_arg(*args, unsigned),
                   *format == 'u' ? 10 : 16);
    return format;
}

static void flush(const struct line *l)
{
    if (facts.has_xen) {
        hypercall(__HYPERVISOR_console_io, CONSOLEIO_write, l->used, (uintptr_t)l->text);
        return;
    }
    for (unsigned i = 0; i < l->used && facts.uart; i++) {
        while (mmio_read(facts.uart + PL011_FR) & PL011_FR_TXFF)
            relax();
        mmio_write(facts.uart + PL011_DR, (uint8_t)l->text[i]);
    }
}

static void print_list(const char *format, va_list *args)
{
    struct line l = { .used = 0 };

    for (; *format; format++) {
        if (*format == '%')
            format = convert(&l, format + 1, args);
        else
            put(&l, *format);
    }
    flush(&l);
}

void bench_print(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_list(format, &args);
    va_end(args);
}

void bench_fail(const char *format, ...)
{
    va_list args;

    bench_print("bench: FAILED: ");
    va_start(args, format);
    print_list(format, &args);
    va_end(args);
    bench_print("\n");
    smccc(facts.psci_by_hvc, PSCI_SYSTEM_OFF, 0, 0, 0);
    for (;;)
        wfi();
}

void bench_exception(uint64_t esr, uint64_t elr, uint64_t far)
{
    bench_fail("exception: ESR %lx ELR %lx FAR %lx", esr, elr, far);
}
