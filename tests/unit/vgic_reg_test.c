/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers with some bits per interrupt; then everything at random: registers of both versions,
 * devices, timers, switches, guests that acknowledge and end, against the model that refuses what
 * hardware leaves UNPREDICTABLE, and against the vGIC's invariants.
 */
#include "tests/unit/vgic_model.h"

static void set_up(void)
{
    domain_make(GIC_V2, 2, 2);
    load(0, 0);
    dist_write(0, 0x000, 4, 3);
}

static void tear_down(void)
{
    save(0);
    domain_free();
}

static void enable_bits_are_set_and_cleared_by_ones(void **state)
{
    (void)state;
    set_up();
    dist_write(0, 0x104, 4, 0x0000ff0f);
    dist_write(0, 0x184, 4, 0x00000f01);
    assert_int_equal(dist_read(0, 0x104, 4), 0x0000f00e);
    assert_int_equal(dist_read(0, 0x184, 4), 0x0000f00e);
    dist_write(0, 0x107, 1, 0x80);
    assert_int_equal(dist_read(0, 0x106, 2), 0x8000);
    assert_int_equal(dist_read(0, 0x105, 1), 0xf0);
    tear_down();
}

static void groups_are_written_whole(void **state)
{
    (void)state;
    set_up();
    dist_write(0, 0x084, 4, 0xffff0000);
    dist_write(0, 0x084, 1, 0x0f);
    assert_int_equal(dist_read(0, 0x084, 4), 0xffff000f);
    dist_write(0, 0x087, 1, 0x00);
    assert_int_equal(dist_read(0, 0x084, 4), 0x00ff000f);
    tear_down();
}

static void a_group_change_decides_who_is_enabled(void **state)
{
    (void)state;
    set_up();
    dist_write(0, 0x000, 4, 1);
    dist_write(0, 0x084, 4, 1u << 8);
    dist_write(0, 0x104, 4, 1u << 8);
    vgic_inject(&vgic, NULL, 40);
    assert_int_equal(guest_ack(), MODEL_NONE);
    dist_write(0, 0x084, 4, 0);
    assert_int_equal(guest_ack(), 40);
    tear_down();
}

static void priorities_keep_the_implemented_bits(void **state)
{
    (void)state;
    set_up();
    dist_write(0, 0x428, 4, 0xff07a59f);
    assert_int_equal(dist_read(0, 0x428, 4), 0xf800a098);
    dist_write(0, 0x429, 1, 0x10);
    assert_int_equal(dist_read(0, 0x428, 4), 0xf8001098);
    assert_int_equal(dist_read(0, 0x42a, 2), 0xf800);
    tear_down();
}

static void sgis_are_edges_ppis_levels_spis_what_is_written(void **state)
{
    (void)state;
    set_up();
    dist_write(0, 0xc00, 4, 0);
    dist_write(0, 0xc04, 4, ~0u);
    dist_write(0, 0xc08, 4, 0x80000003);
    assert_int_equal(dist_read(0, 0xc00, 4), 0xaaaaaaaa);
    assert_int_equal(dist_read(0, 0xc04, 4), 0);
    assert_int_equal(dist_read(0, 0xc08, 4), 0x80000002);
    tear_down();
}

static void pending_is_set_and_cleared(void **state)
{
    (void)state;
    set_up();
    dist_write(0, 0x204, 4, 0x300);
    assert_int_equal(dist_read(0, 0x284, 4), 0x300);
    dist_write(0, 0x284, 4, 0x100);
    assert_int_equal(dist_read(0, 0x204, 4), 0x200);
    assert_int_equal(guest_ack(), MODEL_NONE);
    dist_write(0, 0x104, 4, 0x300);
    assert_int_equal(guest_ack(), 41);
    assert_int_equal(dist_read(0, 0x204, 4), 0);
    tear_down();
}

