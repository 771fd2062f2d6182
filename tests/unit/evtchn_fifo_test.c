/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * evtchn_fifo.c: set-up, linking into queues, priorities, masking, and the guest's memory given
 * back. Guest side: event_guest.h.
 */
#include "core/base/bits.h"
#include "core/memory_map.h"
#include "tests/unit/domain_env.h"
#include "tests/unit/event_guest.h"

#define CONTROL_GFN 0x40000ul /* one for each vCPU, from here on */
#define WORDS_GFN 0x40010ul
#define CONTROL_OFFSET 64u
#define PORTS 100u

static struct domain *d;
static struct event_guest guest[2];
static struct page *pages[32];
static evtchn_port_t taken[1024];
static unsigned taken_count;

static void become(struct vcpu *v) { fake_percpu->current = v; }

static int control_init(unsigned vcpu, uint64_t gfn, uint32_t offset)
{
    struct evtchn_init_control op = { .control_gfn = gfn, .offset = offset, .vcpu = vcpu };

    return event_guest_init_control(d, &op);
}

/* A DomU of two vCPUs with RAM. */
static void domain_made(unsigned port_max)
{
    struct domain_config c = {
        .id = DOMID_INVALID, .vcpus = 2, .spis = 32, .gic = GIC_V3, .max_evtchn_port = port_max,
        .max_grant_frames = 4, .max_maptrack_frames = 4,
    };

    assert_int_equal(domain_create(&c, &d), 0);
    d->pages_max = 4096;
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(vcpu_create(d, i), 0);
    for (unsigned i = 0; i < ARRAY_SIZE(pages); i++) {
        pages[i] = domain_page_alloc(d, 0);
        assert_int_equal(memory_map_ram(d, CONTROL_GFN + i, paddr_to_mfn(page_to_paddr(pages[i])),
                                        0), 0);
    }
    for (unsigned i = 0; i < 2; i++)
        guest[i] = (struct event_guest){
            .words = page_to_virt(pages[WORDS_GFN - CONTROL_GFN]),
            .control = (void *)((char *)page_to_virt(pages[i]) + CONTROL_OFFSET),
            .info = d->vcpu[i]->info,
        };
    taken_count = 0;
}

static void domain_up(void)
{
    env_up(2, 64ul << 20);
    domain_made(1023);
}

static void fifo_up(void)
{
    domain_up();
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(control_init(i, CONTROL_GFN + i, CONTROL_OFFSET), 0);
    assert_int_equal(event_guest_expand_array(d, WORDS_GFN), 0);
    for (unsigned i = 1; i <= PORTS; i++)
        assert_int_equal(evtchn_bind_ipi(d, 0), i);
}

static void take(evtchn_port_t port, void *context)
{
    (void)context;
    taken[taken_count++] = port;
}

static void upcall(unsigned vcpu) { event_guest_upcall(&guest[vcpu], take, NULL); }
static bool is_upcall(unsigned vcpu) { return d->vcpu[vcpu]->info->evtchn_upcall_pending; }
static void send(evtchn_port_t port) { assert_int_equal(evtchn_send(d, port), 0); }

static void priority_set(evtchn_port_t port, uint8_t priority)
{
    evtchn_port(d, port)->priority = priority;
}

static void events_are_handled_in_the_order_they_were_sent(void **state)
{
    (void)state;
    fifo_up();
    for (evtchn_port_t i = 9; i > 4; i--)
        send(i);
    assert_int_equal(guest[0].control->ready, 1u << EVTCHN_FIFO_PRIORITY_DEFAULT);
    assert_true(is_upcall(0));
    upcall(0);
    assert_int_equal(taken_count, 5);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(taken[i], 9 - i);
    /* The queue is empty, its tail stale: the next one makes it anew. */
    send(7);
    send(3);
    assert_true(is_upcall(0));
    upcall(0);
    assert_int_equal(taken_count, 7);
    assert_int_equal(taken[5], 7);
    assert_int_equal(taken[6], 3);
    assert_int_equal(fake_percpu->evtchn_section, 0);
}

