/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Network interfaces: what xen-netback reads from xenstore (xen/io/netif.h), and what a hot-plug
 * script would do for it in Dom0. Owns nothing: the interface goes away with its back end.
 */
#include "dom0/vif.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dom0/netdev.h"

#define BACKENDS "/local/domain/0/backend/vif"

static const char *bridge_of(const struct vif_spec *spec)
{
    return spec->bridge[0] ? spec->bridge : VIF_DEFAULT_BRIDGE;
}

int vif_check(const struct vif_spec *spec, struct error *err)
{
    const char *bridge = bridge_of(spec);

    if (!netdev_exists(bridge))
        return error_set(err, ERROR_USAGE, "bridge %s does not exist: make it (ip link add %s type "
                         "bridge) or name another in vif=", bridge, bridge);
    if (!netdev_is_bridge(bridge))
        return error_set(err, ERROR_USAGE, "%s is an interface, but no bridge", bridge);
    if (spec->name[0] && netdev_exists(spec->name))
        return error_set(err, ERROR_EXISTS, "vifname %s is already the name of an interface",
                         spec->name);
    return 0;
}

static void describe(struct store *store, const struct vif *vif, const char *path)
{
    char mac[VIF_SPEC_MAC_TEXT];

    vif_spec_format_mac(vif->spec->mac, mac);
    store_write_number(store, vif->device.devid, "%s/handle", path);
    store_write(store, mac, "%s/mac", path);
}

void vif_write_front(struct store *store, const struct vif *vif)
{
    char path[STORE_PATH_MAX];

    device_write_front(store, &vif->device);
    device_frontend_path(&vif->device, path);
    describe(store, vif, path);
}

void vif_write_record(struct store *store, const struct vif *vif)
{
    char path[STORE_PATH_MAX];

    device_write_record(store, &vif->device);
    device_record_path(&vif->device, path);
    describe(store, vif, path);
    store_write(store, vif->bridge, "%s/bridge", path);
}

void vif_write_back(struct store *store, const struct vif *vif)
{
    char path[STORE_PATH_MAX];

    device_write_back(store, &vif->device);
    device_backend_path(&vif->device, path);
    describe(store, vif, path);
    store_write(store, vif->bridge, "%s/bridge", path);
    store_write(store, "vif", "%s/type", path);
    if (vif->spec->name[0])
        store_write(store, vif->spec->name, "%s/vifname", path);
}

void vif_init(struct vif *vif, unsigned domid, uint32_t devid, const struct vif_spec *spec)
{
    memset(vif, 0, sizeof(*vif));
    vif->spec = spec;
    vif->device = (struct device){.kind = "vif", .domid = domid, .devid = devid};
    snprintf(vif->device.label, sizeof(vif->device.label), "network interface %u", devid);
    snprintf(vif->bridge, sizeof(vif->bridge), "%s", bridge_of(spec));
    snprintf(vif->name, sizeof(vif->name), "vif%u.%u", domid, devid);
}

static bool has_mac(struct store *store, const char *back, const uint8_t wanted[6])
{
    char *text = store_read(store, "%s/mac", back);
    uint8_t mac[6];
    bool is_it = text && vif_spec_parse_mac(text, mac) && memcmp(mac, wanted, sizeof(mac)) == 0;

    free(text);
    return is_it;
}

static bool is_there(struct store *store, unsigned domid, const struct vif_spec *spec)
{
    unsigned count;
    char **ids = store_list(store, &count, BACKENDS "/%u", domid);
    bool found = false;

    for (unsigned i = 0; i < count && !found; i++) {
        char back[STORE_PATH_MAX];

        snprintf(back, sizeof(back), BACKENDS "/%u/%s", domid, ids[i]);
        found = has_mac(store, back, spec->mac);
    }
    free(ids);
    return found;
}

void vif_forget_detached(struct store *store, unsigned domid, struct config *config)
{
    size_t kept = 0;

    for (size_t i = 0; i < config->vif_count; i++)
        if (is_there(store, domid, &config->vifs[i]))
            config->vifs[kept++] = config->vifs[i];
    config->vif_count = kept;
}

int vif_connect(struct store *store, struct vif *vif, struct error *err)
{
    char back[STORE_PATH_MAX];
    int rc = device_wait_backend(store, &vif->device, err);

    if (rc == 0 && vif->spec->name[0]) {
        rc = netdev_rename(vif->name, vif->spec->name, err);
        memcpy(vif->name, vif->spec->name, sizeof(vif->name));
    }
    if (rc == 0)
        rc = netdev_join_bridge(vif->name, vif->bridge, err);
    if (rc == 0)
        rc = netdev_up(vif->name, err);
    if (rc)
        return rc;
    device_backend_path(&vif->device, back);
    store->failed = 0;
    store_write(store, "connected", "%s/hotplug-status", back);
    return store->failed ? error_set(err, ERROR_FAILED, "xenstore refused a write") : 0;
}
