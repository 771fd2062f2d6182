/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control interface's bitmaps (Xen public xen.h, struct xenctl_bitmap): arrays of bytes of any
 * length in the caller's memory, here masks of at most 64 bits.
 */
#ifndef CORE_CTL_BITMAP_H
#define CORE_CTL_BITMAP_H

#include "core/base/types.h"
#include "core/base/xen_abi.h"

/* Bits beyond 64 are ignored, those that the caller's array lacks are 0. 0 or -EFAULT. */
int ctl_bitmap_read(uint64_t *mask, const struct xenctl_bitmap *b);
/* Fills the caller's array, the bits that mask lacks with 0. 0, -EFAULT, -E2BIG: beyond reason. */
int ctl_bitmap_write(const struct xenctl_bitmap *b, uint64_t mask);

#endif
