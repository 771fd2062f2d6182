/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stops the machine and says why: message, registers, back trace, what each CPU runs. Trusts as
 * little as it can: no lock, no memory, and a second exception on the way parks the CPU.
 */
#include <stdarg.h>

#include "boot/boot.h"
#include "core/base/assert.h"
#include "core/base/log.h"
#include "core/base/offsets.h"
#include "core/domain.h"
#include "irq/ipi.h"

/* Written by vectors.S; offsets in boot/el2_regs.h. */
struct panic_frame {
    uint64_t x[31], sp, elr, spsr, esr, far;
    uint64_t vector; /* 0-3: with SP_EL0, 4-7: with SP_EL2; sync, IRQ, FIQ, SError */
    uint64_t pad;
};
_Static_assert(offsetof(struct panic_frame, x) == VCPU_X, "vectors.S");
_Static_assert(offsetof(struct panic_frame, sp) == PANIC_FRAME_SP, "vectors.S");
_Static_assert(offsetof(struct panic_frame, elr) == PANIC_FRAME_ELR, "vectors.S");
_Static_assert(offsetof(struct panic_frame, esr) == PANIC_FRAME_ESR, "vectors.S");
_Static_assert(offsetof(struct panic_frame, vector) == PANIC_FRAME_VECTOR, "vectors.S");
_Static_assert(sizeof(struct panic_frame) == PANIC_FRAME_BYTES, "vectors.S");

/* libfdt.a is compiled with the stack protector; its canary needs no secret at boot. */
uintptr_t __stack_chk_guard = 0x50555250u;
_Noreturn void __stack_chk_fail(void);

static unsigned panic_depth; /* atomic: the first CPU reports */

static bool is_text(uint64_t a)
{
    return a >= (uint64_t)image_start && a < (uint64_t)image_text_end && a % 4 == 0;
}

/* What BL or BLR (DDI 0487, C6.2) leaves in x30. */
static bool is_return(uint64_t a)
{
    uint32_t call = is_text(a) && is_text(a - 4) ? *(const uint32_t *)(a - 4) : 0;

    return call >> 26 == 0x25 || (call & 0xfffffc1f) == 0xd63f0000;
}

/* The end of the stack that sp is in, of this CPU or in the image; sp when it is in neither. */
static uint64_t stack_end(uint64_t sp)
{
    uint64_t top = (uint64_t)hw_percpu()->stack_top;

    if (sp >= top - CPU_STACK_PAGES * PAGE_SIZE && sp < top)
        return top;
    return sp >= (uint64_t)image_data_start && sp < (uint64_t)boot_stack_top
               ? (uint64_t)boot_stack_top : sp;
}

/* There are no frame records (they cost an instruction a call): these are all return addresses that
 * are on the stack, newest first, some perhaps of calls that have ended.
 * `addr2line -e build/purlin.elf ADDRESS...` turns them into lines. */
static void print_trace(uint64_t pc, uint64_t lr, uint64_t sp)
{
    const uint64_t *end = (const uint64_t *)stack_end(sp);

    log_error("Back trace: %lx", pc);
    if (is_text(lr))
        log_error(" %lx", lr);
    for (const uint64_t *at = (const uint64_t *)(sp & ~7ul); at < end; at++)
        if (is_return(*at))
            log_error(" %lx", *at);
    log_error("\n");
}

static void print_cpus(void)
{
    for (unsigned i = 0; i < cpu_count; i++) {
        const struct percpu *p = percpu_table[i];
        const struct vcpu *v = p ? p->current : NULL;

        if (v && v->domain)
            log_error("CPU %u: domain %u vCPU %u%s\n", i, v->domain->id, v->id,
                      p->is_idle ? ", idle" : "");
        else
            log_error("CPU %u: no vCPU\n", i);
    }
}

/* True for the CPU that reports. */
static bool panic_enter(void)
{
    if (__atomic_fetch_add(&panic_depth, 1, __ATOMIC_RELAXED))
        return false;
    log_enter_panic();
    return true;
}

static _Noreturn void panic_finish(void)
{
    print_cpus();
    log_error("The hypervisor has stopped.\n");
    if (cpu_count > 1)
        ipi_send(percpu_all() & ~(1ul << hw_percpu()->id), IPI_STOP);
    hw_halt();
}

void panic(const char *fmt, ...)
{
    va_list ap;

    if (!panic_enter())
        hw_halt();
    log_error("\nPANIC on CPU %u: ", hw_percpu()->id);
    va_start(ap, fmt);
    log_vprintf(LOG_ERROR, fmt, ap);
    va_end(ap);
    print_trace((uint64_t)__builtin_return_address(0), 0, (uint64_t)__builtin_frame_address(0));
    panic_finish();
}

static void print_registers(const struct panic_frame *f)
{
    log_error("ESR %lx (EC %lx) FAR %lx ELR %lx SPSR %lx SP %lx\n", f->esr, (f->esr >> 26) & 63,
              f->far, f->elr, f->spsr, f->sp);
    log_error("VTTBR %lx HCR %lx SCTLR_EL2 %lx TTBR0_EL2 %lx\n", hw_sysreg_read(VTTBR_EL2),
              hw_sysreg_read(HCR_EL2), hw_sysreg_read(SCTLR_EL2), hw_sysreg_read(TTBR0_EL2));
    for (int i = 0; i < 30; i += 3)
        log_error("x%-2d %016lx  x%-2d %016lx  x%-2d %016lx\n", i, f->x[i], i + 1, f->x[i + 1],
                  i + 2, f->x[i + 2]);
    log_error("x30 %016lx\n", f->x[30]);
}

/* From vectors.S: an exception that EL2 itself has taken. */
_Noreturn void panic_exception(const struct panic_frame *f)
{
    static const char *const kind[] = { "synchronous exception", "IRQ", "FIQ", "SError" };

    if (!panic_enter())
        hw_halt();
    log_error("\nPANIC on CPU %u: %s at EL2\n", hw_percpu()->id, kind[f->vector & 3]);
    print_registers(f);
    print_trace(f->elr, f->x[30], f->sp);
    panic_finish();
}

void __stack_chk_fail(void) { panic("stack overrun in libfdt\n"); }

void boot_fail(const char *fmt, ...)
{
    va_list ap;

    log_error("\nBOOT FAILED: ");
    va_start(ap, fmt);
    log_vprintf(LOG_ERROR, fmt, ap);
    va_end(ap);
    log_error("The machine is halted.\n");
    hw_halt();
}
