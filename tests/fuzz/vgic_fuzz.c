/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's accesses to its GIC's registers, v2 or v3, on vCPUs that are loaded, moved, interrupted
 * and acknowledge; on a GIC model that refuses what the architecture leaves UNPREDICTABLE.
 */
#include "tests/unit/vgic_model.h"

#include "tests/fuzz/fuzz.h"

#define STEPS_MAX 200u
#define VCPUS 3u
#define CPUS 2u
#define LINKED_SPI 40u

static struct fuzz_input *in;

/* Offsets where registers are, mostly; v3 has routers and frames further on. */
static uint64_t offset_pick(bool is_redist)
{
    uint64_t at = fuzz_u16(in) & 0xfff;

    if (is_redist)
        at |= (uint64_t)(fuzz_u8(in) & 1) << 16 | (uint64_t)fuzz_below(in, VCPUS + 1) << 17;
    else if (vgic.version == GIC_V3 && fuzz_rarely(in, 4))
        at = 0x6000 + fuzz_u16(in) % 0x2200;
    return fuzz_rarely(in, 16) ? fuzz_u32(in) : at & ~(fuzz_rarely(in, 4) ? 0ul : 3ul);
}

/* vCPUs that run execute a load again until it has its answer: once is enough when all look. */
static void serve(unsigned i);

static void step_access(void)
{
    unsigned i = fuzz_below(in, VCPUS);
    bool is_redist = vgic.version == GIC_V3 && fuzz_rarely(in, 3);
    struct vgic_access a = access_make(i, 0, 1u << fuzz_below(in, 4));

    if (!vcpu[i].loaded)
        return;
    fake_cpu_switch(vcpu[i].cpu);
    a.offset = offset_pick(is_redist);
    a.is_write = fuzz_u8(in) & 1;
    a.value = fuzz_rarely(in, 2) ? fuzz_u64(in) : 1ul << fuzz_below(in, 64);
    if (vgic.version == GIC_V3 && is_redist)
        vgic_v3_redist_access(&vgic, &a);
    else
        vgic_dist_access(&vgic, &a);
    take_access_kicks(&a);
    if (!a.retry)
        return;
    for (unsigned n = 0; n < VCPUS; n++)
        serve(n);
}

static void step_sgi(void)
{
    unsigned i = fuzz_below(in, VCPUS), op2 = 5 + fuzz_below(in, 3);
    uint64_t value;

    if (vgic.version == GIC_V2 || !vcpu[i].loaded)
        return;
    fake_cpu_switch(vcpu[i].cpu);
    value = fuzz_rarely(in, 2) ? fuzz_u64(in)
                               : (uint64_t)fuzz_below(in, 16) << 24 | fuzz_u16(in);
    vgic_v3_sgi(&vcpu[i], value, op2);
    take_kicks(vcpu[i].kick);
}

/* GICC_DIR, ICC_DIR_EL1; or EOImode is changed. */
static void step_deactivate(void)
{
    unsigned i = fuzz_below(in, VCPUS);
    struct vgic_cpu *kick;

    if (!vcpu[i].loaded)
        return;
    fake_cpu_switch(vcpu[i].cpu);
    if (fuzz_rarely(in, 4))
        model_here()->interface.vmcr ^= GIC_VMCR_EOIM;
    kick = vgic_deactivate(&vcpu[i], fuzz_rarely(in, 16) ? fuzz_u32(in) : fuzz_below(in, 128));
    if (kick)
        bitmap_set(kicked, kick->index);
}

/* What a kick makes a vCPU's CPU do; the maintenance interrupt, too. */
static void serve(unsigned i)
{
    if (!vcpu[i].loaded)
        return;
    flush(i);
    if (model_maintenance() && vgic_maintenance(&vcpu[i]))
        take_kicks(vcpu[i].kick);
}

static void step_serve(void) { serve(fuzz_below(in, VCPUS)); }

/* Loads a vCPU where none is, or takes one off. */
static void step_switch(void)
{
    unsigned i = fuzz_below(in, VCPUS), cpu = fuzz_below(in, CPUS);

    if (vcpu[i].loaded) {
        save(i);
        return;
    }
    for (unsigned n = 0; n < VCPUS; n++)
        if (vcpu[n].loaded && vcpu[n].cpu == cpu)
            return;
    load(i, cpu);
}

