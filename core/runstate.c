/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runstate: how long a vCPU ran, waited and blocked (Xen public vcpu.h), kept for the toolstack and
 * copied to the area that the guest registered. The area's pages are held and written through the
 * direct map, as its virtual address means nothing while another vCPU is loaded.
 * Changed under the run queue lock of the vCPU's CPU.
 */
#include "core/runstate.h"

#include "core/base/errors.h"
#include "core/base/string.h"
#include "core/domain.h"
#include "core/sched.h"
#include "mm/guest_mem.h"

static void runstate_copy(const struct vcpu *v, size_t from, const void *src, size_t bytes)
{
    size_t first = v->runstate_bytes0;

    if (from + bytes <= first) {
        memcpy((char *)v->runstate_ptr[0] + from, src, bytes);
    } else if (from >= first) {
        memcpy((char *)v->runstate_ptr[1] + (from - first), src, bytes);
    } else {
        memcpy((char *)v->runstate_ptr[0] + from, src, first - from);
        memcpy(v->runstate_ptr[1], (const char *)src + (first - from), bytes - (first - from));
    }
}

/* Xen public vcpu.h, XEN_RUNSTATE_UPDATE: with vm_assist runstate_update_flag, the top bit of
 * state_entry_time is set while the other fields change. */
static void runstate_publish(struct vcpu *v)
{
    const size_t at = offsetof(vcpu_runstate_info_t, state_entry_time);
    uint64_t entry;

    if (!v->runstate_page[0])
        return;
    if (v->domain->runstate_update_flag) {
        entry = v->runstate.state_entry_time | XEN_RUNSTATE_UPDATE;
        runstate_copy(v, at, &entry, sizeof(entry));
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    }
    runstate_copy(v, 0, &v->runstate.state, sizeof(v->runstate.state));
    runstate_copy(v, offsetof(vcpu_runstate_info_t, time), v->runstate.time,
                  sizeof(v->runstate.time));
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    entry = v->runstate.state_entry_time;
    runstate_copy(v, at, &entry, sizeof(entry));
}

void runstate_change(struct vcpu *v, int state)
{
    uint64_t now = timer_now_ns();

    if (v->runstate.state == state)
        return;
    v->runstate.time[v->runstate.state] += now - v->runstate.state_entry_time;
    v->runstate.state_entry_time = now;
    v->runstate.state = state;
    runstate_publish(v);
}

/* A reference on the RAM page under a guest virtual address, or NULL. */
static struct page *runstate_page_get(struct vcpu *v, gva_t va, void **ptr)
{
    void *p = guest_mem_ptr(va, true);
    struct page *page = p ? page_of(hw_virt_to_phys(p)) : NULL;

    if (!page || !page_get(page, v->domain->id))
        return NULL;
    *ptr = p;
    return page;
}

/* v may run, and be switched, on another CPU: what is written where changes as a whole. */
static void runstate_area_set(struct vcpu *v, struct page *page[2], void *ptr[2], unsigned bytes0)
{
    struct page *old[2];

    sched_vcpu_lock(v);
    memcpy(old, v->runstate_page, sizeof(old));
    memcpy(v->runstate_page, page, sizeof(old));
    memcpy(v->runstate_ptr, ptr, sizeof(v->runstate_ptr));
    v->runstate_bytes0 = bytes0;
    runstate_publish(v);
    sched_vcpu_unlock(v);
    for (unsigned i = 0; i < 2; i++)
        if (old[i])
            domain_page_put(old[i]);
}

int vcpu_runstate_register(struct vcpu *v, gva_t area)
{
    struct page *page[2] = { NULL, NULL };
    void *ptr[2] = { NULL, NULL };
    size_t first = MIN(sizeof(vcpu_runstate_info_t), PAGE_SIZE - area.v % PAGE_SIZE);

    if (area.v % sizeof(uint64_t))
        return -EINVAL;
    page[0] = runstate_page_get(v, area, &ptr[0]);
    if (!page[0])
        return -EFAULT;
    if (first < sizeof(vcpu_runstate_info_t)) {
        page[1] = runstate_page_get(v, gva(area.v + first), &ptr[1]);
        if (!page[1]) {
            domain_page_put(page[0]);
            return -EFAULT;
        }
    }
    runstate_area_set(v, page, ptr, (unsigned)first);
    return 0;
}

void vcpu_runstate_unregister(struct vcpu *v)
{
    struct page *none[2] = { NULL, NULL };
    void *ptr[2] = { NULL, NULL };

    runstate_area_set(v, none, ptr, 0);
}
