/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin network-attach: one more network interface for a running guest.
 */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "dom0/cli.h"
#include "dom0/cli_domain.h"
#include "dom0/plug.h"

static void warn(const char *text, void *arg)
{
    (void)arg;
    fprintf(stderr, "purlin: warning: %s\n", text);
}

static int attach(struct purlin *session, const struct domain *domain, void *arg,
                  struct error *err)
{
    uint32_t devid;
    int rc = plug_attach_network(session, domain, arg, &devid, err);

    if (rc == 0)
        printf("%s has network interface %u\n", domain->name, devid);
    return rc;
}

/* Xen's OUI and three random bytes. */
static int choose_mac(struct vif_spec *spec, struct error *err)
{
    memcpy(spec->mac, (const uint8_t[]){0x00, 0x16, 0x3e}, 3);
    if (getrandom(spec->mac + 3, 3, 0) != 3)
        return error_errno(err, "no random numbers");
    spec->mac[3] &= 0x7f;
    return 0;
}

static int run(int argc, char **argv)
{
    struct cli_parse parse = {.verb = &cmd_network_attach, .min_args = 1, .max_args = -1};
    struct vif_spec spec;
    struct error err = {0};
    char text[512] = "";
    int code;
    int count = cli_parse(&parse, argc, argv, &code);

    if (count < 0)
        return code;
    cli_join(argv + 2, count - 1, text, sizeof(text));
    if (vif_spec_parse(&spec, text, warn, NULL, &err) ||
        (!spec.mac_given && choose_mac(&spec, &err)))
        return cli_fail(&err);
    return cli_domain_change(argv[1], attach, &spec);
}

const struct cli_verb cmd_network_attach = {
    .name = "network-attach",
    .summary = "give a running guest one more network interface",
    .help =
        "usage: purlin network-attach NAME|ID [KEY=VALUE...]\n"
        "\n"
        "Keys are those of vif= in a configuration (purlin.cfg(5)): bridge, mac, vifname. Without\n"
        "any, the interface has a random address and joins bridge xenbr0.\n"
        "\n"
        "  purlin network-attach web\n"
        "  purlin network-attach web bridge=br1 mac=00:16:3e:00:00:07\n",
    .run = run,
};
