/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One network interface of a guest, as written in a configuration (xl-network-configuration(5)).
 */
#ifndef DOM0_VIF_SPEC_H
#define DOM0_VIF_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "dom0/error.h"

#define VIF_SPEC_NAME_MAX 16 /* IFNAMSIZ */
#define VIF_SPEC_MAC_TEXT 18 /* "00:16:3e:00:00:01" and its NUL */

struct vif_spec {
    uint8_t mac[6];
    bool mac_given;
    char bridge[VIF_SPEC_NAME_MAX]; /* "" = not given */
    char name[VIF_SPEC_NAME_MAX];   /* interface name in Dom0; "" = vifDOMID.DEVID */
};

typedef void vif_spec_warn_fn(const char *text, void *arg);

/* Parses "mac=..,bridge=..,vifname=..". Keys of xl that mean nothing here reach `warn`, unknown
 * ones too. The error has no position: the caller puts it before. */
int vif_spec_parse(struct vif_spec *vif, const char *text, vif_spec_warn_fn *warn, void *warn_arg,
                   struct error *err);

/* Six pairs of hexadecimal digits with colons; no multicast address. */
bool vif_spec_parse_mac(const char *text, uint8_t mac[6]);

void vif_spec_format_mac(const uint8_t mac[6], char text[VIF_SPEC_MAC_TEXT]);

#endif
