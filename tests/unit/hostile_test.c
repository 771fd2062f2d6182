/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What hostile guests and badly timed control calls have tried, each against what it once did:
 * docs/SECURITY.md tells of the classes.
 */
#include "core/base/sysreg_bits.h"
#include "core/evtchn_port.h"
#include "core/grant_entry.h"
#include "core/memory_map.h"
#include "core/runq.h"
#include "core/trap.h"
#include "tests/unit/domain_env.h"
#include "tests/unit/event_guest.h"

#define GFN 0x40000ul

static struct page *page_give(struct domain *d, uint64_t gfn)
{
    struct page *p = domain_page_alloc(d, 0);

    assert_non_null(p);
    assert_int_equal(memory_map_ram(d, gfn, paddr_to_mfn(page_to_paddr(p)), 0), 0);
    return p;
}

static int64_t poll(evtchn_port_t port)
{
    uint64_t at;
    char *page = env_guest_pages(0, &at);
    struct sched_poll p = { .nr_ports = 1, .timeout = UINT64_MAX };

    p.ports.p = (evtchn_port_t *)(at + 256);
    memcpy(page, &p, sizeof(p));
    memcpy(page + 256, &port, sizeof(port));
    domain_current()->vcpu[0]->sched.wants_block = false;
    return env_call(sched_hypercall, SCHEDOP_poll, at, 0);
}

/* Polling a closed port told a bit of what another domain now keeps in the page of its word. */
static void a_closed_port_tells_nothing_of_memory_given_back(void **state)
{
    struct evtchn_init_control op = { .control_gfn = GFN, .vcpu = 0 };
    struct domain *d;
    event_word_t *words;

    (void)state;
    env_up(1, 32ul << 20);
    d = env_domu(1, 16);
    page_give(d, GFN);
    words = page_to_virt(page_give(d, GFN + 1));
    fake_percpu->current = d->vcpu[0];
    assert_int_equal(event_guest_init_control(d, &op), 0);
    assert_int_equal(event_guest_expand_array(d, GFN + 1), 0);
    assert_int_equal(evtchn_bind_ipi(d, 0), 1);
    words[1] = EVTCHN_FIFO_BIT_PENDING;
    assert_int_equal(poll(1), 0);
    assert_false(d->vcpu[0]->sched.wants_block);
    assert_int_equal(evtchn_reset(d), 0);
    words[1] = EVTCHN_FIFO_BIT_PENDING; /* whoever has the page by now */
    assert_int_equal(poll(1), 0);
    assert_true(d->vcpu[0]->sched.wants_block);
}

/* A visit that found d by its id goes on while another CPU takes d down to the last reference:
 * until it ends, all that d names must be there to look at. */
static void a_domain_found_before_its_end_can_be_used_until_the_visit_ends(void **state)
{
    grant_entry_v1_t *shared;
    struct grant_active *active;
    struct stage2_leaf leaf;
    struct domain *d;
    struct vcpu *v;

    (void)state;
    env_up(1, 32ul << 20);
    d = env_domu(1, 16);
    v = d->vcpu[0];
    page_give(d, GFN);
    assert_int_equal(evtchn_alloc_unbound(d, 0, NULL), 1);
    assert_true(grant_entry_find(d, 0, &active, &shared));
    env_destroy(d);
    assert_null(domain_by_id(d->id));
    assert_int_equal(evtchn_bind_interdomain(domain0, d, 1), -EINVAL);
    assert_int_equal(evtchn_alloc_unbound(d, 0, NULL), -EINVAL);
    assert_false(stage2_lookup(&d->s2, gfn_to_ipa(GFN), &leaf));
    assert_false(grant_entry_is_used(active));
    assert_int_equal(shared->flags, 0);
    assert_false(grant_entry_find(d, 0, &active, &shared));
    /* An event or timer that was on its way to v. */
    vcpu_event_upcall(v);
    v->cntp_timer.fire(&v->cntp_timer);
    v->wake_timer.fire(&v->wake_timer);
    assert_int_equal(v->sched.state, VCPU_OFFLINE);
    assert_true(list_is_empty(&v->sched.link));
}

