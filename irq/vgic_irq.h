/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inside the vGIC: one virtual interrupt and its state machine. For irq/vgic*.c only.
 * Not locked by an interrupt's home but written whole: enabled, group1, edge, route.
 */
#ifndef IRQ_VGIC_IRQ_H
#define IRQ_VGIC_IRQ_H

#include "core/base/bits.h"
#include "core/base/hw.h"
#include "irq/vgic.h"

/* What can be asked of an interrupt; a bit each, kept in `request` when another CPU must do it. */
enum vgic_op {
    VGIC_OP_RECALL = 1,       /* out of its list register; back in if it still may */
    VGIC_OP_READ = 2,         /* put pending and active state into `seen` */
    VGIC_OP_PEND = 4,
    VGIC_OP_UNPEND = 8,
    VGIC_OP_ACTIVATE = 16,
    VGIC_OP_DEACTIVATE = 32,
    VGIC_OP_UNPARK = 64,      /* linked: give what was held back to the physical GIC */
    VGIC_OP_DROP_SOURCES = 128,
};

/*
 * Pending is: latched, or line high while level-sensitive; while it is in a list register also
 * what that says. Where an interrupt is:
 *   IDLE (lr < 0, on no list)  -> QUEUED: pending and allowed; or active and to be seen by EOI
 *   QUEUED (on home's queue)   -> IN LR: vgic_lr_place(); the latch moves into the register
 *   IN LR (lr >= 0)            -> QUEUED: pending once more while home is loaded elsewhere
 *   IN LR                      -> IDLE, QUEUED: seen empty, or folded (recall, save, eviction)
 *   any but IN LR and active   -> another home: retargeted
 * Parked: linked, latched, physically active, but not allowed: cannot fire again; UNPARK.
 */
struct vgic_irq {
    struct list link;            /* home's queue or strays */
    struct vgic_cpu *home;
    struct vgic_cpu *target;     /* NULL: none of the CPUs written exists */
    uint64_t raw;                /* list register that says pending, good in raw_state only */
    uint64_t raw_state;          /* 0: raw is to be made anew */
    union {
        struct {
            bool is_latched;
            bool is_on;          /* copy for speed: enabled and its group too */
            uint8_t request;     /* VGIC_OP_* for the CPU that has home loaded; then QUEUED */
            bool is_line_high;
            bool is_active;      /* not in a list register; else as it was when written */
            bool is_pended_by_line; /* in a list register: pending there because of the line */
            bool is_seen;
            uint8_t sources;     /* v2 SGI: CPUs that made it pending; latched when not 0 */
        };
        uint64_t state;          /* all of these at once */
    };
    uint32_t route;              /* as written. v2: ITARGETSR byte; v3: Aff3.Aff2.Aff1.Aff0 */
    uint16_t intid;
    uint16_t pirq;               /* linked physical INTID, 0: none */
    uint16_t seen;               /* VGIC_STATE_*, answer to VGIC_OP_READ */
    uint8_t priority;
    int8_t lr;                   /* list register of home, -1: none */
    uint8_t drop_sources;        /* argument of VGIC_OP_DROP_SOURCES */
    uint8_t active_source;       /* v2 SGI: whose is active */
    bool has_sources;            /* v2 SGI */
    bool is_group1, is_edge;     /* copies for speed, of the bank */
    bool is_pended_by_guest;
    bool is_hw_active;           /* linked: the physical interrupt waits for the guest's EOI */
};

#define VGIC_STATE_PENDING 1u
#define VGIC_STATE_ACTIVE 2u
#define VGIC_STATE_ASKED 4u
#define VGIC_STATE_SOURCES_SHIFT 8

/* vgic_irq.state of one that is deliverable, or enabled only, and nothing else. */
#define VGIC_IRQ_ON 0x100ul
#define VGIC_IRQ_WANTED (VGIC_IRQ_ON | 1)
#define VGIC_IRQ_SOURCES_SHIFT 56

struct vgic_bank {
    uint32_t enabled, group1, edge; /* bit n: irq[n] */
    union {
        uint8_t priority[32];       /* as in irq[n], written with its lock */
        uint32_t priority_word[8];
    };
    struct vgic_irq irq[32];
};

static inline struct vgic_bank *vgic_irq_bank(const struct vgic_irq *irq)
{
    return container_of(irq - irq->intid % 32, struct vgic_bank, irq);
}

