/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A viewer between a user, whose input is a terminal or a pipe, and a server that takes what it
 * gets, or nothing. One that does not end is ended by SIGALRM, and the test fails.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "dom0/console_copy.h"

#define ESCAPE 0x1d
#define MUCH (2u << 20) /* more than socket and buffer hold */
#define LIMIT_S 10

struct user {
    int keys;           /* what is typed goes in here */
    int server;         /* the server's end */
    int screen;
    struct console_copy viewer;
};

static void open_terminal(struct user *u)
{
    struct termios raw;

    u->keys = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(u->keys >= 0 && grantpt(u->keys) == 0 && unlockpt(u->keys) == 0);
    u->viewer.input = open(ptsname(u->keys), O_RDWR | O_NOCTTY);
    assert_int_equal(tcgetattr(u->viewer.input, &raw), 0);
    cfmakeraw(&raw);
    assert_int_equal(tcsetattr(u->viewer.input, TCSANOW, &raw), 0);
}

static void open_pipe(struct user *u)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    u->viewer.input = ends[0];
    u->keys = ends[1];
}

static void up(struct user *u, bool is_terminal)
{
    int ends[2];

    *u = (struct user){.viewer = {.is_terminal = is_terminal, .escape = ESCAPE}};
    if (is_terminal)
        open_terminal(u);
    else
        open_pipe(u);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    u->viewer.server = ends[0];
    u->server = ends[1];
    assert_int_equal(pipe(ends), 0);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    u->screen = ends[0];
    u->viewer.output = ends[1];
}

static void down(struct user *u)
{
    const int fds[] = {u->keys, u->server, u->screen, u->viewer.input, u->viewer.server,
                       u->viewer.output};

    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
        close(fds[i]);
}

static void write_all(int fd, const char *text, size_t size)
{
    while (size) {
        ssize_t n = write(fd, text, size);

        if (n <= 0)
            _exit(1);
        text += n;
        size -= (size_t)n;
    }
}

/* By a process of its own: SIZE characters and the escape byte. */
static pid_t type(struct user *u, size_t size)
{
    pid_t child = fork();

    if (child == 0) {
        char *text = malloc(size + 1);

        alarm(LIMIT_S);
        memset(text, 'x', size);
        text[size] = ESCAPE;
        write_all(u->keys, text, size + 1);
        _exit(0);
    }
    return child;
}

static pid_t view(struct user *u)
{
    pid_t child = fork();

    if (child == 0) {
        alarm(LIMIT_S);
        console_copy(&u->viewer);
        _exit(0);
    }
    /* The last one that holds it is the viewer: who reads sees its end. */
    close(u->viewer.server);
    u->viewer.server = -1;
    return child;
}

static int status_of(pid_t child)
{
    int status = -1;

    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static size_t read_all(int fd)
{
    char text[4096];
    size_t total = 0;
    ssize_t n;

    while ((n = read(fd, text, sizeof(text))) > 0)
        total += (size_t)n;
    return total;
}

static void a_terminal_is_left_though_nobody_takes_its_input(void **state)
{
    struct user u;
    pid_t typist;
    char bell;

    (void)state;
    up(&u, true);
    typist = type(&u, MUCH);
    assert_int_equal(status_of(view(&u)), 0);
    assert_int_equal(status_of(typist), 0);
    assert_int_equal(read(u.screen, &bell, 1), 1);
    assert_int_equal(bell, '\a');
    down(&u);
}

static void what_is_typed_before_the_key_is_sent(void **state)
{
    struct user u;
    pid_t typist;

    (void)state;
    up(&u, true);
    typist = type(&u, 3000);
    assert_int_equal(status_of(view(&u)), 0);
    assert_int_equal(status_of(typist), 0);
    assert_int_equal(read_all(u.server), 3000);
    down(&u);
}

static void other_input_waits_and_all_of_it_arrives(void **state)
{
    struct user u;
    pid_t typist, viewer;

    (void)state;
    up(&u, false);
    typist = type(&u, MUCH);
    viewer = view(&u);
    assert_int_equal(read_all(u.server), MUCH);
    assert_int_equal(status_of(viewer), 0);
    assert_int_equal(status_of(typist), 0);
    down(&u);
}

static void the_servers_end_is_the_viewers(void **state)
{
    struct user u;
    char text[8] = "";

    (void)state;
    up(&u, true);
    write_all(u.server, "bye", 3);
    shutdown(u.server, SHUT_WR);
    assert_int_equal(status_of(view(&u)), 0);
    assert_int_equal(read(u.screen, text, sizeof(text)), 3);
    assert_string_equal(text, "bye");
    down(&u);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_terminal_is_left_though_nobody_takes_its_input),
        cmocka_unit_test(what_is_typed_before_the_key_is_sent),
        cmocka_unit_test(other_input_waits_and_all_of_it_arrives),
        cmocka_unit_test(the_servers_end_is_the_viewers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