/* A populate that found d just before its end must not bring it back: it would end twice. */
static void no_page_is_given_to_a_domain_that_has_ended(void **state)
{
    struct domain *d;

    (void)state;
    env_up(1, 32ul << 20);
    d = env_domu(1, 16);
    env_destroy(d);
    assert_int_equal(d->refs, 0);
    assert_null(domain_page_alloc(d, 0));
    assert_int_equal(d->refs, 0);
    assert_int_equal(d->pages_allocated, 0);
}

/* One call for the last frame made all those before it, and scrubbed them, in one stay at EL2. */
static void a_grant_table_grows_in_bounded_steps(void **state)
{
    struct domain_config c = {
        .id = DOMID_INVALID, .vcpus = 1, .gic = GIC_V3, .max_evtchn_port = 63,
        .max_grant_frames = 64, .max_maptrack_frames = 1,
    };
    struct xen_add_to_physmap x = { .domid = DOMID_SELF, .space = XENMAPSPACE_grant_table,
                                    .idx = 63, .gpfn = GFN };
    struct domain *d;
    uint64_t at;
    void *args;

    (void)state;
    env_up(1, 32ul << 20);
    assert_int_equal(domain_create(&c, &d), 0);
    assert_int_equal(vcpu_create(d, 0), 0);
    args = env_guest_pages(0, &at);
    memcpy(args, &x, sizeof(x));
    fake_percpu->current = d->vcpu[0];
    assert_int_equal(env_call(memory_hypercall, XENMEM_add_to_physmap, at, 0), 0);
    assert_int_equal(env_chunks, (63 + 1) / 2);
    assert_int_equal(d->grants.frames, 64);
}

/* An extent of 2 MiB was given back to Dom0 page by page in one stay at EL2. */
static void dom0_gets_a_large_extent_back_in_bounded_steps(void **state)
{
    struct xen_memory_reservation r = { .nr_extents = 1, .extent_order = 9, .domid = DOMID_SELF };
    struct page *p;
    uint64_t at;
    char *args;

    (void)state;
    env_up(1, 32ul << 20);
    args = env_guest_pages(0, &at);
    p = env_page_alloc(domain0, 9);
    r.extent_start.p = (xen_pfn_t *)(at + 256);
    memcpy(args, &r, sizeof(r));
    memcpy(args + 256, &(uint64_t){ paddr_to_mfn(page_to_paddr(p)) }, sizeof(uint64_t));
    assert_int_equal(env_call(memory_hypercall, XENMEM_populate_physmap, at, 0), 1);
    assert_true(env_chunks > 8);
    assert_int_equal(p[511].refs, 1);
    assert_int_equal(env_call(memory_hypercall, XENMEM_populate_physmap, at, 0), 1);
}

/* The count is an int of the ABI: the register's upper half is anything (AAPCS64). */
static void a_multicall_counts_in_32_bits(void **state)
{
    multicall_entry_t *calls;
    uint64_t at;

    (void)state;
    env_up(1, 16ul << 20);
    calls = env_guest_pages(0, &at);
    calls[0].op = calls[1].op = 63;
    assert_int_equal(env_call(multicall_hypercall, at, 1ul << 40 | 1, 0), 0);
    assert_int_equal((int64_t)calls[0].result, -ENOSYS);
    assert_int_equal(calls[1].result, 0);
}

static struct domain *stopping;
static unsigned stops_seen;

static void on_sgi(enum fake_sysreg reg, uint64_t v)
{
    (void)reg, (void)v;
    stops_seen++;
    assert_false(lock_try(&stopping->lock));
}

/* A resume between the new state and the pause would have undone a pause that was not there yet,
 * and left the vCPUs paused for good. */