static void an_event_that_is_pending_is_not_linked_twice(void **state)
{
    (void)state;
    fifo_up();
    send(5);
    send(6);
    d->vcpu[0]->info->evtchn_upcall_pending = 0;
    send(5);
    send(5);
    assert_false(is_upcall(0));
    upcall(0);
    assert_int_equal(taken_count, 2);
    /* The same one again, when it was the tail. */
    send(6);
    send(6);
    upcall(0);
    assert_int_equal(taken_count, 3);
}

static void higher_priorities_go_first(void **state)
{
    (void)state;
    fifo_up();
    priority_set(1, EVTCHN_FIFO_PRIORITY_MIN);
    priority_set(2, EVTCHN_FIFO_PRIORITY_MAX);
    send(1);
    send(3);
    send(2);
    upcall(0);
    assert_int_equal(taken_count, 3);
    assert_int_equal(taken[0], 2);
    assert_int_equal(taken[1], 3);
    assert_int_equal(taken[2], 1);
}

static void a_masked_event_is_linked_by_the_unmask(void **state)
{
    (void)state;
    fifo_up();
    guest[0].words[4] |= EVTCHN_FIFO_BIT_MASKED;
    send(4);
    assert_true(evtchn_is_pending(d, 4));
    assert_false(is_upcall(0));
    assert_false(guest[0].words[4] & EVTCHN_FIFO_BIT_LINKED);
    assert_false(event_guest_unmask(&guest[0], 4));
    assert_int_equal(evtchn_unmask(d, 4), 0);
    assert_true(is_upcall(0));
    upcall(0);
    assert_int_equal(taken_count, 1);
    assert_int_equal(evtchn_unmask(d, 4), 0);
    assert_false(is_upcall(0));
}

static void an_event_moves_to_another_vcpus_queue_when_it_is_off_the_old_one(void **state)
{
    (void)state;
    fifo_up();
    send(1);
    send(2);
    assert_int_equal(d->evtchn.fifo->vcpu[0].tail[7], 2);
    upcall(0);
    /* IPIs stay; for the test, the port is moved behind the ABI's back. */
    evtchn_port(d, 2)->notify = d->vcpu[1];
    send(2);
    assert_true(is_upcall(1));
    assert_int_equal(d->evtchn.fifo->vcpu[0].tail[7], 0);
    send(3);
    assert_true(is_upcall(0));
    upcall(1);
    assert_int_equal(taken[2], 2);
    upcall(0);
    assert_int_equal(taken_count, 4);
    assert_int_equal(taken[3], 3);
    /* Still on the old queue: it stays there until taken off. */
    send(2);
    evtchn_port(d, 2)->notify = d->vcpu[0];
    send(2);
    upcall(0);
    assert_int_equal(taken_count, 4);
    upcall(1);
    assert_int_equal(taken_count, 5);
}

static void what_is_raised_before_its_page_came_is_kept(void **state)
{
    (void)state;
    domain_up();
    assert_int_equal(evtchn_bind_ipi(d, 0), 1);
    assert_int_equal(event_guest_expand_array(d, WORDS_GFN), -EOPNOTSUPP);
    assert_int_equal(control_init(0, CONTROL_GFN, CONTROL_OFFSET), 0);
    assert_int_equal(evtchn_bind_ipi(d, 0), 2);
    send(1);
    send(2);
    assert_false(is_upcall(0));
    assert_int_equal(evtchn_unmask(d, 1), 0);
    assert_int_equal(event_guest_expand_array(d, WORDS_GFN), 0);
    assert_true(is_upcall(0));
    upcall(0);
    assert_int_equal(taken_count, 2);
    send(2);
    upcall(0);
    assert_int_equal(taken_count, 3);
}