static inline bool vgic_irq_is_private(const struct vgic_irq *irq)
{
    return irq->intid < VGIC_PRIVATE;
}

static inline bool vgic_cpu_is_here(const struct vgic_cpu *c)
{
    return c->loaded == hw_percpu();
}

/* The interrupt, or NULL: no such SPI. */
static inline struct vgic_irq *vgic_irq_find(struct vgic *v, struct vgic_cpu *c, unsigned intid)
{
    if (intid < VGIC_PRIVATE)
        return &c->privates->irq[intid];
    intid -= VGIC_PRIVATE;
    return intid < v->spis ? &v->spi[intid / 32].irq[intid % 32] : NULL;
}

/* Is its level source asserted? */
static inline bool vgic_irq_is_raised(const struct vgic_irq *irq)
{
    return irq->is_line_high && !irq->is_edge;
}

/* May home deliver it: enabled, its group too, and not meant for another CPU? */
static inline bool vgic_irq_is_allowed(const struct vgic_irq *irq)
{
    return irq->is_on && irq->target == irq->home;
}

/* Adds c (or NULL) to those to kick, unless it is `from`, loaded here, and has all in its list
 * registers. The first of them is returned, others are in from->kick. */
static inline struct vgic_cpu *vgic_kick_add(struct vgic_cpu *from, struct vgic_cpu *first,
                                             struct vgic_cpu *c)
{
    if (!c || (c == from && !vgic_cpu_needs_flush(c)))
        return first;
    if (likely(!first))
        return c;
    bitmap_set(from->kick, c->index);
    return first;
}

/* Copies what registers say of it. With the home's lock, or at set-up. */
void vgic_irq_refresh(struct vgic_irq *irq);
/* Does it need a list register, or a second look at the one it has? */
bool vgic_irq_wants_lr(const struct vgic_irq *irq);

/* Locks and returns the home. It must have one. */
static inline struct vgic_cpu *vgic_irq_lock(struct vgic_irq *irq) LOCK_UNCHECKED
{
    for (;;) {
        /* Acquire: pairs with the release in vgic_irq_settle(), which hands irq over. */
        struct vgic_cpu *c = __atomic_load_n(&irq->home, __ATOMIC_ACQUIRE);

        lock_acquire(&c->lock);
        if (likely(READ_ONCE(irq->home) == c))
            return c;
        lock_release(&c->lock);
    }
}
/* After any change: moves it to its target, queues it or takes it off, writes the list register
 * when home is loaded here. Releases the lock. Returns whom to kick, or NULL. */
struct vgic_cpu *vgic_irq_settle(struct vgic_cpu *c, struct vgic_irq *irq);
/* Locks, does what `op` says or leaves it to the CPU that has it loaded, settles. */
struct vgic_cpu *vgic_irq_op(struct vgic_irq *irq, enum vgic_op op);
/* c's SGI made pending, on v2 by the senders in the mask; or those in the mask dropped. */
struct vgic_cpu *vgic_irq_sgi(struct vgic_cpu *c, struct vgic_irq *irq, uint8_t sources);
struct vgic_cpu *vgic_irq_sources_drop(struct vgic_irq *irq, uint8_t sources);
void vgic_irq_set_priority(struct vgic_irq *irq, uint8_t priority);
/* A new target (NULL: none) for an SPI. */
struct vgic_cpu *vgic_irq_retarget(struct vgic_irq *irq, struct vgic_cpu *target);
/* The physical interrupt of a linked SPI, if it is one: on, and towards the target. */
void vgic_irq_physical_enable(struct vgic_irq *irq);
/* VGIC_STATE_* now; whom to kick, or NULL, in *kick. When another CPU knows better, that is asked
 * (VGIC_STATE_ASKED); its answer is kept until is_seen is cleared, or the state changes. */
uint32_t vgic_irq_state(struct vgic_irq *irq, struct vgic_cpu **kick);

/* With the home's lock, home loaded here or nowhere. */
void vgic_irq_attend(struct vgic_cpu *c, struct vgic_irq *irq) LOCK_REQUIRES(c->lock);
void vgic_irq_requeue(struct vgic_cpu *c, struct vgic_irq *irq) LOCK_REQUIRES(c->lock);
void vgic_irq_enqueue(struct vgic_cpu *c, struct vgic_irq *irq) LOCK_REQUIRES(c->lock);

#endif
