/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Describing a domain to the toolstack: a snapshot, taken without locks. No state.
 */
#include "core/domain_info.h"

#include "core/sched.h"

/* Blocked only if all vCPUs that are on are, running if one is. */
static void info_vcpus(const struct domain *d, xen_domctl_getdomaininfo_t *out)
{
    uint32_t flags = XEN_DOMINF_blocked;

    out->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
    domain_for_each_vcpu(d, v) {
        enum vcpu_state state;

        out->max_vcpu_id = v->id;
        out->cpu_time += sched_vcpu_runtime_ns(v);
        if (!v->is_online)
            continue;
        out->nr_online_vcpus++;
        state = READ_ONCE(v->sched.state);
        if (state != VCPU_BLOCKED)
            flags &= ~XEN_DOMINF_blocked;
        if (state == VCPU_RUNNING)
            flags |= XEN_DOMINF_running;
    }
    out->flags |= flags;
}

static uint32_t info_state(const struct domain *d)
{
    /* On arm each domain is of the hardware-assisted kind. */
    uint32_t flags = XEN_DOMINF_hvm_guest | XEN_DOMINF_hap;

    if (d->paused_by_tools)
        flags |= XEN_DOMINF_paused;
    if (d->state == DOMAIN_SHUTDOWN)
        flags |= XEN_DOMINF_shutdown |
                 (d->shutdown_code & XEN_DOMINF_shutdownmask) << XEN_DOMINF_shutdownshift;
    if (d->state == DOMAIN_DEAD)
        flags |= XEN_DOMINF_dying;
    return flags;
}

void domain_info_get(struct domain *d, xen_domctl_getdomaininfo_t *out)
{
    memset(out, 0, sizeof(*out));
    out->domain = d->id;
    info_vcpus(d, out);
    out->flags |= info_state(d);
    out->tot_pages = d->pages_allocated;
    out->max_pages = d->pages_max;
    out->shared_info_frame = ~0ul; /* the guest decides where, and may do so more than once */
    out->ssidref = d->ssidref;
    memcpy(out->handle, d->uuid, sizeof(out->handle));
    out->gpaddr_bits = (uint8_t)d->s2.ipa_bits;
    out->arch_config.gic_version = domain_info_gic(d->vgic.version);
    out->arch_config.nr_spis = d->vgic.spis;
}
