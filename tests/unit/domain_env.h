/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine with Dom0 on it, for tests of what hypercalls do to domains: a GICv3 of recorded
 * registers, RAM, the scheduler's queues, and hypercalls made as a guest makes them, continuations
 * included. Dom0's addresses are machine addresses.
 */
#ifndef TESTS_UNIT_DOMAIN_ENV_H
#define TESTS_UNIT_DOMAIN_ENV_H

#include "core/base/errors.h"
#include "core/base/hw.h"
#include "core/base/sysreg_bits.h"
#include "core/domain.h"
#include "core/trap.h"
#include "core/hypercall.h"
#include "core/sched.h"
#include "drivers/timer.h"
#include "irq/gic.h"
#include "irq/ipi.h"
#include "irq/irq.h"
#include "mm/page_alloc.h"
#include "mm/vmid.h"
#include "tests/unit/gic_model.h"

#include <cmocka.h>

#define ENV_GICD 0x08000000ul
#define ENV_GICR 0x080a0000ul
#define ENV_CHUNKS_MAX 100000u

static struct gic_model env_gicd, env_rd[FAKE_CPUS_MAX], env_sgi[FAKE_CPUS_MAX];
static unsigned env_chunks; /* stays at EL2 that the last env_call() took */

static inline void env_quiesce_all(void)
{
    for (unsigned i = 0; i < cpu_count; i++)
        page_alloc_quiesce(i);
}

static inline void env_gic(unsigned cpus)
{
    struct gic_config c = {
        .version = GIC_V3, .map = gic_model_map, .gicd_base = ENV_GICD, .maintenance_irq = 25,
        .gicr = { { ENV_GICR, cpus * 0x20000 } }, .gicr_regions = 1,
    };

    gic_model_add(&env_gicd, ENV_GICD, 0x10000);
    env_gicd.words[1] = 8;
    for (unsigned i = 0; i < cpus; i++) {
        gic_model_add(&env_rd[i], ENV_GICR + i * 0x20000, 0x10000);
        gic_model_add(&env_sgi[i], ENV_GICR + i * 0x20000 + 0x10000, 0x10000);
        env_rd[i].words[2] = (i == cpus - 1 ? 0x10 : 0) | i << 8;
        env_rd[i].words[3] = i;
        fake_percpus[i].mpidr = i;
    }
    assert_int_equal(gic_init(&c), 0);
    for (unsigned i = cpus; i--;) {
        fake_cpu_switch(i);
        assert_int_equal(gic_cpu_init(), 0);
    }
    ipi_init(env_quiesce_all);
}

/* Dom0 has one vCPU, which is this CPU's current one, and no RAM of its own yet. */
static inline void env_up(unsigned cpus, uint64_t ram_bytes)
{
    struct domain_config c = {
        .id = 0, .vcpus = 1, .spis = 32, .gic = GIC_V3, .max_evtchn_port = 1023,
        .max_grant_frames = 4, .max_maptrack_frames = 4,
        .is_privileged = true, .is_direct_mapped = true, .ipa_bits = STAGE2_BITS_MAX,
    };
    struct domain *d;

    fake_machine_init(cpus);
    fake_memory_init(ram_bytes);
    env_gic(cpus);
    vmid_init(8);
    assert_int_equal(timer_init(FAKE_COUNTER_HZ, TIMER_PPI_HYP), 0);
    for (unsigned i = cpus; i--;) {
        fake_cpu_switch(i);
        timer_cpu_init();
        assert_int_equal(sched_cpu_init(), 0);
    }
    assert_int_equal(domain_create(&c, &d), 0);
    assert_int_equal(vcpu_create(d, 0), 0);
    d->pages_max = 0xffffff;
    domain_unpause(d);
    fake_percpu->current = d->vcpu[0];
    fake_trace_reset();
}

/* Memory of the calling guest: 2^order pages; .v is both its address and EL2's argument. */
static inline void *env_guest_pages(unsigned order, uint64_t *address)
{
    void *p = page_alloc_el2(PAGE_SIZE << order);

    assert_non_null(p);
    *address = hw_virt_to_phys(p).v;
    return p;
}

/* Makes the hypercall as the current vCPU does: executes it again as long as it continues, with
 * every CPU out of EL2 once in between. */
static inline int64_t env_call(hypercall_fn fn, uint64_t a0, uint64_t a1, uint64_t a2)
{
    struct vcpu *v = vcpu_current();
    uint64_t args[5] = { a0, a1, a2, 0, 0 };

    for (env_chunks = 1; env_chunks < ENV_CHUNKS_MAX; env_chunks++) {
        int64_t rc;

        hw_sysreg_write(ELR_EL2, 0x1004);
        memcpy(v->x, args, sizeof(args));
        rc = fn(args[0], args[1], args[2], args[3], args[4]);
        env_quiesce_all();
        fake_percpu->todo = 0;
        if (hw_sysreg_read(ELR_EL2) == 0x1004)
            return rc;
        args[0] = (uint64_t)rc;
        memcpy(&args[1], &v->x[1], 4 * sizeof(args[0]));
    }
    fake_fail("the hypercall never ends");
}

/* Everything that is on its way back becomes free. */
static inline uint64_t env_free_pages(void)
{
    for (unsigned i = 0; page_alloc_is_pending() && i < ENV_CHUNKS_MAX; i++) {
        page_alloc_progress(64);
        env_quiesce_all();
    }
    assert_false(page_alloc_is_pending());
    return page_alloc_free_count();
}

/* As populate_physmap does when memory is on its way. */
static inline struct page *env_page_alloc(struct domain *d, unsigned order)
{
    struct page *p;

    while (!(p = domain_page_alloc(d, order)) && page_alloc_is_pending()) {
        page_alloc_progress(64);
        env_quiesce_all();
    }
    assert_non_null(p);
    return p;
}

/* A DomU with its vCPUs, limits and no memory, paused. */
static inline struct domain *env_domu(unsigned vcpus, uint32_t pages_max)
{
    struct domain_config c = {
        .id = DOMID_INVALID, .vcpus = vcpus, .spis = 32, .gic = GIC_V3, .max_evtchn_port = 1023,
        .max_grant_frames = 4, .max_maptrack_frames = 4,
    };
    struct domain *d;

    assert_int_equal(domain_create(&c, &d), 0);
    for (unsigned i = 0; i < vcpus; i++)
        assert_int_equal(vcpu_create(d, i), 0);
    d->pages_max = pages_max;
    return d;
}

/* A domain whose last reference is gone ends by this CPU's timer, some grant frames at a time. */
static inline void env_end(void) { timer_run(); }

/* Kills d and takes it down to its last reference. */
static inline void env_destroy(struct domain *d)
{
    unsigned chunks = 0;

    assert_int_equal(domain_kill(d), 0);
    while (domain_relinquish(d) == -ERESTART) {
        env_quiesce_all();
        assert_true(++chunks < ENV_CHUNKS_MAX);
    }
}

/* What boot/vectors.S does with a synchronous exception that is not a call: without a handler's
 * word for it x18 to x29 stay what the CPU has in them. */
static inline void trap_sync(struct vcpu *v, uint64_t esr)
{
    trap_handler handler = trap_table[ESR_EC(esr)];
    uint64_t rest[12];

    memcpy(rest, &v->x[18], sizeof(rest));
    if (!handler)
        trap_undefined(v, esr);
    else if (handler(v, esr))
        return;
    memcpy(&v->x[18], rest, sizeof(rest));
}

#endif
