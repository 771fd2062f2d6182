/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage-2 data aborts: emulated register frames, found by guest address; everything else is an
 * external abort to the guest, as on a bus with nothing there.
 */
#include "core/base/log.h"
#include "core/domain.h"
#include "core/trap.h"

/* To decode a store of a word to an address that is not mapped. */
#define DABT_KIND (DABT_ISV | BIT(23) | BIT(22) | DABT_WNR | FSC_TYPE(~0ul))
#define DABT_WORD_WRITTEN (DABT_ISV | BIT(23) | DABT_WNR | FSC_TRANSLATION)

/* Not the first page of the distributor, where GICv2 has all of it. */
static bool mmio_elsewhere(struct domain *d, uint64_t at, struct vgic_access *a)
{
    a->offset = at - d->gicc_or_gicr.base;
    if (a->offset < d->gicc_or_gicr.bytes)
        return d->vgic.version == GIC_V3 ? vgic_v3_redist_access(&d->vgic, a)
                                         : vgic_v2_interface_access(a);
    a->offset = at - d->gicd.base;
    if (a->offset < d->gicd.bytes)
        return vgic_dist_access(&d->vgic, a);
    if (!d->vpl011.ring)
        return false;
    a->offset = at - GUEST_PL011_BASE;
    return a->offset < GUEST_PL011_SIZE && vpl011_access(d, a);
}

/* A load's result in the register: width of the access, sign (SSE), width of the register (SF). */
static uint64_t mmio_extend(uint64_t value, uint64_t esr)
{
    unsigned above = -(8u << DABT_SAS(esr)) & 63;

    value <<= above;
    if (likely(!(esr & DABT_SSE)))
        return value >> above;
    value = (uint64_t)((int64_t)value >> above);
    return esr & DABT_SF ? value : (uint32_t)value;
}

bool mmio_is_mapped_now(struct vcpu *v, uint64_t esr, uint64_t at, uint32_t prot)
{
    struct stage2_leaf leaf;

    return FSC_TYPE(ABT_FSC(esr)) == FSC_TRANSLATION &&
           stage2_lookup(&v->domain->s2, ipa(at), &leaf) && (leaf.prot & prot) == prot;
}

static inline void mmio_kick(struct vcpu *v, struct vgic_cpu *c)
{
    if (likely(!c))
        return;
    vcpu_kick_vgic(c);
    vcpu_kick_others(v);
}

/* A word written to a GICv2's GICD_SGIR: what its guests do most. */
static NOINLINE bool mmio_sgi(struct vcpu *v, uint64_t esr)
{
    mmio_kick(v, vgic_v2_sgi(&v->vgic, v->x[DABT_SRT(esr)]));
    vcpu_skip_instruction();
    return false;
}

bool mmio_abort(struct vcpu *v, uint64_t esr)
{
    struct domain *d = v->domain;
    uint64_t page = hw_sysreg_read(HPFAR_EL2) & HPFAR_FIPA, reg = DABT_SRT(esr);
    uint64_t in_page = hw_sysreg_read(FAR_EL2) & (PAGE_SIZE - 1);
    struct vgic_access a;

    if (in_page == VGIC_V2_SGIR && (esr & DABT_KIND) == DABT_WORD_WRITTEN && v->vgic.in_dist &&
        page == d->gicd.base >> HPFAR_SHIFT)
        return mmio_sgi(v, esr);
    a = (struct vgic_access){
        .cpu = &v->vgic, .offset = in_page, .size = 1u << DABT_SAS(esr),
        .is_write = esr & DABT_WNR, .value = v->x[reg],
    };
    /* Permission faults are read-only mappings (grants): the abort is the guest's own. */
    if (unlikely(!(esr & DABT_ISV) || FSC_TYPE(ABT_FSC(esr)) != FSC_TRANSLATION ||
                 !(likely(page == d->gicd.base >> HPFAR_SHIFT) ? vgic_dist_first(&a) :
                   mmio_elsewhere(d, page << HPFAR_SHIFT | in_page, &a)))) {
        uint64_t at = trap_fault_ipa().v;

        if (mmio_is_mapped_now(v, esr, at, esr & DABT_WNR ? STAGE2_W : STAGE2_R))
            return false;
        log_guest("d%uv%u: data abort: IPA %lx PC %lx ESR %lx\n", d->id, v->id, at,
                  hw_sysreg_read(ELR_EL2), esr);
        vcpu_inject_abort(esr);
        return false;
    }
    mmio_kick(v, a.kick);
    if (unlikely(a.retry)) {
        hw_yield(); /* another CPU has been asked: the load is executed again */
        return false;
    }
    vcpu_skip_instruction();
    return !a.is_write && trap_result(v, reg, mmio_extend(a.value, esr));
}
