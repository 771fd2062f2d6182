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

/* The area may cross a page boundary: then the rest is where the second pointer says. */
static void runstate_copy(const struct vcpu *v, size_t from, const void *src, size_t bytes)
{
    size_t first = PAGE_SIZE - ((uintptr_t)v->runstate_ptr[0] & (PAGE_SIZE - 1));
    size_t n = from < first ? MIN(bytes, first - from) : 0;

    memcpy(v->runstate_ptr[0] + from, src, n);
    if (unlikely(n < bytes))
        memcpy(v->runstate_ptr[1] + (from + n - first), (const char *)src + n, bytes - n);
}

/* Xen public vcpu.h, XEN_RUNSTATE_UPDATE: with vm_assist runstate_update_flag, the top bit of
 * state_entry_time is set while the other fields change. */
void runstate_publish(struct vcpu *v)
{
    const size_t at = offsetof(vcpu_runstate_info_t, state_entry_time);
    uint64_t entry;

    if (!v->runstate_ptr[0])
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

/* The RAM under a guest virtual address, its page referenced; or NULL. */
static char *runstate_part_get(struct vcpu *v, gva_t va)
{
    void *p = guest_mem_ptr(va, true);
    struct page *page = p ? page_of(hw_virt_to_phys(p)) : NULL;

    return page && page_get(page, v->domain->id) ? p : NULL;
}

static void runstate_part_put(const char *part)
{
    if (part)
        domain_page_put(page_of(hw_virt_to_phys(part)));
}

/* v may run, and be switched, on another CPU: what is written where changes as a whole. */
static void runstate_area_set(struct vcpu *v, char *ptr[2])
{
    char *old[2];

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
    char *ptr[2] = { NULL, NULL };

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

void vcpu_runstate_unregister(struct vcpu *v)
{
    char *none[2] = { NULL, NULL };

    runstate_area_set(v, none);
}
