/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's devices for Dom0. Which registers a device has is read from its reg, a PCI host's
 * windows also from its ranges; what RAM, GIC or console occupies is taken out, so that a
 * malformed tree can't give Dom0 what is not its own. Boot CPU only.
 */
#include "boot/dom0_devices.h"

#include "boot/ranges.h"
#include "core/base/errors.h"
#include "core/base/log.h"
#include "core/domain_irq.h"

#define PCI_ADDRESS_CELLS 3u

struct collector {
    struct platform_range *window;
    unsigned count, max;
    bool fits;
};

static void collect(struct collector *c, struct platform_range r)
{
    if (r.bytes && !ranges_add(c->window, &c->count, c->max, ranges_pages(r)))
        c->fits = false;
}

static bool is_device(const struct fdt_walk *w)
{
    int node = fdt_util_node(w);

    return !fdt_util_says(w->fdt, node, "device_type", "memory") &&
           !fdt_util_says(w->fdt, node, "device_type", "cpu") &&
           fdt_node_check_compatible(w->fdt, node, "arm,gic-v3-its");
}

static void collect_reg(struct collector *c, const struct fdt_walk *w)
{
    struct platform_range r;

    for (unsigned i = 0;; i++) {
        int rc = fdt_util_reg(w, i, &r.base, &r.bytes);

        if (rc == -ENOENT || (rc && i == 0)) /* not memory mapped: an address on some other bus */
            return;
        if (!rc)
            collect(c, r);
    }
}

/* PCI bus binding: child address of three cells, parent address, size of two cells. */
static void collect_pci(struct collector *c, const struct fdt_walk *w)
{
    int node = fdt_util_node(w), bytes;
    const fdt32_t *p = fdt_getprop(w->fdt, node, "ranges", &bytes);
    unsigned pac, sc = fdt_util_size_cells(w->fdt, node), entry;

    if (!fdt_util_says(w->fdt, node, "device_type", "pci") || !p || w->depth < 1 || sc > 2)
        return;
    pac = fdt_util_address_cells(w->fdt, w->path[w->depth - 1]);
    entry = PCI_ADDRESS_CELLS + pac + sc;
    if (pac > 2 || fdt_util_address_cells(w->fdt, node) != PCI_ADDRESS_CELLS)
        return;
    for (int left = bytes / 4; left >= (int)entry; left -= (int)entry, p += entry) {
        struct platform_range r = { fdt_util_number(p + PCI_ADDRESS_CELLS, pac),
                                    fdt_util_number(p + PCI_ADDRESS_CELLS + pac, sc) };

        if (!fdt_util_translate(w, w->depth - 1, &r.base))
            collect(c, r);
    }
}

static void exclude(struct collector *c, struct platform_range r)
{
    if (r.bytes && !ranges_subtract(c->window, &c->count, c->max, ranges_pages(r)))
        c->fits = false;
}

static void exclude_node(struct collector *c, const void *fdt, int node)
{
    struct platform_range r;
    struct fdt_walk w;

    if (node < 0 || !fdt_util_walk_at(&w, fdt, node))
        return;
    for (unsigned i = 0; !fdt_util_reg(&w, i, &r.base, &r.bytes); i++)
        exclude(c, r);
}

bool dom0_devices_windows(const struct platform *p, int uart_node, struct platform_range *window,
                          unsigned *count, unsigned max)
{
    struct collector c = { window, 0, max, true };
    struct fdt_walk w;

    fdt_util_for_each(&w, p->fdt) {
        int node = fdt_util_node(&w);

        if (node == p->gic_node || !fdt_util_is_available(p->fdt, node) || !is_device(&w))
            continue;
        collect_reg(&c, &w);
        collect_pci(&c, &w);
    }
    ranges_sort(window, &c.count);
    for (unsigned i = 0; i < p->banks; i++)
        exclude(&c, p->bank[i]);
    exclude_node(&c, p->fdt, p->gic_node);
    exclude_node(&c, p->fdt, uart_node);
    *count = c.count;
    return c.fits;
}

static int map_windows(struct domain *d, const struct platform_range *window, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t first = window[i].base >> PAGE_SHIFT;
        int rc;

        if (window[i].base + window[i].bytes > 1ul << d->s2.ipa_bits) {
            log_warning("Dom0: device window %lx-%lx is beyond its address space: left out\n",
                        window[i].base, window[i].base + window[i].bytes - 1);
            continue;
        }
        lock_acquire(&d->s2.lock);
        rc = stage2_map_range(&d->s2, first, first, window[i].bytes >> PAGE_SHIFT,
                              stage2_kind(STAGE2_MMIO, STAGE2_RW | STAGE2_DEVICE));
        lock_release(&d->s2.lock);
        if (rc)
            return rc;
    }
    return 0;
}

/* Every SPI that nobody has: which of them a device uses shows when its driver enables it. */
static unsigned link_interrupts(struct domain *d, unsigned uart_irq)
{
    unsigned linked = 0;

    for (unsigned intid = 32; intid < gic_info()->intids; intid++)
        if (intid != uart_irq && !domain_irq_assign(d, intid))
            linked++;
    return linked;
}

static struct platform_range window[DOM0_DEVICES_MAX];

uint64_t dom0_devices_end(const struct platform *p, int uart_node)
{
    unsigned count;

    dom0_devices_windows(p, uart_node, window, &count, DOM0_DEVICES_MAX);
    return count ? window[count - 1].base + window[count - 1].bytes : 0;
}

int dom0_devices_assign(struct domain *d, const struct platform *p, int uart_node)
{
    unsigned count, linked, uart_irq = 0;
    struct fdt_walk w;
    int rc;

    if (!dom0_devices_windows(p, uart_node, window, &count, DOM0_DEVICES_MAX))
        log_warning("Dom0: more than %u device windows: some are left out\n", DOM0_DEVICES_MAX);
    rc = map_windows(d, window, count);
    if (rc)
        return rc;
    if (uart_node >= 0 && fdt_util_walk_at(&w, p->fdt, uart_node))
        uart_irq = fdt_util_interrupt(&w, 0, p->gic_phandle);
    linked = link_interrupts(d, uart_irq);
    log_info("Dom0: %u device windows, %u interrupts\n", count, linked);
    return 0;
}
