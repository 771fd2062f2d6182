/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's own command line, from /chosen/bootargs: NAME=VALUE, separated by blanks.
 *   dom0_mem=SIZE          Dom0's memory; suffix K, M, G (none: KiB, as Xen's option)
 *   dom0_max_vcpus=N       Dom0's vCPUs; default: one per CPU
 *   scrub_reserve=SIZE     free memory that idle CPUs keep scrubbed; default 512M; 0: none
 *   console=dtuart|none    where the log goes; default dtuart
 *   dtuart=PATH            the UART's path or alias; default: /chosen/stdout-path
 *   loglvl=error|warning|info|debug|all
 */
#ifndef BOOT_OPTIONS_H
#define BOOT_OPTIONS_H

#include "core/base/log.h"

#define OPTIONS_PATH_BYTES 128u

struct options {
    uint64_t dom0_mem_bytes;       /* 0: not given */
    unsigned dom0_max_vcpus;       /* 0: not given */
    uint64_t scrub_reserve_bytes;
    bool has_uart;                 /* console= names dtuart, or is not given */
    char uart_path[OPTIONS_PATH_BYTES]; /* "": not given */
    enum log_level log_level;
};

/* Logs a warning for each option that is unknown or has a wrong value; the option then keeps its
 * default. */
void options_parse(const char *args, struct options *o);

#endif
