/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FIFO delivery: linking, and the pages that the guest gives for it. The words, heads and links
 * are the guest's and untrusted: EL2 follows none of them, it only writes them; where a queue
 * ends it keeps itself (tail). A vCPU's lock protects its queues' tails; of two, the lower
 * vCPU's is taken first. The event lock protects the pages' set-up and removal.
 */
#include "core/evtchn_fifo.h"

#include "core/base/errors.h"
#include "mm/page_alloc.h"

/* The guest may change a linked word four times (the ABI's rules); but a store-exclusive also fails
 * for the sake of the words around it. */
#define FIFO_LINK_TRIES GUEST_ATOMIC_TRIES
#define DESTROY_PAGES 64u /* given back in one stay at EL2, 110 instructions each */
#define FIFO_LOCK_TRIES 4u
#define FIFO_STEP_PORTS 16u /* told of a change in one stay at EL2, and the rest of a bucket */
#define EVTCHN_FIFO_QUIET (EVTCHN_FIFO_BIT_MASKED | EVTCHN_FIFO_BIT_LINKED)

/* evtchn.fifo_last */
static uint32_t last_make(const struct vcpu *v, unsigned priority)
{
    return v->id << 8 | priority;
}

static unsigned last_vcpu(uint32_t last) { return last >> 8; }
static unsigned last_priority(uint32_t last) { return last & 0xff; }

static event_word_t *fifo_word(const struct evtchn_fifo *f, evtchn_port_t port)
{
    event_word_t *words = __atomic_load_n(&f->words[port / EVTCHN_FIFO_WORDS_PER_PAGE],
                                          __ATOMIC_ACQUIRE);

    return words ? &words[port % EVTCHN_FIFO_WORDS_PER_PAGE] : NULL;
}

/* Makes the queue's tail point to port, as long as the guest has not taken the tail off: true.
 * False: the queue is empty. BUSY keeps the guest from unmasking while it is set. */
static bool tail_link(event_word_t *word, uint32_t port)
{
    uint32_t w = __atomic_load_n(word, __ATOMIC_RELAXED);
    bool linked = false, is_busy = false;

    for (unsigned i = 0; i < FIFO_LINK_TRIES && !linked; i++) {
        uint32_t linked_word = (w & ~(EVTCHN_FIFO_BIT_BUSY | EVTCHN_FIFO_LINK_MASK)) | port;

        if (!(w & EVTCHN_FIFO_BIT_LINKED))
            break;
        linked = __atomic_compare_exchange_n(word, &w, linked_word, true, __ATOMIC_SEQ_CST,
                                             __ATOMIC_RELAXED);
        if (!linked && !i) {
            is_busy = guest_atomic_or32(word, EVTCHN_FIFO_BIT_BUSY, &w);
            w |= EVTCHN_FIFO_BIT_BUSY;
        }
    }
    if (!linked && is_busy)
        guest_atomic_and32(word, ~EVTCHN_FIFO_BIT_BUSY, &w);
    return linked;
}

static void queues_unlock(struct evtchn_fifo_vcpu *a, struct evtchn_fifo_vcpu *b) LOCK_UNCHECKED
{
    lock_release(&a->lock);
    if (unlikely(a != b))
        lock_release(&b->lock);
}

/* Locks `to` and the vCPU whose queue c was last on; returns that one. NULL: it keeps changing. */
static struct evtchn_fifo_vcpu *queues_lock(struct evtchn_fifo *f, const struct evtchn *c,
                                            struct evtchn_fifo_vcpu *to) LOCK_UNCHECKED
{
    for (unsigned i = 0; i < FIFO_LOCK_TRIES; i++) {
        unsigned last = last_vcpu(READ_ONCE(c->fifo_last));
        struct evtchn_fifo_vcpu *from = &f->vcpu[last];

        lock_acquire(likely(from >= to) ? &to->lock : &from->lock);
        if (unlikely(from != to))
            lock_acquire(from < to ? &to->lock : &from->lock);
        if (likely(last_vcpu(READ_ONCE(c->fifo_last)) == last))
            return from;
        queues_unlock(to, from);
    }
    return NULL;
}

/* Appends c, which is now LINKED, to v's queue. The READY bit that must be set, because the queue
 * was empty, or 0. Both locks held. */
