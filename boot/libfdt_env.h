/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libfdt's environment (its manual's way to be built into anything): types and the string functions
 * of core/base/string.h instead of a C library's. Big-endian cells read on a little-endian CPU.
 */
#ifndef BOOT_LIBFDT_ENV_H
#define BOOT_LIBFDT_ENV_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/string.h"

typedef uint16_t fdt16_t;
typedef uint32_t fdt32_t;
typedef uint64_t fdt64_t;

static inline uint32_t fdt32_to_cpu(fdt32_t v) { return __builtin_bswap32(v); }
static inline fdt32_t cpu_to_fdt32(uint32_t v) { return __builtin_bswap32(v); }
static inline fdt64_t cpu_to_fdt64(uint64_t v) { return __builtin_bswap64(v); }

#endif
