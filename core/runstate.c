/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runstate: how long a vCPU ran, waited and blocked (Xen public vcpu.h), kept for the toolstack and
 * copied to the area that the guest registered. The area's pages are held and written through the
 * direct map, as its virtual address means nothing while another vCPU is loaded.
 * Changed under the run queue lock of the vCPU's CPU.
 */
#include "core/runstate.h"

#include "core/base/errors.h"
#include "core/domain.h"
#include "core/sched.h"
#include "mm/guest_mem.h"

#define AREA_WORDS (sizeof(vcpu_runstate_info_t) / sizeof(uint64_t))

_Static_assert(offsetof(vcpu_runstate_info_t, state_entry_time) == sizeof(uint64_t) &&
               AREA_WORDS == 6, "the area's words: state, state_entry_time, time[]");

/* The first `first` words of the area are in its first part, the others begin the second. Xen
 * public vcpu.h, XEN_RUNSTATE_UPDATE: with vm_assist runstate_update_flag, the top bit of
 * state_entry_time is set while the other fields change. */
static ALWAYS_INLINE void write_area(const struct vcpu *v, unsigned first)
{
    uint64_t *part[2] = { v->runstate_ptr[0], v->runstate_ptr[1] };
    const vcpu_runstate_info_t r = v->runstate;

#define WORD(n) part[(n) >= first][(n) >= first ? (n) - first : (n)]
    if (v->domain->runstate_update_flag) {
        WRITE_ONCE(WORD(1), r.state_entry_time | XEN_RUNSTATE_UPDATE);
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    }
    WORD(0) = (uint64_t)r.state;
    for (unsigned n = 2; n < AREA_WORDS; n++)
        WORD(n) = r.time[n - 2];
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    WRITE_ONCE(WORD(1), r.state_entry_time);
#undef WORD
}

static NOINLINE void write_parts(const struct vcpu *v)
{
    write_area(v, (PAGE_SIZE - (uintptr_t)v->runstate_ptr[0] % PAGE_SIZE) / sizeof(uint64_t));
}

void runstate_write(const struct vcpu *v)
{
    if (unlikely(v->runstate_ptr[1]))
        write_parts(v);
    else
        write_area(v, AREA_WORDS);
}

/* The RAM under a guest virtual address, its page referenced; or NULL. */
static uint64_t *runstate_part_get(struct vcpu *v, gva_t va)
{
    void *p = guest_mem_ptr(va, true);
    struct page *page = p ? page_of(hw_virt_to_phys(p)) : NULL;

    return page && page_get(page, v->domain->id) ? p : NULL;
}

static void runstate_part_put(const uint64_t *part)
{
    if (part)
        domain_page_put(page_of(hw_virt_to_phys(part)));
}

/* v may run, and be switched, on another CPU: what is written where changes as a whole. */
static void runstate_area_set(struct vcpu *v, uint64_t *ptr[2])
{
    uint64_t *old[2];

    sched_vcpu_lock(v);
    memcpy(old, v->runstate_ptr, sizeof(old));
    memcpy(v->runstate_ptr, ptr, sizeof(old));
    runstate_publish(v);
    sched_vcpu_unlock(v);
    runstate_part_put(old[0]);
    runstate_part_put(old[1]);
}

int vcpu_runstate_register(struct vcpu *v, gva_t area)
{
    size_t first = PAGE_SIZE - area.v % PAGE_SIZE;
    uint64_t *ptr[2] = { NULL, NULL };

    if (area.v % sizeof(uint64_t))
        return -EINVAL;
    ptr[0] = runstate_part_get(v, area);
    if (!ptr[0])
        return -EFAULT;
    if (first < sizeof(vcpu_runstate_info_t)) {
        ptr[1] = runstate_part_get(v, gva(area.v + first));
        if (!ptr[1]) {
            runstate_part_put(ptr[0]);
            return -EFAULT;
        }
    }
    runstate_area_set(v, ptr);
    return 0;
}

void vcpu_runstate_unregister(struct vcpu *v) { runstate_area_set(v, (uint64_t *[2]){ NULL }); }