static void what_was_pending_two_level_is_kept(void **state)
{
    (void)state;
    domain_up();
    assert_int_equal(evtchn_bind_ipi(d, 0), 1);
    assert_int_equal(evtchn_bind_ipi(d, 0), 2);
    d->shared_info->evtchn_mask[0] = ~0ul;
    send(2);
    assert_int_equal(control_init(0, CONTROL_GFN, CONTROL_OFFSET), 0);
    assert_int_equal(event_guest_expand_array(d, WORDS_GFN), 0);
    upcall(0);
    assert_int_equal(taken_count, 1);
    assert_int_equal(taken[0], 2);
}

static void control_blocks_are_checked(void **state)
{
    (void)state;
    domain_up();
    assert_int_equal(control_init(2, CONTROL_GFN, 0), -ENOENT);
    assert_int_equal(control_init(0, CONTROL_GFN, 4), -EINVAL);
    assert_int_equal(control_init(0, CONTROL_GFN, PAGE_SIZE - 64), -EINVAL);
    assert_int_equal(control_init(0, CONTROL_GFN, PAGE_SIZE), -EINVAL);
    assert_int_equal(control_init(0, CONTROL_GFN + 1000, 0), -EINVAL);
    assert_int_equal(control_init(0, ~0ul, 0), -EINVAL);
    assert_null(d->evtchn.fifo);
    assert_int_equal(control_init(0, CONTROL_GFN, PAGE_SIZE - 72), 0);
    assert_int_equal(control_init(0, CONTROL_GFN, 0), -EINVAL);
    assert_int_equal(event_guest_expand_array(d, CONTROL_GFN + 1000), -EINVAL);
    assert_int_equal(pages[0]->refs, 2);
}

static void an_event_for_a_vcpu_without_control_block_waits_for_the_unmask(void **state)
{
    (void)state;
    domain_up();
    assert_int_equal(control_init(0, CONTROL_GFN, CONTROL_OFFSET), 0);
    assert_int_equal(event_guest_expand_array(d, WORDS_GFN), 0);
    assert_int_equal(evtchn_bind_ipi(d, 1), 1);
    send(1);
    assert_true(evtchn_is_pending(d, 1));
    assert_int_equal(control_init(1, CONTROL_GFN + 1, CONTROL_OFFSET), 0);
    assert_int_equal(evtchn_unmask(d, 1), 0);
    upcall(1);
    assert_int_equal(taken_count, 1);
}

static void a_closed_port_is_not_reused_while_the_guest_has_it_queued(void **state)
{
    (void)state;
    fifo_up();
    send(5);
    assert_int_equal(evtchn_close(d, 5), 0);
    assert_false(evtchn_is_pending(d, 5));
    assert_int_equal(evtchn_bind_ipi(d, 0), PORTS + 1);
    upcall(0);
    assert_int_equal(taken_count, 0);
    assert_int_equal(evtchn_bind_ipi(d, 0), 5);
    send(5);
    upcall(0);
    assert_int_equal(taken_count, 1);
}

static void a_guest_that_keeps_all_ports_queued_gets_no_more(void **state)
{
    (void)state;
    fifo_up();
    while (evtchn_bind_ipi(d, 0) > 0)
        ;
    for (evtchn_port_t i = 1; i < 1000; i++) {
        guest[0].words[i] |= EVTCHN_FIFO_BIT_LINKED;
        assert_int_equal(evtchn_close(d, i), 0);
    }
    assert_int_equal(evtchn_bind_ipi(d, 0), -ENOSPC);
}

