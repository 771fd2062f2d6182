/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From the record of the domain's making, or from xenstore for a domain of other tools; then from
 * the hypervisor and the back ends what it has now.
 */
#include "dom0/live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dom0/config_device.h"
#include "dom0/cpumap.h"
#include "dom0/device.h"
#include "dom0/devices.h"
#include "dom0/netdev.h"
#include "dom0/record.h"
#include "dom0/sysctl.h"
#include "dom0/tune.h"
#include "dom0/vcpu.h"

#define SLACK_KIB 1024 /* of the memory limit: pages that are not the guest's RAM */

static int no_memory(struct error *err)
{
    return error_set(err, ERROR_FAILED, "out of memory");
}

static char *read_image(struct store *store, uint32_t domid, const char *key)
{
    char *vm = store_read(store, "/local/domain/%u/vm", domid);
    char *text = vm ? store_read(store, "%s/image/%s", vm, key) : NULL;

    free(vm);
    return text;
}

/* A domain that purlin has no record of. */
static int from_store(struct purlin *session, const struct domain *domain, struct config *config,
                      struct error *err)
{
    struct store *store = &session->store;
    unsigned byte[16];

    memset(config, 0, sizeof(*config));
    config->on_reboot = CONFIG_RESTART;
    config->name = strdup(domain->name);
    config->kernel = read_image(store, domain->domid, "kernel");
    config->ramdisk = read_image(store, domain->domid, "ramdisk");
    config->cmdline = read_image(store, domain->domid, "cmdline");
    if (sscanf(domain->uuid, "%2x%2x%2x%2x-%2x%2x-%2x%2x-%2x%2x-%2x%2x%2x%2x%2x%2x", &byte[0],
               &byte[1], &byte[2], &byte[3], &byte[4], &byte[5], &byte[6], &byte[7], &byte[8],
               &byte[9], &byte[10], &byte[11], &byte[12], &byte[13], &byte[14], &byte[15]) == 16)
        for (int i = 0; i < 16; i++)
            config->uuid[i] = (uint8_t)byte[i];
    if (config->kernel && config->name)
        return 0;
    config_free(config);
    return error_set(err, ERROR_FAILED, "nobody has noted which kernel %s was started with: it was "
                     "not made by purlin", domain->name);
}

/* As many as the domain is to have: it may be on its way there. */
static unsigned count_available(struct store *store, const struct domain *domain, int max)
{
    unsigned count = 0;

    for (int i = 0; i < max; i++) {
        char *text = store_read(store, "/local/domain/%u/cpu/%d/availability", domain->domid, i);

        count += text && strcmp(text, "online") == 0;
        free(text);
    }
    return count ? count : domain->vcpus;
}

static int set_cpus(struct purlin *session, const struct domain *domain, struct config *config,
                    struct error *err)
{
    struct tune_share share;
    struct vcpu *vcpus;
    int count = vcpu_list(session, domain, &vcpus, err);
    int rc = count < 0 ? count : tune_get_share(session, domain, &share, err);
    struct xen_sysctl_physinfo info = {0};
    bool bound = false;
    char text[128];

    sysctl_physinfo(&session->hyper, &info);
    if (rc == 0) {
        config->vcpus = count_available(&session->store, domain, count);
        config->maxvcpus = (uint64_t)count;
        config->cpu_weight = share.weight == 256 && !config->cpu_weight ? 0 : share.weight;
        config->cap = share.cap;
        free(config->affinity);
        config->affinity = calloc((size_t)count + 1, sizeof(*config->affinity));
        rc = config->affinity ? 0 : no_memory(err);
    }
    for (int i = 0; rc == 0 && i < count; i++) {
        config->affinity[i] = vcpus[i].hard;
        cpumap_format(&vcpus[i].hard, info.nr_cpus, text, sizeof(text));
        if (strcmp(text, "all") == 0)
            memset(&config->affinity[i], 0xff, sizeof(config->affinity[i]));
        else
            bound = true;
    }
    config->affinity_count = rc == 0 && bound ? (size_t)count : 0;
    free(vcpus);
    return rc;
}

static void set_memory(struct purlin *session, const struct domain *domain, struct config *config)
{
    int target = store_read_int(&session->store, 0, "/local/domain/%u/memory/target",
                                domain->domid);
    uint64_t kib = target > 0 ? (uint64_t)target : domain->memory_kib - SLACK_KIB;

    config->memory_mib = kib >> 10;
    config->maxmem_mib = (domain->max_memory_kib - SLACK_KIB) >> 10;
    if (config->maxmem_mib < config->memory_mib)
        config->maxmem_mib = config->memory_mib;
}

/* The target stays the item's. */
static struct disk_spec disk_of(struct devices_item *item)
{
    struct disk_spec disk = {.target = item->target, .devid = item->devid,
                             .read_only = item->read_only, .cdrom = item->cdrom,
                             .no_discard = item->no_discard};

