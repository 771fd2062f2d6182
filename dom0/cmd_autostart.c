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
#include "dom0/nameless.h"
#include "dom0/report.h"

struct autostart {
    struct purlin session;
    struct json_object *list; /* NULL: text as it happens */
};

static void warn(const char *text, void *arg)
{
    (void)arg;
    fprintf(stderr, "purlin: warning: %s\n", text);
}

static void tell(struct autostart *a, const struct domain *domain, const char *how)
{
    if (a->list)
        json_object_array_add(a->list, report_domain_json(domain));
    else
        printf("%s is %sdomain %u\n", domain->name, how, domain->domid);
    fflush(stdout);
}

static int start(struct autostart *a, const struct config *config, struct error *err)
{
    struct error ignored = {0};
    struct domain domain;
    uint32_t domid;
    int rc;

    if (domain_find(&a->session, config->name, &domain, &ignored) == 0 &&
        strcmp(domain.name, config->name) == 0) {
        tell(a, &domain, "there already: ");
        return 0;
    }
    cli_show_progress(&a->session, config->name);
    rc = launch_domain(&a->session, config, &(struct launch_options){0}, &domid, err);
    error_clear(&ignored);
    if (rc == 0 && domain_get(&a->session, domid, &domain, &ignored) == 0)
        tell(a, &domain, "");
    return rc;
}

static int start_file(struct autostart *a, const char *path, struct error *err)
{
    struct config_source source = {.path = path, .warn = warn};
    struct config config;
    int rc = config_load(&config, &source, err);

    if (rc)
        return rc;
    rc = start(a, &config, err);
    config_free(&config);
    return rc;
}

/* Whatever it was that kept one from starting: the status is not to say that none can. */
static int fail_one(const struct error *err)
{
    return cli_fail(err) == ERROR_INTERRUPTED ? ERROR_INTERRUPTED : ERROR_FAILED;
}

/* One that fails does not keep the others from starting. */
static int start_all(const char *dir, bool json)
{
    struct autostart a = {.list = NULL};
    struct error err = {0};
    char **paths;
    int count = autostart_list(dir, &paths, &err);
    int code = count < 0 ? cli_fail(&err) : cli_open(&a.session);

    if (code)
        return code;
    a.list = json ? json_object_new_array() : NULL;
    cli_show_progress(&a.session, "autostart");
    if (nameless_adopt(&a.session, &err) < 0)
        code = fail_one(&err);
    for (int i = 0; i < count && code != ERROR_INTERRUPTED; i++) {
        error_clear(&err);
        if (start_file(&a, paths[i], &err))
            code = fail_one(&err);
    }
    if (a.list)
        report_print_json(stdout, a.list);
    purlin_close(&a.session);
    autostart_free(paths, (size_t)count);
    return code;
}

static int run(int argc, char **argv)
{
    bool json = false;
    const struct cli_flag flags[] = {{0, "json", &json}};
    struct cli_parse parse = {.verb = &cmd_autostart, .flags = flags, .flag_count = 1,
                              .max_args = 1};
    int code;
    int count = cli_parse(&parse, argc, argv, &code);

    if (count < 0)
        return code;
    interrupt_hold();
    return start_all(count ? argv[1] : NULL, json);
}

const struct cli_verb cmd_autostart = {
    .name = "autostart",
    .summary = "start the guests that start with the machine",
    .help =
        "usage: purlin autostart [--json] [DIRECTORY]\n"
        "\n"
        "Creates a guest from each file in DIRECTORY (default: /etc/purlin/auto) that ends in\n"
        ".cfg, in the order of their names; links are welcome. Guests that exist are left alone,\n"
        "and one that fails does not keep the others from starting: the status is 1 then.\n"
        "purlin-domains.service does this at boot. Before that, domains that the hypervisor\n"
        "started itself, from its device tree, get names: dom0less-ID.\n"
        "\n"
        "      --json  print an array of the domains, as purlin list does\n"
        "\n"
        "  ln -s ../web.cfg /etc/purlin/auto/20-web.cfg\n"
        "  purlin autostart\n",
    .run = run,
};
