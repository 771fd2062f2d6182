/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Domains: the table of all of them, creation, states, death, and the accounting of their pages.
 * Refuses to know what the toolstack asks for (domctl.c) and how memory is laid out (memory.c).
 * domain_list_lock protects the list and writers of the hash; readers of the hash take no lock, as
 * a struct domain is whole EL2 pages, which are reused only after quiescence.
 */
#include "core/domain.h"

#include "core/base/assert.h"
#include "core/base/errors.h"
#include "core/base/log.h"
#include "core/domain_irq.h"
#include "core/evtchn_fifo.h"
#include "core/grant_map.h"
#include "core/hypercall.h"
#include "core/pmu.h"
#include "core/sched.h"
#include "core/wallclock.h"
#include "drivers/power.h"
#include "mm/page_alloc.h"

#define DOMAIN_HASH_SIZE 64u
#define DOMAIN_IPA_BITS_GUEST 40u /* to the end of GUEST_RAM1 (Xen public arch-arm.h) */
#define GICR_VCPU_BYTES 0x20000u   /* RD and SGI frame (IHI 0069) */
#define DOM0_MAPTRACK_FRAMES 32u   /* made ahead: handles for some 5,000 mappings */
/* What it costs in instructions to give back a page, to find the leaf that maps it, and so on. */
#define RELINQUISH_PAGE_COST 125u
#define RELINQUISH_LEAF_COST 150u
#define TABLE_ENTRIES 600u        /* looked at in one chunk: some 13 instructions each */

struct domain *domain0;
unsigned domain_count;

static struct lock domain_list_lock = LOCK_INIT;
static struct list domain_list = LIST_INIT(domain_list);
static struct domain *domain_hash[DOMAIN_HASH_SIZE];
static domid_t domain_last_id; /* domctl's lock, or boot */

/* --- the table ---------------------------------------------------------------------------- */

struct domain *domain_by_id(domid_t id)
{
    struct domain *d;

    if (id == DOMID_SELF)
        return domain_current();
    d = __atomic_load_n(&domain_hash[id % DOMAIN_HASH_SIZE], __ATOMIC_ACQUIRE);
    while (d && d->id != id)
        d = __atomic_load_n(&d->hash_next, __ATOMIC_ACQUIRE);
    return d;
}

/* From the one before it, if that exists: listing them all is a step for each. */
struct domain *domain_next(unsigned id)
{
    struct domain *before, *found = NULL;

    if (id >= DOMID_FIRST_RESERVED)
        return NULL;
    lock_acquire(&domain_list_lock);
    before = id ? domain_by_id((domid_t)(id - 1)) : NULL;
    for (struct list *pos = before ? before->link.next : domain_list.next;
         pos != &domain_list && !found; pos = pos->next)
        if (list_entry(pos, struct domain, link)->id >= id)
            found = list_entry(pos, struct domain, link);
    lock_release(&domain_list_lock);
    return found;
}

static void table_insert(struct domain *d)
{
    struct domain **head = &domain_hash[d->id % DOMAIN_HASH_SIZE];
    struct list *pos;

    lock_acquire(&domain_list_lock);
    for (pos = domain_list.next; pos != &domain_list; pos = pos->next)
        if (list_entry(pos, struct domain, link)->id > d->id)
            break;
    list_insert_before(pos, &d->link);
    domain_count++;
    d->hash_next = *head;
    /* Release: who finds it sees it whole; pairs with domain_by_id. */
    __atomic_store_n(head, d, __ATOMIC_RELEASE);
    lock_release(&domain_list_lock);
}

static void table_remove(struct domain *d)
{
    struct domain **p = &domain_hash[d->id % DOMAIN_HASH_SIZE];

    lock_acquire(&domain_list_lock);
    while (*p != d)
        p = &(*p)->hash_next;
    /* d's own link stays as it is, for readers that stand on it. */
    __atomic_store_n(p, d->hash_next, __ATOMIC_RELEASE);
    list_remove(&d->link);
    domain_count--;
    lock_release(&domain_list_lock);
}

/* A free id, searched from the last one handed out, so that ids are not reused soon. */
static int pick_id(domid_t wanted, domid_t *out)
{
    unsigned id = domain_last_id;

    if (wanted != DOMID_INVALID) {
        *out = wanted;
        return wanted >= DOMID_FIRST_RESERVED ? -EINVAL : domain_by_id(wanted) ? -EEXIST : 0;
    }
    for (unsigned i = 1; i < DOMID_FIRST_RESERVED; i++) {
        id = id + 1 < DOMID_FIRST_RESERVED ? id + 1 : 1;
        if (!domain_by_id((domid_t)id)) {
            *out = domain_last_id = (domid_t)id;
            return 0;
        }
    }
    return -ENOMEM;
}

