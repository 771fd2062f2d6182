/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the counting plugin takes instructions for; encodings as the assembler makes them.
 */
#include "tests/bench/plugin/insn.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void an_instruction_is_of_its_kind(void **state)
{
    static const struct { uint32_t code; enum insn_kind kind; } expected[] = {
        { 0xa94007e0, INSN_load },      /* ldp x0, x1, [sp] */
        { 0xa9bf07e0, INSN_store },     /* stp x0, x1, [sp, #-16]! */
        { 0xf9400020, INSN_load },      /* ldr x0, [x1] */
        { 0xb8227820, INSN_store },     /* str w0, [x1, x2, lsl #2] */
        { 0x38401420, INSN_load },      /* ldrb w0, [x1], #1 */
        { 0x79000420, INSN_store },     /* strh w0, [x1, #2] */
        { 0x58000000, INSN_load },      /* ldr x0, . */
        { 0x885f7c20, INSN_atomic },    /* ldxr w0, [x1] */
        { 0xc89ffc20, INSN_atomic },    /* stlr x0, [x1] */
        { 0xd53c5200, INSN_mrs },       /* mrs x0, esr_el2 */
        { 0xd51c4020, INSN_msr },       /* msr elr_el2, x0 */
        { 0xd50342df, INSN_msr },       /* msr daifset, #2 */
        { 0xd53ccb00, INSN_ich_read },  /* mrs x0, ich_hcr_el2 */
        { 0xd51ccc00, INSN_ich_write }, /* msr ich_lr0_el2, x0 */
        { 0xd5033fdf, INSN_isb },
        { 0xd5033b9f, INSN_dsb },       /* dsb ish */
        { 0xd5033abf, INSN_dmb },       /* dmb ishst */
        { 0xd50c8020, INSN_tlbi },      /* tlbi ipas2e1is, x0 */
        { 0xd508871f, INSN_tlbi },      /* tlbi vmalle1 */
        { 0xd50b7420, INSN_cache },     /* dc zva, x0 */
        { 0xd50c7880, INSN_at },        /* at s12e1r, x0 */
        { 0xd503207f, INSN_wait },      /* wfi */
        { 0xd69f03e0, INSN_eret },
        { 0xd503203f, INSN_hint },      /* yield */
        { 0x8b020020, INSN_other },     /* add x0, x1, x2 */
        { 0xb4000000, INSN_other },     /* cbz x0, . */
        { 0xd4000002, INSN_other },     /* hvc #0 */
        { 0xd65f03c0, INSN_other },     /* ret */
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        if (insn_kind(expected[i].code) != expected[i].kind)
            fail_msg("%08x is taken for %s", expected[i].code,
                     insn_kind_names[insn_kind(expected[i].code)]);
}

static void a_mark_is_a_hint_with_its_number(void **state)
{
    (void)state;
    assert_int_equal(insn_hint(0xd5032c1f), 0x60);
    assert_int_equal(insn_hint(0xd503203f), 1);
    assert_int_equal(insn_hint(0xd5033fdf), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instruction_is_of_its_kind),
        cmocka_unit_test(a_mark_is_a_hint_with_its_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
