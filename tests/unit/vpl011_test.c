/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/vpl011.c: the UART as a guest's loads and stores see it, against a ring whose other end
 * behaves and misbehaves; the level of its interrupt; its event channel.
 */
#include "core/evtchn_port.h"
#include "core/memory_map.h"
#include "irq/vgic_irq.h"
#include "tests/unit/sched_env.h"

#define GFN 0x39003ul
#define ARG_GFN 0x40000ul
#define DR 0x000u
#define FR 0x018u
#define IMSC 0x038u
#define RIS 0x03cu
#define MIS 0x040u
#define ICR 0x044u
#define RXFE 0x10u
#define TXFF 0x20u
#define RXFF 0x40u
#define TXFE 0x80u
#define RX 0x10u
#define TX 0x20u
#define RT 0x40u
#define IN 1024u
#define OUT 2048u

static struct vcpu *v;
static struct domain *d;
static struct xencons_interface *ring;
static int far_port;   /* Dom0's end of the channel */

static void make_ring(void)
{
    struct page *p = env_page_alloc(d, 0);

    ring = page_to_virt(p);
    memset(ring, 0xff, sizeof(*ring)); /* what the page held before is no index */
    assert_int_equal(memory_map_ram(d, GFN, paddr_to_mfn(page_to_paddr(p)), 0), 0);
}

/* A running guest with a UART whose other end Dom0 has bound. */
static void up(void)
{
    int port;

    d = sched_env_up(1, 1);
    make_ring();
    port = vpl011_init(d, GFN, 0);
    assert_true(port > 0);
    far_port = evtchn_bind_interdomain(domain0, d, (evtchn_port_t)port);
    assert_true(far_port > 0);
    domain_unpause(d);
    v = step(0);
    fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_EL1H);
}

static void abort_at(uint64_t at, unsigned log2, bool is_write)
{
    uint64_t iss = DABT_ISV | (uint64_t)log2 << 22 | 1ul << 16 | (is_write ? DABT_WNR : 0);

    fake_sysreg_set(FAKE_ELR_EL2, 0x40080000);
    fake_sysreg_set(FAKE_ESR_EL1, 0);
    fake_sysreg_set(FAKE_HPFAR_EL2, at >> PAGE_SHIFT << 4);
    fake_sysreg_set(FAKE_FAR_EL2, at & 0xfff);
    trap_sync(v, (uint64_t)EC_DABT_LOW << ESR_EC_SHIFT | ESR_IL | iss | 7);
}

static uint32_t load(unsigned reg, unsigned log2)
{
    abort_at(GUEST_PL011_BASE + reg, log2, false);
    assert_int_equal(fake_sysreg_get(FAKE_ESR_EL1), 0);
    return (uint32_t)v->x[1];
}

static void store(unsigned reg, unsigned log2, uint32_t value)
{
    v->x[1] = value;
    abort_at(GUEST_PL011_BASE + reg, log2, true);
    assert_int_equal(fake_sysreg_get(FAKE_ESR_EL1), 0);
}

static uint32_t get(unsigned reg) { return load(reg, 2); }
static void set(unsigned reg, uint32_t value) { store(reg, 2, value); }

/* The other end puts a character in, takes `count` out; and says so. */
static void type(char c)
{
    ring->in[ring->in_prod++ % IN] = c;
    assert_int_equal(evtchn_send(domain0, (evtchn_port_t)far_port), 0);
}

static void take(unsigned count)
{
    ring->out_cons += count;
    assert_int_equal(evtchn_send(domain0, (evtchn_port_t)far_port), 0);
}

static bool line(void)
{
    return vgic_irq_find(&d->vgic, NULL, GUEST_VPL011_SPI)->is_line_high;
}

static void written_characters_reach_the_ring_and_its_other_end(void **state)
{
    (void)state;
    up();
    assert_int_equal(ring->in_cons | ring->in_prod | ring->out_cons | ring->out_prod, 0);
    assert_int_equal(get(FR), RXFE | TXFE);
    set(DR, 'a');
    store(DR, 0, 'b');
    store(DR, 1, 0x700 | 'c');
    assert_int_equal(ring->out_prod, 3);
    assert_memory_equal(ring->out, "abc", 3);
    assert_int_equal(get(FR), RXFE);
    assert_true(evtchn_is_pending(domain0, (evtchn_port_t)far_port));
    take(3);
    assert_int_equal(get(FR), RXFE | TXFE);
}

