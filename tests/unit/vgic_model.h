/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For the vGIC's tests: the physical GIC behind irq/gic.h as a model that refuses what the
 * architecture leaves UNPREDICTABLE, guests that acknowledge and end interrupts by their list
 * registers, and a domain's vGIC on it. Included once by a test program.
 */
#ifndef TESTS_UNIT_VGIC_MODEL_H
#define TESTS_UNIT_VGIC_MODEL_H

#include <stdlib.h>

#include "core/base/assert.h"
#include "core/base/bits.h"
#include "core/base/hw.h"
#include "irq/vgic_irq.h"
#include "irq/vgic_lr.h"

#include <cmocka.h>

#define MODEL_INTIDS 288u
#define MODEL_NONE 1023u

struct model_pirq {
    bool enabled, latched, line, active, edge;
    unsigned cpu;
};

struct model_cpu {
    struct gic_lr lr[GIC_LRS_MAX];
    struct model_pirq ppi[32];
    struct gic_vcpu_state interface;
    bool underflow;
    unsigned lr_reads, lr_writes, elrsr_reads;
};

static struct gic_info model_info = {
    .version = GIC_V2, .intids = MODEL_INTIDS, .lrs = 4, .priority_bits = 5
};
static struct model_cpu model_cpu[FAKE_CPUS_MAX];
static struct model_pirq model_spi[MODEL_INTIDS];
static unsigned model_allocations;

static struct model_cpu *model_here(void) { return &model_cpu[hw_percpu()->id]; }

static struct model_pirq *model_pirq_at(unsigned intid)
{
    fake_check(intid >= 16 && intid < MODEL_INTIDS, "physical INTID %u", intid);
    return intid < 32 ? &model_here()->ppi[intid] : &model_spi[intid];
}

/* --- memory ------------------------------------------------------------------------------- */

void *page_alloc_el2(size_t bytes)
{
    model_allocations++;
    return calloc(1, bytes);
}

void page_free_el2(void *va)
{
    model_allocations--;
    free(va);
}

/* --- irq/gic.h ---------------------------------------------------------------------------- */

const struct gic_info *gic_info(void) { return &model_info; }
void gic_irq_enable(unsigned intid) { model_pirq_at(intid)->enabled = true; }
void gic_irq_disable(unsigned intid) { model_pirq_at(intid)->enabled = false; }
void gic_irq_set_type(unsigned intid, bool edge) { model_pirq_at(intid)->edge = edge; }
void gic_irq_set_active(unsigned intid, bool active) { model_pirq_at(intid)->active = active; }
bool gic_irq_is_active(unsigned intid) { return model_pirq_at(intid)->active; }
void gic_irq_set_pending(unsigned intid, bool on) { model_pirq_at(intid)->latched = on; }

void gic_irq_set_target(unsigned intid, unsigned cpu)
{
    fake_check(intid >= 32 && cpu < cpu_count, "target of %u: CPU %u", intid, cpu);
    model_spi[intid].cpu = cpu;
}

bool gic_irq_is_pending(unsigned intid)
{
    const struct model_pirq *p = model_pirq_at(intid);

    return p->latched || (p->line && !p->edge);
}

static bool lr_is_valid(const struct gic_lr *lr) { return lr->pending || lr->active; }

void gic_lr_write(unsigned n, const struct gic_lr *lr)
{
    struct model_cpu *m = model_here();

    m->lr_writes++;
    fake_check(n < model_info.lrs && lr->virq < 1020, "LR %u, INTID %u", n, lr->virq);
    fake_check(lr_is_valid(lr), "LR %u written with nothing", n);
    fake_check(!lr_is_valid(&m->lr[n]) || m->lr[n].virq == lr->virq, "LR %u: %u lost to %u", n,
               m->lr[n].virq, lr->virq);
    fake_check(!lr->hw || !(lr->pending && lr->active), "LR %u: HW pending and active", n);
    fake_check(!lr->hw || (lr->pirq >= 16 && lr->pirq < MODEL_INTIDS), "LR %u: pirq", n);
    fake_check(!lr->hw || model_pirq_at(lr->pirq)->active, "LR %u: HW, %u inactive", n, lr->pirq);
    fake_check(!lr->hw || !lr->eoi_maintenance, "LR %u: HW and EOI", n);
    for (unsigned i = 0; i < model_info.lrs; i++)
        fake_check(i == n || !lr_is_valid(&m->lr[i]) || m->lr[i].virq != lr->virq,
                   "INTID %u in LR %u and %u", lr->virq, i, n);
    m->lr[n] = *lr;
}

