/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The emulated UART: its registers over a console ring (Xen public io/console.h), whose indexes and
 * characters the guest and the console's domain may change at any time. The indexes that EL2 moves
 * are kept here and only shown in the ring; the other two are read once per use. vpl011.lock
 * protects all, and orders the changes of the interrupt's level.
 * A character in the ring is sent: BUSY is never set, so nobody waits for the other domain but for
 * room (TXFF).
 */
#include "core/vpl011.h"

#include "core/base/errors.h"
#include "core/console.h"
#include "core/domain.h"
#include "mm/page_alloc.h"

/* DDI 0183, PrimeCell UART (PL011): offsets and bits. */
#define UARTDR 0x000u
#define UARTFR 0x018u
#define UARTIMSC 0x038u
#define UARTRIS 0x03cu
#define UARTMIS 0x040u
#define UARTICR 0x044u
#define UARTPERIPHID0 0xfe0u

#define FR_RXFE BIT(4)
#define FR_TXFF BIT(5)
#define FR_RXFF BIT(6)
#define FR_TXFE BIT(7)

#define INT_RX BIT(4)
#define INT_TX BIT(5)
#define INT_RT BIT(6)
#define INT_ALL 0x7ffu

#define IN_BYTES sizeof(((struct xencons_interface *)0)->in)
#define OUT_BYTES sizeof(((struct xencons_interface *)0)->out)
#define TX_TRIGGER (OUT_BYTES / 2)
_Static_assert(OUT_BYTES >= CONSOLE_LINE_BYTES, "a line's piece has room");

/* Characters to be read. An index that is out of range: none. */
static uint32_t in_used(const struct vpl011 *u)
{
    /* Acquire: the characters are there when the index says so; pairs with the writer's barrier. */
    uint32_t used = __atomic_load_n(&u->ring->in_prod, __ATOMIC_ACQUIRE) - u->in_cons;

    return used <= IN_BYTES ? used : 0;
}

/* Characters not yet taken. An index that is out of range: the ring is full. The machine's console
 * takes all at once. */
static uint32_t out_used(const struct vpl011 *u)
{
    if (!u->port)
        return 0;
    /* Acquire: the reader is done with a place before it is written again. */
    uint32_t used = u->out_prod - __atomic_load_n(&u->ring->out_cons, __ATOMIC_ACQUIRE);

    return used <= OUT_BYTES ? used : OUT_BYTES;
}

/* --- interrupts: lock held ----------------------------------------------------------------- */

/* TXRIS follows transitions (DDI 0183, UARTTXINTR): a write through the trigger level lowers it,
 * and it rises when the level is passed downwards, which below it each write does at once. */
static uint32_t raw_interrupts(struct vpl011 *u)
{
    if (u->is_tx_above && out_used(u) <= TX_TRIGGER) {
        u->is_tx_above = false;
        u->is_tx_raised = true;
    }
    return (in_used(u) ? INT_RX | INT_RT : 0) | (u->is_tx_raised ? INT_TX : 0);
}

static void update_level(struct domain *d) LOCK_REQUIRES(d->vpl011.lock)
{
    bool level = raw_interrupts(&d->vpl011) & d->vpl011.imsc;

    vcpu_kick_vgic(vgic_set_level(&d->vgic, NULL, GUEST_VPL011_SPI, level));
}

/* The other end has put characters into the ring, or taken some. */
static void ring_changed(struct domain *d)
{
    lock_acquire(&d->vpl011.lock);
    update_level(d);
    lock_release(&d->vpl011.lock);
}

/* --- registers: lock held ------------------------------------------------------------------ */

static uint32_t read_data(struct vpl011 *u)
{
    uint32_t c;

    if (!in_used(u))
        return 0;
    c = (uint8_t)READ_ONCE(u->ring->in[MASK_XENCONS_IDX(u->in_cons, u->ring->in)]);
    /* Release: the place is free when the index says so. */
    __atomic_store_n(&u->ring->in_cons, ++u->in_cons, __ATOMIC_RELEASE);
    return c;
}

/* With a full ring it is lost, as in a full FIFO. */
static void write_data(struct vpl011 *u, uint32_t value)
{
    if (out_used(u) >= OUT_BYTES)
        return;
    u->ring->out[MASK_XENCONS_IDX(u->out_prod, u->ring->out)] = (char)value;
    /* Release: the character is there when the index says so. */
    __atomic_store_n(&u->ring->out_prod, ++u->out_prod, __ATOMIC_RELEASE);
    u->is_tx_raised = false;
    u->is_tx_above = true;
}

static uint32_t read_flags(struct vpl011 *u)
{
    uint32_t in = in_used(u), out = out_used(u);

    return (in ? 0 : FR_RXFE) | (in == IN_BYTES ? FR_RXFF : 0) | (out ? 0 : FR_TXFE) |
           (out == OUT_BYTES ? FR_TXFF : 0);
}

static uint32_t read_mask(struct vpl011 *u) { return u->imsc; }

static uint32_t read_masked(struct vpl011 *u) { return raw_interrupts(u) & u->imsc; }

