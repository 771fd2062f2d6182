/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who we are (Xen public version.h). The boot code tells what only it knows.
 */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H

#include "core/base/types.h"

#define VERSION_BUILD_ID_BYTES_MAX 32u

/* Boot: the hypervisor's own command line; copied, cut at 1023 characters. */
void version_set_commandline(const char *text);
/* Boot: the image's build id (the linker's GNU note); copied. Without it the call says -ENODATA. */
void version_set_build_id(const void *id, size_t bytes);

#endif
