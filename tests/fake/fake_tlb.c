/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage-2 walks (DDI 0487, VMSAv8-64, 4 KiB granule) and a TLB that never forgets by itself:
 * leaves by IPA, combined entries, and pointers to tables, each dropped only by the invalidation
 * that the architecture says drops it. Written without mm/pte.h, to be a second opinion.
 */
#include "core/base/hw.h"

#include <pthread.h>

#define ENTRIES_MAX FAKE_TLB_ENTRIES

enum entry_kind { ENTRY_LEAF, ENTRY_COMBINED, ENTRY_TABLE };

/* base, bytes: what it translates. pa: of base; for ENTRY_TABLE the next table's address. */
struct entry {
    bool is_valid;
    enum entry_kind kind;
    uint16_t vmid;
    unsigned level;
    uint64_t base, bytes, pa, descriptor;
};

static struct entry entries[ENTRIES_MAX];
static unsigned next_victim;
static pthread_mutex_t tlb_lock = PTHREAD_MUTEX_INITIALIZER;

bool (*fake_stage1)(gva_t va, bool write, ipa_t *out);

static uint16_t vmid_of(uint64_t vttbr) { return (uint16_t)(vttbr >> 48); }

static void entry_add(struct entry e)
{
    e.is_valid = true;
    for (unsigned i = 0; i < ENTRIES_MAX; i++) {
        if (!entries[i].is_valid) {
            entries[i] = e;
            return;
        }
    }
    entries[next_victim++ % ENTRIES_MAX] = e;
}

static const struct entry *entry_find(enum entry_kind kind, uint16_t vmid, unsigned level,
                                      uint64_t ipa)
{
    for (unsigned i = 0; i < ENTRIES_MAX; i++) {
        const struct entry *e = &entries[i];

        if (e->is_valid && e->kind == kind && e->vmid == vmid && ipa - e->base < e->bytes &&
            (kind != ENTRY_TABLE || e->level == level))
            return e;
    }
    return NULL;
}

struct walk {
    uint64_t vttbr, ipa, descriptor, pa, bytes;
    bool use_tlb;
};

/* VTCR_EL2.{T0SZ, SL0}, VTTBR_EL2.BADDR -> start level, root. False: out of the input range. */
static bool walk_start(const struct walk *w, uint64_t vtcr, unsigned *level, uint64_t *table)
{
    unsigned bits = 64 - (vtcr & 63), sl0 = (vtcr >> 6) & 3, shift, roots;

    fake_check(((vtcr >> 14) & 3) == 0, "VTCR_EL2.TG0: not 4 KiB");
    fake_check(sl0 < 3, "VTCR_EL2.SL0: %u", sl0);
    *level = 2 - sl0;
    shift = 12 + 9 * (3 - *level);
    fake_check(bits > shift && bits <= shift + 9 + 4,
               "VTCR_EL2: %u bits do not start at level %u", bits, *level);
    roots = bits > shift + 9 ? 1u << (bits - shift - 9) : 1;
    *table = w->vttbr & 0x0000fffffffffffeul;
    fake_check(*table % (roots * PAGE_SIZE) == 0,
               "VTTBR_EL2.BADDR: %#lx is not aligned for %u tables", *table, roots);
    return w->ipa >> bits == 0;
}

/* One level: the descriptor for w->ipa in the table, of the root's size at the start. */
static uint64_t descriptor_read(const struct walk *w, uint64_t table, unsigned level, bool is_root)
{
    unsigned shift = 12 + 9 * (3 - level);
    uint64_t index = w->ipa >> shift;

    if (!is_root)
        index &= 511;
    return __atomic_load_n((uint64_t *)fake_phys_to_virt(paddr(table + index * 8)),
                           __ATOMIC_RELAXED);
}

