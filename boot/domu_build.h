/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Domains that the host's device tree describes, made at boot without Dom0's tools.
 */
#ifndef BOOT_DOMU_BUILD_H
#define BOOT_DOMU_BUILD_H

#include "boot/platform.h"

/* After dom0_build(). A domain that can't be made is left out, with a message; where nothing is
 * left that could run, the boot fails. */
void domu_build_all(const struct platform *p);

#endif
