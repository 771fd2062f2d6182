/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypercall table, continuation and multicall (Xen public xen.h). boot/vectors.S calls the
 * handlers of the table directly; no lock.
 */
#include "core/hypercall.h"

#include "core/base/errors.h"
#include "core/vcpu.h"
#include "mm/guest_mem.h"

static int64_t hypercall_none(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t) { return -ENOSYS; }

#pragma GCC diagnostic ignored "-Woverride-init" /* the first entry is what has no other */
const hypercall_fn hypercall_table[HYPERCALL_NR_MAX] = {
    [0 ... HYPERCALL_NR_MAX - 1] = hypercall_none,
#define HYPERCALL(nr, handler) [nr] = handler,
#include "core/hypercalls.def"
#undef HYPERCALL
};

/* No sub-call begins later in one stay at EL2; each is bounded itself. A nanosecond is about an
 * instruction. */
#define MULTICALL_NS (HYPERCALL_BUDGET / 12)

int64_t hypercall_continue(unsigned count, uint64_t a0, uint64_t a1, uint64_t a2)
{
    struct vcpu *v = vcpu_current();
    const uint64_t args[3] = { a0, a1, a2 };

    memcpy(v->in_multicall ? v->multicall_args : v->x, args, count * sizeof(args[0]));
    if (v->in_multicall) {
        v->multicall_continued = true;
        return 0;
    }
    hw_sysreg_write(ELR_EL2, hw_sysreg_read(ELR_EL2) - 4);
    return (int64_t)a0;
}

static int64_t multicall_one(struct vcpu *v, const multicall_entry_t *e)
{
    /* Masked: the comparison may be mispredicted. */
    hypercall_fn fn = e->op < HYPERCALL_NR_MAX ? hypercall_table[e->op & (HYPERCALL_NR_MAX - 1)]
                                               : hypercall_none;
    int64_t result;

    if (fn == multicall_hypercall)
        return -ENOSYS;
    memcpy(v->multicall_args, e->args, sizeof(v->multicall_args));
    v->multicall_continued = false;
    v->in_multicall = true;
    result = fn(e->args[0], e->args[1], e->args[2], e->args[3], e->args[4]);
    v->in_multicall = false;
    return result;
}

/* The entry is guest memory: read once per attempt; written back with progress or the result. */
int64_t multicall_hypercall(uint64_t calls, uint64_t count, uint64_t, uint64_t, uint64_t)
{
    uint64_t end = timer_now() + timer_ns_to_ticks(MULTICALL_NS);
    struct vcpu *v = vcpu_current();

    count = (uint32_t)count;
    for (bool is_first = true; count; is_first = false) {
        multicall_entry_t e;

        if (!is_first && (timer_now() >= end || hypercall_preempt_check()))
            return hypercall_continue(2, calls, count, 0);
        if (guest_mem_read(&e, gva(calls), sizeof(e)))
            return -EFAULT;
        e.result = (xen_ulong_t)multicall_one(v, &e);
        if (v->multicall_continued)
            memcpy(e.args, v->multicall_args, sizeof(v->multicall_args));
        if (guest_mem_write(gva(calls), &e, sizeof(e)))
            return -EFAULT;
        if (v->multicall_continued) {
            v->multicall_continued = false;
            return hypercall_continue(2, calls, count, 0);
        }
        calls += sizeof(e);
        count--;
    }
    return 0;
}
