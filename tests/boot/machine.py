# SPDX-License-Identifier: BSD-2-Clause
"""A QEMU machine with its console under a test's control.

Every wait ends at the test's deadline at the latest. It only tells a hang from a slow host, and so
do the limits of single waits. The console goes to a log file with the host's seconds since the
start in front of each line. QEMU ends with the Machine, or by SIGHUP from its terminal when the
test's process dies.

The hypervisor's lines, and those of domains that do not have the console's input, come at any time:
between two lines of the domain that has it, and in the middle of one. `expect` sees all there is,
`expect_own` what the domain with the input wrote.
"""

import os
import re
import sys
import time

import pexpect

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../images"))
import qemu  # noqa: E402  (found through the path above)

DOM0_PROMPT = r"dom0:[^ \r\n]*# "
# The hypervisor's receive ring and Dom0's share the line; a command stays far below both.
LINE_LIMIT = 110
DETACH = "\x1d"
# Limits are seconds on a host that has little else to do; another may be this many times slower.
PATIENCE = 3
# A line that was cut in two for another's ends with "\n\r" (core/console.c); what others write next
# may come before the rest of it. Of whole lines only domains' are never the answer to a command:
# `purlin dmesg` prints the hypervisor's. The last line may not be there to its end.
OTHERS = re.compile(r"(?:\r*\n\r\((?:PUR|d\d+)\) [^\n]*(?:\n\((?:PUR|d\d+)\) [^\n]*)*"
                    r"|(?<![^\n])\r?\(d\d+\) [^\n]*)(?:\n|\Z)")


class Failure(Exception):
    """The machine did not do what the test wanted."""


class OwnText:
    """A pexpect searcher: PATTERNS in what is left of the console's text without OTHERS."""
    eof_index = timeout_index = -1

    def __init__(self, patterns):
        self.patterns = [re.compile(p, re.DOTALL) for p in patterns]
        self.match = self.before = self.start = self.end = None

    def search(self, text, _freshlen, _window=None):
        own = OTHERS.sub("", text)
        found = [(m.start(), i, m) for i, m in enumerate(p.search(own) for p in self.patterns) if m]
        if not found:
            return -1
        _, index, self.match = min(found)
        self.before = own[:self.match.start()]
        self.start, self.end = (place(text, self.match.span()[i]) for i in (0, 1))
        return index


def place(text, own):
    """Where in TEXT the place OWN of what is left without OTHERS is."""
    for other in OTHERS.finditer(text):
        if other.start() >= own:
            break
        own += len(other.group(0))
    return own


