/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Not a guest: firmware of a board without PSCI. It leaves CPU 1 polling its release address, as
 * the Devicetree Specification says of "spin-table", and enters the hypervisor on CPU 0, at EL2,
 * with the device tree that the tests put at 0x50000000.
 */
#define PSCI_CPU_ON_64 0xc4000003
#define RELEASE        0x60001000 /* cpu-release-addr of the tests' device tree */

    .global _start
_start:
    ldr     x5, =RELEASE
    str     xzr, [x5]
    ldr     x0, =PSCI_CPU_ON_64
    mov     x1, #1
    adr     x2, spin
    mov     x3, xzr
    smc     #0
    mov     x0, #0x50000000
    mov     x1, xzr
    mov     x2, xzr
    mov     x3, xzr
    mov     x4, #0x40200000
    br      x4

spin:
    ldr     x5, =RELEASE
1:  wfe
    ldr     x4, [x5]
    cbz     x4, 1b
    br      x4