static void turning_the_distributor_off_takes_back_and_on_gives(void **state)
{
    (void)state;
    set_up();
    dist_write(0, 0x104, 4, 0x100);
    dist_write(0, 0x204, 4, 0x100);
    dist_write(0, 0x000, 4, 0);
    assert_int_equal(guest_ack(), MODEL_NONE);
    dist_write(0, 0x000, 4, 3);
    assert_int_equal(guest_ack(), 40);
    tear_down();
}

/* One execution of a write of GICD_CTLR by vCPU c; true: it is to be made again. */
static bool ctlr_step(struct vgic *v, struct vgic_cpu *c, uint64_t value)
{
    struct vgic_access a = { .cpu = c, .offset = 0, .size = 4, .is_write = true, .value = value };

    assert_true(vgic_dist_access(v, &a));
    return a.retry;
}

static uint64_t ctlr_read(struct vgic *v, struct vgic_cpu *c)
{
    struct vgic_access a = { .cpu = c, .offset = 0, .size = 4 };

    assert_true(vgic_dist_access(v, &a));
    return a.value;
}

/* With 128 vCPUs everything at once took 400,000 instructions in one stay at EL2. */
static void the_distributor_is_turned_on_a_bank_at_a_time(void **state)
{
    static struct vgic_cpu c[3];
    struct vgic v;
    unsigned steps = 1;

    (void)state;
    fake_machine_init(1);
    assert_int_equal(vgic_init(&v, GIC_V3, 64, 3), 0);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(vgic_cpu_init(&v, &c[i], i), 0);
    while (ctlr_step(&v, &c[0], 2)) {
        assert_true(ctlr_read(&v, &c[1]) & BIT(31)); /* RWP */
        steps++;
    }
    assert_int_equal(steps, 3 + 2);
    assert_int_equal(ctlr_read(&v, &c[1]) & (BIT(31) | 3), 2);
    for (unsigned i = 0; i < 3; i++)
        assert_true(c[i].privates->irq[3].is_on);
    assert_false(ctlr_step(&v, &c[0], 2));
    /* What another one writes in between is not taken back by who only goes on. */
    assert_true(ctlr_step(&v, &c[0], 0));
    while (ctlr_step(&v, &c[1], 2))
        ;
    while (ctlr_step(&v, &c[0], 0))
        ;
    assert_int_equal(ctlr_read(&v, &c[1]) & 3, 2);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(c[i].privates->irq[3].is_on);
        vgic_cpu_destroy(&c[i]);
    }
    vgic_destroy(&v);
}

static void special_intids_are_not_interrupts(void **state)
{
    struct vgic v;
    struct vgic_cpu c;
    struct vgic_access a;

    (void)state;
    fake_machine_init(1);
    assert_int_equal(vgic_init(&v, GIC_V2, 988, 1), 0);
    assert_int_equal(vgic_cpu_init(&v, &c, 0), 0);
    a = (struct vgic_access){ .cpu = &c, .offset = 0x17c, .size = 4 };
    a.is_write = true;
    a.value = ~0u;
    assert_true(vgic_dist_access(&v, &a));
    a.is_write = false;
    assert_true(vgic_dist_access(&v, &a));
    assert_int_equal(a.value, 0x0fffffff);
    vgic_cpu_destroy(&c);
    vgic_destroy(&v);
}

/* --- at random ---------------------------------------------------------------------------- */

#define CPUS 3u
#define VCPUS 5u
#define LINKED_FIRST 40u /* virtual 40..47 are physical 100..107 */
#define LINKED 8u
#define PIRQ_FIRST 100u

static uint64_t random_state;
static int loaded_on[CPUS];       /* vCPU, -1: none */
static bool timer_line[VCPUS];
static unsigned delivered;

static unsigned rnd(unsigned n)
{
    random_state = random_state * 6364136223846793005ul + 1442695040888963407ul;
    return (unsigned)(random_state >> 33) % n;
}