static uint32_t queue_append(struct evtchn_fifo *f, struct evtchn *c, struct vcpu *v,
                             struct evtchn_fifo_vcpu *from, struct evtchn_fifo_vcpu *to)
{
    unsigned priority = READ_ONCE(c->priority);
    uint32_t *old_tail = &from->tail[last_priority(c->fifo_last)], *tail = &to->tail[priority];
    uint32_t port = c->port, last = *tail;

    /* The guest had taken c off: where it was the tail, that queue is empty, and must not be
     * taken for filled now that c is LINKED again. */
    if (*old_tail == port)
        *old_tail = 0;
    WRITE_ONCE(c->fifo_last, last_make(v, priority));
    *tail = port;
    if (last && last != port && tail_link(fifo_word(f, last), port))
        return 0;
    __atomic_store_n(&to->control->head[priority], port, __ATOMIC_RELEASE);
    return 1u << priority;
}

struct vcpu *evtchn_fifo_raised(struct evtchn *c, uint32_t *word)
{
    struct evtchn_fifo *f = __atomic_load_n(&c->domain->evtchn.fifo, __ATOMIC_ACQUIRE);
    struct vcpu *v = evtchn_notify(c);
    struct evtchn_fifo_vcpu *to = v ? __atomic_load_n(&v->evtchn_fifo, __ATOMIC_ACQUIRE) : NULL;
    struct evtchn_fifo_vcpu *from;
    uint32_t old, ready = 0;
    bool is_stable;

    /* Without a control block there is no queue: the event stays pending until it is unmasked. */
    if (unlikely(!f) || unlikely(!to))
        return NULL;
    from = queues_lock(f, c, to);
    if (unlikely(!from)) {
        evtchn_unstable(c);
        return NULL;
    }
    is_stable = guest_atomic_or32(word, EVTCHN_FIFO_BIT_LINKED, &old);
    if (is_stable && !(old & EVTCHN_FIFO_BIT_LINKED))
        ready = queue_append(f, c, v, from, to);
    queues_unlock(to, from);
    /* The head is visible before READY (the atomic's release): the guest reads them so. */
    if (ready) {
        is_stable = guest_atomic_or32(&to->control->ready, ready, &old);
        if (likely(is_stable))
            return old & ready ? NULL : v;
    }
    if (unlikely(!is_stable))
        evtchn_unstable(c);
    return NULL;
}

static struct vcpu *word_raise(struct evtchn *c, uint32_t *word)
{
    uint32_t old;

    if (unlikely(!guest_atomic_or32(word, EVTCHN_FIFO_BIT_PENDING, &old))) {
        evtchn_unstable(c);
        return NULL;
    }
    return old & EVTCHN_FIFO_QUIET ? NULL : evtchn_fifo_raised(c, word);
}

/* Kept until the word's page comes. The second look pairs with expand_array, which first
 * publishes the word, then looks for what was kept. */
struct vcpu *evtchn_fifo_raise_early(struct evtchn *c)
{
    uint32_t *word;

    __atomic_store_n(&c->is_pending_early, true, __ATOMIC_SEQ_CST);
    word = __atomic_load_n(&c->word, __ATOMIC_SEQ_CST);
    if (!word || !__atomic_exchange_n(&c->is_pending_early, false, __ATOMIC_SEQ_CST))
        return NULL;
    return word_raise(c, word);
}

struct vcpu *evtchn_fifo_unmask(struct evtchn *c, uint32_t *word)
{
    uint32_t old;

    if (unlikely(!guest_atomic_and32(word, ~EVTCHN_FIFO_BIT_MASKED, &old))) {
        evtchn_unstable(c);
        return NULL;
    }
    if (!(old & EVTCHN_FIFO_BIT_PENDING) || old & EVTCHN_FIFO_BIT_LINKED)
        return NULL;
    return evtchn_fifo_raised(c, word);
}

bool evtchn_fifo_is_linked(const struct evtchn *c)
{
    const event_word_t *word = fifo_word(c->domain->evtchn.fifo, c->port);

    return word && __atomic_load_n(word, __ATOMIC_RELAXED) & EVTCHN_FIFO_BIT_LINKED;
}

/* --- set-up ------------------------------------------------------------------------------- */

