/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events under threads: none is lost, 2-level and FIFO, while ports are masked, move between
 * vCPUs, are closed and opened again; and a closed port stays clean.
 */
#include "core/base/bits.h"
#include "core/memory_map.h"
#include "tests/stress/stress.h"
#include "tests/unit/event_guest.h"

#define PORTS 12u
#define SENDERS 2u
#define ROUNDS 150000u
#define MEETINGS 20u /* times that the two sides must have met, at least */
#define GFN 0x40000ul

static struct domain *d;
static struct event_guest guest[2];
static uint32_t sent[PORTS + 1], seen[PORTS + 1];
static uint32_t senders_left;
static uint32_t meetings; /* upcalls, closes, switches: one thread's */

static void domain_up(void)
{
    env_up(5, 64ul << 20);
    d = env_domu(2, 4096);
    d->event_irq = 0; /* the upcall's flag is all that is looked at */
    __atomic_store_n(&senders_left, SENDERS, __ATOMIC_SEQ_CST);
}

static void fifo_up(void)
{
    struct page *p;

    for (unsigned i = 0; i < 3; i++) {
        p = domain_page_alloc(d, 0);
        assert_int_equal(memory_map_ram(d, GFN + i, paddr_to_mfn(page_to_paddr(p)), 0), 0);
        if (i < 2) {
            struct evtchn_init_control op = { .control_gfn = GFN + i, .vcpu = i };

            guest[i].control = page_to_virt(p);
            guest[i].info = d->vcpu[i]->info;
            assert_int_equal(event_guest_init_control(d, &op), 0);
        } else {
            guest[0].words = guest[1].words = page_to_virt(p);
            assert_int_equal(event_guest_expand_array(d, GFN + i), 0);
        }
    }
}

/* Ports 1 .. PORTS of d, with the other ends in Dom0, same numbers. */
static void ports_up(void)
{
    for (unsigned i = 1; i <= PORTS; i++) {
        assert_int_equal(evtchn_alloc_unbound(d, 0, NULL), i);
        assert_int_equal(evtchn_bind_interdomain(domain0, d, i), i);
    }
}

static bool is_over(void) { return !__atomic_load_n(&senders_left, __ATOMIC_SEQ_CST); }

static uint32_t meeting_count(void) { return __atomic_load_n(&meetings, __ATOMIC_RELAXED); }

static void sender(struct stress_thread *t)
{
    /* On a busy host the other side may not have run yet: on until they have met. */
    for (unsigned i = 0; i < ROUNDS || meeting_count() < MEETINGS; i++) {
        evtchn_port_t port = 1 + stress_random(t) % PORTS;

        __atomic_fetch_add(&sent[port], 1, __ATOMIC_SEQ_CST);
        evtchn_send(domain0, port);
    }
    __atomic_fetch_sub(&senders_left, 1, __ATOMIC_SEQ_CST);
}

/* What an event's handler does: looks at all there is. */
static void handle(evtchn_port_t port, void *context)
{
    (void)context;
    __atomic_store_n(&seen[port], __atomic_load_n(&sent[port], __ATOMIC_SEQ_CST),
                     __ATOMIC_SEQ_CST);
}

static bool upcall_is_due(unsigned vcpu)
{
    return __atomic_load_n(&d->vcpu[vcpu]->info->evtchn_upcall_pending, __ATOMIC_SEQ_CST);
}

static void fifo_handler(struct stress_thread *t)
{
    unsigned vcpu = t->vcpu->id;
    bool is_last;

    do {
        evtchn_port_t port = 1 + stress_random(t) % PORTS;

        is_last = is_over();
        if (upcall_is_due(vcpu)) {
            event_guest_upcall(&guest[vcpu], handle, NULL);
            __atomic_fetch_add(&meetings, 1, __ATOMIC_RELAXED);
        }
        if (stress_random(t) % 4 == 0) {
            __atomic_fetch_or(&guest[vcpu].words[port], EVTCHN_FIFO_BIT_MASKED, __ATOMIC_SEQ_CST);
            fake_host_yield();
        }
        if (!event_guest_unmask(&guest[vcpu], port))
            evtchn_unmask(d, port);
    } while (!is_last);
    for (evtchn_port_t port = 1; port <= PORTS; port++) {
        if (!event_guest_unmask(&guest[vcpu], port))
            evtchn_unmask(d, port);
    }
}

