/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A domain: its memory, vCPUs, event channels, grants, vGIC; its life and death. Structures are
 * freed through quiescence, so a pointer found by domain_by_id() is good for this EL2 visit
 * without a reference.
 */
#ifndef CORE_DOMAIN_H
#define CORE_DOMAIN_H

#include "core/evtchn.h"
#include "core/grant.h"
#include "core/vcpu.h"
#include "core/vpl011.h"
#include "mm/page.h"
#include "mm/stage2.h"

#define DOMAIN_HVM_PARAMS 40u

/*
 * BUILDING -> RUNNING: first unpause
 * BUILDING, RUNNING -> SHUTDOWN: sched_op shutdown (BUILDING: remote_shutdown), crash, PSCI
 *     SYSTEM_OFF/RESET (code in shutdown_code)
 * SHUTDOWN -> RUNNING: domctl resumedomain
 * any -> DYING: destroydomain;  DYING -> DEAD: memory, events, grants given back
 * DEAD: waits for the last reference (another domain's mapping of its pages)
 */
enum domain_state { DOMAIN_BUILDING, DOMAIN_RUNNING, DOMAIN_SHUTDOWN, DOMAIN_DYING, DOMAIN_DEAD };

#define DOMAIN_WATCHDOGS 2u
struct watchdog {
    struct timer timer;
    struct domain *domain;       /* NULL: not in use; domain.lock, atomic */
};

struct domain {
    struct list link;            /* all domains by id; list lock */
    struct domain *hash_next;
    domid_t id;
    bool is_privileged;          /* Dom0: control interface */
    bool is_direct_mapped;
    enum domain_state state;     /* lock */
    uint32_t shutdown_code;      /* SHUTDOWN_* */
    uint32_t shutdown_latch;     /* what its next shutdown shall be, and 1; 0: as it says then */
    struct lock lock;            /* state, limits, hvm params */
    uint32_t refs;               /* pages not yet freed + 1 for existing; atomic */
    int pause_count;             /* atomic; those of domctl pausedomain, too */
    uint8_t paused_by_tools;     /* how often: each of them lets it run again itself */
    uint8_t uuid[16];
    uint32_t ssidref;

    unsigned vcpu_max;
    struct vcpu **vcpu;          /* [vcpu_max]; NULL: not created */

    uint8_t last_vcpu[NR_CPUS_MAX]; /* the id of its vCPU that each CPU loaded last; that CPU's */
    struct stage2 s2;
    uint32_t pages_allocated;    /* atomic: DOMAIN pages owned */
    uint32_t pages_max;          /* domctl max_mem */
    uint32_t pages_shared;       /* SHARED pages */
    uint64_t gfn_max;            /* highest gfn ever mapped */
    uint64_t relinquish_gfn;     /* teardown progress */
    unsigned relinquish_phase;

    struct vgic vgic;
    struct evtchn_domain evtchn;
    struct grant_domain grants;

    struct vpl011 vpl011;

    struct page *shared_page;    /* shared_info */
    shared_info_t *shared_info;  /* direct map */
    uint64_t hvm_param[DOMAIN_HVM_PARAMS]; /* lock */
    unsigned event_irq;          /* PPI of the event upcall; 0: none yet */
    unsigned pmu_irq;            /* PPI of the performance monitors; 0: it has none */
    uint64_t cntvoff;
    int64_t time_offset_s;
    bool runstate_update_flag;   /* vm_assist type 5 */

    unsigned sched_weight, sched_cap; /* cap: percent of a CPU, 0: none */
    uint64_t cap_since;          /* ns, lock: since when cap_used_ns counts */
    uint64_t cap_used_ns;        /* atomic */
    struct timer end_timer;      /* set after the last reference, while there is more to free */
    struct timer cap_timer;      /* set while is_capped (lock): the end of that */
    bool is_capped;
    uint64_t vcpus_left[2][2];   /* atomic, by enum vcpus_act: whose turn comes with the timer */
    struct timer vcpus_timer;
    struct watchdog watchdog[DOMAIN_WATCHDOGS];
    struct { uint64_t base, bytes; } gicd, gicc_or_gicr; /* guest addresses */
};

extern struct domain *domain0;   /* NULL when there is none */
extern unsigned domain_count;    /* that domain_next() would list; list lock */

