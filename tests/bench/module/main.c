// SPDX-License-Identifier: BSD-2-Clause
/*
 * Back end in Dom0, front end anywhere else.
 */
#include <linux/module.h>
#include <xen/xen.h>

#include "tests/bench/module/io_latency.h"

static int __init io_latency_init(void)
{
    if (!xen_domain())
        return -ENODEV;
    return xen_initial_domain() ? back_register() : front_register();
}

static void __exit io_latency_exit(void)
{
    if (xen_initial_domain())
        back_unregister();
    else
        front_unregister();
}

module_init(io_latency_init);
module_exit(io_latency_exit);
MODULE_DESCRIPTION("I/O latency out and in, kernel to kernel");
MODULE_LICENSE("Dual BSD/GPL");
MODULE_ALIAS("xen:" DEVICE_TYPE);