static void all_is_seen(void)
{
    for (unsigned i = 1; i <= PORTS; i++) {
        assert_true(sent[i]);
        assert_int_equal(seen[i], sent[i]);
    }
}

static void fifo_loses_no_event(void **state)
{
    struct stress_thread threads[1 + SENDERS] = { { .cpu = 0, .run = fifo_handler } };

    (void)state;
    domain_up();
    fifo_up();
    ports_up();
    threads[0].vcpu = d->vcpu[0];
    for (unsigned i = 1; i <= SENDERS; i++)
        threads[i] = (struct stress_thread){ .cpu = i, .vcpu = domain0->vcpu[0], .run = sender };
    stress_run(threads, 1 + SENDERS);
    event_guest_upcall(&guest[0], handle, NULL);
    all_is_seen();
}

/* Ports move between the vCPUs' queues, and between priorities. */
static void mover(struct stress_thread *t)
{
    while (!is_over()) {
        evtchn_port_t port = 1 + stress_random(t) % PORTS;

        evtchn_bind_vcpu(d, port, stress_random(t) % 2);
        __atomic_store_n(&evtchn_port(d, port)->priority, stress_random(t) % 3, __ATOMIC_RELAXED);
        fake_host_yield();
    }
}

static void fifo_queues_survive_ports_that_move(void **state)
{
    struct stress_thread threads[3 + SENDERS] = {
        { .cpu = 0, .run = fifo_handler }, { .cpu = 1, .run = fifo_handler },
        { .cpu = 2, .run = mover },
    };

    (void)state;
    domain_up();
    fifo_up();
    ports_up();
    threads[0].vcpu = threads[2].vcpu = d->vcpu[0];
    threads[1].vcpu = d->vcpu[1];
    for (unsigned i = 3; i < 3 + SENDERS; i++)
        threads[i] = (struct stress_thread){ .cpu = i, .vcpu = domain0->vcpu[0], .run = sender };
    stress_run(threads, 3 + SENDERS);
    for (unsigned i = 0; i < 2; i++)
        event_guest_upcall(&guest[i], handle, NULL);
    all_is_seen();
    for (unsigned i = 1; i <= PORTS; i++)
        assert_int_equal(guest[0].words[i] & ~EVTCHN_FIFO_LINK_MASK, 0);
}