static void write_mask(struct vpl011 *u, uint32_t value) { u->imsc = value & INT_ALL; }

/* Receive interrupts follow the ring: they end when it is empty. */
static void write_clear(struct vpl011 *u, uint32_t value)
{
    if (value & INT_TX)
        u->is_tx_raised = false;
}

static const struct {
    uint32_t (*read)(struct vpl011 *u);
    void (*write)(struct vpl011 *u, uint32_t value);
    bool is_data; /* an access moves a character: the other end is told */
} registers[] = {
    [UARTDR / 4] = { read_data, write_data, true },
    [UARTFR / 4] = { read_flags, NULL, false },
    [UARTIMSC / 4] = { read_mask, write_mask, false },
    [UARTRIS / 4] = { raw_interrupts, NULL, false },
    [UARTMIS / 4] = { read_masked, NULL, false },
    [UARTICR / 4] = { NULL, write_clear, false },
};

/* Line settings read as zero and ignore writes: there is no line. */
static uint32_t read_other(unsigned offset)
{
    static const uint8_t id[] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

    return offset < UARTPERIPHID0 ? 0 : id[(offset - UARTPERIPHID0) / 4];
}

/* A write narrower than the register keeps the rest of it, where it can be read. */
static uint32_t merge(struct vpl011 *u, unsigned reg, const struct vgic_access *a)
{
    uint32_t mask = (uint32_t)(BIT(8 * a->size) - 1) << 8 * (a->offset % 4);
    uint32_t old = reg == UARTIMSC / 4 ? u->imsc : 0;

    return (old & ~mask) | ((uint32_t)a->value << 8 * (a->offset % 4) & mask);
}

NOINLINE bool vpl011_access(struct domain *d, struct vgic_access *a)
{
    struct vpl011 *u = &d->vpl011;
    unsigned reg = (unsigned)a->offset / 4;
    /* The upper bytes of UARTDR alone are no character. */
    bool is_known = reg < ARRAY_SIZE(registers) && (reg != UARTDR / 4 || a->offset == UARTDR);

    if (a->offset % 4 + a->size > 4)
        return false;
    lock_acquire(&d->vpl011.lock);
    if (a->is_write) {
        if (is_known && registers[reg].write)
            registers[reg].write(u, merge(u, reg, a));
    } else {
        a->value = is_known && registers[reg].read ? registers[reg].read(u)
                                                   : read_other((unsigned)a->offset);
        a->value >>= 8 * (a->offset % 4);
    }
    /* To the machine's console; the ring is a line's buffer. */
    if (!u->port && u->out_prod && console_domain_write(d->id, u->ring->out, u->out_prod))
        u->out_prod = 0;
    update_level(d);
    lock_release(&d->vpl011.lock);
    if (is_known && registers[reg].is_data && u->port)
        evtchn_send(d, u->port);
    return true;
}

/* --- life ---------------------------------------------------------------------------------- */

int vpl011_init(struct domain *d, uint64_t gfn, domid_t console)
{
    struct vpl011 *u = &d->vpl011;
    struct page *page;
    int port;

    if (u->ring)
        return -EEXIST;
    if (d->vgic.spis <= GUEST_VPL011_SPI - VGIC_PRIVATE)
        return -EINVAL;
    page = domain_gfn_page_get(d, gfn, true);
    if (!page)
        return -EINVAL;
    u->ring = page_to_virt(page); /* from the next call on the other end may send */
    memset(&u->ring->in_cons, 0, sizeof(*u->ring) - offsetof(struct xencons_interface, in_cons));
    port = evtchn_alloc_unbound(d, console, ring_changed);
    if (port < 0) {
        u->ring = NULL;
        domain_page_put(page);
        return port;
    }
    u->port = (evtchn_port_t)port;
    return port;
}

int vpl011_init_console(struct domain *d)
{
    if (d->vgic.spis <= GUEST_VPL011_SPI - VGIC_PRIVATE)
        return -EINVAL;
    d->vpl011.ring = page_alloc_el2(PAGE_SIZE);
    return d->vpl011.ring ? 0 : -ENOMEM;
}

bool vpl011_receive(struct domain *d, char c)
{
    struct vpl011 *u = &d->vpl011;
    bool is_ours;

    lock_acquire(&d->vpl011.lock);
    is_ours = vpl011_is_on_console(u);
    if (is_ours && in_used(u) < IN_BYTES)
        u->ring->in[MASK_XENCONS_IDX(u->ring->in_prod++, u->ring->in)] = c;
    if (is_ours)
        update_level(d);
    lock_release(&d->vpl011.lock);
    return is_ours;
}

void vpl011_free(struct domain *d)
{
    struct xencons_interface *ring = d->vpl011.ring;

    lock_acquire(&d->vpl011.lock);
    d->vpl011.ring = NULL;
    lock_release(&d->vpl011.lock);
    if (ring && d->vpl011.port)
        domain_page_put(page_of(hw_virt_to_phys(ring)));
    else if (ring)
        page_free_el2(ring); /* named still: a character may be on its way */
}
