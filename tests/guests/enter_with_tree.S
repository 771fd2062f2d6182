/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Not a guest: enters the hypervisor as a boot loader would, at EL2, with x0 = 0x50000000 for the
 * device tree's address. The tests put a damaged tree there.
 */
    .global _start
_start:
    mov     x0, #0x50000000
    mov     x1, xzr
    mov     x2, xzr
    mov     x3, xzr
    mov     x4, #0x40200000
    br      x4