/* --- creation ----------------------------------------------------------------------------- */

/* DDI 0487, ID_AA64MMFR0_EL1.PARange; EL2's 4 KiB granule ends at 48. */
static int build_stage2(struct domain *d, const struct domain_config *c)
{
    static const uint8_t widths[] = { 32, 36, 40, 42, 44, 48 };
    unsigned bits = widths[MIN(hw_sysreg_read(ID_AA64MMFR0_EL1) & 0xf, ARRAY_SIZE(widths) - 1)];

    return stage2_init(&d->s2, MIN(bits, c->ipa_bits ?: DOMAIN_IPA_BITS_GUEST));
}

static void free_stage2(struct domain *d) { stage2_destroy(&d->s2); }

static int build_shared_info(struct domain *d, const struct domain_config *)
{
    d->shared_page = page_alloc(0, PAGE_SHARED, d->id);
    if (!d->shared_page)
        return -ENOMEM;
    d->shared_info = page_to_virt(d->shared_page);
    d->pages_shared = 1;
    return 0;
}

static void free_shared_info(struct domain *d)
{
    domain_page_put(d->shared_page);
    d->pages_shared = 0;
}

static int build_evtchn(struct domain *d, const struct domain_config *c)
{
    return evtchn_init(d, c->max_evtchn_port);
}

static int build_grants(struct domain *d, const struct domain_config *c)
{
    int rc = grant_init(d, c->max_grant_frames, c->max_maptrack_frames);

    /* Without room for Dom0's handles the boot ends: they need not be given back. */
    return rc || !c->is_privileged ? rc : grant_map_reserve(&d->grants, DOM0_MAPTRACK_FRAMES);
}

/* The places that Xen public arch-arm.h fixes; a direct-mapped domain's builder chooses its own. */
static int build_vgic(struct domain *d, const struct domain_config *c)
{
    int rc = vgic_init(&d->vgic, c->gic, ALIGN_UP(c->spis, 32u), c->vcpus);

    if (rc)
        return rc;
    rc = vgic_link_physical(&d->vgic, VTIMER_PPI_VIRTUAL, vtimer_physical_irq());
    if (!rc && c->pmu_irq)
        rc = pmu_enable(d, c->pmu_irq);
    if (!rc && !c->is_direct_mapped)
        rc = c->gic == GIC_V3 ? domain_gic_place(d, GUEST_GICV3_GICD_BASE, GUEST_GICV3_GICR0_BASE)
                              : domain_gic_place(d, GUEST_GICD_BASE, GUEST_GICC_BASE);
    if (rc)
        vgic_destroy(&d->vgic);
    return rc;
}

static void free_vgic(struct domain *d) { vgic_destroy(&d->vgic); }

/* What a domain consists of, in order of creation; taken apart backwards. */
static const struct {
    int (*build)(struct domain *d, const struct domain_config *c);
    void (*free)(struct domain *d);
} domain_parts[] = {
    { build_stage2, free_stage2 }, { build_shared_info, free_shared_info },
    { build_evtchn, evtchn_free }, { build_grants, grant_free }, { build_vgic, free_vgic },
};

int domain_gic_place(struct domain *d, uint64_t gicd, uint64_t gicc_or_gicr)
{
    int rc;

    d->gicd.base = gicd;
    d->gicc_or_gicr.base = gicc_or_gicr;
    if (d->vgic.version == GIC_V3) {
        d->gicd.bytes = GUEST_GICV3_GICD_SIZE;
        d->gicc_or_gicr.bytes = (uint64_t)d->vgic.vcpus * GICR_VCPU_BYTES;
        return 0;
    }
    d->gicd.bytes = GUEST_GICD_SIZE;
    d->gicc_or_gicr.bytes = GUEST_GICC_SIZE;
    /* Not the second page: GICC_DIR traps (vgic_deactivate). */
    lock_acquire(&d->s2.lock);
    rc = stage2_map(&d->s2, gicc_or_gicr >> PAGE_SHIFT, gic_info()->gicv_base >> PAGE_SHIFT, 0,
                    stage2_kind(STAGE2_MMIO, STAGE2_RW | STAGE2_DEVICE));
    lock_release(&d->s2.lock);
    return rc;
}

