/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a test guest in C begins with: the MMU on, so that the pages that it shares with others are
 * cached as theirs are; a stack; then worker(). An exception ends in a tight loop, unseen.
 */
#include "tests/guests/image.h"

#define MAIR_NORMAL 0xff            /* write back */
#define BLOCK_NORMAL 0x701          /* 1 GiB, inner shareable, accessed; attribute 0 */
#define TCR_39_BITS 0x280803519     /* T0SZ 25, 4 KiB, write back, inner; EPD1; 40 bits */

    image_header
entry:
    adrp    x0, table
    mov     x1, #BLOCK_NORMAL
    str     x1, [x0]
    mov     x2, #0x40000000
    add     x1, x1, x2
    str     x1, [x0, #8]
    dsb     sy
    mov     x1, #MAIR_NORMAL
    msr     mair_el1, x1
    ldr     x1, =TCR_39_BITS
    msr     tcr_el1, x1
    msr     ttbr0_el1, x0
    isb
    mrs     x1, sctlr_el1
    mov     x2, #0x1005             /* M, C, I */
    orr     x1, x1, x2
    msr     sctlr_el1, x1
    isb
    adrp    x1, table
    add     sp, x1, #0x3000         /* behind the table, which grows no further */
    bl      worker
    b       .
    .ltorg

    .bss
    .balign 4096
table:
    .skip   0x3000
