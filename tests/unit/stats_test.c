/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/stats.c: who may ask, and that what is counted arrives.
 */
#include "core/base/purlin_abi.h"
#include "core/base/sysreg_bits.h"
#include "core/trap.h"
#include "tests/unit/domain_env.h"

static struct purlin_stats *s; /* in guest memory */
static uint64_t s_at;

static void up(void)
{
    env_up(1, 64ul << 20);
    s = env_guest_pages(0, &s_at);
    memset(s, 0x5a, sizeof(*s));
    s->version = PURLIN_STATS_VERSION;
    s->watch_s = 0;
}

static int64_t ask(uint32_t domid)
{
    s->domid = domid;
    return env_call(stats_hypercall, s_at, 0, 0);
}

static void strangers_and_other_versions_are_refused(void **state)
{
    (void)state;
    up();
    assert_int_equal(ask(7), -ESRCH);
    assert_int_equal(ask(DOMID_SELF), -ESRCH);
    assert_int_equal(ask(0x10000), -ESRCH);
    assert_int_equal(env_call(stats_hypercall, 1ul << 47, 0, 0), -EFAULT);
    s->version = 2;
    assert_int_equal(ask(0), -EACCES);
    s->version = PURLIN_STATS_VERSION;
    fake_percpu->current = env_domu(1, 16)->vcpu[0];
    assert_int_equal(ask(0), -EPERM);
}

static void the_sum_over_the_vcpus_is_told(void **state)
{
    struct domain *d;

    (void)state;
    up();
    d = env_domu(3, 16);
    for (unsigned i = 0; i < 3; i++) {
        d->vcpu[i]->counts.hypercalls = 1;
        d->vcpu[i]->counts.interrupts = 10;
        d->vcpu[i]->counts.switches = 100;
        d->vcpu[i]->counts.grant_ops[GNTTABOP_copy] = 1000;
        d->vcpu[i]->runstate.time[RUNSTATE_running] = 5;
        d->vcpu[i]->sched.untrapped_ns = 2;
        vcpu_event_upcall(d->vcpu[i]);
        vcpu_event_upcall(d->vcpu[i]); /* is pending already */
    }
    d->grants.maptrack_used = 4;
    assert_int_equal(ask(d->id), 0);
    assert_int_equal(s->counts.hypercalls, 3);
    assert_int_equal(s->counts.interrupts, 30);
    assert_int_equal(s->counts.switches, 300);
    assert_int_equal(s->counts.upcalls, 3);
    assert_int_equal(s->counts.grant_ops[GNTTABOP_copy], 3000);
    assert_int_equal(s->counts.grant_ops[GNTTABOP_map_grant_ref], 0);
    assert_int_equal(s->cpu_ns, 15);
    assert_int_equal(s->untrapped_ns, 6);
    assert_int_equal(s->grants_mapped, 4);
    assert_int_equal(s->is_capped, 0);
}

static void traps_are_counted_by_their_class(void **state)
{
    struct vcpu *v;

    (void)state;
    up();
    v = vcpu_current();
    v->x[0] = 0x84000000;
    trap_smccc(v);
    v->counts.traps[EC_SVE] = 2; /* counted by boot/vectors.S */
    assert_int_equal(ask(0), 0);
    assert_int_equal(s->counts.traps[EC_HVC64], 1);
    assert_int_equal(s->counts.traps[EC_SVE], 2);
    assert_int_equal(s->counts.traps[EC_WFX], 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(strangers_and_other_versions_are_refused),
    cmocka_unit_test(the_sum_over_the_vcpus_is_told),
    cmocka_unit_test(traps_are_counted_by_their_class),
};

FAKE_TEST_MAIN(tests)
