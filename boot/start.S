/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first instructions: arm64 Image header (Linux, Documentation/arm64/booting.rst), early
 * page tables, MMU on, C. Entered with the MMU off at any 2 MiB-aligned address, x0 = device tree.
 * All before the branch to the link address is position independent. The early tables map the
 * image twice, at its own address (one 2 MiB block) and at its link address (4 KiB pages, as the
 * final tables do, so that the change of tables changes no block size). Secondary CPUs pass through
 * the same tables for the moment that the MMU comes on.
 */
#include "boot/el2_regs.h"
#include "core/base/offsets.h"

#define DESC_TABLE 0x3
#define DESC_BLOCK 0x701    /* AF, inner shareable, RW, EL2_MAIR index 0 */
#define DESC_PAGE  0x703

    .arch armv8-a

    .section .head, "ax"
    .global image_start_code
image_start_code:
    b       start
    .long   0
    .quad   0                       /* text offset */
    .quad   image_bytes
    .quad   0xa                     /* little endian, 4 KiB pages, anywhere in memory */
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .long   0

/* Switches on the MMU of exception level \el with the early tables at x1; clobbers x2, x3. */
    .macro mmu_on el, tlbi_all, tcr, sctlr
    ldr     x2, =EL2_MAIR
    msr     mair_\el, x2
    ldr     x2, =\tcr
    mrs     x3, id_aa64mmfr0_el1
    and     x3, x3, #0xf            /* PARange; 48 bits is all that 4 KiB pages can use here */
    cmp     x3, #5
    mov     w4, #5
    csel    x3, x3, x4, ls
    .ifc \el, el1
    bfi     x2, x3, #32, #3
    .else
    bfi     x2, x3, #16, #3
    .endif
    msr     tcr_\el, x2
    msr     ttbr0_\el, x1
    isb
    tlbi    \tlbi_all
    ic      iallu                   /* the loader wrote the text as data */
    dsb     nsh
    isb
    ldr     x2, =\sctlr
    msr     sctlr_\el, x2
    isb
    .endm

    .text
start:
    mov     x20, x0                 /* device tree */
    adrp    x21, image_start        /* image, physical */
    adrp    x22, early_tables
    adrp    x23, image_end

    /* Lines that the loader left in the caches over what is written next with the MMU off
     * must not come back: they are dropped before (no late eviction) and after (no stale hit). */
    mov     x0, x22
    mov     x1, x23
    bl      start_cache_drop

    /* Tables: 0: level 0; 1, 2: levels 1 and 2 for the physical address; 3, 4, 5: levels 1, 2
     * and 3 for the link address. */
    mov     x0, x22