static void two_level_upcall(struct vcpu *v)
{
    uint64_t *pending = (uint64_t *)d->shared_info->evtchn_pending;
    uint64_t *mask = (uint64_t *)d->shared_info->evtchn_mask;
    uint64_t due;

    __atomic_store_n(&v->info->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
    if (!__atomic_exchange_n((uint64_t *)&v->info->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST))
        return;
    due = __atomic_load_n(pending, __ATOMIC_SEQ_CST) & ~__atomic_load_n(mask, __ATOMIC_SEQ_CST);
    for (; due; due &= due - 1) {
        evtchn_port_t port = bit_lowest(due);

        __atomic_fetch_and(pending, ~BIT(port), __ATOMIC_SEQ_CST);
        handle(port, NULL);
    }
}

static void two_level_handler(struct stress_thread *t)
{
    uint64_t *mask = (uint64_t *)d->shared_info->evtchn_mask;
    bool is_last;

    do {
        evtchn_port_t port = 1 + stress_random(t) % PORTS;

        is_last = is_over();
        if (upcall_is_due(0)) {
            two_level_upcall(t->vcpu);
            __atomic_fetch_add(&meetings, 1, __ATOMIC_RELAXED);
        }
        if (stress_random(t) % 4 == 0)
            __atomic_fetch_or(mask, BIT(port), __ATOMIC_SEQ_CST);
        else
            evtchn_unmask(d, port);
    } while (!is_last);
    for (evtchn_port_t port = 1; port <= PORTS; port++)
        evtchn_unmask(d, port);
    while (upcall_is_due(0))
        two_level_upcall(t->vcpu);
}

static void two_level_loses_no_event(void **state)
{
    struct stress_thread threads[1 + SENDERS] = { { .cpu = 0, .run = two_level_handler } };

    (void)state;
    domain_up();
    ports_up();
    threads[0].vcpu = d->vcpu[0];
    for (unsigned i = 1; i <= SENDERS; i++)
        threads[i] = (struct stress_thread){ .cpu = i, .vcpu = domain0->vcpu[0], .run = sender };
    stress_run(threads, 1 + SENDERS);
    all_is_seen();
}

/* Closes and opens d's ends while the others send; what is closed must stay clean. */
static void closer(struct stress_thread *t)
{
    while (!is_over()) {
        evtchn_port_t port = 1 + stress_random(t) % PORTS;

        if (evtchn_close(d, port))
            continue;
        __atomic_fetch_add(&meetings, 1, __ATOMIC_RELAXED);
        for (unsigned i = 0; i < 20; i++) {
            if (evtchn_is_pending(d, port))
                fake_fail("port %u was raised after it had been closed", port);
            if (i % 8 == 0)
                fake_host_yield();
        }
        /* Dom0's end waits for d again. */
        evtchn_bind_interdomain(d, domain0, port);
        __atomic_fetch_and((uint64_t *)d->shared_info->evtchn_pending, 0, __ATOMIC_SEQ_CST);
    }
}

static void a_closed_port_is_not_raised(void **state)
{
    struct stress_thread threads[1 + SENDERS] = { { .cpu = 0, .run = closer } };

    (void)state;
    domain_up();
    ports_up();
    threads[0].vcpu = d->vcpu[0];
    for (unsigned i = 1; i <= SENDERS; i++)
        threads[i] = (struct stress_thread){ .cpu = i, .vcpu = domain0->vcpu[0], .run = sender };
    stress_run(threads, 1 + SENDERS);
}

/* The guest goes from 2-level to FIFO and back while others send. */
static void switcher(struct stress_thread *t)
{
    (void)t;
    while (!is_over()) {
        struct evtchn_init_control op = { .control_gfn = GFN, .vcpu = 0 };

        assert_int_equal(event_guest_init_control(d, &op), 0);
        assert_int_equal(event_guest_expand_array(d, GFN + 2), 0);
        fake_host_yield();
        while (evtchn_reset(d))
            ;
        for (unsigned i = 1; i <= PORTS; i++) {
            uint32_t w = __atomic_exchange_n(&guest[0].words[i], 0, __ATOMIC_SEQ_CST);

            if (evtchn_is_pending(d, i) || w & EVTCHN_FIFO_BIT_PENDING)
                fake_fail("port %u was raised after a reset", i);
        }
        for (unsigned i = 1; i <= PORTS; i++)
            assert_int_equal(evtchn_bind_interdomain(d, domain0, i), i);
        env_free_pages();
        __atomic_fetch_add(&meetings, 1, __ATOMIC_RELAXED);
    }
}

static void delivery_changes_kind_under_fire(void **state)
{
    struct stress_thread threads[1 + SENDERS] = { { .cpu = 0, .run = switcher } };

    (void)state;
    domain_up();
    fifo_up();
    while (evtchn_reset(d))
        ;
    ports_up();
    threads[0].vcpu = d->vcpu[0];
    for (unsigned i = 1; i <= SENDERS; i++)
        threads[i] = (struct stress_thread){ .cpu = i, .vcpu = domain0->vcpu[0], .run = sender };
    stress_run(threads, 1 + SENDERS);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(fifo_loses_no_event),
    cmocka_unit_test(fifo_queues_survive_ports_that_move),
    cmocka_unit_test(two_level_loses_no_event),
    cmocka_unit_test(a_closed_port_is_not_raised),
    cmocka_unit_test(delivery_changes_kind_under_fire),
};

FAKE_TEST_MAIN(tests)
