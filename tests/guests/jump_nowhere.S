/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A guest that jumps to where no memory is, with no vectors that could take the fault: its state
 * can't be trusted any more, so it must be crashed, and the reason be readable.
 */
#include "tests/guests/image.h"

    image_header
entry:
    msr     vbar_el1, xzr
    isb
    mov     x0, #0x10000000
    br      x0
    good_end
