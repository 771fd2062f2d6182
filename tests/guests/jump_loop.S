/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A guest that jumps to where no memory is, and whose vectors are there too: as on hardware it
 * faults for ever, which must cost the others nothing but its share of time, and be readable.
 */
#include "tests/guests/image.h"

    image_header
entry:
    mov     x0, #0x10000000
    msr     vbar_el1, x0
    isb
    br      x0
    good_end