void evtchn_fifo_wire(struct evtchn *c)
{
    WRITE_ONCE(c->rule, evtchn_rule_make(EVTCHN_FIFO_BIT_PENDING, EVTCHN_FIFO_QUIET));
    __atomic_store_n(&c->is_pending_early, false, __ATOMIC_RELAXED);
    __atomic_store_n(&c->word, fifo_word(c->domain->evtchn.fifo, c->port), __ATOMIC_RELEASE);
}

/* Calls fn for the ports in use from *first on, below end, some at a time. 0, -ERESTART. */
static int ports_step(struct domain *d, evtchn_port_t *first, evtchn_port_t end,
                      void (*fn)(struct evtchn *c)) LOCK_REQUIRES(d->evtchn.lock)
{
    unsigned done = 0;

    for (; *first < MIN(end, d->evtchn.ports_max); *first += EVTCHN_PORTS_PER_BUCKET) {
        const struct evtchn_bucket *b = &d->evtchn.buckets[*first / EVTCHN_PORTS_PER_BUCKET];

        if (done >= FIFO_STEP_PORTS)
            return -ERESTART;
        for (uint64_t used = b->used & ~(*first ? 0ul : 1ul); used; used &= used - 1, done++)
            if (!b->ports[bit_lowest(used)].consume)
                fn(&b->ports[bit_lowest(used)]);
    }
    return 0;
}

/* Of one that was opened meanwhile the word is FIFO's already. */
static void port_unwire(struct evtchn *c)
{
    if (evtchn_rule_is_2l(READ_ONCE(c->rule)))
        __atomic_store_n(&c->word, NULL, __ATOMIC_SEQ_CST);
}

/* From 2-level: what is pending there is kept for when the port's word comes. */
static void port_convert(struct evtchn *c)
{
    uint64_t pending = READ_ONCE(c->domain->shared_info->evtchn_pending[c->port / 64]);

    if (!evtchn_rule_is_2l(READ_ONCE(c->rule)))
        return;
    WRITE_ONCE(c->rule, evtchn_rule_make(EVTCHN_FIFO_BIT_PENDING, EVTCHN_FIFO_QUIET));
    if (pending >> c->port % 64 & 1)
        __atomic_store_n(&c->is_pending_early, true, __ATOMIC_SEQ_CST);
}

static void port_page_came(struct evtchn *c)
{
    struct vcpu *v = NULL;
    uint32_t *word = fifo_word(c->domain->evtchn.fifo, c->port);

    __atomic_store_n(&c->word, word, __ATOMIC_SEQ_CST);
    if (__atomic_exchange_n(&c->is_pending_early, false, __ATOMIC_SEQ_CST))
        v = word_raise(c, word);
    if (v)
        vcpu_event_upcall(v);
}

/* Does what setting up has left: all ports that were open become FIFO ports, and get to know their
 * words in the first `pages` pages. Meanwhile the guest runs, with open ports of both kinds. */
static int fifo_settle(struct domain *d, unsigned pages) LOCK_REQUIRES(d->evtchn.lock)
{
    struct evtchn_fifo *f = d->evtchn.fifo;
    int rc = ports_step(d, &f->unwired, EVTCHN_PORTS_MAX_2L, port_unwire);

    if (rc)
        return rc;
    evtchn_section_sync(); /* whoever still delivered 2-level is through */
    rc = ports_step(d, &f->converted, EVTCHN_PORTS_MAX_2L, port_convert);
    return rc ? rc : ports_step(d, &f->wired, pages * EVTCHN_FIFO_WORDS_PER_PAGE, port_page_came);
}

static int fifo_create(struct domain *d) LOCK_REQUIRES(d->evtchn.lock)
{
    size_t bytes = sizeof(struct evtchn_fifo) + d->vcpu_max * sizeof(struct evtchn_fifo_vcpu);
    struct evtchn_fifo *f = page_alloc_el2(bytes);

    if (!f)
        return -ENOMEM;
    for (unsigned i = 0; i < d->vcpu_max; i++)
        lock_init(&f->vcpu[i].lock);
    __atomic_store_n(&d->evtchn.fifo, f, __ATOMIC_SEQ_CST);
    return 0;
}

static void *guest_page_get(struct domain *d, uint64_t gfn)
{
    struct page *p = domain_gfn_page_get(d, gfn, true);

    return p ? page_to_virt(p) : NULL;
}

