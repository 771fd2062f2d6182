/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Constants that the assembly and boot's C share: values of EL2's control registers (DDI 0487
 * names) while it boots and after, and structure offsets. No C syntax in here.
 */
#ifndef BOOT_EL2_REGS_H
#define BOOT_EL2_REGS_H

/* MAIR_EL2: 0 Normal write-back, 1 Device-nGnRE, 2 Normal non-cacheable, 3 Device-nGnRnE. */
#define EL2_MAIR 0x00000000004404ff

/* 48-bit addresses, 4 KiB granule, tables Normal write-back inner shareable; PS is added. */
#define EL2_TCR 0x80803510
#define EL1_TCR 0x803510            /* EPD1 is where EL2's RES1 bit 23 is */

/* RES1 bits, I, SA, C, M; EE, WXN and A are 0. */
#define EL2_SCTLR 0x30c5183d

/* RW: the next lower level is AArch64; AMO, IMO, FMO: interrupts are EL2's, and wake its WFI. */
#define EL2_HCR_BOOT 0x80000038

#define EARLY_TABLES 6              /* pages that start.S makes its tables of */

/* struct smp_start (boot/smp.c). */
#define SMP_START_ROOT 0
#define SMP_START_PERCPU 8

/* struct cpu_block (boot/boot.h): the percpu structure, and above it the emergency stack. */
#define CPU_BLOCK_BYTES 8192

/* struct panic_frame (boot/panic.c). */
#define PANIC_FRAME_SP 248
#define PANIC_FRAME_ELR 256
#define PANIC_FRAME_ESR 272
#define PANIC_FRAME_VECTOR 288
#define PANIC_FRAME_BYTES 304

#endif
