/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a flattened device tree (Devicetree Specification v0.4) with libfdt: a walk that
 * remembers the path, registers translated to machine addresses, interrupts of a GIC. The tree is
 * untrusted in the sense that any of it may be missing or malformed.
 */
#ifndef BOOT_FDT_UTIL_H
#define BOOT_FDT_UTIL_H

#include <libfdt.h>

#include "core/base/types.h"

#define FDT_UTIL_DEPTH_MAX 16

struct fdt_walk {
    const void *fdt;
    int path[FDT_UTIL_DEPTH_MAX]; /* offsets from the root to the node */
    int depth;                    /* of the node; path[depth] is it; -1: walk has not begun */
};

/* A walk over all nodes, the root first. */
void fdt_util_walk_begin(struct fdt_walk *w, const void *fdt);
/* The next node; false at the end. Nodes too deep are skipped. */
bool fdt_util_walk_next(struct fdt_walk *w);
#define fdt_util_for_each(w, fdt) \
    for (fdt_util_walk_begin((w), (fdt)); fdt_util_walk_next(w);)
/* Positions w at a node. False: no such node or too deep. */
bool fdt_util_walk_at(struct fdt_walk *w, const void *fdt, int node);
static inline int fdt_util_node(const struct fdt_walk *w) { return w->path[w->depth]; }

/* Can all below be asked of the tree, whose fdt_totalsize(), at most `bytes`, can be read? */
bool fdt_util_is_sound(const void *fdt, size_t bytes);
/* A number of `cells` cells (1 or 2; more: the low 64 bits). */
uint64_t fdt_util_number(const fdt32_t *p, unsigned cells);
/* A property of one or two cells, or fallback. */
uint64_t fdt_util_property(const void *fdt, int node, const char *name, uint64_t fallback);
/* A string property that is terminated, or NULL. */
const char *fdt_util_string(const void *fdt, int node, const char *name);
/* Is it the string property's value? */
bool fdt_util_says(const void *fdt, int node, const char *name, const char *value);
/* #address-cells and #size-cells of node for its children, with the defaults of the
 * specification (2, 1). 0: what stands there can't be a number of cells. */
unsigned fdt_util_address_cells(const void *fdt, int node);
unsigned fdt_util_size_cells(const void *fdt, int node);

bool fdt_util_is_available(const void *fdt, int node);  /* status */
bool fdt_util_is_compatible(const void *fdt, int node, const char *const *list); /* any of list */

/* The index'th entry of reg, translated through the ranges of all parents. 0, -ENOENT: no such
 * entry, -EINVAL: malformed, or not memory mapped. */
int fdt_util_reg(const struct fdt_walk *w, unsigned index, uint64_t *base, uint64_t *bytes);
/* Translates an address on the bus below path[level] (level 0: the root's children). 0, -EINVAL. */
int fdt_util_translate(const struct fdt_walk *w, int level, uint64_t *address);
/* INTID of the index'th interrupt, if its parent is the GIC with this phandle; 0: none. */
unsigned fdt_util_interrupt(const struct fdt_walk *w, unsigned index, uint32_t gic_phandle);

#endif
