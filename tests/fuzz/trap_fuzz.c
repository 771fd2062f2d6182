/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's synchronous exceptions with any syndrome, address and registers, on vCPUs that the
 * scheduler really switches: aborts, emulated GIC frames, system registers, PSCI and SMCCC. Nothing
 * of it may end EL2, and no abort may be taken again and again.
 */
#include "core/memory_map.h"
#include "core/pmu.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/sched_env.h"

#define STEPS_MAX 96u
#define RAM_BYTES (16ul << 20)
#define RAM_GFN 0x40000ul
#define READ_ONLY_GFN 0x40010ul
#define WORK_MAX 12000u
#define CTLR_BANKS_MAX 64u
#define VBAR 0xffff800000080000ul
#define PC 0x40000100ul

static struct fuzz_input *in;
static struct domain *d;

/* --- the world ------------------------------------------------------------------------------- */

static void up(void)
{
    static const enum stage2_prot prots[] = { STAGE2_RWX, STAGE2_R };
    static const uint64_t gfns[] = { RAM_GFN, READ_ONLY_GFN };

    d = sched_env_up(2, 2);
    fake_sysreg_set(FAKE_PMCR_EL0, 31u << 11);
    pmu_init(PMU_PPI);
    assert_int_equal(pmu_enable(d, PMU_PPI), 0);
    d->pages_max = 16;
    for (unsigned i = 0; i < 2; i++) {
        struct page *p = domain_page_alloc(d, 0);

        assert_non_null(p);
        lock_acquire(&d->s2.lock);
        assert_int_equal(stage2_map(&d->s2, gfns[i], paddr_to_mfn(page_to_paddr(p)), 0,
                                    stage2_kind(STAGE2_RAM, prots[i])), 0);
        lock_release(&d->s2.lock);
    }
    domain_unpause(d);
    d->state = DOMAIN_RUNNING;
    for (unsigned i = 0; i < 2; i++)
        step(i);
    fake_trace_reset();
    fuzz_state_keep(paddr(FAKE_RAM_BASE), RAM_BYTES);
}

/* A vCPU that runs on a CPU of the input's choice; NULL: that one waits. */
static struct vcpu *guest(void)
{
    struct vcpu *v = step(fuzz_u8(in) & 1);

    if (!v || v->domain != d)
        return NULL;
    for (unsigned i = 0; i < 4; i++)
        v->x[fuzz_below(in, 31)] = fuzz_rarely(in, 2) ? fuzz_u64(in) : fuzz_u8(in);
    fake_sysreg_set(FAKE_ELR_EL2, PC);
    fake_sysreg_set(FAKE_SPSR_EL2, fuzz_rarely(in, 4) ? fuzz_u32(in) : PSTATE_EL1H);
    fake_sysreg_set(FAKE_VBAR_EL1, fuzz_rarely(in, 16) ? 0 : VBAR);
    return v;
}

static bool is_moved_on(void)
{
    return fake_sysreg_get(FAKE_ELR_EL2) != PC || d->state >= DOMAIN_SHUTDOWN;
}

/* --- exceptions ------------------------------------------------------------------------------ */

static uint64_t address_pick(void)
{
    const uint64_t bases[] = { d->gicd.base, d->gicc_or_gicr.base, RAM_GFN << PAGE_SHIFT,
                               READ_ONLY_GFN << PAGE_SHIFT };

    return fuzz_rarely(in, 8) ? fuzz_u64(in) & BITS_MASK(47, 0)
                              : bases[fuzz_below(in, 4)] + fuzz_u16(in) * (fuzz_u8(in) & 3u);
}

static void fault_at(uint64_t address)
{
    fake_sysreg_set(FAKE_HPFAR_EL2, address >> PAGE_SHIFT << 4);
    fake_sysreg_set(FAKE_FAR_EL2, address);
}

static void exception(struct vcpu *v, uint64_t esr)
{
    fake_sysreg_set(FAKE_ESR_EL2, esr);
    fuzz_work = 0;
    trap_sync(v, esr);
    fake_check(fuzz_work <= WORK_MAX, "an exception made %lu function calls", fuzz_work);
}

static bool is_ctlr_write(uint64_t at, uint32_t iss)
{
    return iss & DABT_WNR && at - d->gicd.base < 4;
}

/* An access that stage 2 refuses: it may be made again only if it is allowed by now, or if a GIC
 * register's answer comes from another CPU. */
