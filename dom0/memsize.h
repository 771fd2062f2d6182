/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Amounts of memory as people write them. Pure.
 */
#ifndef DOM0_MEMSIZE_H
#define DOM0_MEMSIZE_H

#include <stdint.h>

#include "dom0/error.h"

/* "512" and "512m" are MiB, "2g" GiB, "65536k" KiB; from 1 MiB to 1 TiB. ERROR_USAGE. */
int memsize_parse(const char *text, uint64_t *kib, struct error *err);

#endif
