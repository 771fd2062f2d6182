/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The file of purlin metrics -o: whole, also when two write it at once. What is written is replaced
 * by a text in two halves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "dom0/metrics.h"
#include "tests/unit/dom0/test_dir.h"

static void write_halves(FILE *out, const struct sample *sample);
#define metrics_write write_halves
#include "dom0/cmd_metrics.c"
#undef metrics_write

static const struct sample sample;
static bool is_alone;

static int write_it(void)
{
    struct error err = {0};

    return write_file(&sample, file("m.prom"), false, &err);
}

/* Between them, another process writes all of it. */
static void write_halves(FILE *out, const struct sample *s)
{
    int status = 0;
    pid_t pid;

    (void)s;
    fputs("one\n", out);
    fflush(out);
    if (!is_alone) {
        is_alone = true;
        pid = fork();
        if (pid == 0)
            _exit(write_it() ? 1 : 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
    }
    fputs("two\n", out);
}

int cli_fail(const struct error *err)
{
    return (int)err->kind;
}

int purlin_open(struct purlin *session, struct error *err)
{
    (void)session;
    return error_set(err, ERROR_UNAVAILABLE, "not asked here");
}

void purlin_close(struct purlin *session)
{
    (void)session;
}

int sample_take(struct purlin *session, unsigned watch_s, struct sample *taken, struct error *err)
{
    (void)session, (void)watch_s, (void)taken;
    return error_set(err, ERROR_FAILED, "not asked here");
}

void sample_free(struct sample *taken)
{
    (void)taken;
}

static void two_that_write_at_once_publish_whole_files(void **state)
{
    char text[32] = "";
    struct stat st;
    FILE *in;

    (void)state;
    assert_int_equal(write_it(), 0);
    in = fopen(file("m.prom"), "r");
    assert_non_null(in);
    assert_int_equal(fread(text, 1, sizeof(text), in), 8);
    fclose(in);
    assert_string_equal(text, "one\ntwo\n");
    assert_int_equal(stat(file("m.prom"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
    unlink(file("m.prom")); /* and remove_dir() sees that nothing else is there */
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_that_write_at_once_publish_whole_files),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
