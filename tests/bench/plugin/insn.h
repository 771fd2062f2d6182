/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What kind of work an A64 instruction is (DDI 0487, A64 instruction set encoding).
 */
#ifndef TESTS_BENCH_INSN_H
#define TESTS_BENCH_INSN_H

#include <stdint.h>

/* KIND(name): an instruction is of exactly one of them. */
#define INSN_KINDS(KIND) \
    KIND(other) KIND(load) KIND(store) KIND(atomic) KIND(mrs) KIND(msr) KIND(ich_read) \
    KIND(ich_write) KIND(isb) KIND(dsb) KIND(dmb) KIND(tlbi) KIND(cache) KIND(at) KIND(wait) \
    KIND(eret) KIND(hint)

enum insn_kind {
#define INSN_ENUM(name) INSN_##name,
    INSN_KINDS(INSN_ENUM)
#undef INSN_ENUM
    INSN_KIND_COUNT
};

extern const char *const insn_kind_names[INSN_KIND_COUNT];

enum insn_kind insn_kind(uint32_t code);
/* The number of HINT #n, or -1. */
int insn_hint(uint32_t code);

#endif
