/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The debug keys: what an operator can ask of a running hypervisor, by the UART or by sysctl
 * debug_keys. The dumps take no lock (they must work when something is stuck): what they print of
 * running vCPUs may be a moment old.
 */
#include "core/base/log.h"
#include "core/console.h"
#include "core/domain.h"
#include "drivers/power.h"
#include "irq/irq.h"
#include "mm/page_alloc.h"
#include "mm/vmid.h"

#define KEYS 128u

static const char *const vcpu_states[] = {
    [VCPU_RUNNING] = "running", [VCPU_RUNNABLE] = "runnable", [VCPU_BLOCKED] = "blocked",
    [VCPU_OFFLINE] = "offline",
};
static const char *const domain_states[] = { "building", "running", "shutdown", "dying", "dead" };

static void dump_help(void);

static void dump_vcpu(const struct vcpu *v)
{
    log_info("    vcpu %u: %s, CPU %u%s, paused %d, upcall %s\n", v->id,
             vcpu_states[v->sched.state], v->sched.cpu, v->sched.is_loaded ? " (loaded)" : "",
             v->sched.pause_count, v->info && v->info->evtchn_upcall_pending ? "pending" : "none");
}

static void dump_domains(void)
{
    domain_for_each(d) {
        log_info("domain %u: %s, refs %u, paused %d\n", d->id, domain_states[d->state], d->refs,
                 d->pause_count);
        log_info("    pages %u of %u, shared %u, tables %u; ports %u, grant frames %u\n",
                 d->pages_allocated, d->pages_max, d->pages_shared, d->s2.table_pages,
                 d->evtchn.active, d->grants.frames);
        domain_for_each_vcpu(d, v)
            dump_vcpu(v);
    }
}

static void dump_queue(unsigned cpu)
{
    domain_for_each(d)
        domain_for_each_vcpu(d, v)
            if (v->sched.cpu == cpu && v->sched.on_queue)
                log_info("    waits: domain %u vcpu %u, vruntime %lu\n", d->id, v->id,
                         (unsigned long)v->sched.vruntime);
}

static void dump_cpus(void)
{
    for (unsigned cpu = 0; cpu < cpu_count; cpu++) {
        const struct percpu *p = percpu_table[cpu];
        const struct vcpu *v = p->current;

        log_info("CPU %u: %s, todo %lx, idle %lu ms, loaded: domain %d vcpu %d\n", cpu,
                 p->is_idle ? "idle" : "busy", p->todo, p->idle_ns / 1000000,
                 v && v->domain ? v->domain->id : -1, v && v->domain ? (int)v->id : -1);
        dump_queue(cpu);
    }
}

static void dump_memory(void)
{
    log_info("memory: %lu pages free of %lu%s\n", page_alloc_free_count(), page_alloc_total_count(),
             page_alloc_is_pending() ? ", some still to be scrubbed" : "");
    log_info("VMIDs: %u bits, rolled over %u times\n", vmid_bits(), vmid_rollovers());
}

static void dump_interrupts(void)
{
    for (unsigned intid = 16; intid < gic_info()->intids; intid++)
        if (irq_is_registered(intid))
            log_info("interrupt %u: owner %p%s%s\n", intid, irq_owner(intid),
                     gic_irq_is_pending(intid) ? ", pending" : "",
                     gic_irq_is_active(intid) ? ", active" : "");
}

/* Of a loaded vCPU, memory has only what the exit path saves: x0-x17 and x30. */
static void dump_registers(const struct vcpu *v)
{
    bool is_here = v == vcpu_current();

    if (v->sched.is_loaded && !is_here) {
        log_info("vcpu %u: loaded on CPU %u\n", v->id, v->sched.cpu);
        return;
    }
    log_info("vcpu %u: pc %lx pstate %lx\n", v->id, is_here ? hw_sysreg_read(ELR_EL2) : v->pc,
             is_here ? hw_sysreg_read(SPSR_EL2) : v->pstate);
    for (unsigned i = 0; i < VCPU_XREGS; i++)
        if (!is_here || i <= 17 || i == 30)
            log_info("    x%-2u %016lx%s", i, v->x[i], i % 3 == 2 ? "\n" : "");
    log_info("\n");
}

static void dump_dom0(void)
{
    if (!domain0)
        return;
    domain_for_each_vcpu(domain0, v)
        dump_registers(v);
}

static void reboot(void)
{
    log_info("reboot asked for by debug key\n");
    power_reset();
}

static const struct { void (*dump)(void); const char *help; } keys[KEYS] = {
    ['h'] = { dump_help, "this list" },
    ['q'] = { dump_domains, "domains and their vCPUs" },
    ['r'] = { dump_cpus, "CPUs and their run queues" },
    ['m'] = { dump_memory, "memory and VMIDs" },
    ['i'] = { dump_interrupts, "physical interrupts" },
    ['0'] = { dump_dom0, "Dom0's registers" },
    ['R'] = { reboot, "reboot the machine at once" },
};

static void dump_help(void)
{
    for (unsigned key = 0; key < KEYS; key++)
        if (keys[key].dump)
            log_info("'%c': %s\n", (char)key, keys[key].help);
}

void console_debug_key(char key)
{
    unsigned k = (unsigned char)key;

    if (k < KEYS && keys[k].dump)
        keys[k].dump();
}
