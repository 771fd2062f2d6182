/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way into EL2 and out of it. While a guest runs, SP_EL2 is its struct vcpu, so an entry
 * stores the registers that C may clobber (x0-x17, x30; x18 is never used by EL2's C) without
 * a spill, then takes the CPU's one stack from its top. x18-x29 stay in the registers unless the
 * vCPU is switched out or the exit may name any register. Exceptions from EL2 itself are fatal, but
 * for an SError in one place.
 */
#include "boot/el2_regs.h"
#include "core/base/offsets.h"

#define ENOSYS 38
#define HYPERCALL_NR_MAX 64
#define ESR_HVC64_XEN 0x5a000ea1    /* EC HVC from AArch64, IL, immediate 0xea1 */
#define ESR_HVC64_SMCCC 0x5a000000
#define EC_SYSREG 0x18
#define EC_DABT_LOW 0x24

    .arch armv8-a

    .macro save_volatile
    stp     x0, x1, [sp, #VCPU_X]
    stp     x2, x3, [sp, #VCPU_X + 16]
    stp     x4, x5, [sp, #VCPU_X + 32]
    stp     x6, x7, [sp, #VCPU_X + 48]
    stp     x8, x9, [sp, #VCPU_X + 64]
    stp     x10, x11, [sp, #VCPU_X + 80]
    stp     x12, x13, [sp, #VCPU_X + 96]
    stp     x14, x15, [sp, #VCPU_X + 112]
    stp     x16, x17, [sp, #VCPU_X + 128]
    str     x30, [sp, #VCPU_X + 240]
    .endm

    .macro save_rest vcpu
    stp     x18, x19, [\vcpu, #VCPU_X + 144]
    stp     x20, x21, [\vcpu, #VCPU_X + 160]
    stp     x22, x23, [\vcpu, #VCPU_X + 176]
    stp     x24, x25, [\vcpu, #VCPU_X + 192]
    stp     x26, x27, [\vcpu, #VCPU_X + 208]
    stp     x28, x29, [\vcpu, #VCPU_X + 224]
    .endm

/* sp: struct vcpu. Nothing after the ERET runs, not even speculatively. */
    .macro restore_from_x2_eret
    ldp     x2, x3, [sp, #VCPU_X + 16]
    ldp     x4, x5, [sp, #VCPU_X + 32]
    ldp     x6, x7, [sp, #VCPU_X + 48]
    ldp     x8, x9, [sp, #VCPU_X + 64]
    ldp     x10, x11, [sp, #VCPU_X + 80]
    ldp     x12, x13, [sp, #VCPU_X + 96]
    ldp     x14, x15, [sp, #VCPU_X + 112]
    ldp     x16, x17, [sp, #VCPU_X + 128]
    ldr     x30, [sp, #VCPU_X + 240]
    eret
    dsb     nsh
    isb
    .endm

    .macro restore_volatile_eret
    ldp     x0, x1, [sp, #VCPU_X]
    restore_from_x2_eret
    .endm

/* An interrupt, which is counted: to the CPU's stack, and back. */
    .macro irq_from_guest
    save_volatile
    ldr     x0, [sp, #VCPU_STACK]
    ldr     x1, [sp, #VCPU_INTERRUPTS]
    add     x1, x1, #1
    str     x1, [sp, #VCPU_INTERRUPTS]
    mov     sp, x0
    bl      irq_dispatch
    b       exit_fast
    .endm

/* To the CPU's stack; \vcpu: the struct vcpu. */
    .macro enter_c vcpu
    mov     \vcpu, sp
    ldr     x30, [sp, #VCPU_STACK]
    mov     sp, x30
    .endm

/* An access of class \ec, w10 is the exception's, to or from one of x0-x15: no other is needed.
 * \top: the highest bit of the register's number in w9, ESR_EL2. */
    .macro fast_access ec, top, handler
    cmp     w10, #\ec
    b.ne    1f
    tbnz    w9, #\top, sync_full
    ldr     x11, [sp, #VCPU_TRAPS + 8 * \ec]
    add     x11, x11, #1
    str     x11, [sp, #VCPU_TRAPS + 8 * \ec]
    enter_c x0
    mov     x1, x9
    bl      \handler
    b       exit_fast
1:
    .endm


    .section .text.vectors, "ax"
    .balign 2048
    .global vectors
vectors:
    /* From EL2 with SP_EL0 (never used) and with SP_EL2. */
    .irp    number, 0, 1, 2, 3, 4, 5, 6
    .org    vectors + 128 * \number
    b       vector_el2_\number
    .endr
    .org    vectors + 128 * 7
    b       serror_el2

    /* From a lower level in AArch64: synchronous. */
    .org    vectors + 128 * 8
    save_volatile
    mrs     x9, esr_el2
    ldr     w10, =ESR_HVC64_XEN
    cmp     w9, w10
    b.ne    sync_other
    cmp     x16, #HYPERCALL_NR_MAX
    b.hs    hypercall_unknown
    and     x10, x16, #(HYPERCALL_NR_MAX - 1) /* again: the branch may be mispredicted */
    adr     x11, hypercall_table    /* the image is far smaller than 1 MiB */
    ldr     x10, [x11, x10, lsl #3]
    ldp     x11, x12, [sp, #VCPU_STACK]
    add     x12, x12, #1
    str     x12, [sp, #VCPU_HYPERCALLS]
    mov     sp, x11
    blr     x10
    b       hypercall_done

    /* IRQ. */
    .org    vectors + 128 * 9
    irq_from_guest

    /* FIQ: nobody's, and nothing ends it; SError. */
    .org    vectors + 128 * 10
    b       vector_el2_2
    .org    vectors + 128 * 11
    b       enter_serror

    /* From AArch32, i.e. EL0 (EL1 of every guest is AArch64). */
    .org    vectors + 128 * 12
    save_volatile
    mrs     x9, esr_el2
    lsr     w10, w9, #26
    b       sync_full
    .org    vectors + 128 * 13
    irq_from_guest
    .org    vectors + 128 * 14
    b       vector_el2_2
    .org    vectors + 128 * 15
    b       enter_serror
    .org    vectors + 128 * 16

hypercall_unknown:
    mov     x0, #-ENOSYS
/* x0: the result. Other registers may have been rewritten in struct vcpu by the handler. */
hypercall_done:
    mrs     x9, tpidr_el2
    ldp     x11, x10, [x9, #PERCPU_TODO]
    cbnz    x11, 1f
    mov     sp, x10
    ldr     x1, [sp, #VCPU_X + 8]
    restore_from_x2_eret
1:  str     x0, [x10, #VCPU_X]
    b       exit_slow

/* Exit of what left x18-x29 in the registers. */
exit_fast:
    mrs     x9, tpidr_el2
    ldp     x11, x10, [x9, #PERCPU_TODO]
    cbnz    x11, exit_slow
    mov     sp, x10
    restore_volatile_eret

/* x10: the current vCPU, which may be switched out now; x11: the todo word. */
exit_slow:
    cmp     x11, #PERCPU_TODO_VGIC
    b.ne    1f
    mov     x0, x10
    bl      sched_exit_vgic
    b       exit_fast
1:  save_rest x10
    bl      sched_leave             /* to world_enter, with whoever is next */

/* w9: ESR_EL2. */
sync_other:
    mov     w10, #ESR_HVC64_SMCCC
    cmp     w9, w10
    b.ne    1f
    enter_c x0
    bl      trap_smccc
    b       hypercall_done
1:  lsr     w10, w9, #26
    fast_access EC_DABT_LOW, 20, mmio_abort
    fast_access EC_SYSREG, 9, sysreg_trap

/* x9: ESR_EL2; x10: its EC. */
sync_full:
    enter_c x0
    save_rest x0
    mov     x1, x9
    add     x11, x0, x10, lsl #3
    ldr     x12, [x11, #VCPU_TRAPS]
    add     x12, x12, #1
    str     x12, [x11, #VCPU_TRAPS]
    adr     x11, trap_table         /* the image is far smaller than 1 MiB */
    ldr     x9, [x11, x10, lsl #3]
    cbz     x9, trap_unknown
    blr     x9
    cbz     w0, exit_fast
/* Exit of what saved all registers, and may have rewritten x18-x29. */
exit_full:
    mrs     x9, tpidr_el2
    ldp     x11, x0, [x9, #PERCPU_TODO]
    cbz     x11, world_enter
    bl      sched_leave
/* x0: struct vcpu to enter, loaded but for its general registers. */
    .global world_enter
world_enter:
    mov     sp, x0
    ldp     x18, x19, [x0, #VCPU_X + 144]
    ldp     x20, x21, [x0, #VCPU_X + 160]
    ldp     x22, x23, [x0, #VCPU_X + 176]
    ldp     x24, x25, [x0, #VCPU_X + 192]
    ldp     x26, x27, [x0, #VCPU_X + 208]
    ldp     x28, x29, [x0, #VCPU_X + 224]
    restore_volatile_eret

trap_unknown:
    bl      trap_undefined
    b       exit_fast

enter_serror:
    save_volatile
    enter_c x0
    save_rest x0
    bl      trap_serror
    b       exit_full

/*
 * EL2's own exceptions: all registers to a struct panic_frame on this CPU's emergency stack, which
 * ends CPU_BLOCK_BYTES above its percpu structure. x0 and the old stack pointer wait in
 * guest registers meanwhile: nothing goes back to a guest from here.
 */
    .macro el2_entry number
vector_el2_\number:
    msr     tpidrro_el0, x0
    mov     x0, sp
    msr     sp_el0, x0
    mov     x0, #\number
    b       el2_fatal
    .endm
    .irp    number, 0, 1, 2, 3, 4, 5, 6, 7
    el2_entry \number
    .endr

/* An SError: fatal, but where world_serror_take waits for it. */
serror_el2:
    msr     tpidrro_el0, x0
    msr     tpidr_el0, x1
    mrs     x0, elr_el2
    adr     x1, world_serror_window
    sub     x0, x0, x1
    cmp     x0, #4
    mrs     x1, tpidr_el0
    mrs     x0, tpidrro_el0
    b.hi    vector_el2_7
    mrs     x0, esr_el2
    eret

el2_fatal:
    msr     tpidr_el0, x0
    mrs     x0, tpidr_el2
    add     x0, x0, #CPU_BLOCK_BYTES
    sub     x0, x0, #PANIC_FRAME_BYTES
    msr     spsel, #1
    mov     sp, x0
    mrs     x0, tpidrro_el0
    save_volatile                   /* the frame begins like struct vcpu */
    save_rest sp
    mrs     x1, sp_el0
    str     x1, [sp, #PANIC_FRAME_SP]
    mrs     x1, elr_el2
    mrs     x2, spsr_el2
    stp     x1, x2, [sp, #PANIC_FRAME_ELR]
    mrs     x1, esr_el2
    mrs     x2, far_el2
    stp     x1, x2, [sp, #PANIC_FRAME_ESR]
    mrs     x1, tpidr_el0
    str     x1, [sp, #PANIC_FRAME_VECTOR]
    mov     x0, sp
    bl      panic_exception
    b       start_park
