/* SPDX-License-Identifier: BSD-2-Clause
 *
 * When a guest that crashes again and again is not to be restarted any more, and how soon one that
 * does not live long is.
 */
#ifndef DOM0_PACE_H
#define DOM0_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_QUICK_MS 30000  /* who crashes sooner after its start has not worked */
#define PACE_LIMIT 5         /* so many in a row are enough */
#define PACE_RESTART_MS 2000 /* no start comes sooner after the one before */

struct pace {
    unsigned quick; /* crashes in a row, each soon after its start */
};

/* A crash, lived_ms after the start. False: it is time to give up; counting begins anew. */
bool pace_allows(struct pace *pace, int64_t lived_ms);

/* How long to wait before one is restarted that has lived so long. 0: not at all. */
unsigned pace_pause_ms(int64_t lived_ms);

#endif
