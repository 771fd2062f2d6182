/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Functions of the hypervisor by address, from nm's output.
 */
#ifndef TESTS_BENCH_SYMBOLS_H
#define TESTS_BENCH_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

#define SYMBOLS_MAX 8192u

/* Reads `nm -n` output: "ADDRESS TYPE NAME" a line. False: it can't be read, or names no
 * function. */
bool symbols_read(const char *path);
/* The last function at or before the address; 0: a name for what has none. */
unsigned symbols_at(uint64_t address);
const char *symbols_name(unsigned index);

#endif