static void step_data_abort(void)
{
    struct vcpu *v = guest();
    uint64_t at = address_pick();
    uint32_t iss = fuzz_u32(in) & 0x1ffffff;
    struct stage2_leaf leaf;
    bool is_permission;

    if (!v)
        return;
    if (!fuzz_rarely(in, 8)) /* translation or permission fault, level 3 */
        iss = (iss & ~0x3fu) | (fuzz_u8(in) & 1 ? 0x7 : 0xf);
    fault_at(at);
    exception(v, (uint64_t)EC_DABT_LOW << ESR_EC_SHIFT | ESR_IL | iss);
    /* A write of GICD_CTLR is made again for each bank, and must come to its end. */
    for (unsigned n = 0; n < CTLR_BANKS_MAX && !is_moved_on() && is_ctlr_write(at, iss); n++)
        exception(v, (uint64_t)EC_DABT_LOW << ESR_EC_SHIFT | ESR_IL | iss);
    is_permission = FSC_TYPE(iss & 0x3f) != FSC_TRANSLATION;
    if (!is_moved_on())
        fake_check(!is_permission && (stage2_lookup(&d->s2, ipa(at), &leaf) ||
                                      (!(iss & DABT_WNR) && at < RAM_GFN << PAGE_SHIFT)),
                   "an abort at %#lx is taken again, ISS %x", at, iss);
}

static void step_instruction_abort(void)
{
    struct vcpu *v = guest();

    if (!v)
        return;
    fault_at(address_pick());
    exception(v, (uint64_t)EC_IABT_LOW << ESR_EC_SHIFT | ESR_IL | (fuzz_u16(in) & 0x3ff));
}

static void step_sysreg(void)
{
    struct vcpu *v = guest();
    uint32_t iss = fuzz_u32(in) & 0x3fffff;

    if (!v)
        return;
    exception(v, (uint64_t)EC_SYSREG << ESR_EC_SHIFT | ESR_IL | iss);
    /* The first to the performance monitors is executed again, with its trap off. */
    fake_check(is_moved_on() || pmu_is_used(v) || !v->sched.is_loaded,
               "a system register access, ISS %x, is trapped again", iss);
}

static void step_any(void)
{
    struct vcpu *v = guest();

    if (!v)
        return;
    fault_at(address_pick());
    exception(v, fuzz_u32(in));
}

static void step_smccc(void)
{
    static const uint32_t functions[] = {
        0x84000001, 0x84000002, 0x84000003, 0xc4000003, 0x84000004, 0xc4000004, 0x84000008,
        0x84000009, 0x8400000a, 0x80000001, 0x80008000, 0x8600ff01, 1, 2,
    };
    struct vcpu *v = guest();

    if (!v)
        return;
    v->x[0] = fuzz_rarely(in, 8) ? fuzz_u64(in) : functions[fuzz_below(in, 14)];
    v->x[1] = fuzz_rarely(in, 4) ? fuzz_u64(in) : fuzz_u8(in) & 3;
    fuzz_work = 0;
    v->x[0] = (uint64_t)trap_smccc(v);
    fake_check(fuzz_work <= WORK_MAX, "an SMCCC call made %lu function calls", fuzz_work);
}

/* --- what goes on meanwhile ------------------------------------------------------------------- */

static void step_time(void)
{
    fake_counter_advance(fuzz_u32(in) % (100 * MS));
    tick(fuzz_u8(in) & 1);
}

static void step_event(void)
{
    fake_cpu_switch(fuzz_u8(in) & 1);
    if (fuzz_u8(in) & 1)
        d->vcpu[0]->info->evtchn_upcall_pending = 0;
    vcpu_event_upcall(d->vcpu[fuzz_u8(in) & 1]);
}

static void step_control(void)
{
    fake_cpu_switch(0);
    if (d->state == DOMAIN_SHUTDOWN)
        domain_resume(d);
    else if (fuzz_u8(in) & 1)
        sched_affinity_set(d->vcpu[fuzz_u8(in) & 1], 1 + fuzz_below(in, 3), ~0ul);
}

static void check(void)
{
    fake_check(!fuzz_is_locked(&d->lock) && !fuzz_is_locked(&d->s2.lock) &&
               !fuzz_is_locked(&d->vgic.lock), "a lock of the domain is held");
    for (unsigned i = 0; i < 2; i++)
        fake_check(!fuzz_is_locked(&d->vcpu[i]->vgic.lock), "a vGIC lock is held");
}

static void down(void)
{
    fake_cpu_switch(0);
    assert_int_equal(domain_kill(d), 0);
    for (unsigned i = 0; i < 2; i++)
        resched(i);
    fake_cpu_switch(0);
    env_destroy(d);
    fake_check(!domain_next(1), "the domain stays");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const steps[])(void) = {
        step_data_abort, step_data_abort, step_data_abort, step_instruction_abort, step_sysreg,
        step_sysreg, step_any, step_smccc, step_smccc, step_time, step_event, step_control,
    };
    static bool is_up;
    struct fuzz_input input = fuzz_input(data, size);

    in = &input;
    if (!is_up)
        up();
    is_up = true;
    fuzz_state_restore();
    for (unsigned i = 0; i < STEPS_MAX && in->left; i++) {
        steps[fuzz_below(in, ARRAY_SIZE(steps))]();
        check();
    }
    down();
    return 0;
}
