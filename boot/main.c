/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot, in order, on one screen: boot_main(). Owns the boot CPU's percpu structure and the
 * choice of console; everything else is somebody's init.
 */
#include "boot/boot.h"
#include "boot/dom0_build.h"
#include "boot/domu_build.h"
#include "boot/ram.h"
#include "boot/ranges.h"
#include "boot/smp.h"
#include "core/console.h"
#include "core/domain_irq.h"
#include "core/idregs.h"
#include "core/pmu.h"
#include "core/sched.h"
#include "core/version.h"
#include "drivers/psci_fw.h"
#include "irq/ipi.h"
#include "irq/irq.h"
#include "mm/page_alloc.h"
#include "mm/vmid.h"

#define DTB_BYTES_MAX 0x200000ul /* arm64 boot protocol */
#define TABLES 32 /* of EL2's map, before there is an allocator: image, tree, console, RAM */
#define EMPTY_TABLES 16 /* side by side: what VTCR_EL2 can ask for (DDI 0487, concatenation) */
#define MPAM2_TRAP_EL1 BIT(48)
#define MPAM2_TRAP_EL0 BIT(49)
#define CNTHCTL_EL1PCTEN BIT(0)  /* the guest reads CNTPCT; CNTP_* trap (EL1PCEN 0) */

struct cpu_block boot_percpu;
uint64_t boot_image_pa;
uint64_t boot_no_guest;

static struct platform platform;
static struct options options;
static struct platform_uart uart;

_Noreturn void boot_main(uint64_t dtb, uint64_t image, unsigned level);

/* What later architectures add, and reset leaves UNKNOWN: nothing traps by it, but for what guests
 * are not to have (MPAM; TPIDR2_EL0, which traps where it is not allowed to be used). */
static void no_fine_traps(void)
{
    if (BITS_GET(hw_sysreg_read(ID_AA64MMFR0_EL1), 59, 56)) {
        hw_sysreg_write(S3_4_C1_C1_4, 0); /* HFGRTR_EL2, HFGWTR_EL2, HFGITR_EL2 */
        hw_sysreg_write(S3_4_C1_C1_5, 0);
        hw_sysreg_write(S3_4_C1_C1_6, 0);
        hw_sysreg_write(S3_4_C3_C1_4, 0); /* HDFGRTR_EL2, HDFGWTR_EL2 */
        hw_sysreg_write(S3_4_C3_C1_5, 0);
    }
    if (BITS_GET(hw_sysreg_read(ID_AA64MMFR1_EL1), 43, 40))
        hw_sysreg_write(S3_4_C1_C2_2, 0); /* HCRX_EL2 */
    if (BITS_GET(hw_sysreg_read(ID_AA64PFR0_EL1), 43, 40))
        hw_sysreg_write(S3_4_C10_C5_0, MPAM2_TRAP_EL1 | MPAM2_TRAP_EL0);
}

void boot_cpu_setup(void)
{
    hw_sysreg_write(CPTR_EL2, 0x33ff); /* RES1; FP is libfdt's until guests run */
    hw_sysreg_write(HSTR_EL2, 0);
    hw_vttbr_clear();
    hw_tlbi_all_guests(); /* out of reset, or of what ran before, there may be anything */
    hw_sysreg_write(VPIDR_EL2, hw_sysreg_read(MIDR_EL1));
    hw_sysreg_write(CNTHCTL_EL2, CNTHCTL_EL1PCTEN);
    hw_sysreg_write(CNTVOFF_EL2, 0);
    hw_sysreg_write(CNTV_CTL_EL0, 0);
    hw_sysreg_write(OSLAR_EL1, 0); /* as it comes out of reset, it holds debug exceptions off */
    no_fine_traps();
    hw_isb();
    hw_serror_unmask(); /* until the first guest is entered: they are nobody's but EL2's */
}

static void boot_cpu_identity(void)
{
    struct percpu *p = hw_percpu();

    p->mpidr = hw_sysreg_read(MPIDR_EL1) & MPIDR_AFFINITY;
    percpu_table[0] = p;
    cpu_count = 1;
}

/* At another level than EL2 just long enough to say so. */
static void start_map(unsigned level)
{
    static char tables[TABLES * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

    el2_map_init(paddr(boot_image_pa), tables, TABLES);
    if (level == 1)
        hw_sysreg_write(TTBR0_EL1, el2_map_root().v);
    else if (level == 3)
        hw_sysreg_write(TTBR0_EL3, el2_map_root().v);
    else
        el2_map_activate();
    hw_isb();
}

/* The tree, mapped and checked, or NULL. Its header says how much is to be mapped; the image's own
 * block is not RAM to anyone else. */
static const void *map_dtb(uint64_t dtb)
{
    const struct platform_range image = { boot_image_pa, IMAGE_BLOCK_BYTES };
    struct platform_range r = { dtb, FDT_V17_SIZE };
    const void *fdt = hw_phys_to_virt(paddr(dtb));

    if (!dtb || dtb % 8 || ranges_overlap(&image, 1, r) || el2_map_ram(paddr(dtb), r.bytes))
        return NULL;
    r.bytes = fdt_totalsize(fdt);
    if (r.bytes > DTB_BYTES_MAX || ranges_overlap(&image, 1, r) || el2_map_ram(paddr(dtb), r.bytes))
        return NULL;
    return fdt_util_is_sound(fdt, DTB_BYTES_MAX) ? fdt : NULL;
}

/* Without a tree nothing says where a UART is: the PL011 of the board that the image is built for,
 * if any (LAST_RESORT_UART in hypervisor.mk). Only on the way to boot_fail(). */
static void start_last_resort_console(void)
{
    const struct uart_config config = { .base = LAST_RESORT_UART, .bytes = PAGE_SIZE };
    volatile void *regs = config.base ? el2_map_device(paddr(config.base), config.bytes) : NULL;

    if (regs)
        console_init(&pl011_driver, &config, regs);
}

/* The UART as options and tree choose it: before anything can fail. */
static void start_console(void)
{
    const char *path = options.uart_path[0] ? options.uart_path : NULL;
    volatile void *regs;

    uart.node = -1;
    if (!options.has_uart || platform_uart(&platform, path, &uart))
        return;
    regs = el2_map_device(paddr(uart.config.base), uart.config.bytes);
    if (!regs || console_init(uart.driver, &uart.config, regs))
        uart.node = -1;
}

static void print_banner(unsigned level)
{
    log_info("Purlin " PURLIN_VERSION ", a type 1 hypervisor for ARMv8-A\n");
    log_info("%s; image at %lx, entered at EL%u, CPU %lx\n", platform.model, boot_image_pa, level,
             hw_sysreg_read(MIDR_EL1));
    log_info("options: %s\n", platform.args[0] ? platform.args : "(none)");
    if (level != 2)
        boot_fail("entered at EL%u: Purlin needs EL2. On QEMU's virt machine: "
                  "-machine virt,virtualization=on.\n", level);
    if (options.has_uart && uart.node < 0)
        log_warning("no console UART: looked for %s\n",
                    options.uart_path[0] ? options.uart_path : "/chosen/stdout-path");
}

static void start_power(void)
{
    struct power_reg *const regs[] = { &platform.off, &platform.reset };

    for (unsigned i = 0; i < ARRAY_SIZE(regs); i++)
        if (regs[i]->base)
            regs[i]->regs = el2_map_device(paddr(regs[i]->base), sizeof(uint32_t));
    power_init(&platform.off, &platform.reset);
}

static void start_interrupts(void)
{
    const struct platform *p = &platform;

    if (p->gic_node < 0)
        boot_fail("no interrupt controller: no node of the device tree is compatible with "
                  "arm,gic-400, arm,cortex-a15-gic or arm,gic-v3.\n");
    if (p->timer_node < 0)
        boot_fail("no timer: no node of the device tree is compatible with arm,armv8-timer.\n");
    platform.gic.map = el2_map_device;
    if (gic_init(&p->gic))
        boot_fail("the interrupt controller at %lx can't be used.\n", p->gic.gicd_base);
    if (timer_init(p->timer_frequency_hz, p->timer_hyp_irq))
        boot_fail("no timer interrupt.\n");
    pmu_init(p->pmu_irq);
    vtimer_init(p->timer_virtual_irq);
    if (irq_register(timer_irq(), timer_interrupt, NULL) || domain_irq_init())
        boot_fail("the timer's or the GIC's own interrupts are taken.\n");
    if (p->psci_by_hvc)
        log_warning("psci: method \"hvc\" is nobody's at EL2: not used\n");
    psci_fw_init(p->has_psci);
    start_power();
}

/* The build id's note: 12 bytes of header, "GNU" and its NUL, then the id (System V ABI, notes). */
static void tell_version(void)
{
    size_t bytes = (size_t)(image_build_id_end - image_build_id);

    version_init(platform.args, image_build_id + 16, bytes > 16 ? bytes - 16 : 0);
}

static void on_quiesce(void) { page_alloc_quiesce(hw_percpu()->id); }

/* What boot_cpu_setup() needs. */
static void give_memory(void)
{
    const void *empty = page_alloc_el2(EMPTY_TABLES * PAGE_SIZE);
    struct percpu *p = hw_percpu();

    p->stack_top = el2_map_stack(CPU_STACK_PAGES);
    if (!p->stack_top || !empty)
        boot_fail("no memory for a stack and empty tables.\n");
    boot_no_guest = hw_virt_to_phys(empty).v;
}

/* From start.S: MMU on, at the link address, on the boot stack. */
void boot_main(uint64_t dtb, uint64_t image, unsigned level)
{
    const void *fdt;

    boot_image_pa = image;
    start_map(level);
    fdt = map_dtb(dtb);
    if (!fdt) {
        start_last_resort_console();
        boot_fail("x0 = %lx is not the address of a device tree (8-byte aligned, below %u KiB, "
                  "its header and structure sound): look at what the boot loader passes.\n",
                  dtb, (unsigned)(DTB_BYTES_MAX >> 10));
    }
    platform_read(fdt, &platform);
    options_parse(platform.args, &options);
    log_set_level(options.log_level);
    start_console();
    print_banner(level);
    boot_cpu_identity();
    ram_init(&platform, (struct platform_range){ dtb, fdt_totalsize(fdt) });
    give_memory();
    vmid_init(BITS_GET(hw_sysreg_read(ID_AA64MMFR1_EL1), 7, 4) == 2 ? 16 : 8);
    boot_cpu_setup();
    idregs_init();
    tell_version();
    start_interrupts();
    ipi_init(on_quiesce);
    if (smp_cpu_init())
        boot_fail("no memory for the scheduler.\n");
    smp_start_all(&platform);
    console_irq_init();
    if (platform.kernel.bytes || !platform.domains)
        dom0_build(&platform, &options, uart.node);
    domu_build_all(&platform);
    ram_release_modules(&platform);
    page_alloc_set_reserve(options.scrub_reserve_bytes >> PAGE_SHIFT);
    world_call_on(hw_percpu()->stack_top, sched_start);
}
