/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The other domain: this same image, built as a DomU by the one that runs as Dom0 (domains.c),
 * doing what it is told (peer.c). Both share one page of the peer's.
 */
#ifndef TESTS_BENCH_PEER_H
#define TESTS_BENCH_PEER_H

#include "tests/bench/image/bench.h"

#define PEERS_MAX 64u
#define PEER_MAGIC 0x72656570u
#define PEER_GRANTS 16u         /* of its pages, for Dom0, from XEN_FIRST_GREF on */

enum peer_role {
    PEER_SLEEPS,                /* in WFI until the next event */
    PEER_SPINS,                 /* runs with interrupts on */
    PEER_YIELDS,                /* SCHEDOP_yield for ever */
    PEER_COUNTS_YIELDS,         /* that many yields (argument), timed, then an event */
    PEER_WAKES_ALL,             /* an SGI to all other vCPUs; sleeps when they have taken it */
    PEER_SHUTS_DOWN,
};

/* What the vCPUs behind the first do. */
enum crowd { CROWD_SLEEPS, CROWD_YIELDS, CROWD_POLLS /* for the peer's port */ };

/* What both sides see. Dom0 writes the first part before the peer starts; role, argument and
 * answers as it runs. */
struct peer_page {
    uint32_t magic, gic, vcpus;
    uint32_t port;              /* the peer's end of the channel */
    uint32_t role;
    uint32_t argument;
    uint32_t answers;           /* send an event back for each one */
    uint32_t is_ready;
    uint64_t stamp;             /* ticks at its last event's interrupt, or at its start */
    uint64_t count;             /* events or yields so far */
    uint64_t result;            /* ticks of the yields */
    uint32_t crowd;             /* enum crowd */
    uint32_t polls;             /* how many have begun to poll */
};

struct peer {
    unsigned domid;
    unsigned port;              /* Dom0's end of the channel */
    volatile struct peer_page *page;
    unsigned slot;
};

/* --- Dom0's side (domains.c) --- */

/* Builds and starts a DomU of `mib` MiB, a multiple of 2, on CPU `cpu`, and waits until it is
 * ready. */
void peer_create(struct peer *p, unsigned cpu, unsigned mib);
/* The same with so many vCPUs, on CPU 0. */
void peer_create_crowd(struct peer *p, unsigned vcpus);
void peer_destroy(struct peer *p);
void peer_pause(const struct peer *p);
void peer_unpause(const struct peer *p);
bool peer_is_shut_down(const struct peer *p);
/* Changes what it does: from PEER_SLEEPS or to it. */
void peer_role(struct peer *p, enum peer_role role, unsigned argument);
/* Cleans the caches of all of its memory. */
void peer_flush(const struct peer *p, unsigned mib);
/* A domain of so many vCPUs and no memory that never runs: its id. */
unsigned peer_create_empty(unsigned vcpus);
void peer_destroy_empty(unsigned domid);
/* A domain that gets 2 MiB in one call, by extents of that order, and is destroyed. */
void peer_fill_extents(unsigned order);
/* The same, each extent by a multicall, after more and more short calls. */
void peer_fill_extents_late(unsigned order);
/* A domain with a grant table of so many frames, and its end; held: while one of its pages is
 * mapped here, so that it ends when that is given back. */
#define PEER_FRAMES_MAX 512u
void peer_fill_grants(unsigned frames, bool is_held);
/* The hypervisor's free memory. */
uint64_t peer_free_pages(void);
/* Where this vCPU may run. */
void peer_pin_self(unsigned cpu);

/* --- the DomU's side (peer.c) --- */

void peer_main(struct peer_page *page) __attribute__((noreturn));
/* Its vCPUs behind the first (crowd.c): starts them; sends them all an SGI and waits for them. */
void crowd_start(volatile struct peer_page *page);
void crowd_wake(void);

#endif
