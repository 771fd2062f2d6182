// SPDX-License-Identifier: BSD-2-Clause
/*
 * The back end: its interrupt's handler takes the time, does with the page of data what the mode
 * says, and answers.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include <xen/xenbus.h>

#include "tests/bench/module/io_latency.h"

struct back {
    struct xenbus_device *dev;
    struct ping_page *page;
    grant_ref_t data_ref;
    struct page *buffer, *map_page;
    unsigned int mode, failures;
    int irq;
};

static void back_copy(struct back *b)
{
    struct gnttab_copy op = {
        .source.u.ref = b->data_ref,
        .source.domid = b->dev->otherend_id,
        .dest.u.gmfn = virt_to_gfn(page_address(b->buffer)),
        .dest.domid = DOMID_SELF,
        .len = XEN_PAGE_SIZE,
        .flags = GNTCOPY_source_gref,
    };

    gnttab_batch_copy(&op, 1);
    b->failures += op.status != GNTST_okay;
}

static void back_map(struct back *b)
{
    struct gnttab_map_grant_ref map;
    struct gnttab_unmap_grant_ref unmap;
    unsigned long address = (unsigned long)page_address(b->map_page);

    gnttab_set_map_op(&map, address, GNTMAP_host_map, b->data_ref, b->dev->otherend_id);
    if (gnttab_map_refs(&map, NULL, &b->map_page, 1) || map.status != GNTST_okay) {
        b->failures++;
        return;
    }
    gnttab_set_unmap_op(&unmap, address, GNTMAP_host_map, map.handle);
    b->failures += gnttab_unmap_refs(&unmap, NULL, &b->map_page, 1) != 0;
}

static irqreturn_t back_asked(int irq, void *data)
{
    u64 now = ping_ticks();
    struct back *b = data;

    b->page->arrived = now;
    if (b->mode == PING_COPY)
        back_copy(b);
    else if (b->mode == PING_MAP)
        back_map(b);
    b->page->answered = ping_ticks();
    notify_remote_via_irq(irq);
    xen_irq_lateeoi(irq, 0);
    return IRQ_HANDLED;
}

static int back_connect(struct back *b)
{
    const char *front = b->dev->otherend;
    unsigned int page_ref, port;
    int rc = xenbus_gather(XBT_NIL, front, "page-ref", "%u", &page_ref, "data-ref", "%u",
                           &b->data_ref, "event-channel", "%u", &port, NULL);

    if (!rc)
        rc = xenbus_map_ring_valloc(b->dev, &page_ref, 1, (void **)&b->page);
    if (rc)
        return rc;
    rc = bind_interdomain_evtchn_to_irqhandler_lateeoi(b->dev, port, back_asked, 0, DEVICE_TYPE, b);
    if (rc < 0)
        return rc;
    b->irq = rc;
    return xenbus_switch_state(b->dev, XenbusStateConnected);
}

static void back_disconnect(struct back *b)
{
    if (b->irq > 0)
        unbind_from_irqhandler(b->irq, b);
    if (b->page)
        xenbus_unmap_ring_vfree(b->dev, b->page);
    if (b->failures)
        dev_err(&b->dev->dev, "%u operations failed\n", b->failures);
    b->irq = 0;
    b->page = NULL;
}

static void back_other_changed(struct xenbus_device *dev, enum xenbus_state state)
{
    struct back *b = dev_get_drvdata(&dev->dev);
    int rc = 0;

    if (state == XenbusStateInitialised && !b->page)
        rc = back_connect(b);
    else if (state >= XenbusStateClosing)
        back_disconnect(b);
    if (rc) {
        back_disconnect(b);
        xenbus_dev_fatal(dev, rc, "connecting");
    }
}

static void back_release(struct back *b)
{
    if (b->map_page)
        gnttab_free_pages(1, &b->map_page);
    if (b->buffer)
        __free_page(b->buffer);
    kfree(b);
}

static int back_set_up(struct back *b)
{
    int rc = gnttab_alloc_pages(1, &b->map_page);

    if (rc) {
        b->map_page = NULL;
        return rc;
    }
    b->buffer = alloc_page(GFP_KERNEL);
    b->mode = xenbus_read_unsigned(b->dev->nodename, "mode", PING_ONLY);
    return b->buffer && b->mode < PING_MODES ? 0 : -EINVAL;
}

static int back_probe(struct xenbus_device *dev, const struct xenbus_device_id *id)
{
    struct back *b = kzalloc(sizeof(*b), GFP_KERNEL);
    int rc;

    if (!b)
        return -ENOMEM;
    b->dev = dev;
    rc = back_set_up(b);
    if (rc) {
        back_release(b);
        xenbus_dev_fatal(dev, rc, "set-up");
        return rc;
    }
    dev_set_drvdata(&dev->dev, b);
    return xenbus_switch_state(dev, XenbusStateInitWait);
}

static void back_remove(struct xenbus_device *dev)
{
    struct back *b = dev_get_drvdata(&dev->dev);

    back_disconnect(b);
    back_release(b);
}

static const struct xenbus_device_id back_ids[] = { { DEVICE_TYPE }, { "" } };

static struct xenbus_driver back_driver = {
    .ids = back_ids,
    .probe = back_probe,
    .remove = back_remove,
    .otherend_changed = back_other_changed,
};

int back_register(void) { return xenbus_register_backend(&back_driver); }
void back_unregister(void) { xenbus_unregister_driver(&back_driver); }
