/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Time that only goes forward, for limits and pauses.
 */
#ifndef DOM0_CLOCK_H
#define DOM0_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds of CLOCK_MONOTONIC. */
static inline int64_t clock_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

#endif
