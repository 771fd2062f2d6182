/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The syntax of network interface specifications. Pure: whether the bridge exists is for others to
 * find out.
 */
#include "dom0/vif_spec.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vif_parser {
    struct vif_spec *vif;
    vif_spec_warn_fn *warn;
    void *warn_arg;
    struct error *err;
};

bool vif_spec_parse_mac(const char *text, uint8_t mac[6])
{
    for (int i = 0; i < 6; i++) {
        unsigned value;

        if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]))
            return false;
        sscanf(text, "%2x", &value);
        mac[i] = (uint8_t)value;
        text += 2;
        if (*text != (i < 5 ? ':' : '\0'))
            return false;
        text++;
    }
    return (mac[0] & 1) == 0;
}

void vif_spec_format_mac(const uint8_t mac[6], char text[VIF_SPEC_MAC_TEXT])
{
    snprintf(text, VIF_SPEC_MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
             mac[3], mac[4], mac[5]);
}

static int set_ifname(struct vif_parser *p, const char *key, const char *value, char *to)
{
    size_t length = strlen(value);

    if (length == 0 || length >= VIF_SPEC_NAME_MAX || strpbrk(value, "/ \t") || value[0] == '.')
        return error_set(p->err, ERROR_USAGE, "%s '%s' is no interface name (1 to %d characters, "
                         "no '/' or blank)", key, value, VIF_SPEC_NAME_MAX - 1);
    memcpy(to, value, length + 1);
    return 0;
}

static int set_key(struct vif_parser *p, const char *key, const char *value)
{
    static const char *const ignored[] = {"model", "type", "ip", "gatewaydev", "rate", "mtu",
                                          "script", "netdev", "devid", "trusted", "accel"};
    char text[200];

    if (strcmp(key, "bridge") == 0)
        return set_ifname(p, key, value, p->vif->bridge);
    if (strcmp(key, "vifname") == 0)
        return set_ifname(p, key, value, p->vif->name);
    if (strcmp(key, "mac") == 0) {
        p->vif->mac_given = true;
        if (vif_spec_parse_mac(value, p->vif->mac))
            return 0;
        return error_set(p->err, ERROR_USAGE, "mac '%s' is no unicast address like "
                         "00:16:3e:12:34:56", value);
    }
    if (strcmp(key, "backend") == 0 && strcmp(value, "0") && strcmp(value, "Domain-0"))
        return error_set(p->err, ERROR_USAGE, "network back ends run in Domain-0 only, not in "
                         "'%s'", value);
    if (strcmp(key, "backend") == 0)
        return 0;
    snprintf(text, sizeof(text), "unknown vif key '%.60s': known are mac, bridge, vifname", key);
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
        if (strcmp(key, ignored[i]) == 0)
            snprintf(text, sizeof(text), "vif key '%s' has no effect here", key);
    p->warn(text, p->warn_arg);
    return 0;
}

static int parse_word(struct vif_parser *p, char *word)
{
    char *value;
    size_t length;

    word += strspn(word, " \t");
    length = strlen(word);
    while (length > 0 && strchr(" \t", word[length - 1]))
        word[--length] = '\0';
    if (length == 0)
        return 0;
    value = strchr(word, '=');
    if (!value)
        return error_set(p->err, ERROR_USAGE, "vif part '%s' is not key=value", word);
    *value++ = '\0';
    return set_key(p, word, value);
}

int vif_spec_parse(struct vif_spec *vif, const char *text, vif_spec_warn_fn *warn, void *warn_arg,
                   struct error *err)
{
    struct vif_parser p = {.vif = vif, .warn = warn, .warn_arg = warn_arg, .err = err};
    char *copy = strdup(text);
    char *rest = copy;
    int rc = 0;

    memset(vif, 0, sizeof(*vif));
    if (!copy)
        return error_set(err, ERROR_FAILED, "out of memory");
    while (rc == 0 && rest)
        rc = parse_word(&p, strsep(&rest, ","));
    free(copy);
    return rc;
}
