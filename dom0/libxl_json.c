/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Names and values are those of libxl's IDL; what equals libxl's default is left out, as libxl
 * itself does. Pure.
 */
#include "dom0/libxl_json.h"

#include "dom0/config_value.h"
#include "dom0/domain_text.h"

static void add_string(struct json_object *object, const char *key, const char *value)
{
    if (value && *value)
        json_object_object_add(object, key, json_object_new_string(value));
}

static void add_number(struct json_object *object, const char *key, uint64_t value)
{
    json_object_object_add(object, key, json_object_new_uint64(value));
}

static struct json_object *create_info(const struct config *config)
{
    struct json_object *info = json_object_new_object();
    char uuid[DOMAIN_UUID_TEXT];

    domain_text_uuid(config->uuid, uuid);
    add_string(info, "type", "pvh");
    add_string(info, "name", config->name);
    add_string(info, "uuid", uuid);
    return info;
}

static struct json_object *build_info(const struct config *config)
{
    struct json_object *info = json_object_new_object();
    struct json_object *arm = json_object_new_object();
    struct json_object *online = json_object_new_array();
    struct json_object *sched = json_object_new_object();

    for (uint64_t i = 0; i < config->vcpus; i++)
        json_object_array_add(online, json_object_new_uint64(i));
    if (config->cpu_weight)
        add_number(sched, "weight", config->cpu_weight);
    if (config->cap)
        add_number(sched, "cap", config->cap);
    add_number(info, "max_vcpus", config->maxvcpus);
    json_object_object_add(info, "avail_vcpus", online);
    add_number(info, "max_memkb", config->maxmem_mib << 10);
    add_number(info, "target_memkb", config->memory_mib << 10);
    add_number(info, "video_memkb", 0);
    json_object_object_add(info, "sched_params", sched);
    add_string(info, "kernel", config->kernel);
    add_string(info, "cmdline", config->cmdline);
    add_string(info, "ramdisk", config->ramdisk);
    /* xl mem-set and mem-max of 4.17 abort on Arm when it is not there. */
    add_string(info, "acpi", "False");
    json_object_object_add(info, "type.pvh", json_object_new_object());
    if (config->has_vuart)
        add_string(arm, "vuart", "sbsa_uart");
    json_object_object_add(info, "arch_arm", arm);
    return info;
}

static struct json_object *disks(const struct config *config)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < config->disk_count; i++) {
        const struct disk_spec *spec = &config->disks[i];
        struct json_object *disk = json_object_new_object();

        add_string(disk, "pdev_path", spec->target);
        add_string(disk, "vdev", spec->vdev);
        add_string(disk, "backend", "phy");
        add_string(disk, "format", "raw");
        add_number(disk, "readwrite", !spec->read_only);
        add_number(disk, "is_cdrom", spec->cdrom);
        json_object_array_add(list, disk);
    }
    return list;
}

static struct json_object *nics(const struct config *config)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < config->vif_count; i++) {
        const struct vif_spec *spec = &config->vifs[i];
        struct json_object *nic = json_object_new_object();
        char mac[VIF_SPEC_MAC_TEXT];

        vif_spec_format_mac(spec->mac, mac);
        add_number(nic, "devid", i);
        add_string(nic, "mac", mac);
        add_string(nic, "bridge", spec->bridge);
        add_string(nic, "ifname", spec->name);
        add_string(nic, "nictype", "vif");
        json_object_array_add(list, nic);
    }
    return list;
}

struct json_object *libxl_json_config(const struct config *config)
{
    struct json_object *object = json_object_new_object();

    if (!object)
        return NULL;
    json_object_object_add(object, "c_info", create_info(config));
    json_object_object_add(object, "b_info", build_info(config));
    json_object_object_add(object, "disks", disks(config));
    json_object_object_add(object, "nics", nics(config));
    add_string(object, "on_poweroff", config_value_action_name(config->on_poweroff));
    add_string(object, "on_reboot", config_value_action_name(config->on_reboot));
    add_string(object, "on_watchdog", config_value_action_name(config->on_watchdog));
    add_string(object, "on_crash", config_value_action_name(config->on_crash));
    return object;
}
