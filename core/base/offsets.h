/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Structure offsets that the assembly uses, in bytes; each is checked by a static assertion next
 * to the C structure's use in core/vcpu.c.
 */
#ifndef CORE_BASE_OFFSETS_H
#define CORE_BASE_OFFSETS_H

#define PERCPU_TODO 0
#define PERCPU_TODO_VGIC 2 /* TODO_VGIC */
#define PERCPU_CURRENT 8 /* behind it: loaded together */
#define PERCPU_STACK 16 /* behind it is mpidr: loaded together */

/* struct vcpu: the guest's registers are its first member, and SP_EL2 while the guest runs. */
#define VCPU_X 0
#define VCPU_STACK 272
#define VCPU_HYPERCALLS 280 /* behind it: the assembly loads both at once */
#define VCPU_INTERRUPTS 288
#define VCPU_TRAPS 312

#endif
