/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the image does as a DomU. Interrupts are on only while it waits or runs, so nothing is lost
 * between looking at its role and waiting.
 */
#include "tests/bench/image/peer.h"

#include "tests/bench/image/cpu.h"
#include "tests/bench/image/gic.h"
#include "tests/bench/image/xen.h"

static volatile struct peer_page *self;
static uint64_t pages[PEER_GRANTS][PAGE_BYTES / 8] __attribute__((aligned(4096)));

static void event(unsigned port)
{
    self->stamp = cpu_current()->stamp;
    __atomic_store_n(&self->count, self->count + 1, __ATOMIC_RELEASE);
    if (self->answers)
        xen_send(port);
}

static void sleep(void)
{
    wfi();
    irqs_on();
    isb();
    irqs_off();
}

static void spin(void)
{
    irqs_on();
    while (__atomic_load_n(&self->role, __ATOMIC_RELAXED) == PEER_SPINS)
        relax();
    irqs_off();
}

static void yield(void)
{
    irqs_on();
    while (__atomic_load_n(&self->role, __ATOMIC_RELAXED) == PEER_YIELDS) {
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0);
        self->count++;
    }
    irqs_off();
}

static void count_yields(void)
{
    uint64_t start = bench_begin();

    for (unsigned i = self->argument; i; i--)
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0);
    self->result = bench_end(start);
    self->role = PEER_SLEEPS;
    xen_send(self->port);
}

static void wake_all(void)
{
    crowd_wake();
    __atomic_store_n(&self->role, PEER_SLEEPS, __ATOMIC_RELEASE);
}

static void shut_down(void)
{
    sched_shutdown_t op = { .reason = SHUTDOWN_poweroff };

    hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (uintptr_t)&op, 0);
}

static void set_facts(const struct peer_page *page)
{
    facts.gic = page->gic;
    facts.gicd = page->gic == 2 ? GUEST_GICD_BASE : GUEST_GICV3_GICD_BASE;
    facts.gicc = page->gic == 2 ? GUEST_GICC_BASE : GUEST_GICV3_GICR0_BASE;
    facts.cpus = page->vcpus;
    facts.has_xen = true;
    facts.event_intid = GUEST_EVTCHN_PPI;
    facts.psci_by_hvc = true;
    facts.args = "";
}

void peer_main(struct peer_page *page)
{
    static void (*const roles[])(void) = {
        [PEER_SLEEPS] = sleep, [PEER_SPINS] = spin, [PEER_YIELDS] = yield,
        [PEER_COUNTS_YIELDS] = count_yields, [PEER_WAKES_ALL] = wake_all,
        [PEER_SHUTS_DOWN] = shut_down,
    };

    page->stamp = ticks();
    self = page;
    set_facts(page);
    gic_init();
    xen_init();
    for (unsigned i = 0; i < PEER_GRANTS; i++) {
        pages[i][0] = 0x1000 + i;
        xen_grant(XEN_FIRST_GREF + i, 0, pages[i], false);
    }
    xen_on_event(event);
    xen_mask(page->port, false);
    crowd_start(page);
    __atomic_store_n(&self->is_ready, 1, __ATOMIC_RELEASE);
    for (;;)
        roles[self->role]();
}