static void words_and_links_that_lie_do_no_harm(void **state)
{
    (void)state;
    fifo_up();
    for (unsigned i = 0; i < 16; i++)
        guest[0].control->head[i] = 0xffffffff;
    send(1);
    guest[0].words[1] = 0xffffffff;
    send(2);
    guest[0].words[1] = 0;
    guest[0].words[2] = EVTCHN_FIFO_BIT_LINKED | EVTCHN_FIFO_BIT_BUSY | 0x1ffff;
    send(3);
    guest[0].words[3] = 0;
    send(3);
    assert_int_equal(guest[0].words[2] & EVTCHN_FIFO_LINK_MASK, 3);
    assert_int_equal(guest[0].words[2] & EVTCHN_FIFO_BIT_BUSY, 0);
}

static void priorities_are_checked(void **state)
{
    struct evtchn_set_priority *op;
    uint64_t address;

    (void)state;
    fifo_up();
    become(d->vcpu[0]);
    op = env_guest_pages(0, &address);
    *op = (struct evtchn_set_priority){ .port = 1, .priority = 16 };
    assert_int_equal(env_call(evtchn_hypercall, EVTCHNOP_set_priority, address, 0), -EINVAL);
    op->priority = 15;
    assert_int_equal(env_call(evtchn_hypercall, EVTCHNOP_set_priority, address, 0), 0);
    op->port = 1u << 20;
    assert_int_equal(env_call(evtchn_hypercall, EVTCHNOP_set_priority, address, 0), -EINVAL);
    send(1);
    assert_int_equal(guest[0].control->ready, 1u << 15);
}

static void init_control_tells_the_link_bits(void **state)
{
    struct evtchn_init_control *op;
    uint64_t address;

    (void)state;
    domain_up();
    become(d->vcpu[0]);
    op = env_guest_pages(0, &address);
    *op = (struct evtchn_init_control){ .control_gfn = CONTROL_GFN };
    assert_int_equal(env_call(evtchn_hypercall, EVTCHNOP_init_control, address, 0), 0);
    assert_int_equal(op->link_bits, 17);
}

/* Every port that a DomU may have, bound in 2-level mode, or with FIFO delivery and no page yet. */
static void all_ports_up(bool is_fifo)
{
    domain_up();
    if (is_fifo)
        assert_int_equal(control_init(0, CONTROL_GFN, CONTROL_OFFSET), 0);
    for (unsigned i = 1; i < 1024; i++)
        assert_int_equal(evtchn_bind_ipi(d, 0), i);
    for (unsigned i = 1; i < 1024; i++)
        send(i);
    become(d->vcpu[0]);
}

static void every_event_was_taken_once(void)
{
    uint64_t seen[16] = { 1 };

    assert_true(is_upcall(0));
    upcall(0);
    assert_int_equal(taken_count, 1023);
    for (unsigned i = 0; i < taken_count; i++)
        seen[taken[i] / 64] |= BIT(taken[i] % 64);
    for (unsigned i = 0; i < ARRAY_SIZE(seen); i++)
        assert_int_equal(seen[i], ~0ul);
}

static void set_up_all_ports(bool is_fifo)
{
    uint64_t address;
    void *op;

    all_ports_up(is_fifo);
    op = env_guest_pages(0, &address);
    *(struct evtchn_init_control *)op =
        (struct evtchn_init_control){ .control_gfn = CONTROL_GFN, .offset = CONTROL_OFFSET };
    assert_int_equal(env_call(evtchn_hypercall, EVTCHNOP_init_control, address, ~0ul),
                     is_fifo ? -EINVAL : 0);
    assert_true(is_fifo || env_chunks > 8);
    *(struct evtchn_expand_array *)op = (struct evtchn_expand_array){ .array_gfn = WORDS_GFN };
    assert_int_equal(env_call(evtchn_hypercall, EVTCHNOP_expand_array, address, ~0ul), 0);
    assert_true(env_chunks > 8);
    assert_int_equal(d->evtchn.fifo->pages, 1);
    every_event_was_taken_once();
    send(700);
    upcall(0);
    assert_int_equal(taken[1023], 700);
}

static void changing_delivery_of_all_ports_takes_several_stays_and_loses_no_event(void **state)
{
    (void)state;
    set_up_all_ports(false);
}

