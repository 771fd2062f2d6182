/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bringing up the other CPUs, one at a time: the CPU that is called finds its percpu structure and
 * page tables in start_secondary_args, takes that structure, and answers. No lock: the boot CPU
 * waits for each. For one that does not come it takes the structure itself: who comes then finds it
 * taken and halts, or another's, and waits for a turn that does not come.
 */
#include "boot/smp.h"

#include "boot/boot.h"
#include "core/base/errors.h"
#include "core/base/log.h"
#include "core/domain_irq.h"
#include "core/sched.h"
#include "drivers/psci_fw.h"
#include "mm/page_alloc.h"

#define UP_LIMIT_NS 1000000000ul /* firmware takes milliseconds; far more means never */

_Static_assert(offsetof(struct smp_start, root) == SMP_START_ROOT, "start.S");
_Static_assert(offsetof(struct smp_start, percpu) == SMP_START_PERCPU, "start.S");

struct percpu *percpu_table[NR_CPUS_MAX];
unsigned cpu_count;

extern char start_secondary[];
struct smp_start start_secondary_args;

static int answer; /* of the CPU that has taken its structure: 1 when it is up, -errno (release) */

static paddr_t image_pa_of(const void *p)
{
    return paddr((uint64_t)p - EL2_IMAGE_BASE + boot_image_pa);
}

int smp_cpu_init(void)
{
    int rc = gic_cpu_init();

    if (rc)
        return rc;
    timer_cpu_init();
    gic_irq_enable(timer_irq());
    domain_irq_cpu_init();
    return sched_cpu_init();
}

/* Percpu structure and stack of CPU number id; NULL: no memory. */
static struct percpu *make_percpu(unsigned id, uint64_t mpidr)
{
    struct cpu_block *b = page_alloc_el2(sizeof(*b));
    void *stack = b ? el2_map_stack(CPU_STACK_PAGES) : NULL;

    if (!stack)
        return NULL;
    b->p.id = id;
    b->p.mpidr = mpidr;
    b->p.stack_top = stack;
    return &b->p;
}

/* DT Specification, "spin-table": the CPU polls its release address, caches off. */
static int release(uint64_t address)
{
    uint64_t entry = image_pa_of(start_secondary).v;

    if (page_of(paddr(address))) {
        uint64_t *slot = hw_phys_to_virt(paddr(address));

        WRITE_ONCE(*slot, entry);
        hw_dcache_clean(slot, sizeof(*slot));
    } else {
        volatile void *slot = el2_map_device(paddr(address), sizeof(uint64_t));

        if (!slot)
            return -ENOMEM;
        hw_mmio_write64(slot, entry);
        hw_dsb_sy(); /* the slot is written before the CPU is woken to read it */
    }
    hw_sev();
    return 0;
}

/* By its CPU, or by who waits for that no longer; only one of them is told true. */
static bool take(struct percpu *p)
{
    return !__atomic_exchange_n(&p->is_taken, true, __ATOMIC_ACQ_REL);
}

static int start_cpu(const struct platform_cpu *c)
{
    uint64_t limit = timer_now() + timer_ns_to_ticks(UP_LIMIT_NS);
    struct percpu *p = make_percpu(cpu_count, c->mpidr);
    int rc;

    if (!p)
        return -ENOMEM;
    start_secondary_args.root = el2_map_root().v;
    start_secondary_args.midr = hw_sysreg_read(MIDR_EL1);
    WRITE_ONCE(answer, 0);
    percpu_table[p->id] = p;
    /* Last, and after what it names: the CPU may be there, and waiting for its turn. */
    __atomic_store_n(&start_secondary_args.percpu, (uint64_t)p, __ATOMIC_RELEASE);
    hw_dsb_sy(); /* all that is written before firmware, or a store, calls the CPU */
    rc = c->start == PLATFORM_CPU_PSCI ? psci_fw_cpu_on(c->mpidr, image_pa_of(start_secondary))
         : c->start == PLATFORM_CPU_SPIN ? release(c->release_address) : -ENODEV;
    while (!rc) {
        hw_yield();
        /* Acquire: pairs with the release in smp_secondary_main. */
        rc = __atomic_load_n(&answer, __ATOMIC_ACQUIRE);
        if (!rc && timer_now() > limit && take(p))
            rc = -EBUSY;
    }
    percpu_table[p->id] = rc < 0 ? NULL : p;
    cpu_count += rc > 0;
    return rc;
}

void smp_start_all(const struct platform *p)
{
    for (unsigned i = 0; i < p->cpus && cpu_count < NR_CPUS_MAX; i++) {
        int rc;

        if (p->cpu[i].mpidr == hw_percpu()->mpidr)
            continue;
        rc = start_cpu(&p->cpu[i]);
        if (rc < 0)
            log_error("CPU with MPIDR %lx does not start (%s): left out, error %d\n",
                      p->cpu[i].mpidr, rc == -EOPNOTSUPP ? "it is of another kind than the first"
                      : p->cpu[i].start == PLATFORM_CPU_PSCI ? "PSCI"
                      : p->cpu[i].start == PLATFORM_CPU_SPIN ? "spin table"
                                                             : "no enable-method known", rc);
    }
    log_info("CPUs: %u up\n", cpu_count);
}

void smp_secondary_main(void)
{
    int rc;

    if (!take(hw_percpu()))
        hw_halt();
    boot_cpu_setup();
    /* Guests see one kind of CPU, and choose their workarounds by it when they start. */
    rc = hw_sysreg_read(MIDR_EL1) == start_secondary_args.midr ? smp_cpu_init() : -EOPNOTSUPP;
    __atomic_store_n(&answer, rc ? rc : 1, __ATOMIC_RELEASE);
    if (rc)
        hw_halt();
    sched_start();
}