static void check_vcpu(unsigned i)
{
    struct vgic_cpu *c = &vcpu[i];

    fake_check(c->loaded || !c->lr_used, "vCPU %u: list registers, not loaded", i);
    for (unsigned n = 0; n < model_info.lrs; n++) {
        bool used = c->lr_used & BIT(n);
        const struct vgic_irq *irq = c->lr_irq[n];

        fake_check(used == !!irq, "vCPU %u: LR %u used without owner", i, n);
        fake_check(!irq || (irq->lr == (int)n && irq->home == c), "vCPU %u: LR %u", i, n);
        if (c->loaded && lr_is_valid(&model_cpu[c->cpu].lr[n]))
            fake_check(irq && irq->intid == model_cpu[c->cpu].lr[n].virq, "vCPU %u: LR %u", i, n);
    }
    list_for_each(l, &c->queue)
        fake_check(list_entry(l, struct vgic_irq, link)->home == c, "vCPU %u: queue", i);
    fake_check(!(c->loaded && c->cpu == hw_percpu()->id) || !vgic_cpu_needs_flush(c) ||
               c->lr_used == c->lr_all || c->queue.next != &c->queue, "vCPU %u: not flushed", i);
}

static void check_all(void)
{
    for (unsigned i = 0; i < VCPUS; i++)
        check_vcpu(i);
    for (unsigned i = 0; i < LINKED; i++)
        fake_check(!model_spi[PIRQ_FIRST + i].active ||
                   vgic_irq_find(&vgic, NULL, LINKED_FIRST + i)->is_hw_active,
                   "physical %u is stuck", PIRQ_FIRST + i);
}

static void switch_to(unsigned cpu, int next)
{
    fake_cpu_switch(cpu);
    if (loaded_on[cpu] >= 0) {
        model_cpu[cpu].ppi[27].line = false;
        save((unsigned)loaded_on[cpu]);
    }
    loaded_on[cpu] = next;
    if (next >= 0) {
        load((unsigned)next, cpu);
        model_cpu[cpu].ppi[27].line = timer_line[next];
    }
}

static void random_switch(unsigned cpu)
{
    int next = (int)rnd(VCPUS + 1) - 1;

    for (unsigned i = 0; i < CPUS; i++)
        if (loaded_on[i] == next)
            next = -1;
    switch_to(cpu, next);
}

static void random_access(unsigned i)
{
    static const unsigned sizes[] = { 1, 2, 4, 4, 4, 4, 8, 3 };
    struct vgic_access a = access_make(i, rnd(0x1000), sizes[rnd(8)]);
    access_fn fn = vgic_dist_access;

    if (vgic.version == GIC_V3) {
        fn = rnd(2) ? vgic_dist_access : vgic_v3_redist_access;
        if (fn == vgic_v3_redist_access)
            a.offset |= (uint64_t)rnd(VCPUS + 1) << 17 | (rnd(4) ? 0x10000 : 0);
        else if (!rnd(4))
            a.offset = 0x6000 + rnd(0x400);
    }
    if (rnd(8))
        a.offset &= ~(uint64_t)3;
    a.is_write = rnd(3);
    a.value = rnd(3) ? (uint64_t)rnd(~0u) << 32 | rnd(~0u) : 1u << rnd(32);
    if (fn != vgic_v3_redist_access && a.offset < 4)
        a.value |= 3; /* mostly on, or nothing happens */
    fn(&vgic, &a);
    take_access_kicks(&a);
    while (a.retry && a.is_write) { /* GICD_CTLR: the guest executes it again */
        assert_int_equal(a.offset, 0);
        a.kick = NULL;
        a.retry = false;
        fn(&vgic, &a);
        take_access_kicks(&a);
    }
}

static void random_sgi(unsigned i)
{
    unsigned op2 = 5 + rnd(3);
    struct vgic_access a = access_make(i, 0, 8);

    if (vgic.version == GIC_V2) {
        dist_write(i, 0xf00, 4, rnd(~0u));
        return;
    }
    a.value = (uint64_t)rnd(16) << 24 | rnd(64) | (uint64_t)rnd(2) << 40;
    a.kick = vgic_v3_sgi(&vcpu[i], a.value, op2);
    take_access_kicks(&a);
}

