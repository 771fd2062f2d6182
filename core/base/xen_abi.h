/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one place that includes Xen's public headers (package libxen-dev; never copied into the
 * tree). __XEN_TOOLS__ makes the control interface (domctl, sysctl) visible. Host builds include
 * tests/fake/xen_abi_host.h first, which presents the arm64 ABI to an x86-64 compiler.
 */
#ifndef CORE_BASE_XEN_ABI_H
#define CORE_BASE_XEN_ABI_H

#ifndef __XEN_TOOLS__
#define __XEN_TOOLS__ 1
#endif

/* sysctl.h brings domctl.h, and that event_channel.h, grant_table.h, memory.h and xen.h. */
#include <xen/sysctl.h>
#include <xen/errno.h>
#include <xen/features.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/io/console.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#endif
