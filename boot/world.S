/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What C can't hold or must not touch: a guest's EL1, pointer-authentication and FP/SIMD registers,
 * in the order of struct hw_el1_state and struct hw_fp_state (core/base/hw.h); and the copy loops.
 */
    .arch armv8-a+simd

/* Pairs of struct hw_el1_state. Not ACTLR_EL1: guests can't write it (HCR_EL2.TAC). */
    .macro el1_pairs do
    \do     sp_el0, sp_el1, 0
    \do     elr_el1, spsr_el1, 16
    \do     sctlr_el1, cpacr_el1, 32
    \do     ttbr0_el1, ttbr1_el1, 48
    \do     tcr_el1, mair_el1, 64
    \do     amair_el1, vbar_el1, 80
    \do     esr_el1, far_el1, 96
    \do     afsr0_el1, afsr1_el1, 112
    \do     contextidr_el1, tpidr_el0, 128
    \do     tpidrro_el0, tpidr_el1, 144
    \do     par_el1, csselr_el1, 160
    \do     cntkctl_el1, mdscr_el1, 176
    .endm

    .macro pauth_pairs do
    \do     s3_0_c2_c1_0, s3_0_c2_c1_1, 208     /* APIA */
    \do     s3_0_c2_c1_2, s3_0_c2_c1_3, 224     /* APIB */
    \do     s3_0_c2_c2_0, s3_0_c2_c2_1, 240     /* APDA */
    \do     s3_0_c2_c2_2, s3_0_c2_c2_3, 256     /* APDB */
    \do     s3_0_c2_c3_0, s3_0_c2_c3_1, 272     /* APGA */
    .endm

    .macro save_pair a, b, offset
    mrs     x1, \a
    mrs     x2, \b
    stp     x1, x2, [x0, #\offset]
    .endm

    .macro restore_pair a, b, offset
    ldp     x1, x2, [x0, #\offset]
    msr     \a, x1
    msr     \b, x2
    .endm

    .macro function name
    .section .text.\name, "ax"
    .balign 16
    .global \name
    .type   \name, %function
\name:
    .endm

    function world_el1_save
    el1_pairs save_pair
    ret

    function world_el1_restore
    el1_pairs restore_pair
    ret

    function world_pauth_save
    pauth_pairs save_pair
    ret

    function world_pauth_restore
    pauth_pairs restore_pair
    ret

    .macro fp_pairs op
    \op     q0, q1, [x0, #0]
    \op     q2, q3, [x0, #32]
    \op     q4, q5, [x0, #64]
    \op     q6, q7, [x0, #96]
    \op     q8, q9, [x0, #128]
    \op     q10, q11, [x0, #160]
    \op     q12, q13, [x0, #192]
    \op     q14, q15, [x0, #224]
    \op     q16, q17, [x0, #256]
    \op     q18, q19, [x0, #288]
    \op     q20, q21, [x0, #320]
    \op     q22, q23, [x0, #352]
    \op     q24, q25, [x0, #384]
    \op     q26, q27, [x0, #416]
    \op     q28, q29, [x0, #448]
    \op     q30, q31, [x0, #480]
    .endm

    function world_fp_save
    fp_pairs stp
    mrs     x1, fpsr
    mrs     x2, fpcr
    add     x0, x0, #512
    stp     x1, x2, [x0]
    ret

    function world_fp_restore
    fp_pairs ldp
    add     x0, x0, #512
    ldp     x1, x2, [x0]
    msr     fpsr, x1
    msr     fpcr, x2
    ret

/* 64 bytes from x1 to dst, \at bytes further on. */
    .macro copy64 dst, at
    ldp     x4, x5, [x1, #\at]
    ldp     x6, x7, [x1, #\at + 16]
    ldp     x8, x9, [x1, #\at + 32]
    ldp     x10, x11, [x1, #\at + 48]
    stp     x4, x5, [\dst, #\at]
    stp     x6, x7, [\dst, #\at + 16]
    stp     x8, x9, [\dst, #\at + 32]
    stp     x10, x11, [\dst, #\at + 48]
    .endm

/* 128 bytes from x1 to x0, past which both move. */
    .macro copy128
    ld1     {v0.16b-v3.16b}, [x1], #64
    ld1     {v4.16b-v7.16b}, [x1], #64
    st1     {v0.16b-v3.16b}, [x0], #64
    st1     {v4.16b-v7.16b}, [x0], #64
    .endm

/* 256 bytes; offsets reach that far, so the pointers move once. */
    .macro copy256 dst
    .irp    at, 0, 64, 128, 192
    copy64  \dst, \at
    .endr
    add     x1, x1, #256
    add     \dst, \dst, #256
    .endm

/* world_copy_bulk(dst, src, bytes): through q0-q7, 64 bytes an instruction; 128 bytes at least, any
 * alignment, no overlap. Whose registers they are and whether CPTR_EL2 lets anyone use them
 * (core/fpsimd.c) stays as it is; the ERET comes before anyone depends on the last write. */
    function world_copy_bulk
    mrs     x4, cptr_el2
    bic     x5, x4, #(1 << 10)      /* TFP */
    msr     cptr_el2, x5
    isb                             /* before the first use of q0 */
    sub     sp, sp, #128
    mov     x6, sp
    st1     {v0.16b-v3.16b}, [x6], #64
    st1     {v4.16b-v7.16b}, [x6]
    subs    x2, x2, #1024
    b.lo    2f
1:  .rept   8
    copy128
    .endr
    subs    x2, x2, #1024
    b.hs    1b
2:  adds    x2, x2, #1024 - 128
    b.lo    4f
3:  copy128
    subs    x2, x2, #128
    b.hs    3b
4:  cmn     x2, #128
    b.eq    5f
    add     x1, x1, x2              /* the last 128, some of them once more */
    add     x0, x0, x2
    copy128
5:  mov     x6, sp
    ld1     {v0.16b-v3.16b}, [x6], #64
    ld1     {v4.16b-v7.16b}, [x6]
    add     sp, sp, #128
    msr     cptr_el2, x4
    ret

/* C's memcpy: any alignment, any length, ascending, so that it also moves down where both overlap.
 * x2 is 64 less than what is left, until less than 64 are: its low bits stay right. */
    function memcpy
    mov     x3, x0
    subs    x2, x2, #64
    b.lo    4f
    cmp     x2, #192
    b.lo    3f
1:  copy256 x3
    sub     x2, x2, #256
    cmp     x2, #192
    b.ge    1b
    tbnz    x2, #63, 4f
3:  copy64  x3, 0
    add     x1, x1, #64
    add     x3, x3, #64
    subs    x2, x2, #64
    b.hs    3b
4:  tbz     x2, #5, 5f
    ldp     x4, x5, [x1], #16
    ldp     x6, x7, [x1], #16
    stp     x4, x5, [x3], #16
    stp     x6, x7, [x3], #16
5:  tbz     x2, #4, 6f
    ldp     x4, x5, [x1], #16
    stp     x4, x5, [x3], #16
6:  tbz     x2, #3, 7f
    ldr     x4, [x1], #8
    str     x4, [x3], #8
7:  tbz     x2, #2, 8f
    ldr     w4, [x1], #4
    str     w4, [x3], #4
8:  tbz     x2, #1, 9f
    ldrh    w4, [x1], #2
    strh    w4, [x3], #2
9:  tbz     x2, #0, 10f
    ldrb    w4, [x1]
    strb    w4, [x3]
10: ret

/* uint64_t world_serror_take(void): lets EL2 take an SError that is pending; its ESR_EL2, which
 * serror_el2 (vectors.S) brings, or 0. ESR_EL2, ELR_EL2, SPSR_EL2, TPIDR_EL0 and TPIDRRO_EL0 are
 * lost then. */
    function world_serror_take
    mov     x0, xzr
    msr     daifclr, #4
    .global world_serror_window
world_serror_window:
    isb
    msr     daifset, #4
    ret

/* world_call_on(stack_top, fn): leaves the present stack for good; fn does not return. */
    function world_call_on
    mov     sp, x0
    mov     x30, xzr
    br      x1
