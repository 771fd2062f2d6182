/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin autostart: the domains that start with the machine.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dom0/autostart.h"
#include "dom0/cli.h"
#include "dom0/domain.h"
#include "dom0/interrupt.h"
#include "dom0/launch.h"

static void warn(const char *text, void *arg)
{
    (void)arg;
    fprintf(stderr, "purlin: warning: %s\n", text);
}

static int start(struct purlin *session, const struct config *config, struct error *err)
{
    struct error ignored = {0};
    struct domain domain;
    uint32_t domid;
    int rc;

    if (domain_find(session, config->name, &domain, &ignored) == 0 &&
        strcmp(domain.name, config->name) == 0) {
        printf("%s is there already: domain %u\n", domain.name, domain.domid);
        return 0;
    }
    cli_show_progress(session, config->name);
    rc = launch_domain(session, config, false, &domid, err);
    if (rc == 0)
        printf("%s is domain %u\n", config->name, domid);
    fflush(stdout);
    return rc;
}

static int start_file(struct purlin *session, const char *path, struct error *err)
{
    struct config_source source = {.path = path, .warn = warn};
    struct config config;
    int rc = config_load(&config, &source, err);

    if (rc)
        return rc;
    rc = start(session, &config, err);
    config_free(&config);
    return rc;
}

/* One that fails does not keep the others from starting. */
static int start_all(const char *dir)
{
    struct purlin session;
    struct error err = {0};
    char **paths;
    int count = autostart_list(dir, &paths, &err);
    int code = count < 0 ? cli_fail(&err) : cli_open(&session);

    if (code)
        return code;
    for (int i = 0; i < count && code != ERROR_INTERRUPTED; i++) {
        error_clear(&err);
        if (start_file(&session, paths[i], &err))
            code = cli_fail(&err);
    }
    purlin_close(&session);
    autostart_free(paths, (size_t)count);
    return code;
}

static int run(int argc, char **argv)
{
    struct cli_parse parse = {.verb = &cmd_autostart, .max_args = 1};
    int code;
    int count = cli_parse(&parse, argc, argv, &code);

    if (count < 0)
        return code;
    interrupt_hold();
    return start_all(count ? argv[1] : AUTOSTART_DIR);
}

const struct cli_verb cmd_autostart = {
    .name = "autostart",
    .summary = "start the guests that start with the machine",
    .help =
        "usage: purlin autostart [DIRECTORY]\n"
        "\n"
        "Creates a guest from each file in DIRECTORY (default: /etc/purlin/auto) that ends in\n"
        ".cfg, in the order of their names; links are welcome. Guests that exist are left alone,\n"
        "and one that fails does not keep the others from starting. purlin-domains.service does\n"
        "this at boot.\n"
        "\n"
        "  ln -s ../web.cfg /etc/purlin/auto/20-web.cfg\n"
        "  purlin autostart\n",
    .run = run,
};
