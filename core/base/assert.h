/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's own invariants. No guest input may reach either of these (DESIGN: errors).
 */
#ifndef CORE_BASE_ASSERT_H
#define CORE_BASE_ASSERT_H

/* Prints the message, registers, a back trace and what each CPU runs; stops the machine. */
_Noreturn void panic(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#define assert(cond) \
    do { \
        if (__builtin_expect(!(cond), 0)) \
            panic("assertion failed: %s, %s:%d\n", #cond, __FILE__, __LINE__); \
    } while (0)

#endif
