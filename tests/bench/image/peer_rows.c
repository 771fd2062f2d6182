/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows with another domain: events to it and back, switches between domains, grants of it.
 */
#include "core/base/string.h"
#include "tests/bench/image/cpu.h"
#include "tests/bench/image/peer.h"
#include "tests/bench/image/xen.h"

#define MIB 2u
#define SETTLE_TICKS 1000u      /* the peer is at rest by then */
#define WAIT_TICKS 20000u
#define BATCH PEER_GRANTS

static struct peer peers[PEERS_MAX];
static unsigned peer_count;
static unsigned answers;        /* events from peers so far */
static char windows[BATCH][PAGE_BYTES] __attribute__((aligned(4096)));

static void answer(unsigned port)
{
    (void)port;
    __atomic_store_n(&answers, answers + 1, __ATOMIC_RELEASE);
}

/* Interrupts are on for a moment, then off again. */
static void take_events(void)
{
    irqs_on();
    isb();
    irqs_off();
}

/* As many peers as `count` at least, all asleep on the CPU that the machine's shape says. */
static void prepare(unsigned count)
{
    unsigned cpu = bench_shape() == SHAPE_PEER_PAIR ? 1 : 0;

    xen_init();
    if (!peer_count) {
        peer_pin_self(0);
        xen_vacate(windows, BATCH);
    }
    while (peer_count < count)
        peer_create(&peers[peer_count++], cpu, MIB);
    xen_on_event(answer);
    for (unsigned i = 0; i < peer_count; i++)
        xen_mask(peers[i].port, false);
}

static void settle(uint64_t ticks_wanted)
{
    uint64_t start = ticks();

    while (ticks() - start < ticks_wanted)
        bench_yield();
}

/* --- events ------------------------------------------------------------------------------- */

/* To a peer on the other CPU; this CPU waits awake. */
static uint64_t send_to_other(unsigned n, enum peer_role role)
{
    struct peer *p = &peers[0];
    uint64_t total = 0;

    prepare(1);
    peer_role(p, role, 0);
    settle(WAIT_TICKS);
    for (unsigned i = 0; i < n; i++) {
        uint64_t before = p->page->count, start;

        settle(SETTLE_TICKS);
        bench_jitter();
        start = bench_begin();
        xen_send(p->port);
        while (__atomic_load_n(&p->page->count, __ATOMIC_ACQUIRE) == before)
            relax();
        bench_mark(MARK_OFF);
        total += p->page->stamp - start;
    }
    peer_role(p, PEER_SLEEPS, 0);
    settle(WAIT_TICKS);
    return total;
}

static uint64_t event_running(unsigned n) { return send_to_other(n, PEER_SPINS); }
static uint64_t event_blocked_other(unsigned n) { return send_to_other(n, PEER_SLEEPS); }

struct trip { uint64_t to_peer, round; };

/* The peer answers; this vCPU sleeps meanwhile. */
static struct trip round_trips(unsigned n)
{
    struct trip total = { 0, 0 };
    struct peer *p = &peers[0];

    prepare(bench_domains());
    settle(WAIT_TICKS);
    p->page->answers = 1;
    for (unsigned i = 0; i < n; i++) {
        unsigned before = answers;
        uint64_t start;

        bench_jitter();
        start = bench_begin();
        xen_send(p->port);
        while (__atomic_load_n(&answers, __ATOMIC_ACQUIRE) == before) {
            wfi();
            take_events();
        }
        bench_mark(MARK_OFF);
        total.round += cpu_current()->stamp - start;
        total.to_peer += p->page->stamp - start;
    }
    p->page->answers = 0;
    return total;
}

static uint64_t event_blocked_same(unsigned n) { return round_trips(n).to_peer; }
static uint64_t event_round_trip(unsigned n) { return round_trips(n).round; }

/* All peers sleep; one after the other is woken. Until this vCPU goes on: it may have to give
 * way. */
static uint64_t event_wakes(unsigned n)
{
    uint64_t total = 0;

    prepare(bench_domains());
    for (unsigned i = 0; i < n; i++) {
        struct peer *p = &peers[i % peer_count];
        uint64_t before = p->page->count, start;

        bench_jitter();
        start = bench_begin();
        xen_send(p->port);
        total += bench_end(start);
        while (__atomic_load_n(&p->page->count, __ATOMIC_ACQUIRE) == before)
            bench_yield();
        bench_yield();      /* until it is asleep again */
    }
    return total;
}

/* To oneself, masked: with so many domains about. */
static uint64_t event_masked_many(unsigned n)
{
    prepare(bench_domains());
    return event_masked(n);
}

/* --- switches ----------------------------------------------------------------------------- */

/* All domains but this one yield to each other; the first counts and times. Two switches are a
 * step, whatever the number of domains. */