static int config_check(const struct domain_config *c)
{
    unsigned vcpus_max = c->gic == GIC_V3 ? VGIC_VCPUS_MAX_V3 : VGIC_VCPUS_MAX_V2;

    /* A virtual CPU interface needs the hardware's of the same kind. */
    return !c->vcpus || c->vcpus > vcpus_max || c->spis > VGIC_SPIS_MAX ||
           c->gic != gic_info()->version ? -EINVAL : 0;
}

static void fields_init(struct domain *d, const struct domain_config *c)
{
    list_init(&d->link);
    lock_init(&d->lock);
    d->is_privileged = c->is_privileged;
    d->is_direct_mapped = c->is_direct_mapped;
    d->state = DOMAIN_BUILDING;
    d->refs = 1;
    d->pause_count = 1;
    d->paused_by_tools = 1;
    if (c->uuid)
        memcpy(d->uuid, c->uuid, sizeof(d->uuid));
    d->ssidref = c->ssidref;
    d->vcpu_max = c->vcpus;
    d->vcpu = (struct vcpu **)(d + 1);
    d->sched_weight = SCHED_WEIGHT_DEFAULT;
    sched_cap_init(d);
    vcpus_init(d);
    d->pages_max = c->is_privileged ? UINT32_MAX : 0;
    if (c->is_direct_mapped)
        return;
    d->cntvoff = timer_now();
    d->event_irq = GUEST_EVTCHN_PPI;
}

int domain_create(const struct domain_config *c, struct domain **out)
{
    struct domain *d;
    unsigned built = 0;
    int rc = config_check(c);

    if (rc)
        return rc;
    d = page_alloc_el2(sizeof(*d) + c->vcpus * sizeof(struct vcpu *));
    if (!d)
        return -ENOMEM;
    fields_init(d, c);
    rc = pick_id(c->id, &d->id);
    while (!rc && built < ARRAY_SIZE(domain_parts)) {
        rc = domain_parts[built].build(d, c);
        built += !rc;
    }
    if (rc) {
        while (built--)
            domain_parts[built].free(d);
        page_free_el2(d);
        return rc;
    }
    table_insert(d);
    wallclock_publish(d); /* or a change that comes between them would miss d */
    if (d->is_privileged && !domain0)
        domain0 = d;
    *out = d;
    return 0;
}

/* --- references --------------------------------------------------------------------------- */

