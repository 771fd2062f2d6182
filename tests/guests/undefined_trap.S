/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A guest that executes what no guest may: an implementation-defined register, an HVC and an SMC
 * with numbers that nobody defines. Each must be an undefined instruction to it (EC 0).
 */
#include "tests/guests/image.h"

    image_header
entry:
    use_vectors
    mov     x2, #0
    mrs     x3, s3_1_c15_c3_7
    hvc     #0x123
    nop                         /* ELR may be the HVC or the instruction after it */
    smc     #0x123
    cmp     x2, #3
    b.ne    .
    good_end

handler:
    expect_class 0
    add     x2, x2, #1
    mrs     x1, elr_el1
    add     x1, x1, #4
    msr     elr_el1, x1
    eret
    vectors_to handler