static void typed_characters_are_read_once_and_free_their_place(void **state)
{
    (void)state;
    up();
    assert_int_equal(get(DR), 0);
    assert_int_equal(ring->in_cons, 0);
    for (unsigned i = 0; i < IN; i++)
        type((char)('0' + i % 10));
    assert_int_equal(get(FR), RXFF | TXFE);
    assert_int_equal(get(DR), '0');
    assert_int_equal(load(DR, 0), '1');
    assert_int_equal(get(FR), TXFE);
    for (unsigned i = 2; i < IN; i++)
        assert_int_equal(get(DR), '0' + i % 10);
    assert_int_equal(ring->in_cons, IN);
    assert_int_equal(get(FR), RXFE | TXFE);
    type((char)0xe9);
    assert_int_equal(get(DR), 0xe9); /* no sign, no error bits */
}

static void a_full_ring_loses_what_is_written_and_says_so_before(void **state)
{
    (void)state;
    up();
    for (unsigned i = 0; i < OUT - 1; i++)
        set(DR, 'x');
    assert_int_equal(get(FR), RXFE);
    set(DR, 'y');
    assert_int_equal(get(FR), RXFE | TXFF);
    set(DR, 'z');
    assert_int_equal(ring->out_prod, OUT);
    assert_int_equal(ring->out[OUT - 1], 'y');
    assert_int_equal(ring->out[0], 'x');
    take(1);
    set(DR, 'z');
    assert_int_equal(ring->out[0], 'z');
}

static void indexes_out_of_range_are_an_empty_and_a_full_ring(void **state)
{
    (void)state;
    up();
    ring->in_prod = IN + 1;
    assert_int_equal(get(FR) & (RXFE | RXFF), RXFE);
    assert_int_equal(get(DR), 0);
    assert_int_equal(ring->in_cons, 0);
    ring->in_prod = ~0u;
    assert_int_equal(get(DR), 0);
    ring->out_cons = 1;
    assert_int_equal(get(FR) & (TXFE | TXFF), TXFF);
    set(DR, 'x');
    assert_int_equal(ring->out_prod, 0);
    /* What EL2 has shown is not read back. */
    ring->in_prod = ring->out_cons = 0;
    ring->in_cons = ring->out_prod = 0x7000;
    assert_int_equal(get(FR), RXFE | TXFE);
    set(DR, 'x');
    assert_int_equal(ring->out_prod, 1);
    assert_int_equal(ring->out[0], 'x');
}

static void indexes_wrap(void **state)
{
    (void)state;
    up();
    ring->in_prod = ring->in_cons = d->vpl011.in_cons = ~0u;
    ring->out_cons = ring->out_prod = d->vpl011.out_prod = ~0u;
    set(DR, 'p');
    set(DR, 'q');
    assert_int_equal(ring->out[OUT - 1], 'p');
    assert_int_equal(ring->out[0], 'q');
    assert_int_equal(ring->out_prod, 1);
    type('r');
    type('s');
    assert_int_equal(get(DR), 'r');
    assert_int_equal(get(DR), 's');
}

static void the_receive_level_drops_when_the_ring_is_empty(void **state)
{
    (void)state;
    up();
    type('a');
    type('b');
    assert_int_equal(get(RIS), RX | RT);
    assert_int_equal(get(MIS), 0);
    assert_false(line());
    set(IMSC, RX);
    assert_int_equal(get(MIS), RX);
    assert_true(line());
    set(ICR, RX | RT); /* as in a FIFO that still holds characters */
    assert_true(line());
    get(DR);
    assert_true(line());
    get(DR);
    assert_false(line());
    assert_int_equal(get(RIS), 0);
    type('c');
    assert_true(line());
    set(IMSC, TX);
    assert_false(line());
}

static void the_interrupt_is_delivered_and_taken_back(void **state)
{
    (void)state;
    up();
    set(IMSC, RT);
    abort_at(GUEST_GICV3_GICD_BASE, 2, false);
    v->x[1] = 2; /* GICD_CTLR: group 1 */
    abort_at(GUEST_GICV3_GICD_BASE, 2, true);
    v->x[1] = 1; /* GICD_ISENABLER1 */
    abort_at(GUEST_GICV3_GICD_BASE + 0x104, 2, true);
    assert_false(vgic_cpu_has_pending(&v->vgic));
    type('a');
    step(0);
    assert_true(vgic_cpu_has_pending(&v->vgic));
    get(DR);
    step(0);
    assert_false(vgic_cpu_has_pending(&v->vgic));
}

