/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a flattened device tree. Pure: no state, no hardware, no lock; compiled on the host
 * by its unit tests. Knows no bindings but reg, ranges, status, compatible and interrupts.
 */
#include "boot/fdt_util.h"

#include "core/base/errors.h"

#define GIC_CELLS 3u

void fdt_util_walk_begin(struct fdt_walk *w, const void *fdt)
{
    w->fdt = fdt;
    w->depth = -1;
    w->path[0] = -1;
}

bool fdt_util_walk_next(struct fdt_walk *w)
{
    int depth = w->depth, node = w->depth < 0 ? -1 : fdt_util_node(w);

    do {
        node = fdt_next_node(w->fdt, node, &depth);
        if (node < 0 || depth < 0)
            return false;
    } while (depth >= FDT_UTIL_DEPTH_MAX);
    w->depth = depth;
    w->path[depth] = node;
    return true;
}

bool fdt_util_walk_at(struct fdt_walk *w, const void *fdt, int node)
{
    fdt_util_for_each(w, fdt)
        if (fdt_util_node(w) == node)
            return true;
    return false;
}

bool fdt_util_is_sound(const void *fdt, size_t bytes)
{
    int at = 0, next;

    /* libfdt 1.6 goes round for ever where a property's length leads back to the property. */
    while (fdt_next_tag(fdt, at, &next) != FDT_END && next > at)
        at = next;
    /* It takes for granted that the root has a name, which it need not have before version 16. */
    return next > at && fdt_version(fdt) >= 16 && !fdt_check_full(fdt, bytes);
}

uint64_t fdt_util_number(const fdt32_t *p, unsigned cells)
{
    return cells ? fdt_util_number(p, cells - 1) << 32 | fdt32_to_cpu(p[cells - 1]) : 0;
}

uint64_t fdt_util_property(const void *fdt, int node, const char *name, uint64_t fallback)
{
    int bytes;
    const fdt32_t *p = fdt_getprop(fdt, node, name, &bytes);

    return p && (bytes == 4 || bytes == 8) ? fdt_util_number(p, (unsigned)bytes / 4) : fallback;
}

const char *fdt_util_string(const void *fdt, int node, const char *name)
{
    int bytes;
    const char *p = fdt_getprop(fdt, node, name, &bytes);

    return p && bytes > 0 && p[bytes - 1] == '\0' ? p : NULL;
}

bool fdt_util_says(const void *fdt, int node, const char *name, const char *value)
{
    const char *s = fdt_util_string(fdt, node, name);

    return s && !strcmp(s, value);
}

unsigned fdt_util_address_cells(const void *fdt, int node)
{
    return (unsigned)MAX(fdt_address_cells(fdt, node), 0);
}

unsigned fdt_util_size_cells(const void *fdt, int node)
{
    return (unsigned)MAX(fdt_size_cells(fdt, node), 0);
}

bool fdt_util_is_available(const void *fdt, int node)
{
    const char *status = fdt_util_string(fdt, node, "status");

    return !status || !strcmp(status, "okay") || !strcmp(status, "ok");
}

bool fdt_util_is_compatible(const void *fdt, int node, const char *const *list)
{
    for (; *list; list++)
        if (!fdt_node_check_compatible(fdt, node, *list))
            return true;
    return false;
}

/* One step up: from the bus below `node` to the bus that node is on, by node's ranges. */
static int translate_step(const void *fdt, int node, int parent, uint64_t *address)
{
    unsigned ac = fdt_util_address_cells(fdt, node), sc = fdt_util_size_cells(fdt, node);
    unsigned pac = fdt_util_address_cells(fdt, parent);
    int bytes;
    const fdt32_t *p = fdt_getprop(fdt, node, "ranges", &bytes);

    if (!p || ac > 2 || !ac || sc > 2 || !sc || pac > 2 || !pac)
        return -EINVAL;
    if (bytes == 0)
        return 0;
    for (int n = bytes / 4; n >= (int)(ac + pac + sc); n -= (int)(ac + pac + sc)) {
        uint64_t child = fdt_util_number(p, ac), to = fdt_util_number(p + ac, pac);

        if (*address >= child && *address - child < fdt_util_number(p + ac + pac, sc)) {
            *address = *address - child + to;
            return 0;
        }
        p += ac + pac + sc;
    }
    return -EINVAL;
}

