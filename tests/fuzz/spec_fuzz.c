/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Disk and network interface specifications, as they stand in a configuration.
 */
#include <stdlib.h>
#include <string.h>

#include "dom0/disk_spec.h"
#include "dom0/vif_spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void warn(const char *text, void *arg)
{
    (void)text, (void)arg;
}

static void check_text(const char *text, size_t room)
{
    if (strnlen(text, room) == room)
        abort();
}

static void disk(const char *text)
{
    struct disk_spec d;
    struct error err;

    memset(&err, 0, sizeof(err));
    if (disk_spec_parse(&d, text, &err)) {
        if (!err.text[0])
            abort();
        return;
    }
    check_text(d.vdev, sizeof(d.vdev));
    disk_spec_free(&d);
}

static void vif(const char *text)
{
    char mac_text[VIF_SPEC_MAC_TEXT];
    struct vif_spec v;
    struct error err;

    memset(&err, 0, sizeof(err));
    if (vif_spec_parse(&v, text, warn, NULL, &err)) {
        if (!err.text[0])
            abort();
        return;
    }
    check_text(v.bridge, sizeof(v.bridge));
    check_text(v.name, sizeof(v.name));
    vif_spec_format_mac(v.mac, mac_text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    uint8_t mac[6];
    uint32_t devid;

    memcpy(text, data, size);
    text[size] = 0;
    disk(text);
    vif(text);
    disk_spec_devid(text, &devid);
    vif_spec_parse_mac(text, mac);
    free(text);
    return 0;
}
