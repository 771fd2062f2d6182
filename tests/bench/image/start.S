/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The benchmark image's entry (arm64 Image header, Linux's booting document), its relocation to
 * where it was loaded, the way down from EL2 when there is no hypervisor, and the vectors. An
 * interrupt's time is taken by the vector's first instructions.
 */
#include "tests/bench/image/offsets.h"

#define HCR_RW          (1 << 31)
#define SCTLR_EL1_OFF   0x30d00800      /* RES1 bits; MMU and caches off */
#define SPSR_EL1H_MASKED 0x3c5
#define CPACR_FPEN      (3 << 20)
#define R_AARCH64_RELATIVE 1027
#define EC_HVC64        0x16

    .section .head, "ax"
    .global _start
_start:
    b       entry
    .long   0
    .quad   0                           /* offset from the RAM's start */
    .quad   image_bytes
    .quad   0xa                         /* little endian, 4 KiB pages, anywhere */
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .long   0

entry:
    mov     x20, x0                     /* device tree, or what the parent domain says */
    adr     x21, 1f
    b       to_el1
1:  adrp    x0, boot_stack_top
    add     sp, x0, :lo12:boot_stack_top
    /* Relocations: *(base + r_offset) = base + r_addend. */
    adrp    x0, _start
    adrp    x1, rela_start
    add     x1, x1, :lo12:rela_start
    adrp    x2, rela_end
    add     x2, x2, :lo12:rela_end
2:  cmp     x1, x2
    b.hs    4f
    ldp     x3, x4, [x1], #16
    ldr     x5, [x1], #8
    cmp     x4, #R_AARCH64_RELATIVE
    b.ne    .
    add     x5, x5, x0
    str     x5, [x0, x3]
    b       2b
4:  adrp    x1, bss_start
    add     x1, x1, :lo12:bss_start
    adrp    x2, bss_end
    add     x2, x2, :lo12:bss_end
5:  str     xzr, [x1], #8
    cmp     x1, x2
    b.lo    5b
    mov     x0, x20
    bl      mmu_tables
    adrp    x22, cpus
    add     x22, x22, :lo12:cpus
    bl      cpu_setup
    mov     x0, x20
    bl      bench_main
    b       .

/* By PSCI CPU_ON; x0: its struct cpu. */
    .global secondary_entry
secondary_entry:
    mov     x22, x0
    adr     x21, 1f
    b       to_el1
1:  ldr     x0, [x22, #CPU_STACK_TOP]
    mov     sp, x0
    bl      cpu_setup
    bl      cpu_run
    b       .

/* x22: struct cpu. Vectors, FP, MMU. */
cpu_setup:
    msr     tpidr_el1, x22
    adrp    x0, sled_end
    add     x0, x0, :lo12:sled_end
    str     x0, [x22, #CPU_SLED]
    adrp    x0, vectors
    add     x0, x0, :lo12:vectors
    msr     vbar_el1, x0
    mov     x0, #CPACR_FPEN
    msr     cpacr_el1, x0
    b       mmu_on

/* To EL1 at x21, with a hypervisor of two instructions when nobody is at EL2. */
to_el1:
    mrs     x0, CurrentEL
    cmp     x0, #(2 << 2)
    b.eq    1f
    br      x21
1:  mov     x0, #HCR_RW
    msr     hcr_el2, x0
    mov     x0, #3                      /* EL1PCTEN, EL1PCEN */
    msr     cnthctl_el2, x0
    msr     cntvoff_el2, xzr
    mov     x0, #0x33ff
    msr     cptr_el2, x0
    msr     hstr_el2, xzr
    mrs     x0, midr_el1
    msr     vpidr_el2, x0
    mrs     x0, mpidr_el1
    msr     vmpidr_el2, x0
    mrs     x0, id_aa64pfr0_el1
    ubfx    x0, x0, #24, #4
    cbz     x0, 2f
    mov     x0, #0xf                    /* GICv3: registers, also for EL1 */
    msr     s3_4_c12_c9_5, x0           /* ICC_SRE_EL2 */
    isb
    msr     s3_4_c12_c11_0, xzr         /* ICH_HCR_EL2 */
2:  adrp    x0, stub_vectors
    add     x0, x0, :lo12:stub_vectors
    msr     vbar_el2, x0
    ldr     x0, =SCTLR_EL1_OFF
    msr     sctlr_el1, x0
    mov     x0, #SPSR_EL1H_MASKED
    msr     spsr_el2, x0
    msr     elr_el2, x21
    eret
    .ltorg

    .text
/* Without a hypervisor: what the trap itself costs. The answers are those the guest checks. */
    .balign 2048
stub_vectors:
    .org    stub_vectors + 128 * 8
    movz    w0, #STUB_VERSION_LOW
    movk    w0, #STUB_VERSION_HIGH, lsl #16
    eret
    .org    stub_vectors + 128 * 16

    .balign 2048
    .global vectors
vectors:
    .org    vectors + 128 * 4
    b       sync
    .org    vectors + 128 * 5
    stp     x0, x1, [sp, #-FRAME_BYTES]!
    mrs     x1, tpidr_el1
    ldr     x0, [x1, #CPU_SLED]
    br      x0                          /* usually to sled_end */
sled:
    .rept   SLED_NOPS
    nop
    .endr
    .global sled_end
sled_end:
    mrs     x0, cntpct_el0
    str     x0, [x1, #CPU_STAMP]
    b       irq
    .org    vectors + 128 * 16

    .macro save_rest
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x30, [sp, #144]
    .endm
    .macro restore_eret
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #32]
    ldp     x6, x7, [sp, #48]
    ldp     x8, x9, [sp, #64]
    ldp     x10, x11, [sp, #80]
    ldp     x12, x13, [sp, #96]
    ldp     x14, x15, [sp, #112]
    ldp     x16, x17, [sp, #128]
    ldp     x18, x30, [sp, #144]
    ldp     x0, x1, [sp], #FRAME_BYTES
    eret
    .endm

irq:
    save_rest
    bl      irq_take
    restore_eret

/* A data abort that a row expects goes on behind its instruction; anything else ends the run. */
sync:
    stp     x0, x1, [sp, #-FRAME_BYTES]!
    mrs     x1, tpidr_el1
    ldr     x0, [x1, #CPU_EXPECTS_ABORT]
    cbz     x0, 1f
    ldr     x0, [x1, #CPU_ABORTS]
    add     x0, x0, #1
    str     x0, [x1, #CPU_ABORTS]
    mrs     x0, elr_el1
    add     x0, x0, #4
    msr     elr_el1, x0
    ldp     x0, x1, [sp], #FRAME_BYTES
    eret
1:  save_rest
    mrs     x0, esr_el1
    mrs     x1, elr_el1
    mrs     x2, far_el1
    bl      bench_exception
    b       .

/* uint64_t wfi_then(nops): WFI, so many NOPs (up to SLED_NOPS), then the virtual counter. */
    .global wfi_then
wfi_then:
    adr     x1, 1f
    sub     x1, x1, x0, lsl #2
    wfi
    br      x1
    .rept   SLED_NOPS
    nop
    .endr
1:  mrs     x0, cntvct_el0
    ret

    .section .bss.stack, "aw", @nobits
    .balign 4096
    .skip   16384
boot_stack_top:
