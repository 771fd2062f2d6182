/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage-2 data aborts: emulated register frames, found by guest address; everything else is an
 * external abort to the guest, as on a bus with nothing there.
 */
#include "core/base/bits.h"
#include "core/base/log.h"
#include "core/base/sysreg_bits.h"
#include "core/domain.h"
#include "core/trap.h"

/* True when the frame at [base, base + bytes) holds the access. */
static bool mmio_hits(uint64_t at, uint64_t base, uint64_t bytes)
{
    return at - base < bytes;
}

static bool mmio_emulate(struct vcpu *v, uint64_t at, struct vgic_access *a)
{
    struct domain *d = v->domain;
    bool ok = false;

    if (mmio_hits(at, d->gicd.base, d->gicd.bytes)) {
        a->offset = at - d->gicd.base;
        ok = d->vgic.version == GIC_V2 ? vgic_v2_dist_access(&d->vgic, a)
                                       : vgic_v3_dist_access(&d->vgic, a);
    } else if (mmio_hits(at, d->gicr.base, d->gicr.bytes)) {
        a->offset = at - d->gicr.base;
        ok = vgic_v3_redist_access(&d->vgic, a);
    } else if (d->vpl011.ring && mmio_hits(at, GUEST_PL011_BASE, GUEST_PL011_SIZE)) {
        a->offset = at - GUEST_PL011_BASE;
        return vpl011_access(d, a);
    }
    if (unlikely(a->kick)) {
        vcpu_kick_vgic(a->kick);
        vcpu_kick_others(v);
    }
    return ok;
}

/* A load's result in the register: width of the access, sign (SSE), width of the register (SF). */
static uint64_t mmio_extend(uint64_t value, uint64_t esr)
{
    unsigned above = 64 - (8u << DABT_SAS(esr));

    value <<= above;
    value = esr & DABT_SSE ? (uint64_t)((int64_t)value >> above) : value >> above;
    return esr & DABT_SF ? value : (uint32_t)value;
}

bool mmio_is_mapped_now(struct vcpu *v, uint64_t esr, uint64_t at, uint32_t prot)
{
    struct stage2_leaf leaf;

    return FSC_TYPE(ABT_FSC(esr)) == FSC_TRANSLATION &&
           stage2_lookup(&v->domain->s2, ipa(at), &leaf) && (leaf.prot & prot) == prot;
}

static void mmio_refuse(struct vcpu *v, uint64_t esr, uint64_t at)
{
    if (mmio_is_mapped_now(v, esr, at, esr & DABT_WNR ? STAGE2_W : STAGE2_R))
        return;
    log_guest("d%uv%u: %s of nothing at IPA %lx, PC %lx ESR %lx\n", v->domain->id, v->id,
              esr & DABT_WNR ? "write" : "read", at, hw_sysreg_read(ELR_EL2), esr);
    vcpu_inject_abort(esr);
}

bool mmio_abort(struct vcpu *v, uint64_t esr)
{
    uint64_t at = trap_fault_ipa().v;
    unsigned reg = DABT_SRT(esr);
    struct vgic_access a = {
        .cpu = &v->vgic,
        .size = 1u << DABT_SAS(esr),
        .is_write = esr & DABT_WNR,
        .value = v->x[reg],
    };

    /* Permission faults are read-only mappings (grants): the abort is the guest's own. */
    if (unlikely(!(esr & DABT_ISV) || FSC_TYPE(ABT_FSC(esr)) != FSC_TRANSLATION ||
                 !mmio_emulate(v, at, &a))) {
        mmio_refuse(v, esr, at);
        return false;
    }
    if (unlikely(a.retry))
        return false; /* another CPU has been asked: the load is executed again */
    vcpu_skip_instruction();
    return !a.is_write && trap_result(v, reg, mmio_extend(a.value, esr));
}
