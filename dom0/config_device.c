/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The two lists of a struct config, one entry at a time. Owns nothing; refuses to know whether a
 * device is there.
 */
#include "dom0/config_device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Room for one more; NULL, and the error, without. */
static void *grow(void *list, size_t count, size_t size, struct error *err)
{
    void *bigger;

    if (count >= CONFIG_MAX_DEVICES) {
        error_set(err, ERROR_FAILED, "it has %d devices of this kind already, which is the most",
                  CONFIG_MAX_DEVICES);
        return NULL;
    }
    bigger = realloc(list, (count + 1) * size);
    if (!bigger)
        error_set(err, ERROR_FAILED, "out of memory");
    return bigger;
}

int config_device_add_disk(struct config *config, const struct disk_spec *disk,
                           struct error *err)
{
    struct disk_spec copy = *disk;
    struct disk_spec *bigger;

    copy.target = strdup(disk->target);
    if (!copy.target)
        return error_set(err, ERROR_FAILED, "out of memory");
    for (size_t i = 0; i < config->disk_count; i++) {
        if (config->disks[i].devid != disk->devid)
            continue;
        disk_spec_free(&config->disks[i]);
        config->disks[i] = copy;
        return 0;
    }
    bigger = grow(config->disks, config->disk_count, sizeof(*bigger), err);
    if (!bigger) {
        free(copy.target);
        return -EIO;
    }
    config->disks = bigger;
    config->disks[config->disk_count++] = copy;
    return 0;
}

void config_device_remove_disk(struct config *config, uint32_t devid)
{
    size_t kept = 0;

    for (size_t i = 0; i < config->disk_count; i++) {
        if (config->disks[i].devid == devid)
            disk_spec_free(&config->disks[i]);
        else
            config->disks[kept++] = config->disks[i];
    }
    config->disk_count = kept;
}

int config_device_add_vif(struct config *config, const struct vif_spec *vif, struct error *err)
{
    struct vif_spec *bigger = grow(config->vifs, config->vif_count, sizeof(*bigger), err);

    if (!bigger)
        return -EIO;
    config->vifs = bigger;
    config->vifs[config->vif_count] = *vif;
    config->vifs[config->vif_count++].mac_given = true;
    return 0;
}

static bool is_like(const struct vif_spec *a, const struct vif_spec *b)
{
    return memcmp(a->mac, b->mac, sizeof(a->mac)) == 0 && strcmp(a->bridge, b->bridge) == 0;
}

void config_device_remove_vif(struct config *config, const struct vif_spec *like)
{
    size_t at = 0;

    while (at < config->vif_count && !is_like(&config->vifs[at], like))
        at++;
    if (at == config->vif_count)
        return;
    config->vif_count--;
    memmove(&config->vifs[at], &config->vifs[at + 1],
            (config->vif_count - at) * sizeof(config->vifs[0]));
}
