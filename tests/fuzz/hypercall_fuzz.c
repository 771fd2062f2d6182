/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hypercalls in any order by domains that live side by side: what they agree on in shared memory,
 * what they grant, send and map, and what the control tool does to them meanwhile. After each call
 * all that EL2 keeps must agree; in the end everything must come back.
 */
#include "core/base/hw.h"
#include "core/evtchn_fifo.h"
#include "core/grant_entry.h"
#include "mm/page_alloc.h"
#include "tests/fuzz/hypercall_gen.h"

#define STEPS_MAX 96u

/* The guest writes a grant entry of its own. */
static void step_grant(struct fuzz_input *in)
{
    struct domain *d = world_domain(fuzz_u8(in));
    struct gen g = gen_begin(in, d);
    struct grant_active *active;
    grant_entry_v1_t *e = NULL;

    if (!grant_entry_find(d, gen_small(&g, 12), &active, &e))
        return;
    e->domid = gen_domid(&g);
    e->frame = (uint32_t)gen_gfn(&g, d);
    e->flags = fuzz_rarely(in, 4) ? fuzz_u16(in)
                                  : GTF_permit_access | (fuzz_u8(in) & 1) * GTF_readonly;
}

/* The guest writes a word of memory that it shares with EL2: event words, queue heads, pending and
 * mask bits. */
static void step_shared(struct fuzz_input *in)
{
    struct domain *d = world_domain(fuzz_u8(in));
    const struct evtchn_fifo *f = d->evtchn.fifo;
    const struct evtchn_fifo_vcpu *fv = d->vcpu[0]->evtchn_fifo;
    uint32_t *words = (uint32_t *)d->shared_info, n = fuzz_below(in, 16);

    if (fuzz_u8(in) & 1)
        n = fuzz_u16(in) % (PAGE_SIZE / sizeof(uint32_t));
    if (f && f->pages && fuzz_u8(in) & 1)
        words = f->words[0];
    else if (fv && fuzz_u8(in) & 1)
        words = (uint32_t *)(void *)fv->control, n %= sizeof(*fv->control) / sizeof(uint32_t);
    words[n] = fuzz_u32(in);
}

static void step_touch(struct fuzz_input *in)
{
    struct domain *d = world_domain(fuzz_u8(in));
    struct gen g = gen_begin(in, d);

    world_touch(d, gen_gfn(&g, d), fuzz_u8(in) & 1);
}

static void step_time(struct fuzz_input *in)
{
    fake_counter_advance(fuzz_u32(in));
    page_alloc_progress(1 + fuzz_below(in, 64));
}

static const gen_fn generators[] = {
    gen_grant_array, gen_grant_array, gen_grant_array, gen_grant_single, gen_event, gen_event,
    gen_event, gen_memory, gen_memory, gen_memory, gen_hvm, gen_vcpu, gen_sched, gen_version,
    gen_small_call, gen_anything, gen_domctl, gen_domctl, gen_domctl, gen_sysctl,
    gen_copy,
};

static void step_call(struct fuzz_input *in)
{
    struct domain *d = world_domain(fuzz_u8(in));
    struct gen g = gen_begin(in, d);
    struct world_call c = generators[fuzz_below(in, ARRAY_SIZE(generators))](&g);

    world_hypercall(d, &c);
}

/* Dom0's control calls alone: deeper than chance would have it. */
static void step_control(struct fuzz_input *in)
{
    struct gen g = gen_begin(in, domain0);
    struct world_call c = gen_domctl(&g);

    world_hypercall(domain0, &c);
}

static void step_multicall(struct fuzz_input *in)
{
    struct domain *d = world_domain(fuzz_u8(in));
    struct gen g = gen_begin(in, d);
    unsigned count = 1 + fuzz_below(in, 3);
    multicall_entry_t entries[3];
    struct world_call c = { __HYPERVISOR_multicall, { 0, count } };

    memset(entries, 0, sizeof(entries));
    for (unsigned i = 0; i < count; i++) {
        struct world_call sub = generators[fuzz_below(in, ARRAY_SIZE(generators))](&g);

        entries[i].op = sub.nr;
        memcpy(entries[i].args, sub.a, sizeof(sub.a));
    }
    c.a[0] = gen_put(&g, entries, count * sizeof(entries[0]));
    world_hypercall(d, &c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const steps[])(struct fuzz_input *in) = {
        step_call, step_call, step_call, step_call, step_call, step_call, step_grant,
        step_grant, step_touch, step_touch, step_shared, step_time, step_control, step_multicall,
    };
    static bool is_up;
    struct fuzz_input in = fuzz_input(data, size);

    if (!is_up)
        world_up();
    is_up = true;
    world_restore();
    for (unsigned i = 0; i < STEPS_MAX && in.left; i++) {
        steps[fuzz_below(&in, ARRAY_SIZE(steps))](&in);
        check_world();
    }
    world_down();
    return 0;
}
