/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the assembly knows of struct cpu (cpu.h checks it), and numbers that both languages use.
 */
#ifndef TESTS_BENCH_OFFSETS_H
#define TESTS_BENCH_OFFSETS_H

#define CPU_STACK_TOP 0
#define CPU_STAMP 8
#define CPU_EXPECTS_ABORT 16
#define CPU_ABORTS 24
#define CPU_SLED 32
#define FRAME_BYTES 176
#define SLED_NOPS 15    /* and none: as many phases as one 16 ns tick has instructions */

/* What the EL2 stub answers to everything: a version number that suits Xen's call and PSCI's. */
#define STUB_VERSION_LOW 0x0001
#define STUB_VERSION_HIGH 0x0001

#endif
