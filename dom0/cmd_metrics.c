/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin metrics: counters for Prometheus.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "dom0/cli.h"
#include "dom0/file.h"
#include "dom0/interrupt.h"
#include "dom0/metrics.h"
#include "dom0/report.h"

#define WATCH_S 300 /* between two scrapes, CPU times stay free of waiting */

static void print(FILE *out, const struct sample *sample, bool json)
{
    if (json)
        report_print_json(out, metrics_json(sample));
    else
        metrics_write(out, sample);
}

static int write_file(const struct sample *sample, const char *path, bool json, struct error *err)
{
    char fresh[4120];
    FILE *out;
    int bad;

    /* Of this process: another may be writing, too. */
    snprintf(fresh, sizeof(fresh), "%s.%ld.new", path, (long)getpid());
    unlink(fresh); /* of one that was killed, or a link that somebody has put there */
    out = file_create(fresh, 0644);
    if (!out)
        return error_errno(err, "cannot write %s", fresh);
    print(out, sample, json);
    bad = ferror(out);
    if (fclose(out) == 0 && !bad && rename(fresh, path) == 0)
        return 0;
    error_errno(err, "cannot write %s", path);
    unlink(fresh);
    return -EIO;
}

static int gather(struct sample *sample, struct error *err)
{
    struct purlin session;
    int rc = purlin_open(&session, err);

    if (rc)
        return rc;
    rc = sample_take(&session, WATCH_S, sample, err);
    purlin_close(&session);
    return rc;
}

static int run(int argc, char **argv)
{
    const char *path = NULL;
    bool json = false;
    const struct cli_flag table[] = {
        {.letter = 'o', .name = "output", .text = &path},
        {.name = "json", .value = &json},
    };
    struct cli_parse parse = {.verb = &cmd_metrics, .flags = table, .flag_count = 2};
    struct sample sample;
    struct error err = {0};
    int code;
    int rc;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    if (path) /* the file is written whole, or not at all */
        interrupt_hold();
    if (gather(&sample, &err))
        return cli_fail(&err);
    rc = path ? write_file(&sample, path, json, &err) : 0;
    if (!path)
        print(stdout, &sample, json);
    sample_free(&sample);
    return rc ? cli_fail(&err) : 0;
}

const struct cli_verb cmd_metrics = {
    .name = "metrics",
    .summary = "print counters for Prometheus",
    .help =
        "usage: purlin metrics [--json] [-o FILE]\n"
        "\n"
        "Prints what is counted for the machine and its domains in Prometheus's text format: CPU\n"
        "seconds, memory, exits to the hypervisor by reason, events, grants, disk and network\n"
        "bytes. purlin(1) explains the names. For 5 minutes after a call the CPU seconds leave\n"
        "out what guests spend waiting: call it at least so often.\n"
        "\n"
        "  -o, --output FILE  write there, whole or not at all (node_exporter's collector reads\n"
        "                     files that end in .prom)\n"
        "\n"
        "  purlin metrics | grep exits\n"
        "  purlin metrics -o /var/lib/node_exporter/textfile_collector/purlin.prom\n",
    .run = run,
};