static void the_transmit_interrupt_follows_the_trigger_level(void **state)
{
    (void)state;
    up();
    set(IMSC, TX);
    assert_int_equal(get(RIS), 0); /* not before the first character */
    set(DR, 'x');
    assert_true(line());
    set(ICR, TX);
    assert_false(line());
    for (unsigned i = 1; i < OUT / 2; i++)
        set(DR, 'x');
    assert_true(line());
    set(DR, 'x'); /* above */
    assert_false(line());
    set(ICR, TX);
    take(1); /* down to it */
    assert_true(line());
    set(ICR, TX);
    take(1);
    assert_false(line()); /* no transition */
}

static void registers_have_their_widths(void **state)
{
    (void)state;
    up();
    set(IMSC, ~0u);
    assert_int_equal(get(IMSC), 0x7ff);
    assert_int_equal(load(IMSC, 0), 0xff);
    assert_int_equal(load(IMSC + 1, 0), 0x7);
    assert_int_equal(load(IMSC, 1), 0x7ff);
    store(IMSC, 0, 0);
    assert_int_equal(get(IMSC), 0x700);
    store(IMSC + 1, 0, 1);
    assert_int_equal(get(IMSC), 0x100);
    store(IMSC, 1, 0x240);
    assert_int_equal(get(IMSC), 0x240);
    store(DR + 1, 0, 'x'); /* no character */
    assert_int_equal(ring->out_prod, 0);
    type('a');
    load(DR + 1, 0);
    assert_int_equal(get(DR), 'a');
    set(FR, ~0u);
    set(RIS, ~0u);
    assert_int_equal(get(0x030), 0); /* UARTCR */
    set(0x030, ~0u);
    assert_int_equal(get(0x030), 0);
    assert_int_equal(get(ICR), 0);
    assert_int_equal(get(0xfe0) | get(0xfe4) << 8 | get(0xfe8) << 16, 0x341011);
    assert_int_equal(get(0xffc), 0xb1);
    abort_at(GUEST_PL011_BASE, 3, false);
    assert_int_equal(fake_sysreg_get(FAKE_ESR_EL1), 0x96000010ul);
    abort_at(GUEST_PL011_BASE + 3, 1, false);
    assert_int_equal(fake_sysreg_get(FAKE_ESR_EL1), 0x96000010ul);
}

static void without_a_uart_nothing_is_there(void **state)
{
    (void)state;
    d = sched_env_run(1, 1);
    v = step(0);
    abort_at(GUEST_PL011_BASE, 2, false);
    assert_int_equal(fake_sysreg_get(FAKE_ESR_EL1), 0x96000010ul);
    assert_int_equal(vpl011_init(d, GFN, 0), -EINVAL); /* no page */
    make_ring();
    assert_true(vpl011_init(d, GFN, 0) > 0);
    assert_int_equal(vpl011_init(d, GFN, 0), -EEXIST);
    d->vgic.spis = 0;
    d->vpl011.ring = NULL;
    assert_int_equal(vpl011_init(d, GFN, 0), -EINVAL);
}

/* The guest sees nothing of the port, can't close it, and keeps it over a reset. */
static void the_port_is_not_the_guests(void **state)
{
    evtchn_port_t port;
    struct evtchn *c;
    struct page *page;
    evtchn_close_t *arg;

    (void)state;
    up();
    port = d->vpl011.port;
    c = evtchn_port(d, port);
    type('a');
    assert_int_equal(d->shared_info->evtchn_pending[0], 0);
    page = env_page_alloc(d, 0);
    arg = page_to_virt(page);
    arg->port = port;
    assert_int_equal(memory_map_ram(d, ARG_GFN, paddr_to_mfn(page_to_paddr(page)), 0), 0);
    assert_int_equal(env_call(evtchn_hypercall, EVTCHNOP_close, ARG_GFN << PAGE_SHIFT, 0),
                     -EINVAL);
    assert_true(evtchn_alloc_unbound(d, 0, NULL) > 0);
    assert_int_equal(evtchn_reset(d), 0);
    assert_int_equal(d->evtchn.active, 0);
    assert_int_equal(evtchn_state(c), EVTCHN_STATE_INTERDOMAIN);
    assert_null(c->word);
    type('b');
    assert_int_equal(get(DR), 'a');
    assert_int_equal(get(DR), 'b');
    /* Who serves it may go, and come back. */
    assert_int_equal(evtchn_close(domain0, (evtchn_port_t)far_port), 0);
    set(DR, 'x');
    far_port = evtchn_bind_interdomain(domain0, d, port);
    assert_true(far_port > 0);
    type('c');
    assert_int_equal(get(DR), 'c');
}

