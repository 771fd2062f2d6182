/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual GIC: a pure state machine per interrupt, two register front ends (vgic_v2.c,
 * vgic_v3.c) and the list-register back end (vgic_lr.c). Knows no vcpu or domain: what they must
 * do (wake, kick) is returned as the vgic_cpu to kick.
 *
 * Locks: vgic_cpu.lock protects that vCPU's pending list, its private interrupts and the shadow of
 * its list registers; an SPI's fields are protected by the lock of the vgic_cpu it is targeted
 * at while it is queued or in a list register there, and vgic.lock for configuration (enable,
 * priority, target, group, type).
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

struct vgic_irq;  /* vgic.c */
struct vgic;

/* Part of struct vcpu. */
struct vgic_cpu {
    struct lock lock;
    struct vgic *vgic;
    unsigned index;                     /* vCPU id */
    struct vgic_irq *privates;          /* [VGIC_PRIVATE] */
    struct list pending;                /* deliverable interrupts not in a list register, by priority */
    struct vgic_irq *lr_irq[GIC_LRS_MAX]; /* shadow: what each list register holds */
    uint64_t lr_used;                   /* shadow: list registers written and not seen empty */
    bool is_loaded;                     /* its list registers are in a physical CPU now */
    unsigned cpu;                       /* which, when loaded */
    struct gic_vcpu_state state;        /* when not loaded */
};

/* Part of struct domain. */
struct vgic {
    struct lock lock;
    enum gic_version version;
    unsigned vcpus, spis;               /* spis: multiple of 32 */
    struct vgic_irq *spi;               /* [spis] */
    struct vgic_cpu *cpu[VGIC_VCPUS_MAX_V3];
    bool is_enabled;                    /* GICD_CTLR */
    uint32_t ctlr;
    uint64_t gicd_base, gicc_base, gicr_base; /* guest addresses */
    uint64_t gicr_bytes;
};

/* 0, -ENOMEM, -EINVAL. spis: SPI count wanted; base addresses as the domain's device tree says. */
int vgic_init(struct vgic *v, enum gic_version version, unsigned spis, unsigned vcpus);
void vgic_destroy(struct vgic *v);
int vgic_cpu_init(struct vgic *v, struct vgic_cpu *c, unsigned index);
void vgic_cpu_destroy(struct vgic_cpu *c);

/*
 * An edge (or a pulse) on a virtual interrupt: private ones (intid < 32) of vCPU c, SPIs of the
 * vGIC (c ignored). Returns the vgic_cpu that now has something to deliver (the caller kicks or
 * wakes it), or NULL when nothing is to do: masked, disabled, already pending.
 */
struct vgic_cpu *vgic_inject(struct vgic *v, struct vgic_cpu *c, unsigned intid);
/* A level-sensitive source changed. Raising returns as above; lowering takes back a pending,
 * not yet acknowledged level interrupt where it can still be taken back. */
struct vgic_cpu *vgic_set_level(struct vgic *v, struct vgic_cpu *c, unsigned intid, bool level);
/* Links a virtual to a physical interrupt: delivered with HW=1. -EBUSY, -EINVAL. For SPIs of
 * Dom0 and the virtual timer PPI (linked for every vCPU). vgic enable/disable, type and target
 * writes of the guest are passed on to the physical interrupt. */
int vgic_link_physical(struct vgic *v, unsigned intid, unsigned pirq);
void vgic_unlink_physical(struct vgic *v, unsigned intid);
/* The physical interrupt linked to intid fired on this CPU (handler of irq.c; owner: the vgic). */
struct vgic_cpu *vgic_physical_fired(struct vgic *v, struct vgic_cpu *c, unsigned intid);

/* Has c an enabled, deliverable interrupt (pending or in its LRs)? Decides whether WFI blocks. For
 * the loaded vCPU it may read list registers back; exact. */
bool vgic_cpu_has_pending(struct vgic_cpu *c);

/* vgic_lr.c: on the CPU that runs (is about to run) c. */
void vgic_flush(struct vgic_cpu *c);            /* TODO_VGIC: pending -> list registers */
void vgic_load(struct vgic_cpu *c, unsigned cpu); /* switch in */
void vgic_save(struct vgic_cpu *c);             /* switch out: shadow and state up to date */
void vgic_maintenance(struct vgic_cpu *c);      /* maintenance interrupt */

/* Emulated registers. offset is from the frame's base; value: in for writes, out for reads; size
 * 1, 2, 4, 8 bytes. Returns false: no such frame/size (the caller injects an external abort);
 * reserved registers are RAZ/WI and return true. *kick: vGIC CPUs to kick, a bitmap by index
 * (2 words: up to 128). */
struct vgic_access {
    struct vgic_cpu *cpu; /* who accesses */
    uint64_t offset, value;
    unsigned size;
    bool is_write;
    uint64_t kick[2];
};
bool vgic_v2_dist_access(struct vgic *v, struct vgic_access *a);
bool vgic_v3_dist_access(struct vgic *v, struct vgic_access *a);
/* offset from the start of all redistributors: 128 KiB (RD + SGI frame) a vCPU. */
bool vgic_v3_redist_access(struct vgic *v, struct vgic_access *a);
/* ICC_SGI1R_EL1 / ICC_SGI0R_EL1 / ICC_ASGI1R_EL1 write by c (value in a->value). */
void vgic_v3_sgi(struct vgic *v, struct vgic_access *a);

#endif
