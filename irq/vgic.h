/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual GIC (IHI 0048, IHI 0069): one state machine per interrupt (vgic_irq.c), two register
 * front ends (vgic_v2.c, vgic_v3.c over vgic_reg.c) and the list-register back end (vgic_lr.c).
 * Knows no vcpu or domain: what they must do (wake, kick) is returned as the vgic_cpu to kick.
 *
 * Locks: an interrupt's "home" is the vgic_cpu that queues it or has it in a list register; the
 * home's lock protects the interrupt, the queue and the shadow of the list registers. At most one
 * vgic_cpu lock is held at a time. vgic.lock: GICD_CTLR writes and physical links.
 *
 * What is guaranteed when an access concerns an interrupt that another CPU has loaded:
 * - A write (disable, clear pending, retarget, …) is queued for that CPU, which carries it out when
 *   it is kicked or switches the vCPU out; nobody waits. On GICv3 RWP reads 1 until then.
 * - A read of ISPENDR, ICPENDR, ISACTIVER, ICACTIVER, SPENDSGIR or CPENDSGIR asks that CPU for its
 *   live state and sets vgic_access.retry: the caller kicks and lets the guest execute the load
 *   again (the PC is not moved), so the value read is the truth of a moment after the first try.
 */
#ifndef IRQ_VGIC_H
#define IRQ_VGIC_H

#include "core/base/list.h"
#include "core/base/lock.h"
#include "core/base/types.h"
#include "irq/gic.h"

#define VGIC_SGIS 16u
#define VGIC_PRIVATE 32u
#define VGIC_SPIS_MAX 988u
#define VGIC_VCPUS_MAX_V2 8u
#define VGIC_VCPUS_MAX_V3 128u

struct vgic_irq;  /* irq/vgic_irq.h */
struct vgic_bank; /* irq/vgic_irq.h: 32 interrupts */
struct vgic;

/* Part of struct vcpu. */
struct vgic_cpu {
    struct lock lock;
    struct vgic *vgic;
    unsigned index;               /* vCPU id */
    const struct percpu *loaded;  /* CPU `cpu`, while its list registers are in that, or NULL */
    bool is_underflow_on;
    bool is_asleep;               /* GICR_WAKER */
    uint8_t ctlr_writing;         /* GICD_CTLR + 1 that it is executing a write of, else 0 */
    unsigned cpu;                 /* where it is loaded or was last */
    struct list queue;            /* interrupts that need a list register, most urgent first */
    struct list strays;           /* interrupts that go on to another target (vgic_flush) */
    struct vgic_bank *privates, *in_dist; /* in_dist: privates, or NULL where GICD has them not */
    uint64_t lr_used;             /* shadow: list registers written and not seen empty */
    uint64_t lr_eoi;              /* of these, those that ask for a maintenance interrupt at EOI */
    uint64_t lr_all;              /* those that exist */
    bool has_linked_eoi;          /* linked interrupts are delivered unlinked, see gic_config */
    struct vgic_irq *lr_irq[GIC_LRS_MAX]; /* shadow: what each holds */
    uint32_t pend_ppis;           /* linked PPIs to be made pending in the physical GIC at load */
    uint32_t hw_ppis;             /* linked PPIs whose physical interrupt may be active */
    uint32_t pended_ppis;         /* made so since */
    uint64_t kick[2];             /* flush, an access etc.: to be kicked, by index; own CPU only */
    struct gic_vcpu_state state;  /* virtual CPU interface, when not loaded */
};

/* Part of struct domain. */
struct vgic {
    struct lock lock;
    enum gic_version version;
    unsigned vcpus, spis;         /* spis: multiple of 32 */
    uint32_t ctlr;                /* GICD_CTLR: bit 0 group 0, bit 1 group 1 */
    uint32_t regroup;             /* bits of ctlr that not all interrupts know of yet; lock */
    unsigned regroup_at;          /* the bank to be told next: vCPUs' private ones, then SPIs' */
    uint32_t requests;            /* interrupts with a request to another CPU; atomic */
    uint8_t priority_mask;        /* implemented bits */
    struct vgic_bank *spi;        /* [spis / 32] */
    struct vgic_bank *bank[32];   /* the same by INTID / 32; NULL: none, or private */
    const struct vgic_reg *dist;  /* irq/vgic_reg.h: the distributor's registers */
    struct vgic_cpu *cpu[VGIC_VCPUS_MAX_V3];
    uint16_t private_link[VGIC_PRIVATE]; /* physical INTID of linked PPIs, 0: none */
};

/* 0, -ENOMEM, -EINVAL (more than the version allows). spis: SPI count wanted, rounded up. */
int vgic_init(struct vgic *v, enum gic_version version, unsigned spis, unsigned vcpus);
/* After all vCPUs are off their CPUs for good. Links must have been undone. */
void vgic_destroy(struct vgic *v);
/* Before the vCPU runs, index 0 first. 0, -ENOMEM, -EINVAL. */
int vgic_cpu_init(struct vgic *v, struct vgic_cpu *c, unsigned index);
void vgic_cpu_destroy(struct vgic_cpu *c);
/* PSCI CPU_ON: the CPU interface as at reset (IHI 0048, IHI 0069); nothing stays active. Not
 * loaded. */
void vgic_cpu_reset(struct vgic_cpu *c);

/*
 * An edge (or a pulse) on a virtual interrupt: private ones (intid < 32) of vCPU c, SPIs of the
 * vGIC (c ignored). Sets the pending latch, which the guest's acknowledge clears, also for one
 * that is configured as level-sensitive (the event channel upcall: an event that comes while the
 * upcall is active makes it active and pending). Returns the vgic_cpu that now has something to
 * deliver, or NULL when nothing is to do: masked, disabled, already pending. When the returned
 * one is loaded on this CPU, its list register is written already: it may have to be woken, but
 * needs vgic_flush() only if vgic_cpu_needs_flush().
 */
