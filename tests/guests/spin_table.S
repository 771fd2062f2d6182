/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Not a guest: firmware of a board without PSCI. It leaves the other CPUs polling one release
 * address for all, as U-Boot's spin table and Linux's tree of X-Gene 1 have it ("spin-table",
 * Devicetree Specification), and enters the hypervisor on CPU 0, at EL2, with the device tree that
 * the tests put at 0x50000000.
 */
#define CPUS           4
#define PSCI_CPU_ON_64 0xc4000003
#define RELEASE        0x60001000 /* cpu-release-addr of the tests' device tree */

    .global _start
_start:
    ldr     x5, =RELEASE
    str     xzr, [x5]
    mov     x19, #1
2:  ldr     x0, =PSCI_CPU_ON_64
    mov     x1, x19
    adr     x2, spin
    mov     x3, xzr
    smc     #0
    add     x19, x19, #1
    cmp     x19, #CPUS
    b.lo    2b
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