static bool walk_tables(struct walk *w, uint64_t vtcr)
{
    unsigned level, start;
    uint64_t table;

    if (!walk_start(w, vtcr, &start, &table))
        return false;
    for (level = start; level <= 3; level++) {
        uint64_t bytes = 1ul << (12 + 9 * (3 - level)), d;
        const struct entry *e = w->use_tlb
            ? entry_find(ENTRY_TABLE, vmid_of(w->vttbr), level, w->ipa) : NULL;

        d = e ? e->descriptor : descriptor_read(w, table, level, level == start);
        if ((d & 3) != 3 && ((d & 3) != 1 || level == 0 || level == 3))
            return false;
        if (level == 3 || (d & 3) == 1) {
            w->descriptor = d;
            w->bytes = bytes;
            w->pa = (d & 0x0000fffffffff000ul & ~(bytes - 1)) | (w->ipa & (bytes - 1));
            fake_check((d & 0x0000fffffffff000ul & (bytes - 1)) == 0,
                       "descriptor %#lx: output address not aligned to its block", d);
            return (d >> 10) & 1; /* AF */
        }
        table = d & 0x0000fffffffff000ul;
        if (w->use_tlb && !e)
            entry_add((struct entry){ .kind = ENTRY_TABLE, .vmid = vmid_of(w->vttbr),
                                      .level = level, .base = w->ipa & ~(bytes - 1),
                                      .bytes = bytes, .pa = table, .descriptor = d });
    }
    return false;
}

static enum fake_access permission(uint64_t descriptor, bool write)
{
    return (descriptor >> (write ? 7 : 6)) & 1 ? FAKE_ACCESS_OK : FAKE_ACCESS_PERMISSION;
}

enum fake_access fake_stage2_walk(uint64_t vttbr, uint64_t vtcr, ipa_t a, bool write, paddr_t *pa)
{
    struct walk w = { .vttbr = vttbr, .ipa = a.v };

    if (!walk_tables(&w, vtcr))
        return FAKE_ACCESS_TRANSLATION;
    if (pa)
        *pa = paddr(w.pa);
    return permission(w.descriptor, write);
}

static void leaf_add(const struct walk *w, enum entry_kind kind, uint64_t bytes)
{
    uint64_t base = w->ipa & ~(bytes - 1);

    entry_add((struct entry){ .kind = kind, .vmid = vmid_of(w->vttbr), .base = base,
                              .bytes = bytes, .pa = w->pa - (w->ipa - base),
                              .descriptor = w->descriptor });
}

enum fake_access fake_guest_access(uint64_t vttbr, uint64_t vtcr, ipa_t a, bool write, paddr_t *pa)
{
    struct walk w = { .vttbr = vttbr, .ipa = a.v, .use_tlb = true };
    enum fake_access result = FAKE_ACCESS_TRANSLATION;
    const struct entry *e;

    pthread_mutex_lock(&tlb_lock);
    e = entry_find(ENTRY_COMBINED, vmid_of(vttbr), 0, a.v);
    if (!e && (e = entry_find(ENTRY_LEAF, vmid_of(vttbr), 0, a.v)) == NULL) {
        if (walk_tables(&w, vtcr)) {
            leaf_add(&w, ENTRY_LEAF, w.bytes);
            leaf_add(&w, ENTRY_COMBINED, PAGE_SIZE);
            result = permission(w.descriptor, write);
        }
    } else {
        w.pa = e->pa + (a.v - e->base);
        result = permission(e->descriptor, write);
    }
    pthread_mutex_unlock(&tlb_lock);
    if (pa && result == FAKE_ACCESS_OK)
        *pa = paddr(w.pa);
    return result;
}

/* --- what must hold ------------------------------------------------------------------------- */
static void entry_check(const struct entry *e, uint64_t vttbr, uint64_t vtcr)
{
    struct walk w = { .vttbr = vttbr, .ipa = e->base };
    unsigned start;
    uint64_t table, d = 0;

    if (e->kind != ENTRY_TABLE) {
        fake_check(walk_tables(&w, vtcr), "stale TLB entry: %#lx -> %#lx (%#lx bytes), unmapped",
                   e->base, e->pa, e->bytes);
        fake_check(w.pa == e->pa && w.bytes >= e->bytes && w.descriptor == e->descriptor,
                   "stale TLB entry: %#lx -> %#lx, descriptor %#lx; the tables say %#lx, %#lx",
                   e->base, e->pa, e->descriptor, w.pa, w.descriptor);
        return;
    }
    if (walk_start(&w, vtcr, &start, &table)) {
        for (unsigned level = start; level <= e->level; level++) {
            d = descriptor_read(&w, table, level, level == start);
            table = d & 0x0000fffffffff000ul;
            if ((d & 3) != 3)
                break;
        }
    }
    fake_check(d == e->descriptor, "stale table pointer: %#lx, level %u -> %#lx; now %#lx",
               e->base, e->level, e->pa, d);
}