struct vgic_cpu *vgic_inject(struct vgic *v, struct vgic_cpu *c, unsigned intid);
/* A level-sensitive source changed (for an edge-triggered interrupt a rise is an edge). Returns as
 * above, also for lowering: what is pending and not acknowledged is taken back. */
struct vgic_cpu *vgic_set_level(struct vgic *v, struct vgic_cpu *c, unsigned intid, bool level);
/*
 * Links a virtual to a physical interrupt: delivered with HW=1, deactivated by the guest's EOI.
 * An SPI's enable, type and target writes are passed on; a PPI's link is for every vCPU, its
 * physical interrupt stays enabled on every CPU (the caller's work) and is level-sensitive. Pending
 * and active state set by the guest is set in the physical GIC. 0, -EBUSY, -EINVAL.
 */
int vgic_link_physical(struct vgic *v, unsigned intid, unsigned pirq);
/* Disables the physical SPI and leaves it inactive, whatever the guest had done with it. No vCPU
 * of v is loaded on another CPU. */
void vgic_unlink_physical(struct vgic *v, unsigned intid);
/* The physical interrupt linked to intid fired on this CPU: acknowledged, priority dropped, left
 * active. c: the vCPU loaded here, for a PPI. Returns as vgic_inject. */
struct vgic_cpu *vgic_physical_fired(struct vgic *v, struct vgic_cpu *c, unsigned intid);

/* Has c a deliverable interrupt, queued or pending in a list register? Decides whether WFI blocks
 * (the guest's own priority mask is not looked at: a WFI may always return). On the CPU that has c
 * loaded (reads list registers that may hold something) or with c not loaded. */
bool vgic_cpu_has_pending(struct vgic_cpu *c);

/* Something is queued for the list registers; no lock. */
static inline bool vgic_cpu_needs_flush(const struct vgic_cpu *c)
{
    return READ_ONCE(c->queue.next) != &c->queue || READ_ONCE(c->strays.next) != &c->strays;
}

/*
 * On the CPU that has c loaded (flush, maintenance) or is about to (load) or stops to (save).
 * Flush, maintenance and save return true when other vCPUs must be kicked: those in c->kick, by
 * index, which the caller clears. Flush is cheap when there is nothing to do. It must also be
 * called for a loaded vCPU that is blocked, when it is kicked: or it is saved.
 */
bool vgic_flush(struct vgic_cpu *c);
/* Before vtimer_load(): a timer interrupt in flight is marked active first. */
void vgic_load(struct vgic_cpu *c, unsigned cpu);
/* After vtimer_save(): or the timer would fire for the next vCPU. */
bool vgic_save(struct vgic_cpu *c);
/* The maintenance interrupt: list registers ran empty, or an EOI was asked to be told. */
bool vgic_maintenance(struct vgic_cpu *c);

/* Emulated registers. offset is from the frame's base; value: in for writes, out for reads; size
 * 1, 2, 4, 8 bytes. Returns false: no such frame, size or alignment (the caller injects an external
 * abort); reserved registers are RAZ/WI and return true. A read's value may have bits set above the
 * access's size. kick, retry: NULL or false at first. */
struct vgic_access {
    struct vgic_cpu *cpu; /* who accesses; loaded here */
    uint64_t offset, value;
    struct vgic_cpu *kick; /* out: to be kicked; more of them are in cpu->kick */
    unsigned size;
    bool is_write;
    bool retry;           /* out: kick, then have the guest execute it again: reads, see above; a
                             write of GICD_CTLR, which goes on with the next bank */
};
bool vgic_dist_access(struct vgic *v, struct vgic_access *a);
bool vgic_dist_first(struct vgic_access *a); /* the same, below VGIC_DIST_FIRST_BYTES */
#define VGIC_DIST_FIRST_BYTES 0x1000u
/* offset from the start of all redistributors: 128 KiB (RD + SGI frame) a vCPU. */
bool vgic_v3_redist_access(struct vgic *v, struct vgic_access *a);
/*
 * c's guest wrote GICC_DIR or ICC_DIR_EL1, which always trap: deactivates intid, wherever it is
 * active: in c's list registers or another's, in none, in the physical GIC. Ignored while EOImode
 * is 0 (IHI 0069, ICC_DIR_EL1). c is loaded here. Returns whom to kick, or NULL.
 */
struct vgic_cpu *vgic_deactivate(struct vgic_cpu *c, unsigned intid);
/* GICv2's CPU interface from GICC_DIR on; what is before that is the hardware's. */
bool vgic_v2_interface_access(struct vgic_access *a);
/* A guest's ICC_PMR_EL1, ICC_RPR_EL1 or ICC_CTLR_EL1 (crm 6, 11, 12), which trap where ICC_DIR_EL1
 * cannot alone (IHI 0069, ICH_HCR_EL2.TC). c is loaded here. False: no such access. */
bool vgic_v3_common_access(struct vgic_cpu *c, unsigned crm, uint64_t *value, bool is_write);
/* `from` wrote GICD_SGIR, which only GICv2 has: returns as the next. */
struct vgic_cpu *vgic_v2_sgi(struct vgic_cpu *from, uint64_t value);
#define VGIC_V2_SGIR 0xf00u
/* `from` wrote ICC_SGI1R_EL1, ICC_ASGI1R_EL1 or ICC_SGI0R_EL1 (op2 5, 6, 7). Returns whom to kick,
 * or NULL; more of them are in from->kick. */
struct vgic_cpu *vgic_v3_sgi(struct vgic_cpu *from, uint64_t value, unsigned op2);

#endif
