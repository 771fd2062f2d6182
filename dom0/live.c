/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From the record of the domain's making, or from xenstore for a domain of other tools; then from
 * the hypervisor and the back ends what it has now.
 */
#include "dom0/live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dom0/cpumap.h"
#include "dom0/devices.h"
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

static int set_disks(struct purlin *session, const struct domain *domain, struct config *config,
                     struct error *err)
{
    struct devices_item *items;
    int count = devices_list(session, domain->domid, "vbd", &items, err);

    if (count < 0)
        return count;
    for (size_t i = 0; i < config->disk_count; i++)
        disk_spec_free(&config->disks[i]);
    free(config->disks);
    config->disk_count = 0;
    config->disks = calloc((size_t)count + 1, sizeof(*config->disks));
    for (int i = 0; config->disks && i < count; i++) {
        struct disk_spec *disk = &config->disks[config->disk_count++];

        disk->target = strdup(items[i].target);
        snprintf(disk->vdev, sizeof(disk->vdev), "%s", items[i].name);
        disk->devid = items[i].devid;
        disk->read_only = items[i].read_only;
        disk->cdrom = items[i].cdrom;
        disk->no_discard = items[i].no_discard;
    }
    free(items);
    return config->disks ? 0 : no_memory(err);
}

static int set_networks(struct purlin *session, const struct domain *domain,
                        struct config *config, struct error *err)
{
    struct devices_item *items;
    int count = devices_list(session, domain->domid, "vif", &items, err);

    if (count < 0)
        return count;
    free(config->vifs);
    config->vif_count = 0;
    config->vifs = calloc((size_t)count + 1, sizeof(*config->vifs));
    for (int i = 0; config->vifs && i < count; i++) {
        struct vif_spec *vif = &config->vifs[config->vif_count++];
        char standard[32];

        snprintf(standard, sizeof(standard), "vif%u.%u", domain->domid, items[i].devid);
        vif->mac_given = vif_spec_parse_mac(items[i].mac, vif->mac);
        snprintf(vif->bridge, sizeof(vif->bridge), "%.15s", items[i].target);
        if (strcmp(items[i].name, standard) != 0)
            snprintf(vif->name, sizeof(vif->name), "%.15s", items[i].name);
    }
    free(items);
    return config->vifs ? 0 : no_memory(err);
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
    if (rc == 0)
        rc = set_disks(session, domain, config, err);
    if (rc == 0)
        rc = set_networks(session, domain, config, err);
    if (rc)
        config_free(config);
    return rc;
}
