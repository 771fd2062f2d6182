/* SPDX-License-Identifier: BSD-2-Clause
 *
 * C's memcpy, which core/base/string.c leaves to whoever links it. Only with the MMU on: it does
 * not care for alignment.
 */
    .text
    .global memcpy
memcpy:
    mov     x3, x0
1:  subs    x2, x2, #8
    b.lo    2f
    ldr     x4, [x1], #8
    str     x4, [x3], #8
    b       1b
2:  adds    x2, x2, #8
    b.eq    4f
3:  ldrb    w4, [x1], #1
    strb    w4, [x3], #1
    subs    x2, x2, #1
    b.ne    3b
4:  ret
