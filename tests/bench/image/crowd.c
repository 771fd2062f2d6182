/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A domain of as many vCPUs as there can be: the longest requests that grow with their number. The
 * first half is the domain's, the second Dom0's.
 */
#include "tests/bench/image/cpu.h"
#include "tests/bench/image/gic.h"
#include "tests/bench/image/peer.h"
#include "tests/bench/image/xen.h"

#define WAKE_SGI 2u

static volatile struct peer_page *self;

static void woken(void) { __atomic_fetch_add(&self->count, 1, __ATOMIC_ACQ_REL); }

static void poll(void)
{
    evtchn_port_t port = self->port;
    sched_poll_t op = { .nr_ports = 1 };

    set_xen_guest_handle(op.ports, &port);
    __atomic_fetch_add(&self->polls, 1, __ATOMIC_ACQ_REL);
    hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, (uintptr_t)&op, 0);
}

/* One of the others, for ever. */
static void follow(void)
{
    gic_enable(WAKE_SGI);
    for (;;) {
        if (self->crowd == CROWD_POLLS)
            poll();
        else if (self->crowd == CROWD_SLEEPS)
            wfi();
        else
            bench_yield();
        irqs_on();
        isb();
        irqs_off();
    }
}

void crowd_wake(void)
{
    self->count = 0;
    gic_send_sgi_others(WAKE_SGI);
    while (__atomic_load_n(&self->count, __ATOMIC_ACQUIRE) < self->vcpus - 1)
        bench_yield();
}

void crowd_start(volatile struct peer_page *page)
{
    self = page;
    gic_on(WAKE_SGI, woken);
    for (unsigned id = 1; id < page->vcpus; id++) {
        bench_check(cpu_start(id));
        cpu_give(id, follow);
    }
}

/* --- Dom0's side --- */

static void create(struct peer *p)
{
    peer_create_crowd(p, facts.gic == 2 ? 8 : CPUS_MAX);
}

/* What the others do from now on; all have woken up once to see it. */
static void turn(struct peer *p, enum crowd crowd)
{
    p->page->crowd = crowd;
    p->page->polls = 0;
    peer_role(p, PEER_WAKES_ALL, 0);
    while (__atomic_load_n(&p->page->role, __ATOMIC_ACQUIRE) != PEER_SLEEPS)
        bench_yield();
}

/* One SGI to all. */
static uint64_t wake(unsigned n)
{
    uint64_t start = bench_begin();
    struct peer p;

    create(&p);
    for (; n; n--)
        turn(&p, CROWD_SLEEPS);
    peer_destroy(&p);
    return bench_end(start);
}

/* One event that all poll for. */
static uint64_t poll_all(unsigned n)
{
    uint64_t start = bench_begin();
    struct peer p;

    create(&p);
    for (; n; n--) {
        turn(&p, CROWD_POLLS);
        while (__atomic_load_n(&p.page->polls, __ATOMIC_ACQUIRE) < p.page->vcpus - 1)
            bench_yield();
        bench_yield();  /* the last of them waits by then */
        p.page->crowd = CROWD_SLEEPS;
        xen_send(p.port);
        turn(&p, CROWD_SLEEPS);
    }
    peer_destroy(&p);
    return bench_end(start);
}

/* All of them want to run, and stop, go on, and end together. */
static uint64_t pause(unsigned n)
{
    uint64_t start = bench_begin();
    struct peer p;

    for (; n; n--) {
        create(&p);
        turn(&p, CROWD_YIELDS);
        peer_pause(&p);
        bench_yield();
        peer_unpause(&p);
        bench_yield();
        peer_destroy(&p);
    }
    return bench_end(start);
}

/* The same at its own wish. */
static uint64_t shut_down(unsigned n)
{
    uint64_t start = bench_begin();
    struct peer p;

    for (; n; n--) {
        create(&p);
        turn(&p, CROWD_YIELDS);
        peer_role(&p, PEER_SHUTS_DOWN, 0);
        while (!peer_is_shut_down(&p))
            bench_yield();
        peer_destroy(&p);
    }
    return bench_end(start);
}

const struct row crowd_rows[] = {
    { "worst_crowd_sgi", SHAPE_WORST, true, wake, 1, 10000 },
    { "worst_crowd_poll", SHAPE_WORST, true, poll_all, 1, 10000 },
    { "worst_crowd_pause", SHAPE_WORST, true, pause, 1, 10000 },
    { "worst_crowd_shutdown", SHAPE_WORST, true, shut_down, 1, 10000 },
};
const unsigned crowd_row_count = ARRAY_SIZE(crowd_rows);