static void a_page_for_all_ports_takes_several_stays_and_loses_no_event(void **state)
{
    (void)state;
    set_up_all_ports(true);
}

static void vcpus_that_add_pages_at_once_each_add_their_own(void **state)
{
    unsigned first = 0, second = 0;

    (void)state;
    all_ports_up(true);
    assert_int_equal(evtchn_fifo_expand_array(d, WORDS_GFN, &first), -ERESTART);
    assert_int_equal(evtchn_fifo_expand_array(d, WORDS_GFN + 1, &second), -ERESTART);
    while (second && evtchn_fifo_expand_array(d, WORDS_GFN + 1, &second) == -ERESTART)
        ;
    every_event_was_taken_once();
    assert_int_equal(evtchn_fifo_expand_array(d, WORDS_GFN, &first), 0);
    assert_int_equal(d->evtchn.fifo->pages, 2);
    assert_ptr_equal(d->evtchn.fifo->words[1], page_to_virt(pages[WORDS_GFN + 1 - CONTROL_GFN]));
}

static void ports_come_and_go_while_delivery_changes(void **state)
{
    struct evtchn_init_control op = { .control_gfn = CONTROL_GFN, .offset = CONTROL_OFFSET };
    unsigned progress = 0;

    (void)state;
    all_ports_up(false);
    assert_int_equal(evtchn_fifo_init_control(d, &op, &progress), -ERESTART);
    /* One that has changed is bound anew: what was pending before is not its event. */
    assert_int_equal(evtchn_close(d, 5), 0);
    assert_int_equal(evtchn_bind_ipi(d, 0), 5);
    assert_int_equal(evtchn_close(d, 6), 0);
    assert_int_equal(evtchn_close(d, 1000), 0);
    assert_int_equal(evtchn_unmask(d, 7), 0);
    send(8);
    send(1001);
    while (evtchn_fifo_init_control(d, &op, &progress) == -ERESTART)
        ;
    assert_int_equal(event_guest_expand_array(d, WORDS_GFN), 0);
    upcall(0);
    assert_int_equal(taken_count, 1020);
    send(5);
    upcall(0);
    assert_int_equal(taken[1020], 5);
}

/* A port that is opened while the others change is a FIFO port from the start. */
static void a_port_that_comes_meanwhile_keeps_its_word(void **state)
{
    struct evtchn_init_control op = { .control_gfn = CONTROL_GFN, .offset = CONTROL_OFFSET };
    unsigned progress = 0, pages_progress = 0;
    const struct evtchn *c;
    const uint32_t *word;

    (void)state;
    all_ports_up(false);
    assert_int_equal(evtchn_fifo_init_control(d, &op, &progress), -ERESTART);
    assert_int_equal(evtchn_fifo_expand_array(d, WORDS_GFN, &pages_progress), -ERESTART);
    assert_int_equal(evtchn_close(d, 900), 0);
    assert_int_equal(evtchn_bind_ipi(d, 0), 900);
    c = evtchn_port(d, 900);
    word = evtchn_word(c);
    assert_ptr_equal(word, &guest[0].words[900]);
    while (evtchn_fifo_init_control(d, &op, &progress) == -ERESTART)
        assert_ptr_equal(evtchn_word(c), word);
    while (evtchn_fifo_expand_array(d, WORDS_GFN, &pages_progress) == -ERESTART)
        assert_ptr_equal(evtchn_word(c), word);
    assert_ptr_equal(evtchn_word(c), word);
}

static void take_word_away(void)
{
    __atomic_store_n(&evtchn_port(d, 3)->word, NULL, __ATOMIC_RELAXED);
}

/* Delivery and unmasking go on with the word that they have read. */
static void a_word_is_read_once(void **state)
{
    (void)state;
    fifo_up();
    fake_on_try = take_word_away;
    send(3);
    fake_on_try = NULL;
    assert_true(guest[0].words[3] & EVTCHN_FIFO_BIT_LINKED);
    upcall(0);
    assert_int_equal(taken[0], 3);
}