bool domain_get(struct domain *d)
{
    uint32_t refs = __atomic_load_n(&d->refs, __ATOMIC_RELAXED);

    while (refs)
        if (__atomic_compare_exchange_n(&d->refs, &refs, refs + 1, false, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
            return true;
    return false;
}

static void end_step(struct timer *t)
{
    struct domain *d = list_entry(t, struct domain, end_timer);

    if (grant_relinquish(d)) {
        timer_set(t, timer_now());
        return;
    }
    table_remove(d);
    grant_free(d);
    evtchn_free(d);
    if (domain0)
        evtchn_virq_raise(domain0, VIRQ_DOM_EXC);
    page_free_el2(d);
}

/* Who gives the last reference back may have more to do, and other domains' last ones to give: with
 * grant frames left to free the end comes by a timer, a piece each time it fires. */
static void domain_puts(struct domain *d, uint32_t count)
{
    if (__atomic_sub_fetch(&d->refs, count, __ATOMIC_ACQ_REL))
        return;
    assert(d->state == DOMAIN_DEAD && !d->pages_allocated);
    timer_setup(&d->end_timer, end_step);
    if (d->grants.frames)
        timer_set(&d->end_timer, timer_now());
    else
        end_step(&d->end_timer);
}

void domain_put(struct domain *d) { domain_puts(d, 1); }

int domain_may_control(const struct domain *by, const struct domain *d)
{
    return by == d || by->is_privileged ? 0 : -EPERM;
}

int domain_target(domid_t id, struct domain **out)
{
    *out = domain_by_id(id);
    return *out ? domain_may_control(domain_current(), *out) : -ESRCH;
}

/* --- pages -------------------------------------------------------------------------------- */

struct page *domain_page_alloc(struct domain *d, unsigned order)
{
    uint32_t pages = 1u << order, had;
    struct page *p = NULL;

    if (unlikely(!domain_get(d)))
        return NULL;
    had = __atomic_fetch_add(&d->pages_allocated, pages, __ATOMIC_RELAXED);
    if (had + pages <= d->pages_max && had + pages >= had)
        p = page_alloc(order, PAGE_DOMAIN, d->id);
    if (p) {
        __atomic_fetch_add(&d->refs, pages - 1, __ATOMIC_RELAXED);
        return p;
    }
    __atomic_fetch_sub(&d->pages_allocated, pages, __ATOMIC_RELAXED);
    domain_put(d);
    return NULL;
}

void domain_page_unalloc(struct domain *d, struct page *p, unsigned order)
{
    page_alloc_undo(p, order);
    __atomic_fetch_sub(&d->pages_allocated, 1u << order, __ATOMIC_RELAXED);
    domain_puts(d, 1u << order);
}

void domain_page_free(struct page *p)
{
    struct domain *d = p->type == PAGE_DOMAIN ? domain_by_id(p->owner) : NULL;

    page_free_last(p);
    if (!d)
        return;
    __atomic_fetch_sub(&d->pages_allocated, 1, __ATOMIC_RELAXED);
    domain_put(d);
}

struct page *domain_gfn_page_get(struct domain *d, uint64_t gfn, bool writable)
{
    void *va = d->state < DOMAIN_DYING ? stage2_ram_ptr(&d->s2, gfn, writable) : NULL;

    return va ? page_get_at(va, d->id) : NULL;
}

/* --- states ------------------------------------------------------------------------------- */

void domain_pause(struct domain *d)
{
    __atomic_fetch_add(&d->pause_count, 1, __ATOMIC_SEQ_CST);
    domain_for_each_vcpu(d, v)
        sched_pause(v);
}

void domain_unpause(struct domain *d)
{
    uint64_t who[2] = { 0 };

    __atomic_fetch_sub(&d->pause_count, 1, __ATOMIC_SEQ_CST);
    domain_for_each_vcpu(d, v)
        if (sched_unpause(v))
            who[v->id / 64] |= BIT(v->id % 64);
    vcpus_act(d, VCPUS_RESUME, who);
}

static _Noreturn void machine_stop(uint32_t reason)
{
    log_info("Dom0 has shut down, reason %u\n", reason);
    if (reason == SHUTDOWN_poweroff)
        power_off();
    power_reset();
}

void domain_shutdown(struct domain *d, uint32_t reason)
{
    bool is_first;

    reason = d->shutdown_latch ? d->shutdown_latch - 1 : reason;
    if (d == domain0)
        machine_stop(reason);
    lock_acquire(&d->lock);
    is_first = d->state < DOMAIN_SHUTDOWN;
    if (is_first) {
        d->state = DOMAIN_SHUTDOWN;
        d->shutdown_code = reason;
        domain_pause(d); /* within the lock: domain_resume() undoes it */
    }
    lock_release(&d->lock);
    if (is_first && domain0)
        evtchn_virq_raise(domain0, VIRQ_DOM_EXC);
    else if (is_first)
        log_info("domain %u has shut down, reason %u\n", d->id, reason);
}

void domain_crash(struct domain *d, const char *fmt, ...)
{
    char text[128];
    va_list ap;

    va_start(ap, fmt);
    log_vformat(text, sizeof(text), fmt, ap);
    va_end(ap);
    log_error("d%u crashed: %s\n", d->id, text);
    domain_shutdown(d, SHUTDOWN_crash);
}

int domain_resume(struct domain *d)
{
    enum domain_state was;

    lock_acquire(&d->lock);
    was = d->state;
    if (was == DOMAIN_SHUTDOWN) {
        d->state = DOMAIN_RUNNING;
        d->shutdown_latch = 0;
        domain_unpause(d);
    }
    lock_release(&d->lock);
    return was >= DOMAIN_DYING ? -ESRCH : 0;
}

/* --- death -------------------------------------------------------------------------------- */

int domain_kill(struct domain *d)
{
    bool is_first;

    if (d == domain0)
        return -EINVAL;
    lock_acquire(&d->lock);
    is_first = d->state < DOMAIN_DYING;
    if (is_first)
        d->state = DOMAIN_DYING;
    lock_release(&d->lock);
    if (!is_first)
        return 0;
    /* Who maps something into d looks at its state under this lock: from here on nobody does. */
    lock_acquire(&d->s2.lock);
    lock_release(&d->s2.lock);
    domain_pause(d);
    if (domain0)
        evtchn_virq_raise(domain0, VIRQ_DOM_EXC);
    return 0;
}

/* Paused by domain_kill, they leave their CPUs as soon as those look. */
static int relinquish_stop(struct domain *d)
{
    domain_for_each_vcpu(d, v)
        if (sched_is_loaded(v))
            return -ERESTART;
    timer_cancel(&d->cap_timer); /* DYING: nobody sets it again */
    timer_cancel(&d->vcpus_timer);
    for (unsigned i = 0; i < DOMAIN_WATCHDOGS; i++)
        timer_cancel(&d->watchdog[i].timer);
    domain_irq_release_all(d);
    return 0;
}

static int relinquish_vcpus(struct domain *d)
{
    struct stage2_gather all = { .count = STAGE2_GATHER_MAX + 1 };
    struct vcpu *v = domain_vcpu_next(d, 0);

    if (evtchn_close(d, d->vpl011.port) == -ERESTART) /* none other is left; port 0 is never one */
        return -ERESTART;
    vpl011_free(d); /* characters that come interrupt a vCPU */
    if (v) {
        vcpu_destroy(v);
        return -ERESTART;
    }
    /* Nothing runs on these tables any more: after this no TLB knows any of their pages, and they
     * may be put while the tables still name them. */
    stage2_flush(&d->s2, &all);
    return 0;
}

/* Puts `count` pages from the leaf's on, a reference each. Own pages are accounted for at once. */
static void relinquish_pages(struct domain *d, const struct stage2_leaf *leaf, unsigned count)
{
    uint32_t freed = 0;

    for (unsigned i = 0; i < count; i++) {
        struct page *p = page_of_mfn(paddr_to_mfn(leaf->pa) + i);

        if (leaf->type == STAGE2_RAM)
            freed += page_put(p);
        else if (leaf->type == STAGE2_FOREIGN || leaf->type == STAGE2_SHARED)
            domain_page_put(p);
    }
    if (!freed)
        return;
    __atomic_fetch_sub(&d->pages_allocated, freed, __ATOMIC_RELAXED);
    domain_puts(d, freed);
}

/* Walks the whole address space from relinquish_gfn on, a chunk at a time; a block's pages may
 * take several. */
static int relinquish_memory(struct domain *d)
{
    struct stage2_leaf leaf;
    uint64_t cost = 0;

    while (cost < HYPERCALL_BUDGET) {
        uint64_t gfn = d->relinquish_gfn, in_leaf;
        int rc = 0;

        if (gfn >> (d->s2.ipa_bits - PAGE_SHIFT))
            return 0;
        if (!stage2_lookup(&d->s2, gfn_to_ipa(gfn), &leaf)) {
            rc = stage2_next(&d->s2, &d->relinquish_gfn, &leaf, 1);
            cost += STAGE2_TABLE_COST;
            gfn = d->relinquish_gfn;
        }
        if (rc == -ENOENT)
            return 0;
        if (rc)
            continue;
        in_leaf = (1ul << leaf.order) - (gfn & ((1ul << leaf.order) - 1));
        if (leaf.type != STAGE2_MMIO) {
            uint64_t left = HYPERCALL_BUDGET - MIN(cost, HYPERCALL_BUDGET);

            in_leaf = MIN(in_leaf, left / RELINQUISH_PAGE_COST + 1);
            relinquish_pages(d, &leaf, (unsigned)in_leaf);
            cost += in_leaf * RELINQUISH_PAGE_COST;
        }
        cost += RELINQUISH_LEAF_COST;
        d->relinquish_gfn = gfn + in_leaf;
    }
    return -ERESTART;
}

static int relinquish_tables(struct domain *d) { return stage2_relinquish(&d->s2, TABLE_ENTRIES); }

/* While others have pages of ours the table of grants stays: their mappings name it. */
static int relinquish_parts(struct domain *d)
{
    if (__atomic_load_n(&d->refs, __ATOMIC_ACQUIRE) == 1 && grant_relinquish(d))
        return -ERESTART;
    free_vgic(d);
    free_shared_info(d);
    free_stage2(d);
    return 0;
}

static int (*const relinquish_phases[])(struct domain *) = {
    relinquish_stop, evtchn_relinquish, grant_map_relinquish, relinquish_vcpus, relinquish_memory,
    relinquish_tables, evtchn_ports_free, relinquish_parts,
};

int domain_relinquish(struct domain *d)
{
    if (d->state == DOMAIN_DEAD)
        return 0;
    assert(d->state == DOMAIN_DYING);
    while (d->relinquish_phase < ARRAY_SIZE(relinquish_phases)) {
        int rc = relinquish_phases[d->relinquish_phase](d);

        if (rc)
            return rc;
        if (++d->relinquish_phase < ARRAY_SIZE(relinquish_phases))
            return -ERESTART; /* what each needs at most is for one stay at EL2 */
    }
    d->state = DOMAIN_DEAD;
    percpu_todo_set(hw_percpu(), TODO_RESCHED); /* its pages may be scrubbed in idle time */
    if (domain0)
        evtchn_virq_raise(domain0, VIRQ_DOM_EXC);
    domain_put(d);
    return 0;
}
