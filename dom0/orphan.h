/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Domains whose making, or destruction, was cut short by the death of the process that was at it.
 */
#ifndef DOM0_ORPHAN_H
#define DOM0_ORPHAN_H

#include "dom0/purlin.h"

/* A domain of that UUID is about to be made: the descriptor, -1 as below. Then orphan_born() says
 * its id, or orphan_unborn() that there is none; the same thread does. */
int orphan_begin(const uint8_t uuid[16]);
void orphan_born(const uint8_t uuid[16], uint32_t domid, int fd);
void orphan_unborn(const uint8_t uuid[16], int fd);

/* From here on the domain is in the making, or being destroyed: it is an orphan if the caller dies
 * before it closes the descriptor, when it is made by orphan_adopt(), when it is gone after
 * orphan_forget(). A child that is forked meanwhile and outlives the caller must close the
 * descriptor. -1 when that cannot be noted, which is no reason to stop. */
int orphan_mark(uint32_t domid);
bool orphan_is_marked(uint32_t domid);
void orphan_adopt(uint32_t domid, int fd);
/* Does somebody else destroy what the caller has marked? */
bool orphan_is_overtaken(int fd);

/* Who makes or destroys the domain now, for orphan_wait(): a descriptor that the caller closes, or
 * -1. Taken before the caller's own mark. */
int orphan_watch(uint32_t domid);
/* Waits until that one has ended, or has died; or for so long. */
void orphan_wait(int fd, int limit_ms);

/* The domain is gone: whoever made it, there is nothing to reap. */
void orphan_forget(uint32_t domid);

/* Destroys all orphans, or what is left of them, and tells of each as progress. Removes what their
 * makers left that never became a mark. */
void orphan_reap(struct purlin *session);

#endif
