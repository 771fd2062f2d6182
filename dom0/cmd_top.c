/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin top: what domains do, live.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dom0/cli.h"
#include "dom0/interrupt.h"
#include "dom0/rates.h"
#include "dom0/report.h"
#include "dom0/screen.h"

#define KEEP_S 10 /* how long after the last look CPU times stay free of waiting */

struct top {
    struct purlin session;
    struct sample before;
    struct sample now;
    struct rates_line *lines;
    struct screen_view view;
    bool batch;
    bool json;
};

static int look(struct top *top, struct error *err)
{
    struct rates_line *lines;
    int rc;

    sample_free(&top->before);
    top->before = top->now;
    rc = sample_take(&top->session, top->view.seconds + KEEP_S, &top->now, err);
    if (rc)
        return rc;
    lines = realloc(top->lines, (top->now.count + 1) * sizeof(*lines));
    if (!lines)
        return error_set(err, ERROR_FAILED, "out of memory");
    top->lines = lines;
    rates_compute(top->before.domains ? &top->before : NULL, &top->now, top->view.order, lines);
    return 0;
}

static void print(const struct top *top)
{
    char text[256];

    if (top->json) {
        report_print_json(stdout, rates_json(&top->now, top->lines));
        return;
    }
    rates_machine(&top->now, text, sizeof(text));
    printf("%s\n", text);
    rates_title(text, sizeof(text));
    printf("%s\n", text);
    for (size_t i = 0; i < top->now.count; i++) {
        rates_format(&top->lines[i], text, sizeof(text));
        printf("%s\n", text);
    }
    fflush(stdout);
}

/* `count` intervals, 0: for ever. */
static int run_batch(struct top *top, unsigned count, struct error *err)
{
    int rc = look(top, err);

    for (unsigned i = 0; rc == 0 && (count == 0 || i < count); i++) {
        if (screen_wait(top->view.seconds * 1000))
            break;
        rc = look(top, err);
        if (rc == 0)
            print(top);
        if (ferror(stdout))
            break;
    }
    return rc;
}

static int run_screen(struct top *top, struct error *err)
{
    int rc = screen_open(err);

    if (rc)
        return rc;
    rc = look(top, err);
    while (rc == 0) {
        screen_show(&top->view, &top->now, top->lines);
        if (!screen_keys(&top->view, top->now.count))
            break;
        rc = look(top, err);
    }
    screen_close();
    return rc;
}

static int show(struct top *top, unsigned count)
{
    struct error err = {0};
    int code;
    int rc;

    interrupt_hold();
    code = cli_open(&top->session);
    if (code)
        return code;
    rc = top->batch || top->json || count ? run_batch(top, count, &err) : run_screen(top, &err);
    sample_free(&top->before);
    sample_free(&top->now);
    free(top->lines);
    purlin_close(&top->session);
    return rc ? cli_fail(&err) : 0;
}

static int run(int argc, char **argv)
{
    struct top top = {.view = {.seconds = 2}};
    const char *seconds = NULL;
    const char *times = NULL;
    bool once = false;
    const struct cli_flag table[] = {
        {.letter = 'b', .name = "batch", .value = &top.batch},
        {.name = "once", .value = &once},
        {.letter = 'd', .name = "delay", .text = &seconds},
        {.letter = 'n', .name = "count", .text = &times},
        {.name = "json", .value = &top.json},
    };
    struct cli_parse parse = {.verb = &cmd_top, .flags = table, .flag_count = 5};
    struct error err = {0};
    unsigned count = 0;
    int code;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    if (seconds && !cli_parse_number(seconds, 1, 3600, &top.view.seconds))
        error_set(&err, ERROR_USAGE, "'%.20s' is no delay: 1 to 3600 seconds", seconds);
    else if (times && !cli_parse_number(times, 1, 1000000, &count))
        error_set(&err, ERROR_USAGE, "'%.20s' is no count: 1 to 1000000", times);
    if (err.kind)
        return cli_fail(&err);
    return show(&top, once || (top.json && !count) ? 1 : count);
}

const struct cli_verb cmd_top = {
    .name = "top",
    .summary = "watch what domains use: CPU, memory, network, disk",
    .help =
        "usage: purlin top [-d SECONDS] [-b [-n COUNT] | --once] [--json]\n"
        "\n"
        "Shows each domain's CPU use (100 is one CPU), memory, bytes a second by network and disk\n"
        "as the guest sees them, and exits to the hypervisor, over the last SECONDS.\n"
        "Keys: c m n d i sort by CPU, memory, network, disk, id; + - change the delay; arrows and\n"
        "page keys move; q leaves.\n"
        "\n"
        "  -d, --delay SECONDS  between two looks (2)\n"
        "  -b, --batch          print lines instead of using the screen\n"
        "  -n, --count COUNT    stop after so many looks\n"
        "      --once           the same as -b -n 1\n"
        "      --json           one look as JSON\n"
        "\n"
        "  purlin top\n"
        "  purlin top -b -d 10 >> /var/log/purlin/top.log\n"
        "  purlin top --json -d 5 | jq '.[] | select(.cpu_percent > 90)'\n",
    .run = run,
};
