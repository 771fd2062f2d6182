/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin info: the machine and its hypervisor.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/version.h>

#include "dom0/cli.h"
#include "dom0/domain.h"
#include "dom0/report.h"
#include "dom0/sysctl.h"

static double read_uptime(void)
{
    FILE *file = fopen("/proc/uptime", "re");
    double uptime = 0;

    if (!file)
        return 0;
    if (fscanf(file, "%lf", &uptime) != 1)
        uptime = 0;
    fclose(file);
    return uptime;
}

static void read_strings(struct hyper *hyper, struct report_machine *machine)
{
    hyper_version_string(hyper, XENVER_extraversion, machine->version_extra,
                         sizeof(machine->version_extra));
    hyper_version_string(hyper, XENVER_capabilities, machine->capabilities,
                         sizeof(machine->capabilities));
    hyper_version_string(hyper, XENVER_commandline, machine->command_line,
                         sizeof(machine->command_line));
}

static int gather(struct purlin *session, void *arg, struct error *err)
{
    struct report_machine *machine = arg;
    struct xen_sysctl_physinfo info;
    struct domain *domains;
    int rc = sysctl_physinfo(&session->hyper, &info);
    int count;

    if (rc) {
        errno = -rc;
        return error_errno(err, "the hypervisor does not describe the machine");
    }
    count = domain_list(session, &domains, err);
    if (count < 0)
        return count;
    free(domains);
    memset(machine, 0, sizeof(*machine));
    machine->version_major = session->hyper.version_major;
    machine->version_minor = session->hyper.version_minor;
    read_strings(&session->hyper, machine);
    machine->cpus = info.nr_cpus;
    machine->cpu_khz = info.cpu_khz;
    machine->total_memory_bytes = info.total_pages << 12;
    machine->free_memory_bytes = info.free_pages << 12;
    machine->domains = (unsigned)count;
    machine->uptime_seconds = read_uptime();
    return 0;
}

static int run(int argc, char **argv)
{
    bool json = false;
    const struct cli_flag table[] = {{0, "json", &json}};
    struct cli_parse parse = {.verb = &cmd_info, .flags = table, .flag_count = 1};
    struct report_machine machine;
    int code;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    code = cli_with_session(gather, &machine);
    if (code)
        return code;
    if (json)
        report_print_json(stdout, report_machine_json(&machine));
    else
        report_machine_text(stdout, &machine);
    return 0;
}

const struct cli_verb cmd_info = {
    .name = "info",
    .summary = "show the machine: CPUs, memory, version",
    .help =
        "usage: purlin info [--json]\n"
        "\n"
        "Shows the hypervisor's version and options, the machine's CPUs, and its memory: in all,\n"
        "and free for new domains.\n"
        "\n"
        "  purlin info\n"
        "  purlin info --json | jq .free_memory_bytes\n",
    .run = run,
};