static void a_resume_waits_until_the_shutdown_has_paused(void **state)
{
    struct domain *d;

    (void)state;
    env_up(2, 32ul << 20);
    stopping = d = env_domu(1, 16);
    domain_unpause(d);
    d->state = DOMAIN_RUNNING;
    runq_assign(d->vcpu[0], 1);
    d->vcpu[0]->sched.is_loaded = true;
    fake_percpus[1].todo = 0;
    fake_sysreg_on_write[FAKE_ICC_SGI1R_EL1] = on_sgi;
    domain_shutdown(d, SHUTDOWN_suspend);
    assert_int_equal(stops_seen, 1);
    assert_int_equal(d->pause_count, 1);
    assert_int_equal(domain_resume(d), 0);
    assert_int_equal(d->pause_count, 0);
}

/* Error records, LORegions, statistical profiling, trace filter and activity monitors are the
 * machine's, and not switched: hidden in the ID registers, and trapped where a CPU has them (DDI
 * 0487, HCR_EL2.TERR, TLOR; MDCR_EL2.TPMS, TTRF; CPTR_EL2.TAM). */
static void what_guests_do_not_have_traps(void **state)
{
    struct vcpu *v;

    (void)state;
    env_up(1, 16ul << 20);
    fake_sysreg_set(FAKE_ID_AA64PFR0_EL1, 1ul << 28); /* RAS: without, HCR_EL2.TERR is RES0 */
    v = env_domu(1, 16)->vcpu[0];
    assert_int_equal(v->hcr >> 35 & 3, 3);
    assert_int_equal(v->mdcr & (1u << 14 | 1u << 19), 1u << 14 | 1u << 19);
    assert_int_equal(v->cptr >> 30 & 1, 1);
    assert_int_equal(v->cptr >> 8 & 1, 1);
}

/* HPFAR_EL2 is UNKNOWN for a permission fault: here it names a GIC frame. */
static void a_write_to_a_read_only_grant_aborts(void **state)
{
    const uint64_t esr = (uint64_t)EC_DABT_LOW << ESR_EC_SHIFT | ESR_IL | DABT_ISV | DABT_WNR | 0xf;
    struct domain *d;

    (void)state;
    env_up(1, 32ul << 20);
    d = env_domu(1, 16);
    fake_percpu->current = d->vcpu[0];
    hw_sysreg_write(ELR_EL2, 0x1000);
    hw_sysreg_write(SPSR_EL2, PSTATE_EL1H);
    hw_sysreg_write(VBAR_EL1, 0x8000);
    hw_sysreg_write(FAR_EL2, 0xffff000000001000ul);
    hw_sysreg_write(HPFAR_EL2, d->gicd.base >> PAGE_SHIFT << 4);
    trap_sync(d->vcpu[0], esr);
    assert_int_equal(hw_sysreg_read(ELR_EL2), 0x8200);
    assert_int_equal(hw_sysreg_read(ESR_EL1) >> ESR_EC_SHIFT, EC_DABT_SAME);
    assert_int_equal(hw_sysreg_read(FAR_EL1), 0xffff000000001000ul);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_closed_port_tells_nothing_of_memory_given_back),
    cmocka_unit_test(a_domain_found_before_its_end_can_be_used_until_the_visit_ends),
    cmocka_unit_test(no_page_is_given_to_a_domain_that_has_ended),
    cmocka_unit_test(a_grant_table_grows_in_bounded_steps),
    cmocka_unit_test(dom0_gets_a_large_extent_back_in_bounded_steps),
    cmocka_unit_test(a_multicall_counts_in_32_bits),
    cmocka_unit_test(a_resume_waits_until_the_shutdown_has_paused),
    cmocka_unit_test(what_guests_do_not_have_traps),
    cmocka_unit_test(a_write_to_a_read_only_grant_aborts),
};

FAKE_TEST_MAIN(tests)
