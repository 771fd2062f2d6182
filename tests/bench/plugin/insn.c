/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/bench/plugin/insn.h"

#include <stdbool.h>

#define SYSTEM_MASK 0xffc00000u
#define SYSTEM 0xd5000000u

const char *const insn_kind_names[INSN_KIND_COUNT] = {
#define INSN_NAME(name) #name,
    INSN_KINDS(INSN_NAME)
#undef INSN_NAME
};

static unsigned bits(uint32_t code, unsigned high, unsigned low)
{
    return code >> low & ((1u << (high - low + 1)) - 1);
}

static enum insn_kind memory_kind(uint32_t code)
{
    bool is_literal = (code & 0x3b000000) == 0x18000000;
    bool is_register = (code & 0x3a000000) == 0x38000000;

    if ((code & 0x3f000000) == 0x08000000)
        return INSN_atomic;             /* exclusive, acquire, release */
    if ((code & 0x3b200c00) == 0x38200000)
        return INSN_atomic;             /* LSE */
    if (is_literal)
        return INSN_load;
    if (is_register)
        return bits(code, 23, 22) ? INSN_load : INSN_store;
    return bits(code, 22, 22) ? INSN_load : INSN_store;
}

/* ICH_*: op1 4, CRn 12, CRm 8 to 15. */
static bool is_ich(uint32_t code)
{
    return bits(code, 18, 16) == 4 && bits(code, 15, 12) == 12 && bits(code, 11, 8) >= 8;
}

static enum insn_kind system_kind(uint32_t code)
{
    unsigned op0 = bits(code, 20, 19), crn = bits(code, 15, 12), crm = bits(code, 11, 8);
    bool is_read = bits(code, 21, 21);

    if (op0 >= 2 && is_ich(code))
        return is_read ? INSN_ich_read : INSN_ich_write;
    if (op0 >= 2)
        return is_read ? INSN_mrs : INSN_msr;
    if (op0 == 1) {
        if (crn == 8)
            return INSN_tlbi;
        return crn == 7 && crm == 8 ? INSN_at : INSN_cache;
    }
    if (crn == 4)
        return INSN_msr;                /* immediate: PSTATE fields */
    if (crn == 3) {
        switch (bits(code, 7, 5)) {
        case 4: return INSN_dsb;
        case 5: return INSN_dmb;
        case 6: return INSN_isb;
        default: return INSN_other;
        }
    }
    if (code == 0xd503205f || code == 0xd503207f)
        return INSN_wait;
    return INSN_hint;
}

enum insn_kind insn_kind(uint32_t code)
{
    if ((code & SYSTEM_MASK) == SYSTEM)
        return system_kind(code);
    if (code == 0xd69f03e0)
        return INSN_eret;
    if ((code & 0x0a000000) == 0x08000000)
        return memory_kind(code);
    return INSN_other;
}

int insn_hint(uint32_t code)
{
    return (code & 0xfffff01f) == 0xd503201f ? (int)bits(code, 11, 5) : -1;
}
