/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Presents Xen's arm64 ABI to a compiler for another host: forced in front of every host-built
 * source with -include. The system's headers come first, under the host's own macros.
 */
#ifndef TESTS_FAKE_XEN_ABI_HOST_H
#define TESTS_FAKE_XEN_ABI_HOST_H

#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma push_macro("__x86_64__")
#pragma push_macro("__i386__")
#pragma push_macro("__aarch64__")
#undef __x86_64__
#undef __i386__
#undef __aarch64__
#define __aarch64__ 1

#include "core/base/xen_abi.h"

#pragma pop_macro("__x86_64__")
#pragma pop_macro("__i386__")
#pragma pop_macro("__aarch64__")

/* core/sched.h has a function of this name, and the sanitizers call the C library's: threads of a
 * test use fake_host_yield(). */
#define sched_yield el2_sched_yield

_Static_assert(sizeof(xen_ulong_t) == 8 && sizeof(vcpu_guest_core_regs_t) > 0, "arm64 ABI");

#endif