static uint64_t switch_domains(unsigned n)
{
    unsigned count = bench_domains() < 2 ? 2 : bench_domains(), before = answers;
    uint64_t others;

    prepare(count);
    for (unsigned i = 1; i < count; i++)
        peer_role(&peers[i], PEER_YIELDS, 0);
    settle(WAIT_TICKS);
    others = peers[1].page->count;
    peer_role(&peers[0], PEER_COUNTS_YIELDS, n);
    while (__atomic_load_n(&answers, __ATOMIC_ACQUIRE) == before) {
        wfi();
        take_events();
    }
    others = peers[1].page->count - others;
    for (unsigned i = 1; i < count; i++)
        peer_role(&peers[i], PEER_SLEEPS, 0);
    settle(WAIT_TICKS);
    /* The others may have run a few rounds while this vCPU went to sleep or woke up. */
    bench_check(others >= n - n / 16 - 1 && others <= n + n / 16 + 16);
    return peers[0].page->result * 2 / count;
}

/* --- grants ------------------------------------------------------------------------------- */

/* The pages of the last peer, mapped, looked at, unmapped. */
static uint64_t map_unmap(unsigned n, unsigned count)
{
    gnttab_map_grant_ref_t maps[BATCH] = { { .flags = 0 } };
    gnttab_unmap_grant_ref_t unmaps[BATCH] = { { .handle = 0 } };
    uint64_t start, wrong = 0;

    prepare(bench_domains());
    for (unsigned i = 0; i < count; i++) {
        maps[i].host_addr = unmaps[i].host_addr = (uintptr_t)windows[i];
        maps[i].flags = GNTMAP_host_map;
        maps[i].ref = XEN_FIRST_GREF + i;
        maps[i].dom = (domid_t)peers[peer_count - 1].domid;
    }
    start = bench_begin();
    for (unsigned step = n; step; step--) {
        wrong |= (uint64_t)xen_grant_op(GNTTABOP_map_grant_ref, maps, count);
        for (unsigned i = 0; i < count; i++) {
            wrong |= (uint64_t)maps[i].status |
                     (*(volatile uint64_t *)windows[i] ^ (0x1000 + i));
            unmaps[i].handle = maps[i].handle;
        }
        wrong |= (uint64_t)xen_grant_op(GNTTABOP_unmap_grant_ref, unmaps, count);
        for (unsigned i = 0; i < count; i++)
            wrong |= (uint64_t)unmaps[i].status;
    }
    start = bench_end(start);
    bench_check(!wrong);
    return start;
}

static uint64_t peer_map(unsigned n) { return map_unmap(n, 1); }
static uint64_t peer_map_batch(unsigned n) { return map_unmap(n, BATCH); }

/* --- life and death ----------------------------------------------------------------------- */

#define LARGE_MIB 256u

/* From the first call to the new domain's first instructions. */
static uint64_t domain_create(unsigned n)
{
    uint64_t total = 0;

    for (unsigned i = 0; i < n; i++) {
        struct peer p;
        uint64_t start, before = peer_free_pages();

        start = bench_begin();
        peer_create(&p, 0, LARGE_MIB);
        bench_mark(MARK_OFF);
        total += p.page->stamp - start;
        bench_print("bench: fact domain_overhead_bytes %lu\n",
                    (before - peer_free_pages()) * PAGE_BYTES - ((uint64_t)LARGE_MIB << 20));
        peer_destroy(&p);
    }
    return total;
}

static uint64_t domain_destroy(unsigned n)
{
    uint64_t total = 0;

    for (unsigned i = 0; i < n; i++) {
        struct peer p;
        uint64_t start;

        peer_create(&p, 0, LARGE_MIB);
        start = bench_begin();
        peer_destroy(&p);
        total += bench_end(start);
    }
    return total;
}

const struct row peer_rows[] = {
    { "event_running", SHAPE_PEER_PAIR, true, event_running, 1, 1 },
    { "event_blocked_other", SHAPE_PEER_PAIR, true, event_blocked_other, 1, 1 },
    { "event_round_trip", SHAPE_PEER_PAIR, true, event_round_trip, 1, 1 },
    { "event_blocked_same", SHAPE_PEER, true, event_blocked_same, 1, 1 },
    { "event_round_trip_same", SHAPE_PEER, true, event_round_trip, 1, 1 },
    { "event_wakes", SHAPE_PEER, true, event_wakes, 1, 1 },
    { "event_masked_many", SHAPE_PEER, true, event_masked_many, 1, 1 },
    { "switch_domains", SHAPE_PEER, true, switch_domains, 2, 1 },
    { "peer_map_unmap", SHAPE_PEER, true, peer_map, 1, 1 },
    { "peer_map_unmap_16", SHAPE_PEER, true, peer_map_batch, BATCH, 1 },
    { "domain_create", SHAPE_LIFE, true, domain_create, 1, 1000 },
    { "domain_destroy", SHAPE_LIFE, true, domain_destroy, 1, 1000 },
};
const unsigned peer_row_count = ARRAY_SIZE(peer_rows);
