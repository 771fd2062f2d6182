/* SPDX-License-Identifier: BSD-2-Clause
 *
 * purlin console: a guest's console in this terminal.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "dom0/cli.h"
#include "dom0/cli_domain.h"
#include "dom0/console.h"

static int attach(struct purlin *session, const struct domain *domain, void *arg,
                  struct error *err)
{
    if (domain->domid == 0)
        return error_set(err, ERROR_USAGE, "Domain-0 has no console here: this is Domain-0");
    return console_attach_with(session, domain->domid, arg, err);
}

/* "^]", "^a" and the like, or a single character. */
static int parse_escape(const char *text, unsigned char *escape, struct error *err)
{
    int key = toupper((unsigned char)text[0] == '^' ? (unsigned char)text[1] : 0);

    if (text[0] && text[1] == '\0') {
        *escape = (unsigned char)text[0];
        return 0;
    }
    if (key >= '@' && key <= '_' && text[2] == '\0') {
        *escape = (unsigned char)(key & 0x1f);
        return 0;
    }
    return error_set(err, ERROR_USAGE, "'%.20s' is no key: write one character, or ^ and a letter "
                     "for Ctrl, like ^q", text);
}

static int run(int argc, char **argv)
{
    struct console_options options = {.type = "pv", .escape = CONSOLE_ESCAPE};
    const char *escape = NULL;
    const struct cli_flag table[] = {
        {.letter = 'e', .name = "escape", .text = &escape},
        {.letter = 'n', .name = "new", .value = &options.only_new},
        {.letter = 't', .name = "type", .text = &options.type},
        {.letter = 'w', .name = "watch", .value = &options.watch_only},
    };
    struct cli_parse parse = {.verb = &cmd_console, .flags = table, .flag_count = 4,
                              .min_args = 1, .max_args = 1};
    struct error err = {0};
    int code;

    if (cli_parse(&parse, argc, argv, &code) < 0)
        return code;
    if (strcmp(options.type, "pv") != 0 && strcmp(options.type, "vuart") != 0)
        error_set(&err, ERROR_USAGE, "'%.20s' is no type of console: pv or vuart", options.type);
    else if (escape)
        parse_escape(escape, &options.escape, &err);
    if (err.kind)
        return cli_fail(&err);
    return cli_domain_change(argv[1], attach, &options);
}

const struct cli_verb cmd_console = {
    .name = "console",
    .summary = "attach to a guest's console",
    .help =
        "usage: purlin console [-n] [-w] [-e KEY] [-t pv|vuart] NAME|ID\n"
        "\n"
        "Shows what a guest has printed since its first line (the last MiB of it), and connects\n"
        "this terminal with its console. Ctrl-] leaves it; it also ends when the domain does.\n"
        "Up to 32 terminals may look at, and type at, the same console. Without a terminal, input\n"
        "is copied as it comes.\n"
        "\n"
        "  -e, --escape KEY  the key that leaves, instead of ^]\n"
        "  -n, --new         leave out what was printed before\n"
        "  -t, --type TYPE   pv, or vuart: the emulated UART of vuart = \"sbsa_uart\"\n"
        "  -w, --watch       only watch: what is typed does not go to the guest\n"
        "\n"
        "  purlin console web\n"
        "  purlin console -e ^q web     for inside another console\n"
        "  purlin console -w web > web.log   record what it prints\n",
    .run = run,
};
