/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMIDs: which address space has which, and when all are given out anew. Knows nothing of what
 * an address space maps. `lock` protects `used` and `kept`; a space's vmid_state changes with it
 * held and is read without.
 *
 * active[cpu] is the state (generation and VMID) that a CPU runs with. A rollover takes each
 * (exchange with 0), so that every CPU passes the lock once in the new generation, and keeps those
 * VMIDs for their owners: their guests go on running with them.
 */
#include "mm/vmid.h"

#include "core/base/assert.h"

#define VMID_BITS_MAX 16u
#define VMIDS_MAX (1u << VMID_BITS_MAX)
#define STATE_VMID(state) ((uint32_t)((state) & (VMIDS_MAX - 1)))
#define STATE_GENERATION(state) ((state) & ~(uint64_t)(VMIDS_MAX - 1))
#define GENERATION_FIRST ((uint64_t)VMIDS_MAX)

static struct lock lock;
static unsigned bits = 8;
static uint64_t generation = GENERATION_FIRST; /* atomic; in steps of GENERATION_FIRST */
static uint64_t used[BITMAP_WORDS(VMIDS_MAX)];
static unsigned next_vmid = 1;                 /* VMID 0 is nobody's */
static uint64_t active[NR_CPUS_MAX];           /* atomic */
static uint64_t kept[NR_CPUS_MAX];
static const struct stage2 *loaded[NR_CPUS_MAX]; /* each CPU its own */

void vmid_init(unsigned width)
{
    assert(width == 8 || width == VMID_BITS_MAX);
    bits = width;
}

unsigned vmid_bits(void) { return bits; }

unsigned vmid_rollovers(void)
{
    return (unsigned)(__atomic_load_n(&generation, __ATOMIC_RELAXED) / GENERATION_FIRST - 1);
}

static uint64_t state_of(const struct stage2 *s)
{
    return __atomic_load_n(&s->vmid_state, __ATOMIC_RELAXED);
}

uint64_t vmid_vttbr(const struct stage2 *s)
{
    return (uint64_t)STATE_VMID(state_of(s)) << 48 | s->root.v;
}

bool vmid_was_used(const struct stage2 *s) { return state_of(s) != 0; }

/* All VMIDs are free again but those that CPUs run with. */
static void rollover(void) LOCK_REQUIRES(lock)
{
    __atomic_add_fetch(&generation, GENERATION_FIRST, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < BITMAP_WORDS(VMIDS_MAX); i++)
        used[i] = 0;
    for (unsigned cpu = 0; cpu < cpu_count; cpu++) {
        uint64_t state = __atomic_exchange_n(&active[cpu], 0, __ATOMIC_SEQ_CST);

        /* 0: this CPU has not passed since the last rollover, and still runs with what it kept. */
        if (state)
            kept[cpu] = state;
        if (kept[cpu])
            bitmap_set(used, STATE_VMID(kept[cpu]));
    }
    next_vmid = 1;
    hw_tlbi_all_guests();
}

/* Does some CPU still run with s's VMID? Then s keeps it in the new generation. */
static bool is_kept(uint64_t state, uint64_t renewed) LOCK_REQUIRES(lock)
{
    bool found = false;

    for (unsigned cpu = 0; cpu < cpu_count; cpu++)
        if (kept[cpu] == state) {
            kept[cpu] = renewed;
            found = true;
        }
    return found;
}

static uint64_t assign(uint64_t old) LOCK_REQUIRES(lock)
{
    uint64_t now = __atomic_load_n(&generation, __ATOMIC_RELAXED);
    unsigned vmid;

    if (old && is_kept(old, now | STATE_VMID(old)))
        return now | STATE_VMID(old);
    /* The VMID that it had, if still nobody's. */
    if (old && !bitmap_test(used, STATE_VMID(old))) {
        bitmap_set(used, STATE_VMID(old));
        return now | STATE_VMID(old);
    }
    while (vmid = next_vmid, vmid < 1u << bits && bitmap_test(used, vmid))
        next_vmid++;
    if (vmid == 1u << bits) {
        rollover();
        return assign(old);
    }
    next_vmid++;
    bitmap_set(used, vmid);
    return now | vmid;
}

uint64_t vmid_activate(struct stage2 *s)
{
    unsigned cpu = hw_percpu()->id;
    uint64_t was = __atomic_load_n(&active[cpu], __ATOMIC_RELAXED), state = state_of(s);

    loaded[cpu] = s;
    /* Sequentially consistent with rollover(): either it sees the new active[cpu], or this sees
     * the 0 that it left there. */
    if (likely(was && STATE_GENERATION(state) == __atomic_load_n(&generation, __ATOMIC_SEQ_CST) &&
               __atomic_compare_exchange_n(&active[cpu], &was, state, false, __ATOMIC_SEQ_CST,
                                           __ATOMIC_RELAXED)))
        return vmid_vttbr(s);

    lock_acquire(&lock);
    state = state_of(s);
    if (STATE_GENERATION(state) != __atomic_load_n(&generation, __ATOMIC_RELAXED)) {
        state = assign(state);
        __atomic_store_n(&s->vmid_state, state, __ATOMIC_RELAXED);
    }
    __atomic_store_n(&active[cpu], state, __ATOMIC_SEQ_CST);
    lock_release(&lock);
    /* The VMID is known before this CPU walks with it: pairs with the DSB of stage2_flush(), which
     * either sees it and invalidates, or has its entries seen by these walks. */
    hw_dsb_ish();
    return vmid_vttbr(s);
}

/* The pointer alone may be that of one that is gone. */
bool vmid_is_current(const struct stage2 *s)
{
    return loaded[hw_percpu()->id] == s && hw_sysreg_read(VTTBR_EL2) == vmid_vttbr(s);
}

const struct stage2 *vmid_active(void) { return loaded[hw_percpu()->id]; }