static void progress_that_was_made_up_does_no_harm(void **state)
{
    uint64_t address;
    unsigned progress;

    (void)state;
    domain_up();
    become(d->vcpu[0]);
    env_guest_pages(0, &address);
    assert_int_equal(env_call(evtchn_hypercall, EVTCHNOP_init_control | 1 << 16, address, 0),
                     -EINVAL);
    assert_int_equal(env_call(evtchn_hypercall, EVTCHNOP_expand_array | 1 << 16, address, 0),
                     -EOPNOTSUPP);
    assert_int_equal(control_init(0, CONTROL_GFN, CONTROL_OFFSET), 0);
    assert_int_equal(event_guest_expand_array(d, WORDS_GFN), 0);
    for (progress = 1; progress < 0x10000; progress = progress * 2 + 1)
        assert_int_equal(env_call(evtchn_hypercall, EVTCHNOP_expand_array | progress << 16,
                                  address, 0), progress == 1 ? 0 : -EINVAL);
    assert_int_equal(env_call(evtchn_hypercall, EVTCHNOP_init_control | 1 << 16, address, 0), 0);
    assert_int_equal(env_call(evtchn_hypercall, EVTCHNOP_close | 1 << 16, address, 0), -ENOSYS);
    assert_int_equal(d->evtchn.fifo->pages, 1);
}

static void a_reset_goes_back_to_two_level_and_gives_the_pages_back(void **state)
{
    (void)state;
    fifo_up();
    send(1);
    assert_int_equal(pages[0]->refs, 2);
    assert_int_equal(pages[WORDS_GFN - CONTROL_GFN]->refs, 2);
    while (evtchn_reset(d))
        ;
    assert_int_equal(pages[0]->refs, 1);
    assert_int_equal(pages[1]->refs, 1);
    assert_int_equal(pages[WORDS_GFN - CONTROL_GFN]->refs, 1);
    assert_null(d->evtchn.fifo);
    assert_int_equal(evtchn_bind_ipi(d, 0), 1);
    send(1);
    assert_int_equal(d->shared_info->evtchn_pending[0], BIT(1));
    /* And to FIFO again. */
    assert_int_equal(control_init(0, CONTROL_GFN, CONTROL_OFFSET), 0);
}

/* Set up again before all of it is back, it is a new one. */
static void a_reset_gives_many_pages_back_in_pieces(void **state)
{
    const unsigned array = 100;
    struct page *words;

    (void)state;
    env_up(2, 64ul << 20);
    domain_made(EVTCHN_FIFO_NR_CHANNELS - 1);
    assert_int_equal(control_init(0, CONTROL_GFN, CONTROL_OFFSET), 0);
    for (unsigned i = 0; i < array; i++)
        assert_int_equal(event_guest_expand_array(d, WORDS_GFN), 0);
    words = pages[WORDS_GFN - CONTROL_GFN];
    assert_int_equal(words->refs, 1 + array);
    while (d->evtchn.fifo)
        assert_int_equal(evtchn_reset(d), -ERESTART);
    assert_int_equal(words->refs, 1 + array - 64);
    assert_null(d->vcpu[0]->evtchn_fifo);
    assert_int_equal(control_init(0, CONTROL_GFN, CONTROL_OFFSET), 0);
    while (evtchn_reset(d))
        ;
    assert_int_equal(words->refs, 1);
    assert_int_equal(pages[0]->refs, 1);
    assert_null(d->evtchn.fifo);
    assert_null(d->evtchn.fifo_end);
}

