/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin create: configuration in, running guest with a supervisor out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dom0/cli.h"
#include "dom0/config.h"
#include "dom0/config_text.h"
#include "dom0/console.h"
#include "dom0/create.h"
#include "dom0/domain.h"
#include "dom0/fdt_text.h"
#include "dom0/interrupt.h"
#include "dom0/launch.h"
#include "dom0/report.h"

struct create_flags {
    bool console;
    bool paused;
    bool quiet;
    bool dry_run;
    bool json;
};

static void warn(const char *text, void *arg)
{
    (void)arg;
    fprintf(stderr, "purlin: warning: %s\n", text);
}

/* The first argument is the file, unless it is an override like all the others. */
static int load(struct config *config, int count, char **args, struct error *err)
{
    bool has_file = strchr(args[0], '=') == NULL || args[0][0] == '/' || args[0][0] == '.';
    struct config_source source = {
        .path = has_file ? args[0] : NULL,
        .overrides = args + has_file,
        .override_count = (size_t)(count - has_file),
        .warn = warn,
    };

    return config_load(config, &source, err);
}

static void announce(struct purlin *session, uint32_t domid, const struct create_flags *flags)
{
    struct error err = {0};
    struct domain domain;

    if (domain_get(session, domid, &domain, &err))
        return;
    if (flags->json)
        report_print_json(stdout, report_domain_json(&domain));
    else
        printf("%s is domain %u\n", domain.name, domid);
    fflush(stdout);
}

static void print_dry_run(const struct config *config, const struct create_preview *preview)
{
    const struct guest_map *map = &preview->map;
    const struct {
        const char *what;
        const struct guest_map_range *range;
    } parts[] = {{"memory", &map->banks[0]},  {"memory", &map->banks[1]},
                 {"kernel", &map->kernel},    {"ramdisk", &map->ramdisk},
                 {"device tree", &map->dtb}};

    printf("# configuration\n");
    config_text_write(stdout, config);
    printf("\n# guest physical addresses\n");
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (parts[i].range->size)
            printf("# %-12s 0x%llx, 0x%llx bytes\n", parts[i].what,
                   (unsigned long long)parts[i].range->base,
                   (unsigned long long)parts[i].range->size);
    printf("\n");
    fdt_text_write(stdout, preview->dtb.data);
}

static void add_range(struct json_object *object, const char *key,
                      const struct guest_map_range *range)
{
    struct json_object *part = json_object_new_object();

    json_object_object_add(part, "address", json_object_new_uint64(range->base));
    json_object_object_add(part, "bytes", json_object_new_uint64(range->size));
    json_object_object_add(object, key, part);
}

static void add_text(struct json_object *object, const char *key, char *text)
{
    json_object_object_add(object, key, json_object_new_string(text ? text : ""));
    free(text);
}

static void print_dry_run_json(const struct config *config, const struct create_preview *preview)
{
    struct json_object *object = json_object_new_object();
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    config_text_write(out, config);
    fclose(out);
    add_text(object, "configuration", text);
    add_range(object, "kernel", &preview->map.kernel);
    add_range(object, "ramdisk", &preview->map.ramdisk);
    add_range(object, "device_tree", &preview->map.dtb);
    out = open_memstream(&text, &size);
    fdt_text_write(out, preview->dtb.data);
    fclose(out);
    add_text(object, "device_tree_source", text);
    report_print_json(stdout, object);
}

static int dry_run(const struct config *config, const struct create_flags *flags)
{
    struct create_preview preview;
    struct purlin session;
    struct error err = {0};
    int code = cli_open(&session);
    int rc;

    if (code)
        return code;
    rc = create_preview(&session, config, &preview, &err);
    purlin_close(&session);
    if (rc)
        return cli_fail(&err);
    if (flags->json)
        print_dry_run_json(config, &preview);
    else
        print_dry_run(config, &preview);
    file_free(&preview.dtb);
    return 0;
}

struct creation {
    struct purlin session;
    const struct create_flags *flags;
    pid_t viewer; /* of the console; 0: none */
};

/* The terminal is the guest's from its first line on, and no place for progress any more. */
static int show_console(void *arg, uint32_t domid, struct error *err)
{
    struct creation *c = arg;

    announce(&c->session, domid, c->flags);
    c->session.progress = NULL;
    return console_attach_start(&c->session, domid, &c->viewer, err);
}

static int create(const struct config *config, const struct create_flags *flags)
{
    struct creation c = {.flags = flags};
    const struct launch_options options = {.paused = flags->paused, .arg = &c,
                                           .begun = flags->console ? show_console : NULL};
    struct error err = {0};
    uint32_t domid;
    int code;
    int rc;

    interrupt_hold();
    code = cli_open(&c.session);
    if (code)
        return code;
    if (!flags->quiet)
        cli_show_progress(&c.session, config->name);
    rc = launch_domain(&c.session, config, &options, &domid, &err);
    if (rc == 0 && !flags->console)
        announce(&c.session, domid, flags);
    purlin_close(&c.session);
    if (c.viewer > 0 && rc == 0)
        console_attach_wait(c.viewer);
    else if (c.viewer > 0)
        console_attach_stop(c.viewer);
    return rc ? cli_fail(&err) : 0;
}

static int run(int argc, char **argv)
{
    struct create_flags flags = {0};
    const struct cli_flag table[] = {
        {'c', "console", &flags.console},
        {'p', "paused", &flags.paused},
        {'q', "quiet", &flags.quiet},
        {'n', "dry-run", &flags.dry_run},
        {0, "json", &flags.json},
    };
    struct cli_parse parse = {.verb = &cmd_create, .flags = table, .flag_count = 5, .min_args = 1,
                              .max_args = -1};
    struct config config;
    struct error err = {0};
    int code;
    int count = cli_parse(&parse, argc, argv, &code);

    if (count < 0)
        return code;
    if (load(&config, count, argv + 1, &err))
        return cli_fail(&err);
    code = flags.dry_run ? dry_run(&config, &flags) : create(&config, &flags);
    config_free(&config);
    return code;
}

const struct cli_verb cmd_create = {
    .name = "create",
    .summary = "start a guest from a configuration file",
    .help =
        "usage: purlin create [-c] [-p] [-q] [-n] [--json] FILE [KEY=VALUE...]\n"
        "\n"
        "Makes a domain as FILE describes (purlin.cfg(5); files for xl work) and starts it.\n"
        "When a step fails, all that was done is undone. A background process stays and does what\n"
        "on_poweroff, on_reboot, on_crash and on_watchdog say; its log: /var/log/purlin/NAME.log.\n"
        "\n"
        "  -c, --console  attach to the guest's console; Ctrl-] leaves it\n"
        "  -p, --paused   do not start it: purlin unpause does\n"
        "  -q, --quiet    no progress lines\n"
        "  -n, --dry-run  make nothing: check everything, print the configuration, where things\n"
        "                 will lie, and the guest's device tree\n"
        "      --json     print the new domain as JSON\n"
        "\n"
        "  purlin create -c /etc/purlin/web.cfg\n"
        "  purlin create web.cfg name=web2 memory=512 vcpus=2\n"
        "  purlin create -n web.cfg memory=4096   will it work, and what will the guest see?\n"
        "  purlin create web.cfg name=web3 'disk=[\"/srv/web3.img,raw,xvda,w\"]'\n",
    .run = run,
};
