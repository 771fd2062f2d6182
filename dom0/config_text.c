/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Configurations in their own syntax. Pure: takes a structure, writes to a stream. Owns the
 * spelling of values; config.c reads it back.
 */
#include "dom0/config_text.h"

#include <inttypes.h>

#include "dom0/config_value.h"
#include "dom0/domain_text.h"

static void write_quoted(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        if ((unsigned char)*text < ' ')
            fprintf(out, "\\x%02x", (unsigned char)*text);
        else if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
    fputc('"', out);
}

static void write_string(FILE *out, const char *key, const char *text)
{
    if (!text || !*text)
        return;
    fprintf(out, "%s = ", key);
    write_quoted(out, text);
    fputc('\n', out);
}

static void write_number(FILE *out, const char *key, uint64_t number)
{
    if (number)
        fprintf(out, "%s = %" PRIu64 "\n", key, number);
}

static bool has_cpu(const struct config_cpumap *map, unsigned cpu)
{
    return cpu < CONFIG_MAX_CPUS && map->bits[cpu / 8] & 1u << cpu % 8;
}

/* "0-3,5". */
static void write_cpumap(FILE *out, const struct config_cpumap *map)
{
    const char *comma = "";

    fputc('"', out);
    for (unsigned first = 0; first < CONFIG_MAX_CPUS; first++) {
        unsigned last = first;

        if (!has_cpu(map, first))
            continue;
        while (has_cpu(map, last + 1))
            last++;
        fprintf(out, last > first ? "%s%u-%u" : "%s%u", comma, first, last);
        comma = ",";
        first = last;
    }
    fputc('"', out);
}

static void write_affinity(FILE *out, const struct config *config)
{
    if (config->affinity_count == 0)
        return;
    fputs("cpus = ", out);
    if (config->affinity_count > 1)
        fputs("[ ", out);
    for (size_t i = 0; i < config->affinity_count; i++) {
        fputs(i ? ", " : "", out);
        write_cpumap(out, &config->affinity[i]);
    }
    fputs(config->affinity_count > 1 ? " ]\n" : "\n", out);
}

/* The target comes last: it takes the rest of the text, commas included. */
static void write_disk(FILE *out, const struct disk_spec *disk)
{
    char text[4352];

    snprintf(text, sizeof(text), "format=raw, vdev=%s, access=%s%s%s, target=%s", disk->vdev,
             disk->read_only ? "ro" : "rw", disk->cdrom ? ", devtype=cdrom" : "",
             disk->no_discard ? ", no-discard" : "", disk->target);
    write_quoted(out, text);
}

static void write_vif(FILE *out, const struct vif_spec *vif)
{
    char mac[VIF_SPEC_MAC_TEXT];
    char text[128];

    vif_spec_format_mac(vif->mac, mac);
    snprintf(text, sizeof(text), "mac=%s%s%s%s%s", mac, vif->bridge[0] ? ", bridge=" : "",
             vif->bridge, vif->name[0] ? ", vifname=" : "", vif->name);
    write_quoted(out, text);
}

static void write_devices(FILE *out, const struct config *config)
{
    for (size_t i = 0; i < config->disk_count; i++) {
        fputs(i ? ",\n         " : "disk = [ ", out);
        write_disk(out, &config->disks[i]);
    }
    fputs(config->disk_count ? " ]\n" : "", out);
    for (size_t i = 0; i < config->vif_count; i++) {
        fputs(i ? ",\n        " : "vif = [ ", out);
        write_vif(out, &config->vifs[i]);
    }
    fputs(config->vif_count ? " ]\n" : "", out);
}

void config_text_write(FILE *out, const struct config *config)
{
    char uuid[DOMAIN_UUID_TEXT];

    domain_text_uuid(config->uuid, uuid);
    write_string(out, "name", config->name);
    write_string(out, "uuid", uuid);
    write_number(out, "memory", config->memory_mib);
    write_number(out, "maxmem", config->maxmem_mib);
    write_number(out, "vcpus", config->vcpus);
    write_number(out, "maxvcpus", config->maxvcpus);
    write_affinity(out, config);
    write_number(out, "cpu_weight", config->cpu_weight);
    write_number(out, "cap", config->cap);
    fputs(config->vpmu ? "" : "vpmu = 0\n", out);
    write_string(out, "kernel", config->kernel);
    write_string(out, "ramdisk", config->ramdisk);
    write_string(out, "cmdline", config->cmdline);
    write_devices(out, config);
    write_string(out, "vuart", config->has_vuart ? "sbsa_uart" : "");
    write_string(out, "on_poweroff", config_value_action_name(config->on_poweroff));
    write_string(out, "on_reboot", config_value_action_name(config->on_reboot));
    write_string(out, "on_crash", config_value_action_name(config->on_crash));
    write_string(out, "on_watchdog", config_value_action_name(config->on_watchdog));
}
