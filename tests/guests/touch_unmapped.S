/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A guest that reads and writes where no memory is: it must get a data abort from its own
 * exception level each time (ESR_EL1.EC 0x25), and nothing else happens.
 */
#include "tests/guests/image.h"

    image_header
entry:
    use_vectors
    mov     x2, #0
    mov     x0, #0x10000000
    ldr     x3, [x0]
    str     x3, [x0, #8]
    ldp     x3, x4, [x0]
    cmp     x2, #3
    b.ne    .
    good_end

handler:
    expect_class 0x25
    add     x2, x2, #1
    mrs     x1, elr_el1
    add     x1, x1, #4
    msr     elr_el1, x1
    eret
    vectors_to handler
