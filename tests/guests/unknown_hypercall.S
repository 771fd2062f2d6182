/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A guest that asks for hypercalls that don't exist: each answers -ENOSYS, in x0 alone.
 */
#include "tests/guests/image.h"

    image_header
entry:
    adr     x4, numbers
1:  ldr     w16, [x4], #4
    cbz     w16, 2f
    mov     x5, #0x5a5a
    hvc     #XEN_HVC
    cmn     x0, #ENOSYS
    b.ne    .
    mov     x6, #0x5a5a
    cmp     x5, x6
    b.ne    .
    b       1b
2:  good_end

numbers:
    .long   55, 64, 0x7fffffff, 0xffffffff, 19, 39, 0