static void kick_vgic(struct vgic_cpu *c)
{
    if (c)
        kicked[0] |= BIT(c->index);
}

static void physical(unsigned cpu)
{
    unsigned intid;

    if (loaded_on[cpu] < 0)
        model_cpu[cpu].ppi[27].line = false;
    intid = model_take();
    if (intid == MODEL_NONE)
        return;
    if (intid == 27)
        kick_vgic(vgic_physical_fired(&vgic, &vcpu[loaded_on[cpu]], 27));
    else
        kick_vgic(vgic_physical_fired(&vgic, NULL, intid - PIRQ_FIRST + LINKED_FIRST));
}

static void ack_and_end(unsigned cpu, bool all)
{
    struct model_cpu *m = &model_cpu[cpu];

    if (rnd(2) || all)
        delivered += guest_ack() != MODEL_NONE;
    for (unsigned n = 0; n < model_info.lrs; n++)
        if (m->lr[n].active && (all || !rnd(3)))
            guest_eoi(m->lr[n].virq);
    if (model_maintenance() && loaded_on[cpu] >= 0 && vgic_maintenance(&vcpu[loaded_on[cpu]]))
        take_kicks(vcpu[loaded_on[cpu]].kick);
}

static void inject_something(void)
{
    unsigned intid = rnd(96), i = rnd(VCPUS);

    if (intid >= 20 && intid < 24) {
        kick_vgic(vgic_set_level(&vgic, &vcpu[i], intid, rnd(2)));
        return;
    }
    if (vgic.version == GIC_V2 && intid < 16)
        return;
    kick_vgic(vgic_inject(&vgic, &vcpu[i], intid));
}

static void step(void)
{
    unsigned cpu = rnd(CPUS), line = rnd(LINKED);
    int i;

    fake_cpu_switch(cpu);
    i = loaded_on[cpu];
    switch (rnd(12)) {
    case 0:
        random_switch(cpu);
        break;
    case 1:
        model_line(&model_spi[PIRQ_FIRST + line], rnd(2));
        break;
    case 2:
        i = i < 0 ? 0 : i;
        timer_line[i] = rnd(2);
        if (loaded_on[cpu] == i)
            model_cpu[cpu].ppi[27].line = timer_line[i];
        break;
    case 3:
        inject_something();
        break;
    case 4: case 5:
        if (i >= 0)
            random_access((unsigned)i);
        break;
    case 6:
        if (i >= 0)
            random_sgi((unsigned)i);
        break;
    case 7:
        if (i >= 0 && (kicked[0] & BIT((unsigned)i))) {
            kicked[0] &= ~BIT((unsigned)i);
            flush((unsigned)i);
        }
        break;
    case 8:
        if (i >= 0)
            vgic_cpu_has_pending(&vcpu[i]);
        break;
    case 9:
        physical(cpu);
        break;
    default:
        ack_and_end(cpu, false);
    }
    check_all();
}

/* All lines low, all enabled and to vCPU 0, then each vCPU runs until nothing comes. */
static void settle_all(void)
{
    for (unsigned i = 0; i < VCPUS; i++)
        for (unsigned intid = 20; intid < 24; intid++)
            kick_vgic(vgic_set_level(&vgic, &vcpu[i], intid, false));
    memset(timer_line, 0, sizeof(timer_line));
    for (unsigned cpu = 0; cpu < CPUS; cpu++)
        switch_to(cpu, -1);
    for (unsigned i = 0; i < LINKED; i++)
        model_spi[PIRQ_FIRST + i].line = false;
    switch_to(0, 0);
    dist_write(0, 0x000, 4, 3);
    for (unsigned w = 0; w < 3; w++)
        dist_write(0, 0x100 + w * 4, 4, ~0u);
    for (unsigned intid = 32; intid < 96; intid++) {
        if (vgic.version == GIC_V2)
            dist_write(0, 0x800 + intid, 1, 1);
        else
            dist_write(0, 0x6000 + intid * 8, 8, 0);
    }
    for (unsigned round = 0; round < 2 * VCPUS; round++) {
        unsigned i = round % VCPUS;

        switch_to(0, (int)i);
        for (unsigned k = 0; k < 400; k++) {
            flush(i);
            physical(0);
            ack_and_end(0, true);
            check_all();
        }
    }
    switch_to(0, -1);
}

