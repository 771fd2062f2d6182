/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who we are (Xen public version.h). The boot code tells what only it knows.
 */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H

#include "core/base/types.h"

#define VERSION_BUILD_ID_BYTES_MAX 32u

/* Boot: the hypervisor's own command line, cut at 1023 characters, and the image's build id (the
 * linker's GNU note; of no bytes: the call says -ENODATA). Both are copied. */
void version_init(const char *text, const void *id, size_t bytes);

#endif
