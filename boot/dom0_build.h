/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dom0: made from the modules that the boot loader left, ready to run.
 */
#ifndef BOOT_DOM0_BUILD_H
#define BOOT_DOM0_BUILD_H

#include "boot/options.h"
#include "boot/platform.h"
#include "core/base/hw.h"

/* Creates domain 0 and makes its first vCPU runnable. uart_node: the hypervisor's console in the
 * host's tree, -1: none. Where it can't, the boot fails with a message. */
void dom0_build(const struct platform *p, const struct options *o, int uart_node);

/* The first vCPU of a domain that is complete enters the kernel, as soon as the scheduler runs. */
struct domain;
void dom0_start(struct domain *d, uint64_t kernel, uint64_t dtb);

/* Where a module is in EL2's map. */
static inline const void *dom0_module_ptr(const struct platform_module *m)
{
    return hw_phys_to_virt(paddr(m->base));
}

/* An arm64 Image (Linux, Documentation/arm64/booting.rst, "Call the kernel image"). */
struct dom0_image {
    uint64_t text_offset; /* from a 2 MiB boundary */
    uint64_t bytes;       /* in memory, .bss included */
};
/* Reads the header of a module of `bytes` bytes. NULL, or what is wrong with it. Pure. */
const char *dom0_image_read(const void *module, uint64_t bytes, struct dom0_image *image);

#endif