int fdt_util_translate(const struct fdt_walk *w, int level, uint64_t *address)
{
    for (; level > 0; level--) {
        int rc = translate_step(w->fdt, w->path[level], w->path[level - 1], address);

        if (rc)
            return rc;
    }
    return 0;
}

int fdt_util_reg(const struct fdt_walk *w, unsigned index, uint64_t *base, uint64_t *bytes)
{
    int length;
    const fdt32_t *p = fdt_getprop(w->fdt, fdt_util_node(w), "reg", &length);
    unsigned ac, sc;

    if (!p || w->depth < 1)
        return -ENOENT;
    ac = fdt_util_address_cells(w->fdt, w->path[w->depth - 1]);
    sc = fdt_util_size_cells(w->fdt, w->path[w->depth - 1]);
    if (!ac || ac > 2 || !sc || sc > 2 || length % 4)
        return -EINVAL;
    if ((index + 1) * (ac + sc) > (unsigned)length / 4)
        return -ENOENT;
    p += index * (ac + sc);
    *base = fdt_util_number(p, ac);
    *bytes = fdt_util_number(p + ac, sc);
    return *base + *bytes < *base ? -EINVAL : fdt_util_translate(w, w->depth - 1, base);
}

static uint32_t interrupt_parent(const struct fdt_walk *w)
{
    for (int i = w->depth; i >= 0; i--) {
        uint64_t phandle = fdt_util_property(w->fdt, w->path[i], "interrupt-parent", 0);

        if (phandle)
            return (uint32_t)phandle;
    }
    return 0;
}

/* GIC binding: type (0 SPI, 1 PPI), number, flags. */
static unsigned decode_gic(const fdt32_t *p)
{
    uint32_t type = fdt32_to_cpu(p[0]), number = fdt32_to_cpu(p[1]);

    if (type == 0 && number < 988)
        return number + 32;
    return type == 1 && number < 16 ? number + 16 : 0;
}

/* interrupts-extended: phandle and as many cells as that controller says, repeated. */
static unsigned interrupt_extended(const struct fdt_walk *w, unsigned index, uint32_t gic)
{
    int bytes;
    const fdt32_t *p = fdt_getprop(w->fdt, fdt_util_node(w), "interrupts-extended", &bytes);

    for (int left = p ? bytes / 4 : 0; left > 0; index--) {
        uint32_t phandle = fdt32_to_cpu(*p);
        int parent = fdt_node_offset_by_phandle(w->fdt, phandle);
        unsigned cells = fdt_util_property(w->fdt, parent, "#interrupt-cells", 0);

        if (parent < 0 || cells >= (unsigned)left)
            return 0;
        if (index == 0)
            return phandle == gic && cells >= GIC_CELLS ? decode_gic(p + 1) : 0;
        p += cells + 1;
        left -= (int)cells + 1;
    }
    return 0;
}

unsigned fdt_util_interrupt(const struct fdt_walk *w, unsigned index, uint32_t gic)
{
    int bytes, parent;
    unsigned cells;
    const fdt32_t *p = fdt_getprop(w->fdt, fdt_util_node(w), "interrupts", &bytes);

    if (!p)
        return interrupt_extended(w, index, gic);
    parent = fdt_node_offset_by_phandle(w->fdt, gic);
    if (parent < 0 || interrupt_parent(w) != gic)
        return 0;
    cells = fdt_util_property(w->fdt, parent, "#interrupt-cells", GIC_CELLS);
    if (cells < GIC_CELLS || cells > FDT_MAX_NCELLS || (index + 1) * cells > (unsigned)bytes / 4)
        return 0;
    return decode_gic(p + index * cells);
}