1:  stp     xzr, xzr, [x0], #16
    add     x1, x22, #(EARLY_TABLES * 4096)
    cmp     x0, x1
    b.lo    1b

    add     x0, x22, #0x1000
    ubfx    x1, x21, #39, #9
    bl      start_table_link
    add     x1, x22, #0x2000
    ubfx    x2, x21, #30, #9
    orr     x1, x1, #DESC_TABLE
    str     x1, [x0, x2, lsl #3]
    add     x0, x22, #0x2000
    ubfx    x2, x21, #21, #9
    mov     x1, #DESC_BLOCK
    orr     x1, x1, x21
    str     x1, [x0, x2, lsl #3]

    add     x0, x22, #0x3000
    ldr     x3, =image_start
    ubfx    x1, x3, #39, #9
    bl      start_table_link
    add     x1, x22, #0x4000        /* the link address is aligned to 512 GiB: index 0 from here */
    orr     x1, x1, #DESC_TABLE
    str     x1, [x22, #0x3000]
    add     x1, x22, #0x5000
    orr     x1, x1, #DESC_TABLE
    add     x0, x22, #0x4000
    str     x1, [x0]
    add     x0, x22, #0x5000
    mov     x1, #DESC_PAGE
    orr     x1, x1, x21
2:  str     x1, [x0], #8
    add     x1, x1, #0x1000
    tst     x0, #0xfff
    b.ne    2b

    mov     x0, x22
    mov     x1, x23
    bl      start_cache_drop

    mov     x1, x22
    mrs     x24, CurrentEL
    ubfx    x24, x24, #2, #2
    cmp     x24, #2
    b.eq    start_el2
    b.lo    start_el1

    mmu_on  el3, alle3, EL2_TCR, EL2_SCTLR
    adr     x2, start_park_vectors
    msr     vbar_el3, x2
    b       start_c
start_el1:
    mmu_on  el1, vmalle1, EL1_TCR, EL2_SCTLR
    adr     x2, start_park_vectors
    msr     vbar_el1, x2
    b       start_c
start_el2:
    ldr     x2, =EL2_HCR_BOOT
    msr     hcr_el2, x2
    isb
    mmu_on  el2, alle2, EL2_TCR, EL2_SCTLR
    ldr     x2, =vectors
    msr     vbar_el2, x2
    ldr     x2, =boot_percpu
    msr     tpidr_el2, x2

/* From here on at the link address. x20 device tree, x21 image (physical), x24 exception level. */
start_c:
    ldr     x2, =3f
    br      x2
3:  ldr     x0, =image_bss_start
    ldr     x1, =image_bss_end
4:  stp     xzr, xzr, [x0], #16
    cmp     x0, x1
    b.lo    4b
    isb
    ldr     x2, =boot_stack_top
    mov     sp, x2
    mov     x0, x20
    mov     x1, x21
    mov     x2, x24
    bl      boot_main

/* Level 0 entry x1 (clobbers x2) points to the table x0. */
start_table_link:
    orr     x2, x0, #DESC_TABLE
    str     x2, [x22, x1, lsl #3]
    ret

/* Drops the lines of [x0, x1) to the point of coherency, with all before and after ordered. */
start_cache_drop:
    dsb     sy
    mrs     x2, ctr_el0
    ubfx    x2, x2, #16, #4
    mov     x3, #4
    lsl     x3, x3, x2
    sub     x2, x3, #1
    bic     x0, x0, x2
6:  dc      ivac, x0
    add     x0, x0, x3
    cmp     x0, x1
    b.lo    6b
    dsb     sy
    ret

/*
 * A secondary CPU, from PSCI CPU_ON or a spin table: physical address, MMU off. What it needs is in
 * start_secondary_args (struct smp_start), and in the percpu structure that these name. If that is
 * another CPU's, this one waits for its turn: boards whose CPUs share one release address let all
 * of them come with the first. Its stack is read from there as well: the arguments may become
 * another's at any time.
 */
    .global start_secondary
start_secondary:
    mrs     x0, CurrentEL
    cmp     x0, #(2 << 2)
    b.ne    start_park
    msr     daifset, #0xf
    ldr     x2, =EL2_HCR_BOOT
    msr     hcr_el2, x2
    isb
    adrp    x1, early_tables
    mmu_on  el2, alle2, EL2_TCR, EL2_SCTLR
    ldr     x0, =7f
    br      x0
7:  ldr     x20, =start_secondary_args
    ldr     x0, [x20, #SMP_START_ROOT]
    msr     ttbr0_el2, x0
    isb
    tlbi    alle2
    dsb     nsh
    isb
    ldr     x0, =vectors
    msr     vbar_el2, x0
    mrs     x1, mpidr_el1
    ldr     x4, =0xff00ffffff
    and     x1, x1, x4
    b       9f
5:  wfe                             /* ends with smp.c's SEV for the next */
9:  ldr     x0, [x20, #SMP_START_PERCPU]
    ldp     x2, x3, [x0, #PERCPU_STACK]
    cmp     x1, x3
    b.ne    5b
    msr     tpidr_el2, x0
    mov     sp, x2
    bl      smp_secondary_main

    .global start_park
start_park:
    msr     daifset, #0xf
8:  wfi
    b       8b

    .balign 2048
start_park_vectors:
    .rept   16
    .balign 128
    b       start_park
    .endr

    .section .early, "aw", %nobits
    .balign 4096
    .global early_tables
early_tables:
    .space  EARLY_TABLES * 4096

    .section .bss.boot, "aw", %nobits
    .balign 4096
    .space  16384
    .global boot_stack_top
boot_stack_top:
