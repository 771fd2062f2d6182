/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Error numbers: the ABI's (Xen public errno.h), with the plain names. Functions return 0 or
 * -Exxx. The internal one never reaches a guest.
 */
#ifndef CORE_BASE_ERRORS_H
#define CORE_BASE_ERRORS_H

enum {
    EPERM = 1, ENOENT = 2, ESRCH = 3, EIO = 5, E2BIG = 7, EAGAIN = 11, ENOMEM = 12, EACCES = 13,
    EFAULT = 14, EBUSY = 16, EEXIST = 17, ENODEV = 19, EINVAL = 22, ENOSPC = 28, ENOSYS = 38,
    ENODATA = 61, EOVERFLOW = 75, EOPNOTSUPP = 95, ENOBUFS = 105,
    ERESTART = 85, /* internal: a bounded chunk is done, continue the call (hypercall.h) */
};

#endif
