/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a fuzzer fails: a message, then abort(), which libFuzzer reports with the input. Also the
 * work counter's hooks, called by EL2's code as it is compiled for fuzzing.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/assert.h"
#include "tests/fake/fake.h"
#include "tests/fuzz/fuzz.h"

uint64_t fuzz_work;
char fake_panic_text[512];

__attribute__((no_instrument_function)) void __cyg_profile_func_enter(void *fn, void *site);
__attribute__((no_instrument_function)) void __cyg_profile_func_exit(void *fn, void *site);

void __cyg_profile_func_enter(void *fn, void *site)
{
    (void)fn, (void)site;
    fuzz_work++;
}

void __cyg_profile_func_exit(void *fn, void *site) { (void)fn, (void)site; }

static _Noreturn void fail(const char *what, const char *fmt, va_list ap)
{
    fputs(what, stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    abort();
}

void fake_fail(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fail("fuzz: ", fmt, ap);
}

void panic(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fail("fuzz: panic: ", fmt, ap);
}
