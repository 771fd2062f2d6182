/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What Dom0 remembers of a running domain: its configuration, in a file that readers of text and
 * `purlin create` understand, and whether a supervisor looks after it.
 */
#ifndef DOM0_RECORD_H
#define DOM0_RECORD_H

#include "dom0/config.h"
#include "dom0/domain.h"

#define RECORD_DIR "/run/purlin"

/* Writes RECORD_DIR/DOMID.cfg, whole or not at all. */
int record_write(uint32_t domid, const struct config *config, struct error *err);
void record_remove(uint32_t domid);

/* Reads it back; false when there is none, or when it is that of an earlier domain with this id.
 * The caller frees the configuration. */
bool record_load(const struct domain *domain, struct config *config);

/* Changes it, if there is one: nobody else does between reading and writing. `change` returns 0, or
 * a negative errno and the error: then it stays as it was. */
typedef int record_change_fn(struct config *config, void *arg, struct error *err);
int record_update(const struct domain *domain, record_change_fn *change, void *arg,
                  struct error *err);

/* Marks the caller as the domain's supervisor, as long as it keeps the descriptor open. -1 when
 * there is one already. */
int record_supervise(uint32_t domid);
bool record_is_supervised(uint32_t domid);

/* As long as the descriptor is open nobody else asks whether Dom0 uses a disk, of those for which
 * `key` is the same: asking is a claim for a moment. Waits for its turn. -1: without. */
int record_claim_turn(uint64_t key);

/* As long as the descriptor is open: a domain is being restarted, or (closed) none is to be.
 * -EAGAIN when somebody else has it the other way; another negative errno. */
int record_gate(bool closed);
/* Who pauses a domain to dump it does so within this pair: another's dump would let it run. The
 * descriptor, or a negative errno: ERROR_EXISTS when there is one already. */
int record_dump_lock(const struct domain *domain, struct error *err);
void record_dump_unlock(uint32_t domid, int fd);

#endif