/* Found by id, in any state; NULL. DOMID_SELF is the current domain. O(1), no lock. */
struct domain *domain_by_id(domid_t id);
static inline struct domain *domain_current(void) { return vcpu_current()->domain; }
/* The first domain with an id >= `id` (getdomaininfo), NULL. */
struct domain *domain_next(unsigned id);
#define domain_for_each(d) \
    for (struct domain *d = domain_next(0); d; d = domain_next(d->id + 1u))

/* vCPU `id` of d; NULL: not created, or beyond what d has. */
static inline struct vcpu *domain_vcpu(const struct domain *d, uint64_t id)
{
    return id < d->vcpu_max ? READ_ONCE(d->vcpu[id]) : NULL;
}
/* The first vCPU of d with an id >= `id`, NULL. */
static inline struct vcpu *domain_vcpu_next(const struct domain *d, unsigned id)
{
    while (id < d->vcpu_max && !READ_ONCE(d->vcpu[id]))
        id++;
    return domain_vcpu(d, id);
}
#define domain_for_each_vcpu(d, v) \
    for (struct vcpu *v = domain_vcpu_next(d, 0); v; v = domain_vcpu_next(d, v->id + 1))

struct domain_config {
    domid_t id;                  /* DOMID_INVALID: pick a free one */
    const uint8_t *uuid;
    uint32_t ssidref;
    unsigned vcpus, spis;
    enum gic_version gic;
    unsigned pmu_irq;            /* 0: no performance monitors */
    unsigned ipa_bits;           /* at most, 0: what a guest's memory map takes */
    unsigned max_evtchn_port, max_grant_frames, max_maptrack_frames;
    bool is_privileged, is_direct_mapped;
};
/* A new domain, BUILDING, paused, on the list. 0, -ENOMEM, -EEXIST, -EINVAL; undone on error. */
int domain_create(const struct domain_config *c, struct domain **out);
/* Where d sees its GIC: the distributor, and the CPU interface (GICv2: the hardware's GICV is
 * mapped there) or the redistributors (GICv3). domain_create does it, but for a direct-mapped
 * domain, whose builder calls this before the first vCPU runs. 0, -ENOMEM, -EEXIST. */
int domain_gic_place(struct domain *d, uint64_t gicd, uint64_t gicc_or_gicr);
/* First half of death: DYING, vCPUs off; -EINVAL for Dom0. Then domain_relinquish until 0 (bounded;
 * -ERESTART): after that d may be gone. One caller at a time (domctl's lock). */
int domain_kill(struct domain *d);
int domain_relinquish(struct domain *d);
/* After the last one d goes, now or soon. Raises VIRQ_DOM_EXC. */
void domain_put(struct domain *d);
/* False when it is already being freed. */
bool domain_get(struct domain *d);

void domain_pause(struct domain *d);
void domain_unpause(struct domain *d);
/* Stops all vCPUs and tells Dom0 (VIRQ_DOM_EXC). For Dom0: the machine follows (off, reboot). */
void domain_shutdown(struct domain *d, uint32_t reason);
/* A guest's state can't be trusted any more: logs the reason, shuts it down with SHUTDOWN_crash. */
void domain_crash(struct domain *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int domain_resume(struct domain *d);

/* Memory accounting: pages of PAGE_DOMAIN, limit checked. NULL: limit or no memory (see
 * page_alloc). The domain is referenced once per page. */
struct page *domain_page_alloc(struct domain *d, unsigned order);
/* Gives all of them back, and nobody has seen them. */
void domain_page_unalloc(struct domain *d, struct page *p, unsigned order);
void domain_page_free(struct page *p); /* it has lost its last reference */
/* Puts a reference that some mapping of a page of d (or of its owner) held; does the accounting
 * when it was the last. */
static inline void domain_page_put(struct page *p)
{
    if (page_unref(p))
        domain_page_free(p);
}
/* The page at gfn of d as RAM, referenced (domain_page_put), or NULL. writable: not read-only. */
struct page *domain_gfn_page_get(struct domain *d, uint64_t gfn, bool writable);

/* Who may control whom: 0, -EPERM. Dom0 everyone; a domain itself. */
int domain_may_control(const struct domain *by, const struct domain *d);
/* The domain that a call names, if its caller may control it: 0, -ESRCH, -EPERM. */
int domain_target(domid_t id, struct domain **out);

#endif
