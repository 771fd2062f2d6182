/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMIDs, 8 or 16 bits wide (ID_AA64MMFR1_EL1.VMIDBits), handed out on first use and rolled over by
 * generation: when they run out, all guests' TLB entries go and numbering starts anew.
 */
#ifndef MM_VMID_H
#define MM_VMID_H

#include "mm/stage2.h"

/* Boot: 8 or 16 bits. Until then 8. */
void vmid_init(unsigned bits);
/* Called before a vCPU of s is loaded on this CPU: makes sure that s has a VMID of the current
 * generation, that a rollover keeps it while it is loaded, and returns the VTTBR_EL2 value to
 * load. Takes vmid.c's lock only on a miss. */
uint64_t vmid_activate(struct stage2 *s);
/* VTTBR_EL2 has its value on this CPU already: as if it had never been switched out. */
bool vmid_is_current(const struct stage2 *s);
/* What vmid_activate() made this CPU's loaded address space, NULL: none. Of this CPU only. */
const struct stage2 *vmid_active(void);
/* 8 or 16. */
unsigned vmid_bits(void);
/* How often numbering has started anew. */
unsigned vmid_rollovers(void);
/* VTTBR_EL2 of s: its VMID, or that which it had last, and its root. */
uint64_t vmid_vttbr(const struct stage2 *s);
/* s has had a VMID: some TLB may have entries of it. */
bool vmid_was_used(const struct stage2 *s);

#endif
