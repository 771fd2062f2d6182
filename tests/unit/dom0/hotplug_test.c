/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Hot-plug scripts: what they are told, and what follows from how they end.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "dom0/hotplug.h"
#undef HOTPLUG_LIMIT_MS
#define HOTPLUG_LIMIT_MS 300
#include "dom0/hotplug.c"

#define DISK "/local/domain/0/backend/vbd/3/51712"
#define NETWORK "/local/domain/0/backend/vif/3/1"

static char dir[] = "/tmp/hotplug-XXXXXX";
static char script[64];
static char told[64];
static char output[64];

static int make_dir(void **state)
{
    (void)state;
    if (!mkdtemp(dir))
        return -1;
    snprintf(script, sizeof(script), "%s/block", dir);
    snprintf(told, sizeof(told), "%s/told", dir);
    snprintf(output, sizeof(output), "%s/output", dir);
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    unlink(script);
    unlink(told);
    return rmdir(dir);
}

/* A script that tells its arguments and its environment, then does `last`. */
static void write_script(const char *last)
{
    FILE *out = fopen(script, "w");

    assert_non_null(out);
    unlink(told);
    fprintf(out, "#!/bin/sh\necho noise\necho \"$@,$XENBUS_TYPE,$XENBUS_PATH,$XENBUS_BASE_PATH,"
            "$vif,${script##*/}\" >%s\n%s\n", told, last);
    fclose(out);
    assert_int_equal(chmod(script, 0700), 0);
}

static void was_told(const char *wanted)
{
    char line[256] = "";
    FILE *in = fopen(told, "r");

    assert_non_null(in);
    assert_non_null(fgets(line, sizeof(line), in));
    fclose(in);
    line[strcspn(line, "\n")] = '\0';
    assert_string_equal(line, wanted);
}

static void a_disks_script_is_told_what_libxl_tells_it(void **state)
{
    struct error err = {0};

    (void)state;
    write_script("exit 0");
    assert_int_equal(hotplug_undo(script, "vbd", DISK, &err), 0);
    was_told("remove,vbd,backend/vbd/3/51712,backend,,block");
}

static void a_networks_script_is_told_its_interface(void **state)
{
    struct error err = {0};

    (void)state;
    write_script("exit 0");
    assert_int_equal(hotplug_undo(script, "vif", NETWORK, &err), 0);
    was_told("offline type_if=vif,vif,backend/vif/3/1,backend,vif3.1,block");
    assert_null(getenv("XENBUS_PATH"));
}

static void a_script_that_fails_is_named_with_its_status(void **state)
{
    struct error err = {0};

    (void)state;
    write_script("exit 5");
    assert_true(hotplug_undo(script, "vbd", DISK, &err) < 0);
    assert_non_null(strstr(err.text, script));
    assert_non_null(strstr(err.text, "(status 5)"));
    error_clear(&err);
    write_script("kill -9 $$");
    assert_true(hotplug_undo(script, "vbd", DISK, &err) < 0);
    error_clear(&err);
    unlink(script);
    assert_true(hotplug_undo(script, "vbd", DISK, &err) < 0);
    assert_non_null(strstr(err.text, "(status 127)"));
}

/* The shell blocks and ignores nothing by itself. */
static void a_script_has_signals_as_usual(void **state)
{
    struct error err = {0};

    (void)state;
    write_script("grep -q 'SigBlk:[^0-9a-f]*0*$' /proc/self/status || exit 6\n"
                 "! grep -q 'SigIgn:.*[13579bdf]...$' /proc/self/status");
    signal(SIGPIPE, SIG_DFL);
    interrupt_hold();
    assert_int_equal(hotplug_undo(script, "vbd", DISK, &err), 0);
    interrupt_release();
}

/* The pipe's end comes when nobody has it open: the script's child has inherited it. */
static void a_script_that_hangs_is_killed_with_its_children(void **state)
{
    struct error err = {0};
    struct pollfd end = {.events = POLLIN};
    int pipe_fd[2];

    (void)state;
    assert_int_equal(pipe(pipe_fd), 0);
    write_script("sleep 60 & sleep 60");
    assert_true(hotplug_undo(script, "vbd", DISK, &err) < 0);
    assert_non_null(strstr(err.text, "did not end within"));
    close(pipe_fd[1]);
    end.fd = pipe_fd[0];
    assert_int_equal(poll(&end, 1, 5000), 1);
    assert_int_equal(end.revents & POLLHUP, POLLHUP);
    close(pipe_fd[0]);
}

/* What waits in a buffer is written once, by the process that it belongs to. */
static void nothing_of_the_callers_is_written_by_the_script(void **state)
{
    struct error err = {0};
    int saved = dup(STDOUT_FILENO);
    char text[8] = "";
    FILE *in;
    int fd;

    (void)state;
    write_script("exit 0");
    fflush(stdout);
    fd = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0);
    close(fd);
    fputs("once", stdout);
    assert_int_equal(hotplug_undo(script, "vbd", DISK, &err), 0);
    fflush(stdout);
    assert_true(dup2(saved, STDOUT_FILENO) >= 0);
    close(saved);
    in = fopen(output, "r");
    assert_non_null(in);
    assert_int_equal(fread(text, 1, sizeof(text), in), 4);
    fclose(in);
    unlink(output);
}

static void only_back_ends_of_dom0_have_scripts_here(void **state)
{
    struct error err = {0};

    (void)state;
    write_script("exit 0");
    assert_true(hotplug_undo(script, "vbd", "/local/domain/7/backend/vbd/3/51712", &err) < 0);
    assert_int_equal(access(told, F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_disks_script_is_told_what_libxl_tells_it),
        cmocka_unit_test(a_networks_script_is_told_its_interface),
        cmocka_unit_test(a_script_that_fails_is_named_with_its_status),
        cmocka_unit_test(a_script_has_signals_as_usual),
        cmocka_unit_test(a_script_that_hangs_is_killed_with_its_children),
        cmocka_unit_test(nothing_of_the_callers_is_written_by_the_script),
        cmocka_unit_test(only_back_ends_of_dom0_have_scripts_here),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