static void the_page_lives_as_long_as_the_uart(void **state)
{
    struct memory_map_batch b;
    uint64_t before;

    (void)state;
    d = sched_env_up(1, 1);
    before = env_free_pages();
    make_ring();
    assert_true(vpl011_init(d, GFN, 0) > 0);
    memory_map_begin(&b, d);
    assert_int_equal(memory_map_remove(&b, GFN, MEMORY_MAP_RAM), 0);
    memory_map_end(&b);
    assert_int_equal(page_of(hw_virt_to_phys(ring))->type, PAGE_DOMAIN);
    fake_percpu->current = NULL;
    env_destroy(d);
    assert_true(env_free_pages() >= before);
    assert_null(domain_by_id(1));
}

static void on_the_machines_console_nothing_waits_for_anyone(void **state)
{
    (void)state;
    d = sched_env_up(1, 1);
    assert_int_equal(vpl011_init_console(d), 0);
    domain_unpause(d);
    v = step(0);
    fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_EL1H);
    assert_true(vpl011_is_on_console(&d->vpl011));
    set(IMSC, TX | RX);
    for (unsigned i = 0; i < 3 * OUT; i++) {
        set(DR, 'x');
        assert_int_equal(get(FR), RXFE | TXFE);
        assert_true(d->vpl011.out_prod < OUT);
    }
    assert_true(line());
    set(DR, '\n');
    assert_int_equal(d->vpl011.out_prod, 0);
    set(IMSC, RX);
    assert_false(line());
    for (unsigned i = 0; i < IN + 5; i++)
        assert_true(vpl011_receive(d, (char)('a' + i % 20)));
    assert_true(line());
    for (unsigned i = 0; i < IN; i++)
        assert_int_equal(get(DR), 'a' + i % 20);
    assert_int_equal(get(DR), 0);
    assert_false(line());
    vpl011_free(d);
    assert_false(vpl011_receive(d, 'x'));
}

/* A character for a domain that ends: its interrupt would be a vCPU's that has gone. */
static void characters_stop_before_the_vcpus_go(void **state)
{
    int rc;

    (void)state;
    d = sched_env_up(1, 1);
    assert_int_equal(vpl011_init_console(d), 0);
    assert_true(vpl011_receive(d, 'x'));
    fake_percpu->current = NULL;
    assert_true(domain_get(d));
    assert_int_equal(domain_kill(d), 0);
    do {
        rc = domain_relinquish(d);
        assert_true(domain_vcpu(d, 0) || !vpl011_receive(d, 'y'));
        env_quiesce_all();
    } while (rc == -ERESTART);
    domain_put(d);
}

/* A guest begins EVTCHNOP_reset, takes an interrupt where the call would go on, and shuts down. */
static void a_reset_that_stopped_half_way_leaves_no_port_to_a_dead_domain(void **state)
{
    evtchn_port_t far;

    (void)state;
    d = sched_env_up(1, 1);
    make_ring();
    far = (evtchn_port_t)evtchn_bind_interdomain(domain0, d,
                                                 (evtchn_port_t)vpl011_init(d, GFN, 0));
    for (unsigned i = 0; i < 100; i++)
        assert_true(evtchn_bind_ipi(d, 0) > 0);
    assert_int_equal(evtchn_reset(d), -ERESTART); /* and is not called again */
    assert_int_equal(domain_kill(d), 0);
    while (domain_relinquish(d))
        env_quiesce_all();
    env_free_pages();
    assert_null(evtchn_port(domain0, far)->peer);
    assert_int_equal(evtchn_close(domain0, far), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_reset_that_stopped_half_way_leaves_no_port_to_a_dead_domain),
    cmocka_unit_test(written_characters_reach_the_ring_and_its_other_end),
    cmocka_unit_test(typed_characters_are_read_once_and_free_their_place),
    cmocka_unit_test(a_full_ring_loses_what_is_written_and_says_so_before),
    cmocka_unit_test(indexes_out_of_range_are_an_empty_and_a_full_ring),
    cmocka_unit_test(indexes_wrap),
    cmocka_unit_test(the_receive_level_drops_when_the_ring_is_empty),
    cmocka_unit_test(the_interrupt_is_delivered_and_taken_back),
    cmocka_unit_test(the_transmit_interrupt_follows_the_trigger_level),
    cmocka_unit_test(registers_have_their_widths),
    cmocka_unit_test(without_a_uart_nothing_is_there),
    cmocka_unit_test(the_port_is_not_the_guests),
    cmocka_unit_test(on_the_machines_console_nothing_waits_for_anyone),
    cmocka_unit_test(the_page_lives_as_long_as_the_uart),
    cmocka_unit_test(characters_stop_before_the_vcpus_go),
};

FAKE_TEST_MAIN(tests)