static unsigned intid_pick(void)
{
    return fuzz_rarely(in, 4) ? LINKED_SPI : fuzz_below(in, 128);
}

static void step_inject(void)
{
    struct vgic_cpu *c = &vcpu[fuzz_below(in, VCPUS)];
    unsigned intid = intid_pick();

    /* Links are only fired; PPIs of a vCPU that runs elsewhere are not the caller's. */
    if (intid == LINKED_SPI || intid == 27)
        return;
    if (intid < VGIC_SGIS || fuzz_u8(in) & 1) /* SGIs have no line */
        vgic_inject(&vgic, c, intid);
    else
        vgic_set_level(&vgic, c, intid, fuzz_u8(in) & 1);
}

/* A device, or the timer, raises its line; what interrupts is taken. */
static void step_physical(void)
{
    unsigned cpu = fuzz_below(in, CPUS), intid;
    struct vgic_cpu *c = NULL;

    fake_cpu_switch(cpu);
    model_line(model_pirq_at(fuzz_u8(in) & 1 ? 27 : LINKED_SPI), fuzz_u8(in) & 1);
    for (unsigned n = 0; n < VCPUS; n++)
        if (vcpu[n].loaded && vcpu[n].cpu == cpu)
            c = &vcpu[n];
    intid = model_take();
    if (intid == MODEL_NONE)
        return;
    if (intid == LINKED_SPI || c)
        vgic_physical_fired(&vgic, c, intid);
    else
        model_pirq_at(intid)->active = false;
}

/* The guest acknowledges what is most urgent, and ends something that is active. */
static void step_guest(void)
{
    unsigned i = fuzz_below(in, VCPUS);
    struct model_cpu *m;

    if (!vcpu[i].loaded)
        return;
    fake_cpu_switch(vcpu[i].cpu);
    m = model_here();
    if (fuzz_u8(in) & 1) {
        guest_ack();
        return;
    }
    for (unsigned n = 0; n < model_info.lrs; n++) {
        if (!m->lr[n].active)
            continue;
        guest_eoi(m->lr[n].virq);
        return;
    }
}

static void step_pending(void)
{
    unsigned i = fuzz_below(in, VCPUS);

    if (vcpu[i].loaded)
        fake_cpu_switch(vcpu[i].cpu);
    vgic_cpu_has_pending(&vcpu[i]);
}

static void check(void)
{
    fake_check(!fuzz_is_locked(&vgic.lock), "the vGIC's lock is held");
    for (unsigned i = 0; i < VCPUS; i++)
        fake_check(!fuzz_is_locked(&vcpu[i].lock), "the lock of vCPU %u is held", i);
}

static void up(enum gic_version version)
{
    memset(model_cpu, 0, sizeof(model_cpu));
    memset(model_spi, 0, sizeof(model_spi));
    memset(vcpu, 0, sizeof(vcpu));
    domain_make(version, CPUS, VCPUS);
    vgic_link_physical(&vgic, 27, 27);
    vgic_link_physical(&vgic, LINKED_SPI, LINKED_SPI);
    for (unsigned cpu = 0; cpu < CPUS; cpu++) {
        fake_cpu_switch(cpu);
        gic_irq_enable(27);
        load(cpu, cpu);
    }
}

static void down(void)
{
    for (unsigned i = 0; i < VCPUS; i++)
        if (vcpu[i].loaded)
            save(i);
    vgic_unlink_physical(&vgic, LINKED_SPI);
    domain_free();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const steps[])(void) = {
        step_access, step_access, step_access, step_access, step_sgi, step_serve, step_switch,
        step_inject, step_inject, step_physical, step_guest, step_guest, step_pending,
        step_deactivate,
    };
    struct fuzz_input input = fuzz_input(data, size);

    in = &input;
    up(fuzz_u8(in) & 1 ? GIC_V3 : GIC_V2);
    for (unsigned i = 0; i < STEPS_MAX && in->left; i++) {
        steps[fuzz_below(in, ARRAY_SIZE(steps))]();
        check();
    }
    down();
    return 0;
}