uint64_t gic_lr_encode(const struct gic_lr *lr)
{
    return (uint64_t)lr->pending << 63 | (uint64_t)lr->active << 62 | (uint64_t)lr->hw << 61 |
           (uint64_t)lr->group1 << 60 | (uint64_t)lr->eoi_maintenance << 59 |
           (uint64_t)lr->priority << 48 | (uint64_t)lr->pirq << 16 | lr->virq;
}

void gic_lr_write_raw(unsigned n, uint64_t raw)
{
    struct gic_lr lr = {
        .virq = raw & 0xffff, .pirq = (raw >> 16) & 0xffff, .priority = (uint8_t)(raw >> 48),
        .pending = raw >> 63, .active = (raw >> 62) & 1, .hw = (raw >> 61) & 1,
        .group1 = (raw >> 60) & 1, .eoi_maintenance = (raw >> 59) & 1,
    };

    gic_lr_write(n, &lr);
}

uint64_t gic_lr_read_raw(unsigned n)
{
    struct gic_lr lr = gic_lr_read(n);

    return gic_lr_encode(&lr);
}

bool gic_lr_refill(unsigned n, uint64_t raw)
{
    if (gic_lr_read_raw(n) >> 62)
        return false;
    gic_lr_write_raw(n, raw);
    return true;
}

void gic_deactivate(uint32_t iar) { model_pirq_at(iar)->active = false; }

void gic_lr_clear(unsigned n) { model_here()->lr[n] = (struct gic_lr){ 0 }; }

struct gic_lr gic_lr_read(unsigned n)
{
    model_here()->lr_reads++;
    fake_check(n < model_info.lrs, "LR %u", n);
    return model_here()->lr[n];
}

uint64_t gic_lr_empty_mask(void)
{
    struct model_cpu *m = model_here();
    uint64_t mask = 0;

    m->elrsr_reads++;
    for (unsigned n = 0; n < model_info.lrs; n++)
        if (!lr_is_valid(&m->lr[n]) && (m->lr[n].hw || !m->lr[n].eoi_maintenance))
            mask |= BIT(n);
    return mask;
}

void gic_set_underflow_irq(bool on) { model_here()->underflow = on; }

void gic_vcpu_save(struct gic_vcpu_state *s) { *s = model_here()->interface; }
void gic_vcpu_restore(const struct gic_vcpu_state *s) { model_here()->interface = *s; }

/* After vgic_save() on this CPU: nothing of the vCPU's is left. */
static void model_check_saved(void)
{
    fake_check(!model_here()->underflow, "underflow left on");
    for (unsigned n = 0; n < model_info.lrs; n++) {
        fake_check(!lr_is_valid(&model_here()->lr[n]), "LR %u left behind", n);
        model_here()->lr[n] = (struct gic_lr){ 0 };
    }
    for (unsigned i = 16; i < 32; i++)
        fake_check(!model_here()->ppi[i].active, "PPI %u left active", i);
}

/* --- the guest's CPU interface -------------------------------------------------------------- */

/* Acknowledges the most urgent pending interrupt on this CPU: its INTID, and the LR's source in
 * *source (may be NULL). MODEL_NONE: none. */
static unsigned guest_ack_source(unsigned *source)
{
    struct model_cpu *m = model_here();
    struct gic_lr *best = NULL;

    for (unsigned n = 0; n < model_info.lrs; n++) {
        struct gic_lr *lr = &m->lr[n];

        if (lr->pending && !lr->active && (!best || lr->priority < best->priority))
            best = lr;
    }
    if (!best)
        return MODEL_NONE;
    best->pending = false;
    best->active = true;
    if (source)
        *source = best->pirq;
    return best->virq;
}

static unsigned guest_ack(void) { return guest_ack_source(NULL); }

static void guest_eoi(unsigned intid)
{
    struct model_cpu *m = model_here();

    for (unsigned n = 0; n < model_info.lrs; n++) {
        struct gic_lr *lr = &m->lr[n];

        if (lr->virq != intid || !lr->active)
            continue;
        lr->active = false;
        if (lr->hw)
            model_pirq_at(lr->pirq)->active = false;
        return;
    }
    fake_fail("EOI of %u, which is in no list register of CPU %u", intid, hw_percpu()->id);
}

