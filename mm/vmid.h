/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMIDs, 8 or 16 bits wide (ID_AA64MMFR1_EL1.VMIDBits), handed out on first use and rolled over by
 * generation: when they run out, all guests' TLB entries go and numbering starts anew.
 */
#ifndef MM_VMID_H
#define MM_VMID_H

#include "mm/stage2.h"

void vmid_init(unsigned bits);
/* Called before a vCPU of s is loaded on this CPU: makes sure that s has a VMID of the current
 * generation, and returns the VTTBR_EL2 value to load. Takes vmid.c's lock only on a miss. */
uint64_t vmid_activate(struct stage2 *s);
/* This CPU's loaded address space, so that a rollover keeps it: boot calls with NULL. */
void vmid_set_active(unsigned cpu, struct stage2 *s);

#endif
