/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What xenstore and Dom0's kernel know of a domain's devices. Owns no state.
 */
#include "dom0/devices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <xen/io/xenbus.h>

#include "dom0/disk_spec.h"
#include "dom0/sysfs.h"

#define BACKENDS "/local/domain/0/backend"
#define SECTOR 512u

/* --- listing ------------------------------------------------------------------------------ */

static void copy_node(struct store *store, char *to, size_t size, const char *path,
                      const char *node)
{
    char *text = store_read(store, "%s/%s", path, node);

    snprintf(to, size, "%s", text ? text : "");
    free(text);
}

static void read_disk(struct store *store, const char *back, uint32_t domid,
                      struct devices_item *item)
{
    char dir[96];
    char text[16];

    copy_node(store, item->name, sizeof(item->name), back, "dev");
    copy_node(store, item->target, sizeof(item->target), back, "params");
    copy_node(store, text, sizeof(text), back, "mode");
    item->read_only = text[0] == 'r';
    copy_node(store, text, sizeof(text), back, "device-type");
    item->cdrom = strcmp(text, "cdrom") == 0;
    item->no_discard = store_read_int(store, 1, "%s/discard-enable", back) == 0;
    snprintf(dir, sizeof(dir), "/sys/bus/xen-backend/devices/vbd-%u-%u/statistics", domid,
             item->devid);
    item->in_bytes = sysfs_number(dir, "rd_sect") * SECTOR;
    item->out_bytes = sysfs_number(dir, "wr_sect") * SECTOR;
    item->in_count = sysfs_number(dir, "rd_req");
    item->out_count = sysfs_number(dir, "wr_req");
}

/* What Dom0's interface receives, the guest has sent. */
static void read_network(struct store *store, const char *back, uint32_t domid,
                         struct devices_item *item)
{
    char dir[96];

    copy_node(store, item->name, sizeof(item->name), back, "vifname");
    if (!item->name[0])
        snprintf(item->name, sizeof(item->name), "vif%u.%u", domid, item->devid);
    copy_node(store, item->target, sizeof(item->target), back, "bridge");
    copy_node(store, item->mac, sizeof(item->mac), back, "mac");
    snprintf(dir, sizeof(dir), "/sys/class/net/%s/statistics", item->name);
    item->in_bytes = sysfs_number(dir, "tx_bytes");
    item->out_bytes = sysfs_number(dir, "rx_bytes");
    item->in_count = sysfs_number(dir, "tx_packets");
    item->out_count = sysfs_number(dir, "rx_packets");
}

static int by_number(const void *a, const void *b)
{
    const struct devices_item *x = a;
    const struct devices_item *y = b;

    return x->devid < y->devid ? -1 : x->devid > y->devid;
}

int devices_list(struct purlin *session, uint32_t domid, const char *kind,
                 struct devices_item **items, struct error *err)
{
    struct store *store = &session->store;
    unsigned announced = 0;
    unsigned count;
    char **ids = store_list(store, &count, BACKENDS "/%s/%u", kind, domid);

    *items = calloc(count + 1, sizeof(**items));
    if (!*items) {
        free(ids);
        return error_set(err, ERROR_FAILED, "out of memory");
    }
    for (unsigned i = 0; i < count; i++) {
        struct devices_item *item = &(*items)[announced];
        char back[STORE_PATH_MAX];

        item->devid = (uint32_t)strtoul(ids[i], NULL, 10);
        snprintf(back, sizeof(back), BACKENDS "/%s/%u/%s", kind, domid, ids[i]);
        item->state = store_read_int(store, XenbusStateUnknown, "%s/state", back);
        if (item->state == XenbusStateUnknown)
            continue;
        item->has_let_go = item->state == XenbusStateClosed &&
                           store_read_int(store, 1, "%s/online", back) == 0;
        if (strcmp(kind, "vbd") == 0)
            read_disk(store, back, domid, item);
        else
            read_network(store, back, domid, item);
        announced++;
    }
    free(ids);
    qsort(*items, announced, sizeof(**items), by_number);
    return (int)announced;
}

static bool is_called(const struct devices_item *item, const char *kind, const char *name)
{
    uint32_t devid;
    char *end;

    if (strcmp(item->name, name) == 0 || (item->mac[0] && strcasecmp(item->mac, name) == 0))
        return true;
    if (strtoul(name, &end, 10) == item->devid && *name && *end == '\0')
        return true;
    return strcmp(kind, "vbd") == 0 && disk_spec_devid(name, &devid) && devid == item->devid;
}

int devices_find(struct purlin *session, const struct domain *domain,
                 const struct devices_query *query, struct devices_item *item, struct error *err)
{
    bool disk = strcmp(query->kind, "vbd") == 0;
    struct devices_item *items;
    int count = devices_list(session, domain->domid, query->kind, &items, err);
    bool found = false;

    for (int i = 0; i < count && !found; i++) {
        found = is_called(&items[i], query->kind, query->name);
        if (found)
            *item = items[i];
    }
    free(items);
    if (count < 0 || found)
        return count < 0 ? count : 0;
    return error_set(err, ERROR_USAGE, "%s has no %s '%s': see purlin %s-list %s", domain->name,
                     disk ? "disk" : "network interface", query->name, disk ? "block" : "network",
                     domain->name);
}
