/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event channels: the port table, bindings, sending, virtual interrupts. What a pending event
 * looks like to the guest is evtchn_2l.c's and evtchn_fifo.c's; how a hypercall's arguments look,
 * evtchn_op.c's. The event lock protects what is not atomic; evtchn_port.h tells how sending gets
 * by without it.
 */
#include "core/evtchn.h"

#include "core/base/errors.h"
#include "core/base/log.h"
#include "core/evtchn_2l.h"
#include "core/evtchn_fifo.h"
#include "core/evtchn_op.h"
#include "core/evtchn_port.h"
#include "core/hypercall.h"
#include "mm/guest_mem.h"
#include "mm/page_alloc.h"

/* Instructions to look at a bucket of ports, and to close a port. */
#define CLOSE_BUCKET_COST 14u
#define CLOSE_PORT_COST 110u
#define CLOSE_CPU_COST 6u
#define CLOSE_BUDGET (HYPERCALL_BUDGET / 2)
#define FREE_BUCKETS 64u /* in one stay at EL2; one costs some 100 instructions */
#define BUSY_PORTS_MAX 512u /* closed ports still on a guest's queue that an allocation passes by */
#define LOCK_TRIES 8u

void evtchn_unstable(const struct evtchn *c)
{
    log_guest("dom%u: event port %u lost an event: its word keeps changing\n", c->domain->id,
              c->port);
}

void evtchn_section_sync(void)
{
    for (unsigned i = 0; i < cpu_count; i++) {
        while (hw_load_exclusive16(&percpu_table[i]->evtchn_section))
            hw_wfe();
    }
}

/* --- delivery ----------------------------------------------------------------------------- */

/* The event is pending now, `old` was there before. The vCPU whose upcall is due.
 * The guest unmasks and takes off queues in the same word (2-level: then looks at it again), so
 * either it sees the event or this sees that it must be told. */
static inline struct vcpu *tell(struct evtchn *c, uint32_t *word, uint64_t rule, uint32_t old)
{
    if (old & evtchn_rule_quiet(rule))
        return NULL;
    if (!evtchn_rule_is_2l(rule))
        return evtchn_fifo_raised(c, word);
    return evtchn_2l_is_masked(word, evtchn_rule_bit(rule)) ? NULL : evtchn_2l_raised(c);
}

