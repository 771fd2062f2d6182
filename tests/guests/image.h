/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What every bare-metal test guest begins with: the arm64 Image header (Linux's booting document,
 * "Call the kernel image"), entry at EL1 with the MMU off. Owns no state.
 */
#ifndef TESTS_GUESTS_IMAGE_H
#define TESTS_GUESTS_IMAGE_H

#define PSCI_SYSTEM_OFF 0x84000008
#define XEN_HVC 0xea1
#define ENOSYS 38

    .macro image_header
    .global _start
_start:
    b       entry
    .long   0
    .quad   0                   /* offset from the RAM's start */
    .quad   0x10000             /* memory that the image needs */
    .quad   0xa                 /* little endian, 4 KiB pages, anywhere */
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .long   0
    .endm

    /* Ends the domain by PSCI SYSTEM_OFF: the test saw what it wanted. */
    .macro good_end
    ldr     w0, =PSCI_SYSTEM_OFF
    hvc     #0
    b       .
    .ltorg
    .endm

    /* An exception vector table whose every entry goes to HANDLER. */
    .macro vectors_to handler
    .balign 2048
vectors:
    .rept   16
    .balign 128
    b       \handler
    .endr
    .endm

    /* Vectors for the code after it; needs vectors_to. */
    .macro use_vectors
    adr     x1, vectors
    msr     vbar_el1, x1
    isb
    .endm

    /* In a handler: go on only if ESR_EL1.EC is CLASS, else stay here. */
    .macro expect_class class
    mrs     x1, esr_el1
    lsr     x1, x1, #26
    cmp     x1, #\class
    b.ne    .
    .endm

#endif
