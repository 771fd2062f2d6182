/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The command line tool: a table of verbs. Knows nothing of what they do.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dom0/cli.h"

static const struct cli_verb *const verbs[] = {
#define VERB(name) &cmd_##name,
#include "dom0/verbs.def"
#undef VERB
};

static void print_help(void)
{
    printf("usage: purlin VERB [options] [arguments]\n"
           "\n"
           "Runs guests (domains) on this machine.\n"
           "\n");
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        printf("  %-10s %s\n", verbs[i]->name, verbs[i]->summary);
    printf("\n"
           "  purlin create -c guest.cfg   start a guest and watch it boot; Ctrl-] leaves\n"
           "  purlin list                  see what runs\n"
           "  purlin destroy guest         end it at once\n"
           "\n"
           "purlin VERB --help explains a verb by example. purlin.cfg(5) describes guest.cfg.\n"
           "Exit status: 0 done, 1 failed, 2 wrong command line or configuration, 3 no such\n"
           "domain, 4 name or disk in use, 5 hypervisor or xenstored not reachable, 130\n"
           "interrupted.\n");
}

/* For shell completion. */
static void list_verbs(void)
{
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        printf("%s\t%s\n", verbs[i]->name, verbs[i]->summary);
}

static const struct cli_verb *find_verb(const char *name)
{
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (strcmp(verbs[i]->name, name) == 0)
            return verbs[i];
    return NULL;
}

static int run(int argc, char **argv)
{
    const struct cli_verb *verb;

    if (argc < 2) {
        fprintf(stderr, "purlin: which verb? See purlin --help\n");
        return ERROR_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_help();
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("purlin %s\n", PURLIN_VERSION);
        return 0;
    }
    if (strcmp(argv[1], "--list-verbs") == 0) {
        list_verbs();
        return 0;
    }
    verb = find_verb(argv[1]);
    if (!verb) {
        fprintf(stderr, "purlin: unknown verb '%s': see purlin --help\n", argv[1]);
        return ERROR_USAGE;
    }
    return verb->run(argc - 1, argv + 1);
}

/* Whenever that was: the error may have been in the middle of what was printed. */
static bool reader_has_gone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

    return poll(&out, 1, 0) > 0 && out.revents & POLLERR;
}

/* Output that is not whole is a failure, whatever the verb has done. A reader that wanted no more,
 * as head(1), knows. */
int main(int argc, char **argv)
{
    int code = run(argc, argv);
    int cause;

    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    cause = errno;
    if (!reader_has_gone())
        fprintf(stderr, "purlin: cannot write all of the output%s%s\n", cause ? ": " : "",
                cause ? strerror(cause) : "");
    return code ? code : ERROR_FAILED;
}
