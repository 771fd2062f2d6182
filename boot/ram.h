/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handing the machine's RAM to the page allocator and to EL2's map.
 */
#ifndef BOOT_RAM_H
#define BOOT_RAM_H

#include "boot/platform.h"

/* Maps RAM, tells the page allocator of it, and reserves what is in use. dtb: where the device tree
 * is. Boot fails with a message where it can't work. */
void ram_init(const struct platform *p, struct platform_range dtb);
/* Gives the memory of the modules to the allocator; nothing of them is used any more. */
void ram_release_modules(const struct platform *p);

#endif
