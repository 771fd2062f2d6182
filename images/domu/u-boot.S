/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Debian's U-Boot for QEMU's virt board (package u-boot-qemu) as a guest's kernel: an arm64
 * Image that makes the three things that this U-Boot takes for granted, then enters it, unchanged.
 *  - Its device tree is at the start of RAM: what x0 points to is copied there.
 *  - Its environment is in flash at 0x4000000, and its debug UART at 0x9000000, which it sets up
 *    and does not use: there is memory there instead, asked for by XENMEM_populate_physmap (the
 *    slack that the tools leave below a domain's limit holds it). An empty environment is one with
 *    a wrong checksum: U-Boot uses its own. A saveenv does not last.
 * The first stack of U-Boot ends at RAM + 2 MiB, so it stands there itself.
 */
#define MEMORY_OP 12
#define POPULATE_PHYSMAP 6
#define DOMID_SELF 0x7ff0

    .global _start
_start:
    b       enter
    .word   0
    .quad   0                   /* text_offset */
    .quad   image_end - _start
    .quad   0xa                 /* 4 KiB pages, anywhere */
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .word   0

    .org    0x200000
uboot:
    .incbin UBOOT

    .balign 16
enter:
    mov     x19, x0
    adr     x1, environment
    bl      populate
    adr     x1, debug_uart
    bl      populate
    ldr     w1, [x19, #4]       /* totalsize, big endian */
    rev     w1, w1
    adr     x2, uboot
    sub     x2, x2, #0x200000   /* the start of RAM, which holds nothing that is needed any more */
1:  ldr     x3, [x19], #8
    str     x3, [x2], #8
    subs    x1, x1, #8
    b.gt    1b
    dsb     sy
    adr     x0, uboot
    br      x0

/* Where there is a page already, it stays. */
populate:
    mov     x0, #POPULATE_PHYSMAP
    mov     x16, #MEMORY_OP
    hvc     #0xea1
    ret

    .balign 8
environment:                    /* struct xen_memory_reservation: list, count, order, domain */
    .quad   environment_gfn, 1
    .word   6, 0, DOMID_SELF, 0
debug_uart:
    .quad   debug_uart_gfn, 1
    .word   0, 0, DOMID_SELF, 0
environment_gfn:
    .quad   0x4000
debug_uart_gfn:
    .quad   0x9000
image_end:
