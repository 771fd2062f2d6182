/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The domain builder, in the order in which the hypervisor wants things: create, limits, event
 * channels, memory, contents, grants, registers. Refuses to know xenstore and devices.
 */
#include "dom0/builder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <xen/grant_table.h>
#include <xen/hvm/params.h>

#include "dom0/domctl.h"
#include "dom0/grant_seed.h"
#include "dom0/guest_fdt.h"
#include "dom0/guest_map.h"
#include "dom0/loader.h"
#include "dom0/populate.h"
#include "dom0/sysctl.h"

#define MEMORY_SLACK_KIB 1024
#define CALLBACK_PPI 31
#define GICV2_MAX_VCPUS 8

_Static_assert(GUEST_MAP_GICD_BASE == GUEST_GICD_BASE, "guest memory map");
_Static_assert(GUEST_MAP_GICD_SIZE == GUEST_GICD_SIZE, "guest memory map");
_Static_assert(GUEST_MAP_GICC_BASE == GUEST_GICC_BASE, "guest memory map");
_Static_assert(GUEST_MAP_GICC_SIZE == GUEST_GICC_SIZE, "guest memory map");
_Static_assert(GUEST_MAP_GICD_BASE == GUEST_GICV3_GICD_BASE, "guest memory map");
_Static_assert(GUEST_MAP_GICV3_GICD_SIZE == GUEST_GICV3_GICD_SIZE, "guest memory map");
_Static_assert(GUEST_MAP_GICR_BASE == GUEST_GICV3_GICR0_BASE, "guest memory map");
_Static_assert(GUEST_MAP_GICR_SIZE == GUEST_GICV3_GICR0_SIZE, "guest memory map");
_Static_assert(GUEST_MAP_UART_BASE == GUEST_PL011_BASE, "guest memory map");
_Static_assert(GUEST_MAP_UART_SIZE == GUEST_PL011_SIZE, "guest memory map");
_Static_assert(GUEST_FDT_UART_SPI == GUEST_VPL011_SPI, "guest interrupts");
_Static_assert(GUEST_MAP_GRANT_BASE == GUEST_GNTTAB_BASE, "guest memory map");
_Static_assert(GUEST_MAP_GRANT_SIZE == GUEST_GNTTAB_SIZE, "guest memory map");
_Static_assert(GUEST_MAP_MAGIC_BASE == GUEST_MAGIC_BASE, "guest memory map");
_Static_assert(GUEST_MAP_RAM0_BASE == GUEST_RAM0_BASE, "guest memory map");
_Static_assert(GUEST_MAP_RAM0_SIZE == GUEST_RAM0_SIZE, "guest memory map");
_Static_assert(GUEST_MAP_RAM1_BASE == GUEST_RAM1_BASE, "guest memory map");
_Static_assert(GUEST_MAP_RAM1_SIZE == GUEST_RAM1_SIZE, "guest memory map");
_Static_assert(CALLBACK_PPI == GUEST_EVTCHN_PPI, "event channel interrupt");

int builder_read_files(struct builder_files *files, const struct config *config,
                       struct error *err)
{
    int rc;

    memset(files, 0, sizeof(*files));
    rc = image_load(&files->kernel, config->kernel, err);
    if (rc == 0 && config->ramdisk) {
        rc = file_map(&files->ramdisk, config->ramdisk, IMAGE_LIMIT, err);
        if (rc)
            error_prefix(err, "ramdisk");
    }
    if (rc)
        builder_free_files(files);
    return rc;
}

void builder_free_files(struct builder_files *files)
{
    image_free(&files->kernel);
    file_free(&files->ramdisk);
}

static void progress(struct builder *b, const char *text)
{
    if (b->progress)
        b->progress(b->arg, text);
}

static int call_failed(struct error *err, int rc, const char *what)
{
    errno = -rc;
    return error_errno(err, "the hypervisor refused %s", what);
}

/* Xen tells which GIC it has only when it makes a domain: there the limit is its own to name. */
static int check_vcpus(struct builder *b, struct error *err)
{
    const struct config *config = b->config;
    struct xen_domctl_getdomaininfo dom0;

    if (config->maxvcpus <= GICV2_MAX_VCPUS || domctl_info(b->hyper, 0, &dom0) ||
        dom0.arch_config.gic_version != XEN_DOMCTL_CONFIG_GIC_V2)
        return 0;
    return error_set(err, ERROR_USAGE, "%s has %llu vCPUs, and a guest on this machine's GICv2 has "
                     "%d at most: lower vcpus= or maxvcpus=", config->name,
                     (unsigned long long)config->maxvcpus, GICV2_MAX_VCPUS);
}

static int look_at_machine(struct builder *b, struct error *err)
{
    uint64_t need_mib = b->config->memory_mib + 4;
    struct xen_sysctl_physinfo info;
    uint64_t free_mib;
    int rc = sysctl_physinfo(b->hyper, &info);

    if (rc)
        return call_failed(err, rc, "to tell its free memory");
    rc = check_vcpus(b, err);
    if (rc)
        return rc;
    b->has_pmu = b->config->vpmu && info.capabilities & XEN_SYSCTL_PHYSCAP_vpmu;
    free_mib = info.free_pages >> (20 - GUEST_MAP_PAGE_SHIFT);
    if (free_mib >= need_mib)
        return 0;
    return error_set(err, ERROR_FAILED, "not enough free memory for %s: %llu MiB are needed, %llu "
                     "MiB are free: lower memory= or destroy another domain", b->config->name,
                     (unsigned long long)need_mib, (unsigned long long)free_mib);
}

/* Page tables of a domain: a page for each MiB of RAM, and room for grants and foreign mappings. */
static uint64_t table_pool_bytes(const struct config *config)
{
    return 4096 * (256 * config->maxvcpus + config->maxmem_mib + 128);
}

static int set_limits(struct builder *b, struct error *err)
{
    const struct config *config = b->config;
    domid_t domid = b->domid;
    int rc = domctl_max_vcpus(b->hyper, domid, (uint32_t)config->maxvcpus);

    if (rc)
        return call_failed(err, rc, "the number of vCPUs");
    rc = domctl_max_memory(b->hyper, domid, config->maxmem_mib * 1024 + MEMORY_SLACK_KIB);
    if (rc)
        return call_failed(err, rc, "the memory limit");
    rc = domctl_table_pool(b->hyper, domid, table_pool_bytes(config));
    if (rc)
        return call_failed(err, rc, "memory for the guest's page tables");
    rc = domctl_set_64bit(b->hyper, domid);
    if (rc)
        return call_failed(err, rc, "a 64-bit guest");
    for (size_t i = 0; i < config->maxvcpus && config->affinity_count && rc == 0; i++) {
        size_t set = config->affinity_count == 1 ? 0 : i;

        if (set < config->affinity_count)
            rc = domctl_affinity(b->hyper, domid, (uint32_t)i, &config->affinity[set]);
    }
    if (rc == -EINVAL)
        return error_set(err, ERROR_USAGE, "cpus= of %s names none of the CPUs that are there: see "
                         "purlin info", config->name);
    if (rc)
        return call_failed(err, rc, "cpus=");
    if (config->cpu_weight || config->cap)
        rc = domctl_schedule(b->hyper, domid, (uint16_t)config->cpu_weight,
                             (uint16_t)config->cap);
    return rc ? call_failed(err, rc, "cpu_weight= or cap=") : 0;
}

static int make_ports(struct builder *b, struct error *err)
{
    int store = hyper_alloc_port(b->hyper, b->domid, 0);
    int console = store < 0 ? store : hyper_alloc_port(b->hyper, b->domid, 0);

    if (console < 0)
        return call_failed(err, console, "an event channel");
    b->store_port = (uint32_t)store;
    b->console_port = (uint32_t)console;
    b->store_gfn = guest_map_magic_gfn(GUEST_MAP_XENSTORE);
    b->console_gfn = guest_map_magic_gfn(GUEST_MAP_CONSOLE);
    return 0;
}

static int set_params(struct builder *b, struct error *err)
{
    const uint64_t callback = (uint64_t)HVM_PARAM_CALLBACK_TYPE_PPI << 56 |
                              HVM_PARAM_CALLBACK_TYPE_PPI_FLAG_LOW_LEVEL << 8 | CALLBACK_PPI;
    const struct {
        uint32_t index;
        uint64_t value;
    } params[] = {
        {HVM_PARAM_CALLBACK_IRQ, callback},
        {HVM_PARAM_CONSOLE_PFN, b->console_gfn},
        {HVM_PARAM_STORE_PFN, b->store_gfn},
        {HVM_PARAM_MONITOR_RING_PFN, guest_map_magic_gfn(GUEST_MAP_MONITOR)},
        {HVM_PARAM_CONSOLE_EVTCHN, b->console_port},
        {HVM_PARAM_STORE_EVTCHN, b->store_port},
    };

    for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
        int rc = hyper_set_param(b->hyper, b->domid, params[i].index, params[i].value);

        if (rc)
            return call_failed(err, rc, "a parameter of the new domain");
    }
    return 0;
}

static int fill_memory(struct builder *b, const struct guest_map *map, struct error *err)
{
    const struct builder_files *files = b->files;
    const struct loader_blob kernel = {"the kernel", map->kernel.base, files->kernel.file.data,
                                       files->kernel.file.size};
    const struct loader_blob ramdisk = {"the ramdisk", map->ramdisk.base, files->ramdisk.data,
                                        files->ramdisk.size};
    uint64_t magic = guest_map_magic_gfn(GUEST_MAP_CONSOLE);
    char text[96];
    int rc;

    snprintf(text, sizeof(text), "allocating %llu MiB of memory",
             (unsigned long long)b->config->memory_mib);
    progress(b, text);
    rc = populate_range(b->hyper, b->domid, &map->banks[0], err);
    if (rc == 0)
        rc = populate_range(b->hyper, b->domid, &map->banks[1], err);
    if (rc == 0)
        rc = populate_pages(b->hyper, b->domid, magic, GUEST_MAP_MAGIC_COUNT, err);
    if (rc == 0)
        rc = loader_clear(b->hyper, b->domid, magic, GUEST_MAP_MAGIC_COUNT, err);
    if (rc)
        return rc;
    snprintf(text, sizeof(text), "loading kernel (%zu KiB) and ramdisk (%zu KiB)",
             kernel.size >> 10, ramdisk.size >> 10);
    progress(b, text);
    rc = loader_write(b->hyper, b->domid, &kernel, err);
    return rc ? rc : loader_write(b->hyper, b->domid, &ramdisk, err);
}

/* xenstored and xenconsoled map the two rings by these entries. */
static int seed_grants(struct builder *b, struct error *err)
{
    int rc = grant_seed(b->hyper, b->domid, GNTTAB_RESERVED_CONSOLE, b->console_gfn, err);

    return rc ? rc : grant_seed(b->hyper, b->domid, GNTTAB_RESERVED_XENSTORE, b->store_gfn, err);
}

/* `domid` is the new domain, or one that is like it. */
static int describe_guest(struct builder *b, domid_t domid, const struct domctl_create *made,
                          struct guest_fdt *fdt, struct error *err)
{
    struct xen_domctl_getdomaininfo info;
    int rc = domctl_info(b->hyper, domid, &info);
    uint8_t gic;

    if (rc)
        return call_failed(err, rc, "to describe the new domain");
    /* Xen tells it when it makes a domain, and not again. */
    gic = made->gic_version ? made->gic_version : info.arch_config.gic_version;
    *fdt = (struct guest_fdt){
        .vcpus = (unsigned)b->config->maxvcpus,
        .gic = gic == XEN_DOMCTL_CONFIG_GIC_V3 ? 3 : 2,
        .has_pmu = b->has_pmu,
        .clock_frequency = made->clock_frequency,
        .address_bits = info.gpaddr_bits ? info.gpaddr_bits : 40,
        .cmdline = b->config->cmdline,
        .has_uart = b->config->has_vuart,
        .version_major = b->hyper->version_major,
        .version_minor = b->hyper->version_minor,
    };
    return 0;
}

/* Places everything; the device tree is built once to learn its size and once with the result. */
static int plan(struct builder *b, struct guest_fdt *fdt, struct guest_map *map, struct file *dtb,
                struct error *err)
{
    struct guest_map_needs needs = {
        .memory = b->config->memory_mib << 20,
        .kernel_offset = b->files->kernel.text_offset,
        .kernel_size = b->files->kernel.memory_size,
        .ramdisk_size = b->files->ramdisk.size,
        .dtb_size = 1,
    };
    int rc = guest_map_place(map, &needs, err);

    fdt->map = map;
    for (int pass = 0; pass < 2 && rc == 0; pass++) {
        void *blob;

        file_free(dtb);
        rc = guest_fdt_build(fdt, &blob, &dtb->size, err);
        dtb->data = blob;
        if (rc == 0) {
            needs.dtb_size = dtb->size;
            rc = guest_map_place(map, &needs, err);
        }
    }
    return rc;
}

static int fill_domain(struct builder *b, const struct domctl_create *made, struct error *err)
{
    struct guest_fdt fdt;
    struct guest_map map;
    struct file dtb = {0};
    struct loader_blob blob;
    uint8_t seed[GUEST_FDT_SEED_BYTES];
    int rc = describe_guest(b, b->domid, made, &fdt, err);

    /* Where Dom0 has no random numbers itself yet, the guest gets none from it. */
    if (getrandom(seed, sizeof(seed), GRND_NONBLOCK) == sizeof(seed))
        fdt.rng_seed = seed;
    if (rc == 0)
        rc = plan(b, &fdt, &map, &dtb, err);
    if (rc == 0)
        rc = fill_memory(b, &map, err);
    if (rc == 0) {
        blob = (struct loader_blob){"the device tree", map.dtb.base, dtb.data, dtb.size};
        rc = loader_write(b->hyper, b->domid, &blob, err);
    }
    explicit_bzero(seed, sizeof(seed));
    file_free(&dtb);
    if (rc == 0)
        rc = seed_grants(b, err);
    if (rc)
        return rc;
    rc = domctl_boot_vcpu(b->hyper, b->domid, map.kernel.base, map.dtb.base);
    return rc ? call_failed(err, rc, "the boot vCPU's registers") : 0;
}

static int add_uart(struct builder *b, struct error *err)
{
    int rc;

    b->vuart_gfn = guest_map_magic_gfn(GUEST_MAP_VUART);
    rc = domctl_vuart(b->hyper, b->domid, b->vuart_gfn, &b->vuart_port);
    return rc ? call_failed(err, rc, "an emulated UART (vuart=)") : 0;
}

static int fill_new_domain(struct builder *b, const struct domctl_create *made, struct error *err)
{
    int rc = set_limits(b, err);

    if (rc == 0)
        rc = make_ports(b, err);
    if (rc == 0)
        rc = set_params(b, err);
    if (rc == 0)
        rc = fill_domain(b, made, err);
    if (rc == 0 && b->config->has_vuart)
        rc = add_uart(b, err);
    return rc;
}

/* Dom0 has the GIC and the address width that a new domain gets. */
int builder_preview(struct builder *b, struct guest_map *map, struct file *dtb, struct error *err)
{
    const struct domctl_create none = {0};
    struct guest_fdt fdt;
    int rc = look_at_machine(b, err);

    memset(dtb, 0, sizeof(*dtb));
    if (rc == 0)
        rc = describe_guest(b, 0, &none, &fdt, err);
    if (rc == 0)
        rc = plan(b, &fdt, map, dtb, err);
    if (rc)
        file_free(dtb);
    return rc;
}

int builder_run(struct builder *b, struct error *err)
{
    struct domctl_create args = {.max_vcpus = (uint32_t)b->config->maxvcpus,
                                 .spis = b->config->has_vuart ? 1 : 0};
    int rc = look_at_machine(b, err);

    if (rc)
        return rc;
    args.has_pmu = b->has_pmu;
    memcpy(args.uuid, b->config->uuid, sizeof(args.uuid));
    rc = domctl_create(b->hyper, &args, &b->domid);
    if (rc)
        return call_failed(err, rc, "to create a domain");
    if (b->born)
        b->born(b->born_arg, b->domid);
    rc = fill_new_domain(b, &args, err);
    if (rc) {
        b->was_destroyed = domctl_is_gone(b->hyper, b->domid);
        domctl_destroy(b->hyper, b->domid);
    }
    return rc;
}