void fake_tlb_check(uint64_t vttbr, uint64_t vtcr)
{
    for (unsigned i = 0; i < ENTRIES_MAX; i++)
        if (entries[i].is_valid && entries[i].vmid == vmid_of(vttbr))
            entry_check(&entries[i], vttbr, vtcr);
}

bool fake_tlb_has(paddr_t pa)
{
    for (unsigned i = 0; i < ENTRIES_MAX; i++) {
        const struct entry *e = &entries[i];
        uint64_t bytes = e->kind == ENTRY_TABLE ? PAGE_SIZE : e->bytes;

        if (e->is_valid && pa.v - e->pa < bytes)
            return true;
    }
    return false;
}

void fake_tlb_for_each(void (*fn)(paddr_t pa, uint64_t bytes))
{
    for (unsigned i = 0; i < ENTRIES_MAX; i++)
        if (entries[i].is_valid)
            fn(paddr(entries[i].pa),
               entries[i].kind == ENTRY_TABLE ? PAGE_SIZE : entries[i].bytes);
}

unsigned fake_tlb_entries(void)
{
    unsigned n = 0;

    for (unsigned i = 0; i < ENTRIES_MAX; i++)
        n += entries[i].is_valid;
    return n;
}

/* --- invalidation --------------------------------------------------------------------------- */
/* IPAS2LE1IS: leaves by IPA; neither table pointers nor combined entries. */
void fake_tlbi_ipa(uint64_t vttbr, ipa_t a)
{
    fake_note(FAKE_EV_TLBI_IPA, vttbr, a.v);
    pthread_mutex_lock(&tlb_lock);
    for (unsigned i = 0; i < ENTRIES_MAX; i++)
        if (entries[i].kind == ENTRY_LEAF && entries[i].vmid == vmid_of(vttbr) &&
            a.v - entries[i].base < entries[i].bytes)
            entries[i].is_valid = false;
    pthread_mutex_unlock(&tlb_lock);
}

static void drop(bool any_vmid, uint16_t vmid, bool only_combined)
{
    pthread_mutex_lock(&tlb_lock);
    for (unsigned i = 0; i < ENTRIES_MAX; i++)
        if ((any_vmid || entries[i].vmid == vmid) &&
            (!only_combined || entries[i].kind == ENTRY_COMBINED))
            entries[i].is_valid = false;
    pthread_mutex_unlock(&tlb_lock);
}

void fake_tlbi_ipa_finish(uint64_t vttbr)
{
    fake_note(FAKE_EV_TLBI_IPA_FINISH, vttbr, 0);
    drop(false, vmid_of(vttbr), true);
}

void fake_tlbi_vmid(uint64_t vttbr)
{
    fake_note(FAKE_EV_TLBI_VMID, vttbr, 0);
    drop(false, vmid_of(vttbr), false);
}

void fake_tlbi_all_guests(void)
{
    fake_note(FAKE_EV_TLBI_ALL_GUESTS, 0, 0);
    drop(true, 0, false);
}

/* --- AT --------------------------------------------------------------------------------------- */
uint64_t fake_at(gva_t va, bool write)
{
    uint64_t vttbr = fake_sysreg_get(FAKE_VTTBR_EL2);
    ipa_t a = ipa(va.v);
    paddr_t pa = paddr(va.v);
    enum fake_access access = FAKE_ACCESS_OK;

    /* PAR_EL1 on a fault: F, FST (0b0001LL translation, 0b0011LL permission), PTW/S. */
    if (fake_stage1 && !fake_stage1(va, write, &a))
        return 1u | 7u << 1;
    if (vttbr)
        access = fake_guest_access(vttbr, fake_sysreg_get(FAKE_VTCR_EL2), a, write, &pa);
    else
        pa = paddr(a.v);
    if (access != FAKE_ACCESS_OK)
        return 1u | (access == FAKE_ACCESS_PERMISSION ? 15u : 7u) << 1 | 1u << 9;
    return 0xfful << 56 | (pa.v & 0x0000fffffffff000ul) | 1u << 11 | 3u << 7;
}