class Log:
    """File-like: what pexpect reads, by line, with the time in front."""

    def __init__(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.path = path
        self.out = open(path, "w", encoding="utf-8", errors="replace")
        self.start = time.monotonic()
        self.fresh = True

    def write(self, text):
        for piece in re.findall(r"[^\n]*\n|[^\n]+", text.replace("\r", "")):
            if self.fresh:
                self.out.write(f"[{time.monotonic() - self.start:6.1f}] ")
            self.out.write(piece)
            self.fresh = piece.endswith("\n")

    def note(self, text):
        self.write(("" if self.fresh else "\n") + f"<<< {text}\n")

    def flush(self):
        self.out.flush()

    def tail(self, count):
        self.flush()
        with open(self.path, encoding="utf-8", errors="replace") as f:
            return f.readlines()[-count:]


class Machine:
    """One QEMU run of BOARD; LIMIT is the seconds that all of it may take, times PATIENCE."""

    def __init__(self, board, log_path, limit):
        self.board = board
        self.log = Log(log_path)
        self.deadline = time.monotonic() + PATIENCE * limit
        self.start = self.child = None
        self.text = ""

    def __enter__(self):
        self.board.prepare()
        self.board.extra = tuple(self.board.extra) + ("-serial", "stdio", "-monitor", "none")
        command = self.board.command()
        self.log.note(" ".join(command))
        self.start = time.monotonic()
        self.child = pexpect.spawn(command[0], command[1:], encoding="latin1", echo=False,
                                   codec_errors="replace", maxread=65536)
        self.child.delaybeforesend = None
        self.child.logfile_read = self.log
        return self

    def __exit__(self, *_):
        self.child.close(force=True)
        self.log.flush()

    def elapsed(self):
        return time.monotonic() - self.start

    def expect(self, patterns, limit=None):
        """Wait for PATTERNS (one or a list); return the index. The match stays in .match."""
        index = self._expect(patterns, limit, self.child.expect)
        self.text = self.child.before
        return index

    def expect_own(self, patterns, limit=None):
        """The same in the text of the domain that has the input: its lines are whole."""
        patterns = [patterns] if isinstance(patterns, str) else list(patterns)
        searcher = OwnText(patterns)
        index = self._expect(patterns, limit,
                             lambda _, timeout: self.child.expect_loop(searcher, timeout))
        self.text = searcher.before
        return index

    def _expect(self, patterns, limit, expect):
        patterns = [patterns] if isinstance(patterns, str) else list(patterns)
        limit = self._seconds(limit)
        try:
            return expect(patterns, timeout=limit)
        except pexpect.TIMEOUT:
            raise Failure(f"waited {limit:.0f} s for {' or '.join(patterns)}") from None
        except pexpect.EOF:
            raise Failure(f"QEMU ended while waiting for {' or '.join(patterns)}") from None

    def _seconds(self, limit):
        """How long to wait: LIMIT, or all that is left."""
        left = max(0.1, self.deadline - time.monotonic())
        return left if limit is None else min(PATIENCE * limit, left)

    @property
    def match(self):
        return self.child.match

    def ended(self, limit=None):
        """Wait until QEMU ends by itself."""
        limit = self._seconds(limit)
        try:
            self.child.expect(pexpect.EOF, timeout=limit)
        except pexpect.TIMEOUT:
            raise Failure(f"QEMU did not end within {limit:.0f} s") from None

    def type(self, line):
        if len(line) > LINE_LIMIT:
            raise ValueError(f"line of {len(line)} characters would overrun the console: {line}")
        self.child.send(line + "\r")

    def run(self, command, prompt, limit=None):
        """Type COMMAND at a shell that has PROMPT; return its output. Fails if it fails.

        No job of that shell may end while it prints: BusyBox's loses what it was writing when
        SIGCHLD came, an echoed character or the prompt. So start jobs that end by themselves in a
        shell of their own, `(job &)`, and `wait` for those that are killed.
        """
        status, output = self.status_of(command, prompt, limit)
        if status != 0:
            raise Failure(f"'{command}' gave status {status}: {output[-300:]}")
        return output

    def status_of(self, command, prompt, limit=None):
        # The command's echo holds "$?", only its result holds a number.
        self.type(f'{command}; echo "=rc=$?="')
        self.expect_own(r"=rc=(\d+)=\r*\n", limit)
        status = int(self.match.group(1))
        lines = re.sub(r"\x1b\[\d*[a-zA-Z]", "", self.text).replace("\r", "").split("\n")
        # What is typed before the shell reads is echoed twice.
        echoes = [i for i, line in enumerate(lines) if '=rc=$?="' in line] or [0]
        self.expect_own(prompt)
        return status, "\n".join(lines[echoes[-1] + 1:]).strip()

    def dom0(self, command, limit=None):
        return self.run(command, DOM0_PROMPT, limit)

    def wait_dom0(self, limit=None):
        """Wait for Dom0's shell; return the seconds since reset. Early failures end the wait."""
        if self.expect_own([r"\[dom0\] ready after", r"\[dom0\] FAILED: [^\n]*",
                            r"(?:Kernel )?(?i:panic)[^\n]*"], limit) != 0:
            raise Failure(f"Dom0 did not come up: {self.match.group(0).strip()}")
        self.expect_own(DOM0_PROMPT)
        return self.elapsed()

    def poweroff(self):
        self.type("poweroff")
        self.ended()


class Guest:
    """A DomU's console, reached from Dom0's shell by `purlin console`. One at a time."""

    def __init__(self, machine, name):
        self.machine = machine
        self.name = name
        self.prompt = rf"{name}:[^ \r\n]*# "

    def create(self):
        """Create it with its console attached and wait for the login; returns the seconds."""
        machine = self.machine
        before = time.monotonic()
        machine.type(f"purlin create -c /guests/{self.name}.cfg")
        # Two kinds of end: the login, or Dom0's prompt because create or the guest failed.
        if machine.expect_own([rf"{self.name} login: ", DOM0_PROMPT]) == 1:
            raise Failure(f"purlin create came back: {machine.text[-600:]}")
        return time.monotonic() - before

    def login(self):
        self.machine.type("root")
        self.machine.expect_own("Password:")
        self.machine.type("purlin")
        self.machine.expect_own(self.prompt)

    def first_login(self):
        """From a console that shows the end of the boot."""
        self.open_console()
        self.machine.expect_own(rf"{self.name} login: ")
        self.login()

    def open_console(self):
        self.machine.type(f"purlin console -n {self.name}")
        self.machine.expect_own(r"purlin console [^\n]*\n")
        self.machine.child.send("\r")

    def attach(self):
        """To a shell that waits."""
        self.open_console()
        self.machine.expect_own(self.prompt)

    def detach(self):
        self.machine.child.send(DETACH)
        self.machine.expect_own(DOM0_PROMPT)

    def run(self, command, limit=None):
        return self.machine.run(command, self.prompt, limit)
