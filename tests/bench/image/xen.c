/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shared info and grant table take the place of pages of this image.
 */
#include "tests/bench/image/xen.h"

#include "tests/bench/image/gic.h"

#define BITS_PER_WORD 64u

static char shared_info_page[PAGE_BYTES] __attribute__((aligned(4096)));
static char grant_page[PAGE_BYTES] __attribute__((aligned(4096)));
static void (*event_handler)(unsigned port);

static shared_info_t *shared(void) { return (shared_info_t *)shared_info_page; }

static uint64_t gfn_of(const void *address) { return (uintptr_t)address / PAGE_BYTES; }

static void map(unsigned space, const void *address)
{
    struct xen_add_to_physmap x = { .domid = DOMID_SELF, .space = space, .idx = 0,
                                    .gpfn = gfn_of(address) };

    bench_check(!hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, (uintptr_t)&x, 0));
}

static void upcall(void)
{
    vcpu_info_t *info = &shared()->vcpu_info[0];
    uint64_t words;

    __atomic_store_n(&info->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
    words = __atomic_exchange_n(&info->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
    while (words) {
        unsigned word = (unsigned)__builtin_ctzl(words);
        uint64_t bits = shared()->evtchn_pending[word] & ~shared()->evtchn_mask[word];

        words &= words - 1;
        for (; bits; bits &= bits - 1) {
            unsigned port = word * BITS_PER_WORD + (unsigned)__builtin_ctzl(bits);

            xen_take(port);
            event_handler(port);
        }
    }
}

void xen_init(void)
{
    static bool is_done;

    if (is_done)
        return;
    is_done = true;
    map(XENMAPSPACE_shared_info, shared_info_page);
    map(XENMAPSPACE_grant_table, grant_page);
    for (unsigned i = 0; i < ARRAY_SIZE(shared()->evtchn_mask); i++)
        shared()->evtchn_mask[i] = ~0ul;
    gic_on(facts.event_intid, upcall);
}

unsigned xen_bind_ipi(void)
{
    evtchn_bind_ipi_t bind = { .vcpu = 0 };

    bench_check(!hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, (uintptr_t)&bind, 0));
    return bind.port;
}

void xen_send(unsigned port)
{
    evtchn_send_t send = { .port = port };

    bench_check(!hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, (uintptr_t)&send, 0));
}

void xen_mask(unsigned port, bool is_masked)
{
    uint64_t bit = 1ul << port % BITS_PER_WORD;

    xen_take(port);
    if (is_masked)
        __atomic_fetch_or(&shared()->evtchn_mask[port / BITS_PER_WORD], bit, __ATOMIC_SEQ_CST);
    else
        __atomic_fetch_and(&shared()->evtchn_mask[port / BITS_PER_WORD], ~bit, __ATOMIC_SEQ_CST);
}

bool xen_take(unsigned port)
{
    uint64_t bit = 1ul << port % BITS_PER_WORD;

    return __atomic_fetch_and(&shared()->evtchn_pending[port / BITS_PER_WORD], ~bit,
                              __ATOMIC_SEQ_CST) & bit;
}

void xen_on_event(void (*handler)(unsigned port)) { event_handler = handler; }

void xen_grant(unsigned gref, unsigned domid, const void *address, bool is_readonly)
{
    grant_entry_v1_t *e = (grant_entry_v1_t *)grant_page + gref;

    e->domid = (domid_t)domid;
    e->frame = (uint32_t)gfn_of(address);
    __atomic_store_n(&e->flags, GTF_permit_access | (is_readonly ? GTF_readonly : 0),
                     __ATOMIC_RELEASE);
}

void xen_vacate(void *address, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        xen_pfn_t gfn = gfn_of(address) + i;
        struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };

        set_xen_guest_handle(r.extent_start, &gfn);
        bench_check(hypercall(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, (uintptr_t)&r,
                              0) == 1);
    }
}

int64_t xen_grant_op(unsigned op, void *args, unsigned count)
{
    return hypercall(__HYPERVISOR_grant_table_op, op, (uintptr_t)args, count);
}

int64_t xen_call_late(unsigned op, uint64_t a0, const void *a1, uint64_t a2, unsigned shorts)
{
    static multicall_entry_t calls[XEN_SHORT_CALLS_MAX + 1];

    for (unsigned i = 0; i < shorts; i++)
        calls[i] = (multicall_entry_t){ .op = __HYPERVISOR_xen_version, .args = { 0 } };
    calls[shorts] = (multicall_entry_t){ .op = op, .args = { a0, (uintptr_t)a1, a2 } };
    bench_check(!hypercall(__HYPERVISOR_multicall, (uintptr_t)calls, shorts + 1, 0));
    return (int64_t)calls[shorts].result;
}