static void death_gives_everything_back(void **state)
{
    uint64_t before;

    (void)state;
    env_up(2, 64ul << 20);
    before = env_free_pages();
    for (unsigned round = 0; round < 2; round++) {
        d = env_domu(40, 4096);
        for (unsigned i = 0; i < ARRAY_SIZE(pages); i++) {
            pages[i] = domain_page_alloc(d, 0);
            assert_int_equal(memory_map_ram(d, CONTROL_GFN + i,
                                            paddr_to_mfn(page_to_paddr(pages[i])), 0), 0);
        }
        for (unsigned i = 0; i < 16; i++) {
            assert_int_equal(control_init(i, CONTROL_GFN + i, 0), 0);
            assert_int_equal(event_guest_expand_array(d, WORDS_GFN + i), 0);
            assert_true(evtchn_bind_ipi(d, i) > 0);
        }
        send(3);
        env_destroy(d);
        assert_int_equal(env_free_pages(), before);
    }
}

/* 200 pages of them, 64 in one stay at EL2. */
static void a_table_of_ports_goes_in_bounded_steps(void **state)
{
    uint64_t before;
    unsigned steps = 1;

    (void)state;
    env_up(2, 64ul << 20);
    before = env_free_pages();
    domain_made(200 * EVTCHN_PORTS_PER_BUCKET - 1);
    assert_int_equal(control_init(0, CONTROL_GFN, CONTROL_OFFSET), 0);
    for (unsigned i = 1; i < 200 * EVTCHN_PORTS_PER_BUCKET; i++)
        assert_int_equal(evtchn_bind_ipi(d, 0), i);
    assert_int_equal(domain_kill(d), 0);
    while (evtchn_relinquish(d))
        ;
    assert_true(evtchn_is_valid(d, 1));
    for (; evtchn_ports_free(d); steps++)
        env_quiesce_all();
    assert_int_equal(steps, 4);
    assert_false(evtchn_is_valid(d, 1));
    while (domain_relinquish(d) == -ERESTART)
        env_quiesce_all();
    assert_int_equal(env_free_pages(), before);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(events_are_handled_in_the_order_they_were_sent),
    cmocka_unit_test(an_event_that_is_pending_is_not_linked_twice),
    cmocka_unit_test(higher_priorities_go_first),
    cmocka_unit_test(a_masked_event_is_linked_by_the_unmask),
    cmocka_unit_test(an_event_moves_to_another_vcpus_queue_when_it_is_off_the_old_one),
    cmocka_unit_test(what_is_raised_before_its_page_came_is_kept),
    cmocka_unit_test(what_was_pending_two_level_is_kept),
    cmocka_unit_test(control_blocks_are_checked),
    cmocka_unit_test(an_event_for_a_vcpu_without_control_block_waits_for_the_unmask),
    cmocka_unit_test(a_closed_port_is_not_reused_while_the_guest_has_it_queued),
    cmocka_unit_test(a_guest_that_keeps_all_ports_queued_gets_no_more),
    cmocka_unit_test(words_and_links_that_lie_do_no_harm),
    cmocka_unit_test(priorities_are_checked),
    cmocka_unit_test(init_control_tells_the_link_bits),
    cmocka_unit_test(changing_delivery_of_all_ports_takes_several_stays_and_loses_no_event),
    cmocka_unit_test(a_page_for_all_ports_takes_several_stays_and_loses_no_event),
    cmocka_unit_test(vcpus_that_add_pages_at_once_each_add_their_own),
    cmocka_unit_test(ports_come_and_go_while_delivery_changes),
    cmocka_unit_test(a_port_that_comes_meanwhile_keeps_its_word),
    cmocka_unit_test(a_word_is_read_once),
    cmocka_unit_test(progress_that_was_made_up_does_no_harm),
    cmocka_unit_test(a_reset_goes_back_to_two_level_and_gives_the_pages_back),
    cmocka_unit_test(a_reset_gives_many_pages_back_in_pieces),
    cmocka_unit_test(death_gives_everything_back),
    cmocka_unit_test(a_table_of_ports_goes_in_bounded_steps),
};

FAKE_TEST_MAIN(tests)
