/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a cmocka test table, each test in a process of its own: the sources under test keep static
 * state, as they do on the machine, and a test must see it as it is at boot. Also panic().
 */
#include "core/base/assert.h"
#include "tests/fake/fake.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define TEST_SECONDS_MAX 120u

char fake_panic_text[512];
jmp_buf fake_panic_jump;
bool fake_panic_is_expected;

void fake_fail(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    _fail(__FILE__, __LINE__);
    abort();
}

__attribute__((weak)) void panic(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(fake_panic_text, sizeof(fake_panic_text), fmt, ap);
    va_end(ap);
    if (fake_panic_is_expected) {
        fake_panic_is_expected = false;
        longjmp(fake_panic_jump, 1);
    }
    fake_fail("panic: %s", fake_panic_text);
}

static int run_child(const struct CMUnitTest *test, int out)
{
    struct CMUnitTest one[] = { *test };
    int failures;

    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    alarm(TEST_SECONDS_MAX);
    failures = cmocka_run_group_tests_name(test->name, one, NULL, NULL);
    fflush(NULL);
    return failures;
}

static void print_output(int fd)
{
    char buf[4096];
    ssize_t n;

    lseek(fd, 0, SEEK_SET);
    while ((n = read(fd, buf, sizeof(buf))) > 0)
        fwrite(buf, 1, (size_t)n, stdout);
}

/* True when the test passed. */
static bool run_one(const struct CMUnitTest *test)
{
    FILE *out = tmpfile();
    int status = 0;
    pid_t child;

    fflush(NULL);
    child = out ? fork() : -1;
    if (child < 0) {
        perror("fake_run_tests");
        return false;
    }
    if (child == 0)
        exit(run_child(test, fileno(out)) ? 1 : 0);
    waitpid(child, &status, 0);
    if (status) {
        print_output(fileno(out));
        if (WIFSIGNALED(status))
            printf("%s: %s\n", test->name, strsignal(WTERMSIG(status)));
    }
    fclose(out);
    return status == 0;
}

int fake_run_tests(const struct CMUnitTest *tests, size_t count, int argc, char **argv)
{
    unsigned passed = 0, failed = 0;

    for (size_t i = 0; i < count; i++) {
        if (argc > 1 && !strstr(tests[i].name, argv[1]))
            continue;
        if (run_one(&tests[i])) {
            passed++;
            continue;
        }
        printf("FAILED: %s\n", tests[i].name);
        failed++;
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed ? 1 : 0;
}
