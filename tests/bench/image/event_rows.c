/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows about events of a domain to itself.
 */
#include "tests/bench/image/cpu.h"
#include "tests/bench/image/xen.h"

static unsigned own_port, events;

static void count(unsigned port)
{
    bench_check(port == own_port);
    events++;
}

static void prepare(bool is_masked)
{
    xen_init();
    if (!own_port)
        own_port = xen_bind_ipi();
    xen_on_event(count);
    xen_mask(own_port, is_masked);
}

/* The send alone: the receiver does not want to know. */
uint64_t event_masked(unsigned n)
{
    evtchn_send_t send;
    uint64_t start, wrong = 0;

    prepare(true);
    send.port = own_port;
    start = bench_begin();
    for (unsigned i = n; i; i--) {
        wrong |= (uint64_t)hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send,
                                     (uintptr_t)&send, 0);
        wrong |= !xen_take(own_port);
    }
    start = bench_end(start);
    bench_check(!wrong);
    return start;
}

/* From the send to the handler's first instruction. */
static uint64_t event_self(unsigned n)
{
    struct cpu *cpu = cpu_current();
    uint64_t total = 0;

    prepare(false);
    events = 0;
    irqs_on();
    for (unsigned i = 0; i < n; i++) {
        uint64_t start;

        bench_jitter();
        start = bench_begin();
        xen_send(own_port);
        while (__atomic_load_n(&events, __ATOMIC_ACQUIRE) == i)
            relax();
        bench_mark(MARK_OFF);
        total += cpu->stamp - start;
    }
    irqs_off();
    bench_check(events == n);
    return total;
}

const struct row event_rows[] = {
    { "event_masked", SHAPE_SINGLE, true, event_masked, 1, 1 },
    { "event_self", SHAPE_SINGLE, true, event_self, 1, 1 },
};
const unsigned event_row_count = ARRAY_SIZE(event_rows);