/* The event that sched_op poll waits for, on whichever vCPU, masked or not. */
static NOINLINE struct vcpu *wake_pollers(struct evtchn *c, uint32_t *word, uint64_t rule,
                                          uint32_t old)
{
    struct domain *d = c->domain;
    uint64_t who[2] = { 0 };

    __atomic_store_n(&c->is_polled, false, __ATOMIC_SEQ_CST);
    domain_for_each_vcpu(d, v) {
        uint64_t waits = VCPU_POLL_WAITS;

        if (__atomic_compare_exchange_n(&v->evtchn_poll, &waits, VCPU_POLL_DONE, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
            who[v->id / 64] |= BIT(v->id % 64);
    }
    vcpus_act(d, VCPUS_KICK, who);
    return tell(c, word, rule, old);
}

/* In a section, or with the event lock held. The vCPU whose upcall is due once that has ended. */
static ALWAYS_INLINE struct vcpu *deliver(struct evtchn *c)
{
    uint32_t *word = evtchn_word(c), old;
    uint64_t rule;

    if (unlikely(!word)) {
        if (!c->consume)
            return evtchn_fifo_raise_early(c);
        c->consume(c->domain);
        return NULL;
    }
    rule = READ_ONCE(c->rule);
    if (unlikely(!guest_atomic_or32(word, evtchn_rule_bit(rule), &old))) {
        evtchn_unstable(c);
        return NULL;
    }
    if (unlikely(__atomic_load_n(&c->is_polled, __ATOMIC_SEQ_CST)))
        return wake_pollers(c, word, rule, old);
    return tell(c, word, rule, old);
}

static ALWAYS_INLINE int send(struct domain *d, evtchn_port_t port)
{
    struct evtchn *c = evtchn_port(d, port), *peer;
    struct vcpu *v;

    if (unlikely(!c))
        return -EINVAL;
    evtchn_section_enter();
    peer = __atomic_load_n(&c->peer, __ATOMIC_SEQ_CST);
    if (unlikely(!peer)) {
        evtchn_section_exit();
        return evtchn_state(c) == EVTCHN_STATE_UNBOUND ? 0 : -EINVAL;
    }
    v = deliver(peer);
    evtchn_section_exit();
    if (v)
        vcpu_event_upcall(v);
    return 0;
}

int evtchn_send(struct domain *d, evtchn_port_t port) { return send(d, port); }

int64_t evtchn_hypercall(uint64_t cmd, uint64_t arg, uint64_t, uint64_t, uint64_t)
{
    struct unaligned { evtchn_port_t port; } __attribute__((packed));
    const volatile struct unaligned *arg_port;

    /* An int: AAPCS64 leaves the register's upper half open. */
    if (unlikely((uint32_t)cmd != EVTCHNOP_send ||
                 arg % PAGE_SIZE > PAGE_SIZE - sizeof(evtchn_send_t)))
        return evtchn_op_call((uint32_t)cmd, arg);
    arg_port = guest_mem_word(gva(arg));
    return likely(arg_port) ? send(domain_current(), arg_port->port) : -EFAULT;
}

static bool virq_is_per_vcpu(unsigned virq)
{
    return virq == VIRQ_TIMER || virq == VIRQ_DEBUG || virq == VIRQ_XENOPROF || virq == VIRQ_XENPMU;
}

/* virq_port is read inside the section: a port that is being closed is not there any more. */
void evtchn_virq_raise(struct domain *d, unsigned virq)
{
    struct vcpu *v = d && d->vcpu ? d->vcpu[0] : NULL, *target = NULL;
    struct evtchn *c;
    uint32_t port;

    if (!v)
        return;
    evtchn_section_enter();
    port = __atomic_load_n(&v->virq_port[virq], __ATOMIC_SEQ_CST);
    c = port ? evtchn_port(v->domain, port) : NULL;
    if (c)
        target = deliver(c);
    evtchn_section_exit();
    if (target)
        vcpu_event_upcall(target);
}

int evtchn_unmask(struct domain *d, evtchn_port_t port)
{
    struct evtchn *c = evtchn_port(d, port);
    struct vcpu *v = NULL;
    uint32_t *word;

    if (!c)
        return -EINVAL;
    evtchn_section_enter();
    word = evtchn_state(c) == EVTCHN_STATE_FREE ? NULL : evtchn_word(c);
    if (word)
        v = evtchn_rule_is_2l(READ_ONCE(c->rule)) ? evtchn_2l_unmask(c, word)
                                                  : evtchn_fifo_unmask(c, word);
    evtchn_section_exit();
    if (v)
        vcpu_event_upcall(v);
    return 0;
}

bool evtchn_is_valid(struct domain *d, evtchn_port_t port)
{
    return evtchn_port(d, port) != NULL;
}

bool evtchn_poll(struct domain *d, evtchn_port_t port)
{
    struct evtchn *c = evtchn_port(d, port);

    /* Then the word is looked at; a sender sets the word, then looks at is_polled. */
    if (c)
        __atomic_store_n(&c->is_polled, true, __ATOMIC_SEQ_CST);
    return evtchn_is_pending(d, port);
}

bool evtchn_is_pending(struct domain *d, evtchn_port_t port)
{
    const struct evtchn *c = evtchn_port(d, port);
    /* Of a free port the word may be in a page that is another domain's by now. */
    bool is_open = c && evtchn_state(c) != EVTCHN_STATE_FREE;
    const uint32_t *word = is_open ? evtchn_word(c) : NULL;

    return word && __atomic_load_n(word, __ATOMIC_SEQ_CST) & evtchn_rule_bit(READ_ONCE(c->rule));
}

void evtchn_vcpu_info_moved(struct vcpu *v)
{
    __atomic_store_n((uint64_t *)&v->info->evtchn_pending_sel, ~0ul, __ATOMIC_RELAXED);
    /* Cleared, so that the upcall is made whatever the guest had left there. */
    __atomic_store_n(&v->info->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
    vcpu_event_upcall(v);
}

/* --- the port table: event lock held ------------------------------------------------------ */

/* Dom0's first ports are made ahead: what it takes for its guests' sake must not look like memory
 * that they did not give back. */
#define EVTCHN_BUCKETS_AHEAD 16u

static int bucket_fill(struct domain *d, unsigned bucket)
{
    struct evtchn *ports = page_alloc_el2(PAGE_SIZE);

    if (!ports)
        return -ENOMEM;
    for (unsigned i = 0; i < EVTCHN_PORTS_PER_BUCKET; i++) {
        ports[i].domain = d;
        ports[i].port = bucket * EVTCHN_PORTS_PER_BUCKET + i;
    }
    /* Release: who finds the ports finds them initialised. */
    __atomic_store_n(&d->evtchn.buckets[bucket].ports, ports, __ATOMIC_RELEASE);
    return 0;
}

/* A free port of the bucket below limit that is on no queue, or NULL. */
static struct evtchn *bucket_find(const struct domain *d, unsigned bucket, unsigned limit,
                                  unsigned *busy)
{
    const struct evtchn_bucket *b = &d->evtchn.buckets[bucket];

    for (uint64_t left = ~b->used; left; left &= left - 1) {
        struct evtchn *c = &b->ports[bit_lowest(left)];

        if (c->port >= limit)
            return NULL;
        if (!d->evtchn.fifo || !evtchn_fifo_is_linked(c))
            return c;
        if (++*busy == BUSY_PORTS_MAX)
            return NULL;
    }
    return NULL;
}

/* The lowest free port, with nothing bound; its state is the caller's to set. */
static int port_alloc(struct domain *d, struct evtchn **out) LOCK_REQUIRES(d->evtchn.lock)
{
    struct evtchn_domain *e = &d->evtchn;
    unsigned limit = e->fifo ? e->ports_max : MIN(e->ports_max, EVTCHN_PORTS_MAX_2L), busy = 0;

    if (e->is_closed)
        return -EINVAL;
    for (unsigned i = 0; i * EVTCHN_PORTS_PER_BUCKET < limit && busy < BUSY_PORTS_MAX; i++) {
        struct evtchn *c;

        if (!e->buckets[i].ports && bucket_fill(d, i))
            return -ENOMEM;
        c = bucket_find(d, i, limit, &busy);
        if (c) {
            e->buckets[i].used |= BIT(c->port % EVTCHN_PORTS_PER_BUCKET);
            e->active++;
            c->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
            __atomic_store_n(&c->notify, domain_vcpu(d, 0), __ATOMIC_RELAXED);
            if (e->fifo)
                evtchn_fifo_wire(c);
            else
                evtchn_2l_wire(c);
            *out = c;
            return 0;
        }
    }
    return -ENOSPC;
}

static void state_set(struct evtchn *c, enum evtchn_state state)
{
    __atomic_store_n(&c->state, (uint8_t)state, __ATOMIC_RELEASE);
}

static void port_free(struct evtchn *c)
{
    struct evtchn_domain *e = &c->domain->evtchn;

    e->buckets[c->port / EVTCHN_PORTS_PER_BUCKET].used &= ~BIT(c->port % EVTCHN_PORTS_PER_BUCKET);
    e->active -= !c->consume;
    c->consume = NULL;
}

/* Nobody raises c any more. On a FIFO queue it stays until the guest takes it off. */
static void pending_clear(struct evtchn *c)
{
    uint32_t *word = evtchn_word(c), old;

    __atomic_store_n(&c->is_pending_early, false, __ATOMIC_RELAXED);
    if (word && !guest_atomic_and32(word, ~evtchn_rule_bit(READ_ONCE(c->rule)), &old))
        evtchn_unstable(c);
}

static int close_locked(struct evtchn *c)
{
    struct evtchn *peer = c->peer;
    enum evtchn_state state = evtchn_state(c);

    if (state == EVTCHN_STATE_FREE)
        return -EINVAL;
    if (state == EVTCHN_STATE_VIRQ) {
        struct vcpu *v = virq_is_per_vcpu(c->virq) ? evtchn_notify(c) : c->domain->vcpu[0];

        __atomic_store_n(&v->virq_port[c->virq], 0, __ATOMIC_SEQ_CST);
    }
    if (state == EVTCHN_STATE_INTERDOMAIN) {
        peer->remote = c->domain->id;
        state_set(peer, EVTCHN_STATE_UNBOUND);
        __atomic_store_n(&peer->peer, NULL, __ATOMIC_SEQ_CST);
    }
    state_set(c, EVTCHN_STATE_FREE);
    __atomic_store_n(&c->peer, NULL, __ATOMIC_SEQ_CST);
    evtchn_section_sync();
    pending_clear(c);
    port_free(c);
    return 0;
}

static void lock_pair(struct domain *a, struct domain *b) LOCK_UNCHECKED
{
    lock_acquire(a->id <= b->id ? &a->evtchn.lock : &b->evtchn.lock);
    if (a != b)
        lock_acquire(a->id <= b->id ? &b->evtchn.lock : &a->evtchn.lock);
}

static void unlock_pair(struct domain *a, struct domain *b) LOCK_UNCHECKED
{
    lock_release(&a->evtchn.lock);
    if (a != b)
        lock_release(&b->evtchn.lock);
}

int evtchn_close(struct domain *d, evtchn_port_t port)
{
    struct evtchn *c = evtchn_port(d, port);

    if (!c)
        return -EINVAL;
    for (unsigned i = 0; i < LOCK_TRIES; i++) {
        struct evtchn *peer = __atomic_load_n(&c->peer, __ATOMIC_ACQUIRE);
        struct domain *other = peer ? peer->domain : d;
        int rc = -EINVAL;
        bool is_same;

        lock_pair(d, other);
        is_same = c->peer == peer;
        if (is_same)
            rc = close_locked(c);
        unlock_pair(d, other);
        if (is_same)
            return rc;
    }
    return -ERESTART; /* the other end was closed, and bound anew, each time */
}

/* --- bindings ----------------------------------------------------------------------------- */

int evtchn_alloc_unbound(struct domain *d, domid_t remote, evtchn_consumer consume)
{
    struct evtchn *c;
    int rc;

    lock_acquire(&d->evtchn.lock);
    rc = port_alloc(d, &c);
    if (!rc) {
        if (consume) {
            c->consume = consume;
            c->word = NULL;
            d->evtchn.active--;
        }
        c->remote = remote;
        state_set(c, EVTCHN_STATE_UNBOUND);
        rc = (int)c->port;
    }
    lock_release(&d->evtchn.lock);
    return rc;
}

static int bind_interdomain_locked(struct domain *d, struct evtchn *far, struct evtchn **out)
    LOCK_REQUIRES(d->evtchn.lock)
{
    struct evtchn *c;
    int rc;

    if (evtchn_state(far) != EVTCHN_STATE_UNBOUND || far->remote != d->id)
        return -EINVAL;
    rc = port_alloc(d, &c);
    if (rc)
        return rc;
    state_set(c, EVTCHN_STATE_INTERDOMAIN);
    state_set(far, EVTCHN_STATE_INTERDOMAIN);
    __atomic_store_n(&c->peer, far, __ATOMIC_RELEASE);
    __atomic_store_n(&far->peer, c, __ATOMIC_RELEASE);
    *out = c;
    return (int)c->port;
}

int evtchn_bind_interdomain(struct domain *d, struct domain *remote, evtchn_port_t remote_port)
    LOCK_UNCHECKED
{
    struct evtchn *far = evtchn_port(remote, remote_port), *c = NULL;
    struct vcpu *v = NULL;
    int rc;

    if (!far)
        return -EINVAL;
    lock_pair(d, remote);
    rc = bind_interdomain_locked(d, far, &c);
    if (rc > 0) /* what the other end sent before was dropped */
        v = deliver(c);
    unlock_pair(d, remote);
    if (v)
        vcpu_event_upcall(v);
    return rc;
}

int evtchn_bind_virq(struct domain *d, unsigned virq, unsigned vcpu)
{
    struct vcpu *v = domain_vcpu(d, vcpu);
    struct evtchn *c;
    int rc;

    if (virq >= NR_VIRQS || (vcpu && !virq_is_per_vcpu(virq)))
        return -EINVAL;
    if (!v)
        return -ENOENT;
    lock_acquire(&d->evtchn.lock);
    rc = v->virq_port[virq] ? -EEXIST : port_alloc(d, &c);
    if (!rc) {
        c->virq = (uint8_t)virq;
        __atomic_store_n(&c->notify, v, __ATOMIC_RELAXED);
        state_set(c, EVTCHN_STATE_VIRQ);
        __atomic_store_n(&v->virq_port[virq], c->port, __ATOMIC_RELEASE);
        rc = (int)c->port;
    }
    lock_release(&d->evtchn.lock);
    return rc;
}

int evtchn_bind_ipi(struct domain *d, unsigned vcpu)
{
    struct vcpu *v = domain_vcpu(d, vcpu);
    struct evtchn *c;
    int rc;

    if (!v)
        return -ENOENT;
    lock_acquire(&d->evtchn.lock);
    rc = port_alloc(d, &c);
    if (!rc) {
        __atomic_store_n(&c->notify, v, __ATOMIC_RELAXED);
        state_set(c, EVTCHN_STATE_IPI);
        __atomic_store_n(&c->peer, c, __ATOMIC_RELEASE);
        rc = (int)c->port;
    }
    lock_release(&d->evtchn.lock);
    return rc;
}

int evtchn_bind_vcpu(struct domain *d, evtchn_port_t port, unsigned vcpu)
{
    struct evtchn *c = evtchn_port(d, port);
    struct vcpu *v = domain_vcpu(d, vcpu);
    enum evtchn_state state;
    int rc = 0;

    if (!v)
        return -ENOENT;
    if (!c)
        return -EINVAL;
    lock_acquire(&d->evtchn.lock);
    state = evtchn_state(c);
    if (state == EVTCHN_STATE_UNBOUND || state == EVTCHN_STATE_INTERDOMAIN ||
        (state == EVTCHN_STATE_VIRQ && !virq_is_per_vcpu(c->virq)))
        __atomic_store_n(&c->notify, v, __ATOMIC_RELAXED);
    else
        rc = -EINVAL;
    lock_release(&d->evtchn.lock);
    return rc;
}

int evtchn_status(struct domain *d, evtchn_status_t *s)
{
    static const uint8_t abi[] = {
        [EVTCHN_STATE_FREE] = EVTCHNSTAT_closed, [EVTCHN_STATE_UNBOUND] = EVTCHNSTAT_unbound,
        [EVTCHN_STATE_INTERDOMAIN] = EVTCHNSTAT_interdomain,
        [EVTCHN_STATE_VIRQ] = EVTCHNSTAT_virq, [EVTCHN_STATE_IPI] = EVTCHNSTAT_ipi,
    };
    const struct evtchn *c = evtchn_port(d, s->port);
    const struct vcpu *v;

    if (!c)
        return -EINVAL;
    lock_acquire(&d->evtchn.lock);
    v = evtchn_notify(c);
    s->status = abi[evtchn_state(c)];
    s->vcpu = v && s->status != EVTCHNSTAT_closed ? v->id : 0;
    if (s->status == EVTCHNSTAT_unbound) {
        s->u.unbound.dom = c->remote;
    } else if (s->status == EVTCHNSTAT_interdomain) {
        s->u.interdomain.dom = c->peer->domain->id;
        s->u.interdomain.port = c->peer->port;
    } else if (s->status == EVTCHNSTAT_virq) {
        s->u.virq = c->virq;
    }
    lock_release(&d->evtchn.lock);
    return 0;
}

/* --- life and death ----------------------------------------------------------------------- */

static unsigned bucket_count(const struct evtchn_domain *e)
{
    return (e->ports_max + EVTCHN_PORTS_PER_BUCKET - 1) / EVTCHN_PORTS_PER_BUCKET;
}

int evtchn_init(struct domain *d, unsigned max_port)
{
    struct evtchn_domain *e = &d->evtchn;
    unsigned ahead = d->is_privileged ? EVTCHN_BUCKETS_AHEAD : 1;
    int rc;

    lock_init(&e->lock);
    e->ports_max = MIN(max_port, EVTCHN_PORTS_MAX - 1) + 1;
    e->buckets = page_alloc_el2(bucket_count(e) * sizeof(struct evtchn_bucket));
    rc = e->buckets ? 0 : -ENOMEM;
    for (unsigned i = 0; !rc && i < MIN(ahead, bucket_count(e)); i++)
        rc = bucket_fill(d, i);
    if (rc) {
        evtchn_free(d);
        return rc;
    }
    e->buckets[0].used = 1; /* port 0 is never handed out */
    return 0;
}

/* Closes ports, a part of the table in one stay at EL2: a port costs more with each CPU of the
 * machine. 0: none is left, -ERESTART. */
static int ports_close(struct domain *d)
{
    struct evtchn_domain *e = &d->evtchn;
    unsigned i = READ_ONCE(e->close_bucket), end = bucket_count(e), cost = 0;

    for (; i < end && cost < CLOSE_BUDGET; i++, cost += CLOSE_BUCKET_COST) {
        uint64_t used = READ_ONCE(e->buckets[i].used) & ~(i ? 0ul : 1ul);

        for (; used && cost < CLOSE_BUDGET; used &= used - 1) {
            if (e->buckets[i].ports[bit_lowest(used)].consume)
                continue; /* who asked for it closes it */
            evtchn_close(d, i * EVTCHN_PORTS_PER_BUCKET + bit_lowest(used));
            cost += CLOSE_PORT_COST + cpu_count * CLOSE_CPU_COST;
        }
        if (used)
            break;
    }
    WRITE_ONCE(e->close_bucket, i < end ? i : 0);
    return i < end || READ_ONCE(e->active) ? -ERESTART : 0;
}

int evtchn_reset(struct domain *d)
{
    int rc = ports_close(d);

    if (rc)
        return rc;
    lock_acquire(&d->evtchn.lock);
    rc = d->evtchn.active ? -ERESTART : evtchn_fifo_destroy(d);
    lock_release(&d->evtchn.lock);
    return rc;
}

int evtchn_relinquish(struct domain *d)
{
    lock_acquire(&d->evtchn.lock);
    d->evtchn.is_closed = true;
    lock_release(&d->evtchn.lock);
    return evtchn_reset(d);
}

int evtchn_ports_free(struct domain *d)
{
    struct evtchn_domain *e = &d->evtchn;
    unsigned i = bucket_count(e);

    for (unsigned freed = 0; i && freed < FREE_BUCKETS;) {
        /* First: nobody finds them from here on. Who has found one looks until it leaves. */
        WRITE_ONCE(e->ports_max, --i * EVTCHN_PORTS_PER_BUCKET);
        if (e->buckets[i].ports) {
            page_free_el2(e->buckets[i].ports);
            freed++;
        }
    }
    return i ? -ERESTART : 0;
}

void evtchn_free(struct domain *d)
{
    if (!d->evtchn.buckets)
        return;
    while (evtchn_ports_free(d))
        ;
    page_free_el2(d->evtchn.buckets); /* named still: who found d looks until it leaves */
}
