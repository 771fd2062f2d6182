/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What boot's files share: the linker's symbols, a CPU's block of memory, and how a boot ends that
 * can't go on.
 */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H

#include "boot/el2_regs.h"
#include "core/base/percpu.h"

/* boot/purlin.lds */
extern char image_start[], image_text_end[], image_data_start[], boot_stack_top[];
extern char image_build_id[], image_build_id_end[];

#define IMAGE_BLOCK_BYTES 0x200000ul /* the image's block of RAM, all of it reserved */

/* TPIDR_EL2 points to p; the emergency stack of vectors.S grows down from the end. */
struct cpu_block {
    struct percpu p;
    uint8_t emergency_stack[CPU_BLOCK_BYTES - sizeof(struct percpu)];
} __attribute__((aligned(16)));
_Static_assert(sizeof(struct cpu_block) == CPU_BLOCK_BYTES, "vectors.S adds this");

#define CPU_STACK_PAGES 4u

extern struct cpu_block boot_percpu; /* of the boot CPU; start.S */
extern uint64_t boot_image_pa;       /* where the image is */

/* Leaves the present stack for good and calls fn, which must not return. */
_Noreturn void world_call_on(void *stack_top, void (*fn)(void));
/* What each CPU sets up of itself at EL2, before it takes interrupts (main.c). */
void boot_cpu_setup(void);
/* The boot can't go on: what is wrong, what was looked for, what to do. Halts the machine. */
_Noreturn void boot_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
