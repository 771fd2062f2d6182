/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Entry, exception vectors and the ways down to EL0 of the guest that checks the architecture.
 * One stack a vCPU; an exception saves all general registers and goes to exception() (main.c).
 */
#include "tests/guests/image.h"

#define FRAME 288
#define STACK 0x4000

    image_header
    .global entry, second_entry, vectors, run_below, back_from_below
entry:
    adrp    x1, stacks + STACK
    add     x1, x1, :lo12:(stacks + STACK)
    mov     sp, x1
    bl      setup
    bl      guest_main
    b       .

/* x0: the context of CPU_ON, which is not used. */
second_entry:
    adrp    x1, stacks + 2 * STACK
    add     x1, x1, :lo12:(stacks + 2 * STACK)
    mov     sp, x1
    bl      setup
    bl      second_main
    b       .

setup:
    adr     x1, vectors
    msr     vbar_el1, x1
    mov     x1, #(3 << 20)          /* CPACR_EL1.FPEN */
    msr     cpacr_el1, x1
    isb
    b       mmu_on

    .macro vector number
    .balign 128
    sub     sp, sp, #FRAME
    stp     x0, x1, [sp]
    mov     x0, #\number
    b       save
    .endm

    .balign 2048
vectors:
    .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vector  \number
    .endr

save:
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
    mrs     x1, elr_el1
    mrs     x2, spsr_el1
    stp     x30, x1, [sp, #240]
    str     x2, [sp, #256]
    mov     x1, sp
    bl      exception
    ldp     x30, x1, [sp, #240]
    ldr     x2, [sp, #256]
    msr     elr_el1, x1
    msr     spsr_el1, x2
    ldp     x28, x29, [sp, #224]
    ldp     x26, x27, [sp, #208]
    ldp     x24, x25, [sp, #192]
    ldp     x22, x23, [sp, #176]
    ldp     x20, x21, [sp, #160]
    ldp     x18, x19, [sp, #144]
    ldp     x16, x17, [sp, #128]
    ldp     x14, x15, [sp, #112]
    ldp     x12, x13, [sp, #96]
    ldp     x10, x11, [sp, #80]
    ldp     x8, x9, [sp, #64]
    ldp     x6, x7, [sp, #48]
    ldp     x4, x5, [sp, #32]
    ldp     x2, x3, [sp, #16]
    ldp     x0, x1, [sp]
    add     sp, sp, #FRAME
    eret

/* run_below(pc, spsr): ERET there, x4 = argument, SP_EL0 = SP; comes back when
 * exception() returns to back_from_below. */
run_below:
    stp     x29, x30, [sp, #-96]!
    stp     x19, x20, [sp, #16]
    stp     x21, x22, [sp, #32]
    stp     x23, x24, [sp, #48]
    stp     x25, x26, [sp, #64]
    stp     x27, x28, [sp, #80]
    msr     elr_el1, x0
    msr     spsr_el1, x1
    adrp    x4, argument
    ldr     x4, [x4, :lo12:argument]
    mov     x5, sp
    msr     sp_el0, x5
    isb
    eret
back_from_below:
    ldp     x27, x28, [sp, #80]
    ldp     x25, x26, [sp, #64]
    ldp     x23, x24, [sp, #48]
    ldp     x21, x22, [sp, #32]
    ldp     x19, x20, [sp, #16]
    ldp     x29, x30, [sp], #96
    ret

    .section .bss
    .balign 4096
stacks:
    .skip   2 * STACK
