/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inside the vGIC: register tables, and the functions for the registers that GICv2's distributor,
 * GICv3's distributor and its SGI frame have alike: so many bits per interrupt, from offset 0x080
 * to 0xcff (IHI 0048, IHI 0069).
 */
#ifndef IRQ_VGIC_REG_H
#define IRQ_VGIC_REG_H

#include "irq/vgic_irq.h"

/* b, i: the bank and the first interrupt in it that the access covers; NULL and 0 for registers
 * that are not per interrupt. A read puts its result in a->value. */
typedef void (*vgic_reg_fn)(struct vgic_access *a, struct vgic_bank *b, unsigned i);

/* 128 bytes of a frame; an interrupt's array may take several entries. NULL: RAZ, WI. Aligned: to
 * be found without a multiplication. */
struct __attribute__((aligned(32))) vgic_reg {
    uint16_t base;              /* offset of interrupt 0's register */
    uint8_t layout;             /* VGIC_REG_* */
    vgic_reg_fn fn[2];          /* read, write */
};
/* Bits per interrupt, as log2 of the interrupts in a byte. */
#define VGIC_REG_1BIT 3u
#define VGIC_REG_2BITS 2u
#define VGIC_REG_8BITS 0u
#define VGIC_REG_PLAIN 4u       /* not per interrupt */
#define VGIC_REG_BLOCK_SHIFT 7
#define VGIC_REG_BLOCKS (VGIC_DIST_FIRST_BYTES >> VGIC_REG_BLOCK_SHIFT)
extern const struct vgic_reg vgic_v2_dist[VGIC_REG_BLOCKS], vgic_v3_dist[VGIC_REG_BLOCKS];

/* Entries of a table that all three frames share. */
#define VGIC_REG_COMMON \
    [1] = { 0x080, VGIC_REG_1BIT, { vgic_reg_group_read, vgic_reg_group_write } }, \
    [2] = { 0x100, VGIC_REG_1BIT, { vgic_reg_enable_read, vgic_reg_enable_set } }, \
    [3] = { 0x180, VGIC_REG_1BIT, { vgic_reg_enable_read, vgic_reg_enable_clear } }, \
    [4] = { 0x200, VGIC_REG_1BIT, { vgic_reg_pending_read, vgic_reg_pending_set } }, \
    [5] = { 0x280, VGIC_REG_1BIT, { vgic_reg_pending_read, vgic_reg_pending_clear } }, \
    [6] = { 0x300, VGIC_REG_1BIT, { vgic_reg_active_read, vgic_reg_active_set } }, \
    [7] = { 0x380, VGIC_REG_1BIT, { vgic_reg_active_read, vgic_reg_active_clear } }, \
    [8 ... 15] = { 0x400, VGIC_REG_8BITS, { vgic_reg_priority_read, vgic_reg_priority_write } }, \
    [24 ... 25] = { 0xc00, VGIC_REG_2BITS, { vgic_reg_config_read, vgic_reg_config_write } }

/* What of GICv3's distributor is behind the table's. */
bool vgic_v3_dist_rest(struct vgic *v, struct vgic_access *a);
/* Access to a->offset, below VGIC_DIST_FIRST_BYTES. privates: bank of the interrupts below 32,
 * NULL: RAZ/WI; has_spis: the others are there. False: size or alignment. What is read may have
 * more bits set than were asked for. */
static ALWAYS_INLINE bool vgic_reg_access(const struct vgic_reg *table, struct vgic_access *a,
                                          struct vgic_bank *privates, bool has_spis)
{
    const struct vgic_reg *r = &table[a->offset >> VGIC_REG_BLOCK_SHIFT];
    vgic_reg_fn fn = r->fn[a->is_write];
    unsigned first = 0;

    if (a->size > 4 || (a->offset & (a->size - 1)))
        return false;
    if (!a->is_write)
        a->value = 0;
    if (!fn)
        return true;
    if (r->layout != VGIC_REG_PLAIN) {
        first = (unsigned)(a->offset - r->base) << r->layout;
        if (first >= VGIC_PRIVATE)
            privates = has_spis ? a->cpu->vgic->bank[first / 32] : NULL;
        if (!privates)
            return true;
    }
    fn(a, privates, first % 32);
    return true;
}
static inline void vgic_reg_kick(struct vgic_access *a, struct vgic_cpu *c)
{
    a->kick = vgic_kick_add(a->cpu, a->kick, c);
}
/* The part of a register's value v that the access reads. */
static inline void vgic_reg_result(struct vgic_access *a, uint64_t v)
{
    a->value = v >> (a->offset % 4 * 8);
}

/* The first words of a distributor: GICD_CTLR, bits 0 and 1; the others are read-only. */
void vgic_reg_ctlr_write(struct vgic_access *a, struct vgic_bank *b, unsigned i);
/* Pending state of n interrupts from i on, VGIC_STATE_* by irq; sets a->retry. */
void vgic_reg_states(struct vgic_access *a, struct vgic_irq *irq, unsigned n, uint32_t *states);

/* Identification (IHI 0048, IHI 0069: GICD_IIDR; JEP106 code of Arm, product 'P'). */
#define VGIC_REG_IIDR 0x5000043bu
/* Reads of the last 32 bytes of a frame: PIDR2, and the class in CIDR0-3. */
void vgic_reg_id_read(struct vgic_access *a, uint8_t pidr2);

void vgic_reg_group_read(struct vgic_access *a, struct vgic_bank *b, unsigned i);
void vgic_reg_group_write(struct vgic_access *a, struct vgic_bank *b, unsigned i);
void vgic_reg_enable_read(struct vgic_access *a, struct vgic_bank *b, unsigned i);
void vgic_reg_enable_set(struct vgic_access *a, struct vgic_bank *b, unsigned i);
void vgic_reg_enable_clear(struct vgic_access *a, struct vgic_bank *b, unsigned i);
void vgic_reg_pending_read(struct vgic_access *a, struct vgic_bank *b, unsigned i);
void vgic_reg_pending_set(struct vgic_access *a, struct vgic_bank *b, unsigned i);
void vgic_reg_pending_clear(struct vgic_access *a, struct vgic_bank *b, unsigned i);
void vgic_reg_active_read(struct vgic_access *a, struct vgic_bank *b, unsigned i);
void vgic_reg_active_set(struct vgic_access *a, struct vgic_bank *b, unsigned i);
void vgic_reg_active_clear(struct vgic_access *a, struct vgic_bank *b, unsigned i);
void vgic_reg_priority_read(struct vgic_access *a, struct vgic_bank *b, unsigned i);
void vgic_reg_priority_write(struct vgic_access *a, struct vgic_bank *b, unsigned i);
void vgic_reg_config_read(struct vgic_access *a, struct vgic_bank *b, unsigned i);
void vgic_reg_config_write(struct vgic_access *a, struct vgic_bank *b, unsigned i);

#endif