    snprintf(disk.vdev, sizeof(disk.vdev), "%s", item->name);
    return disk;
}

static struct vif_spec vif_of(uint32_t domid, const struct devices_item *item)
{
    struct vif_spec vif = {0};
    char standard[32];

    snprintf(standard, sizeof(standard), "vif%u.%u", domid, item->devid);
    vif.mac_given = vif_spec_parse_mac(item->mac, vif.mac);
    snprintf(vif.bridge, sizeof(vif.bridge), "%.15s", item->target);
    if (strcmp(item->name, standard) != 0)
        snprintf(vif.name, sizeof(vif.name), "%.15s", item->name);
    return vif;
}

static int set_disks(struct purlin *session, const struct domain *domain, struct config *config,
                     struct error *err)
{
    struct devices_item *items;
    int count = devices_list(session, domain->domid, "vbd", &items, err);
    int rc = 0;

    if (count < 0)
        return count;
    while (config->disk_count)
        disk_spec_free(&config->disks[--config->disk_count]);
    for (int i = 0; rc == 0 && i < count; i++) {
        const struct disk_spec disk = disk_of(&items[i]);

        rc = config_device_add_disk(config, &disk, err);
    }
    free(items);
    return rc;
}

static int set_networks(struct purlin *session, const struct domain *domain,
                        struct config *config, struct error *err)
{
    struct devices_item *items;
    int count = devices_list(session, domain->domid, "vif", &items, err);
    int rc = 0;

    if (count < 0)
        return count;
    config->vif_count = 0;
    for (int i = 0; rc == 0 && i < count; i++) {
        const struct vif_spec vif = vif_of(domain->domid, &items[i]);

        rc = config_device_add_vif(config, &vif, err);
    }
    free(items);
    return rc;
}

static int set_devices(struct purlin *session, const struct domain *domain, struct config *config,
                       struct error *err)
{
    int rc = set_disks(session, domain, config, err);

    return rc ? rc : set_networks(session, domain, config, err);
}

/* Not what a script of its own has made of its target: nobody else could. */
static bool is_new_disk(const struct config *config, const struct devices_item *item)
{
    struct stat st;

    for (size_t i = 0; i < config->disk_count; i++)
        if (config->disks[i].devid == item->devid)
            return false;
    return !item->has_let_go && item->target[0] == '/' && stat(item->target, &st) == 0 &&
           (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode));
}

static bool is_new_vif(const struct config *config, const struct devices_item *item)
{
    uint8_t mac[6];

    if (item->has_let_go || !netdev_is_bridge(item->target) ||
        !vif_spec_parse_mac(item->mac, mac))
        return false;
    for (size_t i = 0; i < config->vif_count; i++)
        if (memcmp(config->vifs[i].mac, mac, sizeof(mac)) == 0)
            return false;
    return true;
}

int live_take_attached(struct purlin *session, const struct domain *domain,
                       struct config *config, struct error *err)
{
    struct devices_item *disks = NULL;
    struct devices_item *vifs = NULL;
    int disk_count = devices_list(session, domain->domid, "vbd", &disks, err);
    int vif_count = disk_count < 0 ? 0 : devices_list(session, domain->domid, "vif", &vifs, err);
    int rc = disk_count < 0 ? disk_count : vif_count < 0 ? vif_count : 0;

    for (int i = 0; rc == 0 && i < disk_count; i++) {
        const struct disk_spec disk = disk_of(&disks[i]);

        if (is_new_disk(config, &disks[i]))
            rc = config_device_add_disk(config, &disk, err);
    }
    for (int i = 0; rc == 0 && i < vif_count; i++) {
        const struct vif_spec vif = vif_of(domain->domid, &vifs[i]);

        if (is_new_vif(config, &vifs[i]))
            rc = config_device_add_vif(config, &vif, err);
    }
    free(disks);
    free(vifs);
    return rc;
}

int live_config(struct purlin *session, const struct domain *domain, struct config *config,
                struct error *err)
{
    int rc = 0;

    if (domain->domid == 0)
        return error_set(err, ERROR_USAGE, "Domain-0 has no configuration file: the hypervisor's "
                         "command line and its boot modules describe it (purlin info)");
    if (!record_load(domain, config))
        rc = from_store(session, domain, config, err);
    if (rc)
        return rc;
    free(config->name);
    config->name = strdup(domain->name);
    rc = config->name ? set_cpus(session, domain, config, err) : no_memory(err);
    set_memory(session, domain, config);
    /* While they are only promised, what was noted is all that there is of them. */
    if (rc == 0 && device_all_announced(&session->store, domain->domid))
        rc = set_devices(session, domain, config, err);
    if (rc)
        config_free(config);
    return rc;
}