/* Is the maintenance interrupt asserted on this CPU? */
static bool model_maintenance(void)
{
    struct model_cpu *m = model_here();
    unsigned valid = 0;
    bool eoi = false;

    for (unsigned n = 0; n < model_info.lrs; n++) {
        valid += lr_is_valid(&m->lr[n]);
        eoi |= !lr_is_valid(&m->lr[n]) && !m->lr[n].hw && m->lr[n].eoi_maintenance;
    }
    return eoi || (m->underflow && valid <= 1);
}

/* --- physical interrupts -------------------------------------------------------------------- */

/* The physical interrupt that this CPU would take, acknowledged (active); MODEL_NONE: none. */
static unsigned model_take(void)
{
    for (unsigned i = 16; i < MODEL_INTIDS; i++) {
        struct model_pirq *p = model_pirq_at(i);

        if (!p->enabled || p->active || !(p->latched || (p->line && !p->edge)))
            continue;
        if (i >= 32 && p->cpu != hw_percpu()->id)
            continue;
        p->latched = false;
        p->active = true;
        return i;
    }
    return MODEL_NONE;
}

/* A device's line. */
static void model_line(struct model_pirq *p, bool level)
{
    p->latched |= level && !p->line && p->edge;
    p->line = level;
}

/* --- a domain -------------------------------------------------------------------------------- */

static struct vgic vgic;
static struct vgic_cpu vcpu[VGIC_VCPUS_MAX_V3];
static uint64_t kicked[2];

static void domain_make(enum gic_version version, unsigned cpus, unsigned vcpus)
{
    fake_machine_init(cpus);
    model_info.version = version;
    assert_int_equal(vgic_init(&vgic, version, 64, vcpus), 0);
    for (unsigned i = 0; i < vcpus; i++)
        assert_int_equal(vgic_cpu_init(&vgic, &vcpu[i], i), 0);
}

static void domain_free(void)
{
    for (unsigned i = 0; i < vgic.vcpus; i++)
        if (vgic.cpu[i])
            vgic_cpu_destroy(&vcpu[i]);
    vgic_destroy(&vgic);
    assert_int_equal(model_allocations, 0);
}

/* vCPU i on CPU `cpu`; this thread goes on there. */
static void load(unsigned i, unsigned cpu)
{
    fake_cpu_switch(cpu);
    vgic_load(&vcpu[i], cpu);
}

static void take_kicks(uint64_t from[2])
{
    kicked[0] |= from[0];
    kicked[1] |= from[1];
    from[0] = from[1] = 0;
}

static void take_access_kicks(const struct vgic_access *a)
{
    if (a->kick)
        bitmap_set(kicked, a->kick->index);
    take_kicks(a->cpu->kick);
}

static void save(unsigned i)
{
    fake_cpu_switch(vcpu[i].cpu);
    if (vgic_save(&vcpu[i]))
        take_kicks(vcpu[i].kick);
    model_check_saved();
}

static void flush(unsigned i)
{
    fake_cpu_switch(vcpu[i].cpu);
    if (vgic_flush(&vcpu[i]))
        take_kicks(vcpu[i].kick);
}

static struct vgic_access access_make(unsigned i, uint64_t offset, unsigned size)
{
    return (struct vgic_access){ .cpu = &vcpu[i], .offset = offset, .size = size };
}

typedef bool (*access_fn)(struct vgic *v, struct vgic_access *a);

static void dist_write(unsigned i, uint64_t offset, unsigned size, uint64_t value)
{
    struct vgic_access a = access_make(i, offset, size);

    a.is_write = true;
    a.value = value;
    do { /* the guest executes it again */
        a.kick = NULL;
        a.retry = false;
        assert_true(vgic_dist_access(&vgic, &a));
        take_access_kicks(&a);
    } while (a.retry);
}

static bool dist_retried;

static uint64_t dist_read(unsigned i, uint64_t offset, unsigned size)
{
    struct vgic_access a = access_make(i, offset, size);

    assert_true(vgic_dist_access(&vgic, &a));
    take_access_kicks(&a);
    dist_retried = a.retry;
    return size < 8 ? a.value & (BIT(size * 8) - 1) : a.value;
}

/* Distributor on, interrupt on, as a guest's driver does it. */
static inline void guest_enable(unsigned i, unsigned intid)
{
    dist_write(i, 0x000, 4, 3);
    dist_write(i, 0x100 + intid / 32 * 4, 4, 1u << (intid % 32));
}

static inline void unused_helpers(void)
{
    (void)guest_ack;
    (void)guest_eoi;
    (void)model_maintenance;
    (void)model_take;
    (void)model_line;
    (void)domain_make;
    (void)domain_free;
    (void)load;
    (void)save;
    (void)flush;
    (void)dist_read;
}

#endif
