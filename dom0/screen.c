/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Drawing and keys. Owns the terminal between screen_open and screen_close.
 */
#include "dom0/screen.h"

#include <curses.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "dom0/clock.h"
#include "dom0/interrupt.h"

#define HEAD_LINES 3 /* machine, blank, titles */

static SCREEN *terminal;

int screen_open(struct error *err)
{
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        terminal = newterm(NULL, stdout, stdin);
    if (!terminal)
        return error_set(err, ERROR_USAGE, "no terminal that the screen could be on (TERM=%s): "
                         "purlin top -b prints lines", getenv("TERM") ? getenv("TERM") : "");
    set_term(terminal);
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    curs_set(0);
    return 0;
}

void screen_close(void)
{
    endwin();
    delscreen(terminal);
    terminal = NULL;
}

/* How many domains fit. */
static size_t room(void)
{
    return LINES > HEAD_LINES ? (size_t)(LINES - HEAD_LINES) : 0;
}

void screen_show(struct screen_view *view, const struct sample *now,
                 const struct rates_line *lines)
{
    char text[256];

    if (view->first >= now->count)
        view->first = 0;
    erase();
    rates_machine(now, text, sizeof(text));
    mvprintw(0, 0, "purlin: %s; every %u s", text, view->seconds);
    rates_title(text, sizeof(text));
    attron(A_REVERSE);
    mvprintw(2, 0, "%-*.*s", COLS, COLS, text);
    attroff(A_REVERSE);
    for (size_t i = 0; i < room() && view->first + i < now->count; i++) {
        rates_format(&lines[view->first + i], text, sizeof(text));
        mvprintw(HEAD_LINES + (int)i, 0, "%.*s", COLS, text);
    }
    refresh();
}

static void move_by(struct screen_view *view, long lines, size_t count)
{
    long last = count > room() ? (long)(count - room()) : 0;
    long first = (long)view->first + lines;

    first = first > last ? last : first;
    view->first = (size_t)(first < 0 ? 0 : first);
}

enum answer { ANSWER_NONE, ANSWER_LOOK, ANSWER_LEAVE };

static enum answer set_order(struct screen_view *view, enum rates_order order)
{
    view->order = order;
    return ANSWER_LOOK;
}

static enum answer handle(struct screen_view *view, int key, size_t count)
{
    switch (key) {
    case 'q':
        return ANSWER_LEAVE;
    case 'c':
        return set_order(view, RATES_BY_CPU);
    case 'm':
        return set_order(view, RATES_BY_MEMORY);
    case 'n':
        return set_order(view, RATES_BY_NETWORK);
    case 'd':
        return set_order(view, RATES_BY_DISK);
    case 'i':
        return set_order(view, RATES_BY_ID);
    case '+':
        view->seconds += view->seconds < 3600;
        return ANSWER_LOOK;
    case '-':
        view->seconds -= view->seconds > 1;
        return ANSWER_LOOK;
    case KEY_UP:
    case KEY_DOWN:
        move_by(view, key == KEY_DOWN ? 1 : -1, count);
        return ANSWER_LOOK;
    case KEY_PPAGE:
    case KEY_NPAGE:
        move_by(view, key == KEY_NPAGE ? (long)room() : -(long)room(), count);
        return ANSWER_LOOK;
    case KEY_RESIZE:
    case ' ':
        return ANSWER_LOOK;
    default:
        return ANSWER_NONE;
    }
}

bool screen_keys(struct screen_view *view, size_t count)
{
    int64_t until = clock_ms() + view->seconds * 1000;
    int64_t left;

    while ((left = until - clock_ms()) > 0) {
        struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
                                {.fd = interrupt_fd(), .events = POLLIN}};
        enum answer answer = ANSWER_NONE;
        int key;

        poll(fds, 2, (int)left);
        if (fds[1].revents || fds[0].revents & (POLLHUP | POLLERR))
            return false;
        while (answer == ANSWER_NONE && (key = getch()) != ERR)
            answer = handle(view, key, count);
        if (answer != ANSWER_NONE)
            return answer == ANSWER_LOOK;
    }
    return true;
}

bool screen_wait(unsigned ms)
{
    struct pollfd fd = {.fd = interrupt_fd(), .events = POLLIN};

    return poll(&fd, 1, (int)ms) > 0;
}
