// SPDX-License-Identifier: BSD-2-Clause
/*
 * The front end: once its back end is connected, a thread sends one request after the other and
 * sleeps until each is answered. Then it writes "result": the sums, in ticks, from before the event
 * to the back end's handler (out), from before the answer's event to the handler here (in), and of
 * the whole way (round), how many they are of, and the ticks of the whole loop.
 */
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <xen/events.h>
#include <xen/xenbus.h>

#include "tests/bench/module/io_latency.h"
#include "tests/bench/plugin/marks.h"

#define HINT(mark) asm volatile("hint %0" : : "i"(mark) : "memory")

struct front {
    struct xenbus_device *dev;
    struct ping_page *page;
    void *data;
    grant_ref_t page_ref, data_ref;
    int irq;
    struct task_struct *thread;
    wait_queue_head_t wait;
    unsigned int answers;
};

static irqreturn_t front_answered(int irq, void *data)
{
    u64 now = ping_ticks();
    struct front *f = data;

    f->page->came_back = now;
    WRITE_ONCE(f->answers, f->answers + 1);
    wake_up(&f->wait);
    return IRQ_HANDLED;
}

struct sums { u64 out, in, round, total; };

static struct sums front_ping(struct front *f, unsigned int count)
{
    struct ping_page *p = f->page;
    struct sums sums = { 0 };
    u64 start;

    f->answers = 0;
    HINT(MARK_DROP);
    HINT(MARK_ON);
    start = ping_ticks();
    for (unsigned int i = 0; i < count; i++) {
        p->sent = ping_ticks();
        notify_remote_via_irq(f->irq);
        wait_event(f->wait, READ_ONCE(f->answers) != i);
        sums.out += p->arrived - p->sent;
        sums.in += p->came_back - p->answered;
        sums.round += p->came_back - p->sent;
    }
    sums.total = ping_ticks() - start;
    HINT(MARK_OFF);
    return sums;
}

static int front_thread(void *data)
{
    struct front *f = data;
    unsigned int count = xenbus_read_unsigned(f->dev->nodename, "count", 1000);
    struct sums sums;

    front_ping(f, count / 8 + 1);
    sums = front_ping(f, count);
    xenbus_printf(XBT_NIL, f->dev->nodename, "result",
                  "out %llu in %llu round %llu count %u total %llu hz %llu", sums.out, sums.in,
                  sums.round, count, sums.total, read_sysreg(cntfrq_el0));
    while (!kthread_should_stop())
        schedule_timeout_interruptible(MAX_SCHEDULE_TIMEOUT);
    return 0;
}

static void front_release(struct front *f)
{
    if (f->thread)
        kthread_stop(f->thread);
    if (f->irq > 0)
        unbind_from_irqhandler(f->irq, f);
    if (f->data)
        xenbus_teardown_ring(&f->data, 1, &f->data_ref);
    if (f->page)
        xenbus_teardown_ring((void **)&f->page, 1, &f->page_ref);
    kfree(f);
}

static int front_bind(struct front *f, evtchn_port_t *port)
{
    int rc = xenbus_alloc_evtchn(f->dev, port);

    if (rc)
        return rc;
    rc = bind_evtchn_to_irqhandler(*port, front_answered, 0, DEVICE_TYPE, f);
    if (rc < 0) {
        xenbus_free_evtchn(f->dev, *port);
        return rc;
    }
    f->irq = rc;
    return 0;
}

static int front_set_up(struct front *f)
{
    evtchn_port_t port;
    int rc = xenbus_setup_ring(f->dev, GFP_KERNEL, (void **)&f->page, 1, &f->page_ref);

    if (!rc)
        rc = xenbus_setup_ring(f->dev, GFP_KERNEL, &f->data, 1, &f->data_ref);
    if (!rc)
        rc = front_bind(f, &port);
    if (!rc)
        rc = xenbus_printf(XBT_NIL, f->dev->nodename, "page-ref", "%u", f->page_ref);
    if (!rc)
        rc = xenbus_printf(XBT_NIL, f->dev->nodename, "data-ref", "%u", f->data_ref);
    if (!rc)
        rc = xenbus_printf(XBT_NIL, f->dev->nodename, "event-channel", "%u", port);
    return rc;
}

static int front_probe(struct xenbus_device *dev, const struct xenbus_device_id *id)
{
    struct front *f = kzalloc(sizeof(*f), GFP_KERNEL);
    int rc;

    if (!f)
        return -ENOMEM;
    f->dev = dev;
    init_waitqueue_head(&f->wait);
    rc = front_set_up(f);
    if (rc) {
        front_release(f);
        xenbus_dev_fatal(dev, rc, "set-up");
        return rc;
    }
    dev_set_drvdata(&dev->dev, f);
    return xenbus_switch_state(dev, XenbusStateInitialised);
}

static void front_start(struct front *f)
{
    struct task_struct *thread = kthread_run(front_thread, f, DEVICE_TYPE);

    if (IS_ERR(thread))
        xenbus_dev_fatal(f->dev, PTR_ERR(thread), "thread");
    else
        f->thread = thread;
}

static void front_other_changed(struct xenbus_device *dev, enum xenbus_state state)
{
    struct front *f = dev_get_drvdata(&dev->dev);

    if (state == XenbusStateConnected && !f->thread) {
        xenbus_switch_state(dev, XenbusStateConnected);
        front_start(f);
    } else if (state >= XenbusStateClosing) {
        xenbus_frontend_closed(dev);
    }
}

static void front_remove(struct xenbus_device *dev)
{
    front_release(dev_get_drvdata(&dev->dev));
}

static const struct xenbus_device_id front_ids[] = { { DEVICE_TYPE }, { "" } };

static struct xenbus_driver front_driver = {
    .ids = front_ids,
    .probe = front_probe,
    .remove = front_remove,
    .otherend_changed = front_other_changed,
    .not_essential = true,
};

int front_register(void) { return xenbus_register_frontend(&front_driver); }
void front_unregister(void) { xenbus_unregister_driver(&front_driver); }