static void check_settled(void)
{
    assert_int_equal(vgic.requests, 0);
    for (unsigned i = 0; i < LINKED; i++)
        fake_check(!model_spi[PIRQ_FIRST + i].active, "physical %u is stuck", PIRQ_FIRST + i);
    for (unsigned i = 0; i < VCPUS; i++)
        for (unsigned intid = 0; intid < 96; intid++) {
            const struct vgic_irq *irq = vgic_irq_find(&vgic, &vcpu[i], intid);

            fake_check(!irq->is_active && !irq->request && list_is_empty(&irq->link) &&
                       !(irq->is_latched && vgic_irq_is_allowed(irq)),
                       "vCPU %u: %u is left: active %d latched %d", i, intid, irq->is_active,
                       irq->is_latched);
        }
}

static void run_random(enum gic_version version, uint64_t seed, unsigned steps)
{
    memset(model_cpu, 0, sizeof(model_cpu));
    memset(model_spi, 0, sizeof(model_spi));
    memset(&vcpu, 0, sizeof(vcpu));
    memset(timer_line, 0, sizeof(timer_line));
    random_state = seed;
    delivered = 0;
    kicked[0] = kicked[1] = 0;
    domain_make(version, CPUS, VCPUS);
    for (unsigned i = 0; i < LINKED; i++)
        assert_int_equal(vgic_link_physical(&vgic, LINKED_FIRST + i, PIRQ_FIRST + i), 0);
    assert_int_equal(vgic_link_physical(&vgic, 27, 27), 0);
    for (unsigned cpu = 0; cpu < CPUS; cpu++) {
        model_cpu[cpu].ppi[27].enabled = true;
        loaded_on[cpu] = -1;
    }
    for (unsigned i = 0; i < steps; i++)
        step();
    settle_all();
    check_settled();
    fake_check(delivered > steps / 100, "only %u delivered", delivered);
    domain_free();
}

static void random_use_of_version_2_loses_nothing(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++)
        run_random(GIC_V2, seed, 4000);
}

static void random_use_without_deactivation_by_links_loses_nothing(void **state)
{
    (void)state;
    model_info.is_flawed = true;
    for (uint64_t seed = 1; seed <= 40; seed++)
        run_random(GIC_V2, seed, 4000);
}

static void random_use_of_version_3_loses_nothing(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++)
        run_random(GIC_V3, seed, 4000);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(enable_bits_are_set_and_cleared_by_ones),
        cmocka_unit_test(groups_are_written_whole),
        cmocka_unit_test(a_group_change_decides_who_is_enabled),
        cmocka_unit_test(priorities_keep_the_implemented_bits),
        cmocka_unit_test(sgis_are_edges_ppis_levels_spis_what_is_written),
        cmocka_unit_test(pending_is_set_and_cleared),
        cmocka_unit_test(turning_the_distributor_off_takes_back_and_on_gives),
        cmocka_unit_test(the_distributor_is_turned_on_a_bank_at_a_time),
    cmocka_unit_test(special_intids_are_not_interrupts),
        cmocka_unit_test(random_use_of_version_2_loses_nothing),
        cmocka_unit_test(random_use_without_deactivation_by_links_loses_nothing),
        cmocka_unit_test(random_use_of_version_3_loses_nothing),
    };

    return fake_run_tests(tests, ARRAY_SIZE(tests), argc, argv);
}
