/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * __HYPERVISOR_hvm_op (Xen public hvm/hvm_op.h): the parameters that the toolstack leaves for a
 * guest. A table says who may read and write each. domain.lock protects the values.
 */
#include "core/base/errors.h"
#include "core/domain.h"
#include "core/hypercall.h"
#include "mm/guest_mem.h"

enum {
    TOOLS = 1, /* for the toolstack only */
    SHOWN = 2, /* set by the toolstack, read by the guest */
};

static const uint8_t hvm_param_access[DOMAIN_HVM_PARAMS] = {
    [HVM_PARAM_CALLBACK_IRQ] = SHOWN,
    [HVM_PARAM_STORE_PFN] = SHOWN, [HVM_PARAM_STORE_EVTCHN] = SHOWN,
    [HVM_PARAM_CONSOLE_PFN] = SHOWN, [HVM_PARAM_CONSOLE_EVTCHN] = SHOWN,
    [HVM_PARAM_MONITOR_RING_PFN] = TOOLS,
};

/* Xen public hvm/params.h, HVM_PARAM_CALLBACK_TYPE_PPI: a level-triggered PPI, or 0 for none. */
static bool is_callback_irq(uint64_t value)
{
    unsigned ppi = value & 0xff;

    return !value || (value >> 56 == HVM_PARAM_CALLBACK_TYPE_PPI && !BITS_GET(value, 55, 16) &&
                      !(value & BIT(8)) && ppi >= VGIC_SGIS && ppi < VGIC_PRIVATE &&
                      ppi != VTIMER_PPI_VIRTUAL && ppi != VTIMER_PPI_PHYSICAL);
}

static int hvm_param_set(struct domain *d, const struct xen_hvm_param *p)
{
    if (p->index == HVM_PARAM_CALLBACK_IRQ && !is_callback_irq(p->value))
        return -EINVAL;
    lock_acquire(&d->lock);
    d->hvm_param[p->index] = p->value;
    if (p->index == HVM_PARAM_CALLBACK_IRQ)
        d->event_irq = p->value & 0xff;
    lock_release(&d->lock);
    return 0;
}

int64_t hvm_hypercall(uint64_t cmd, uint64_t arg, uint64_t, uint64_t, uint64_t)
{
    struct domain *self = domain_current(), *d;
    struct xen_hvm_param p;
    uint8_t access;
    int rc;

    if (cmd != HVMOP_set_param && cmd != HVMOP_get_param)
        return -ENOSYS;
    if (guest_mem_read(&p, gva(arg), sizeof(p)))
        return -EFAULT;
    rc = domain_target(p.domid, &d);
    if (rc)
        return rc;
    access = p.index < DOMAIN_HVM_PARAMS ? hvm_param_access[p.index] : 0;
    if (!access)
        return -EINVAL;
    if (cmd == HVMOP_set_param)
        return d != self ? hvm_param_set(d, &p) : -EPERM;
    if (d == self && access != SHOWN)
        return -EPERM;
    p.value = d->hvm_param[p.index];
    return guest_mem_write(gva(arg), &p, sizeof(p)) ? -EFAULT : 0;
}
