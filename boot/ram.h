/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handing the machine's RAM to the page allocator and to EL2's map.
 */
#ifndef BOOT_RAM_H
#define BOOT_RAM_H

#include "boot/platform.h"

/* Tells the page allocator of RAM, reserves what is in use, and switches to the final tables: the
 * early console is not mapped after. dtb: where the device tree is. Boot fails with a message
 * where it can't work. */
void ram_init(const struct platform *p, struct platform_range dtb);
/* Gives the memory of the modules to the allocator; nothing of them is used any more. */
void ram_release_modules(const struct platform *p);

#endif