static void guest_page_put(const void *va) { domain_page_put(page_of(hw_virt_to_phys(va))); }

static int control_set(struct domain *d, struct vcpu *v, uint64_t gfn, uint32_t offset)
    LOCK_REQUIRES(d->evtchn.lock)
{
    struct evtchn_fifo_vcpu *fv;
    char *page;
    int rc = 0;

    if (v->evtchn_fifo)
        return -EINVAL;
    page = guest_page_get(d, gfn);
    if (!page)
        return -EINVAL;
    if (!d->evtchn.fifo)
        rc = fifo_create(d);
    if (rc) {
        guest_page_put(page);
        return rc;
    }
    fv = &d->evtchn.fifo->vcpu[v->id];
    __atomic_store_n(&fv->control, (void *)(page + offset), __ATOMIC_RELEASE);
    __atomic_store_n(&v->evtchn_fifo, fv, __ATOMIC_RELEASE);
    return 0;
}

int evtchn_fifo_init_control(struct domain *d, const struct evtchn_init_control *op,
                             unsigned *progress)
{
    struct vcpu *v = op->vcpu < d->vcpu_max ? d->vcpu[op->vcpu] : NULL;
    int rc = 0;

    if (!v)
        return -ENOENT;
    if (op->offset > PAGE_SIZE - sizeof(evtchn_fifo_control_block_t) || op->offset % 8)
        return -EINVAL;
    lock_acquire(&d->evtchn.lock);
    if (d->evtchn.is_closed || (*progress && !d->evtchn.fifo))
        rc = -EINVAL;
    else if (!*progress)
        rc = control_set(d, v, op->control_gfn, op->offset);
    if (!rc) {
        *progress = 1;
        rc = fifo_settle(d, 0);
    }
    lock_release(&d->evtchn.lock);
    return rc;
}

static int page_add(struct domain *d, uint64_t gfn, unsigned *progress)
    LOCK_REQUIRES(d->evtchn.lock)
{
    struct evtchn_fifo *f = d->evtchn.fifo;
    event_word_t *words;

    if (f->pages == EVTCHN_FIFO_PAGES_MAX)
        return -ENOSPC;
    words = guest_page_get(d, gfn);
    if (!words)
        return -EINVAL;
    __atomic_store_n(&f->words[f->pages++], words, __ATOMIC_RELEASE);
    *progress = f->pages;
    return 0;
}

int evtchn_fifo_expand_array(struct domain *d, uint64_t gfn, unsigned *progress)
{
    int rc = 0;

    lock_acquire(&d->evtchn.lock);
    if (!d->evtchn.fifo)
        rc = -EOPNOTSUPP;
    else if (*progress > d->evtchn.fifo->pages)
        rc = -EINVAL;
    else if (!*progress)
        rc = page_add(d, gfn, progress);
    if (!rc)
        rc = fifo_settle(d, *progress);
    lock_release(&d->evtchn.lock);
    return rc;
}

/* Nobody is on its way to a word or a queue any more. */
static void fifo_leave(struct domain *d) LOCK_REQUIRES(d->evtchn.lock)
{
    d->evtchn.fifo_end = d->evtchn.fifo;
    __atomic_store_n(&d->evtchn.fifo, NULL, __ATOMIC_SEQ_CST);
    domain_for_each_vcpu(d, v)
        __atomic_store_n(&v->evtchn_fifo, NULL, __ATOMIC_RELEASE);
    evtchn_section_sync();
}

int evtchn_fifo_destroy(struct domain *d) LOCK_REQUIRES(d->evtchn.lock)
{
    struct evtchn_fifo *f;

    if (!d->evtchn.fifo_end && d->evtchn.fifo)
        fifo_leave(d);
    f = d->evtchn.fifo_end;
    if (!f)
        return 0;
    for (unsigned n = 0; f->freed < f->pages + d->vcpu_max; n++, f->freed++) {
        unsigned i = f->freed;
        const void *page = i < f->pages ? (void *)f->words[i] : f->vcpu[i - f->pages].control;

        if (n == DESTROY_PAGES)
            return -ERESTART;
        if (page)
            guest_page_put(page);
    }
    d->evtchn.fifo_end = NULL;
    page_free_el2(f);
    return d->evtchn.fifo ? -ERESTART : 0;
}
