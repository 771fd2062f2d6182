#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs unit test programs one after the other; the last line is `N passed, N failed`.

A program ends with a line `N passed, N failed`, or is a plain cmocka program. One that reports
nothing, or ends with a status that its report does not explain, counts as one failure more.
"""
import os
import re
import shutil
import subprocess
import sys

TIME_LIMIT_S = 300
TSAN_LAYOUT = "ThreadSanitizer: unexpected memory mapping"


def counts(text):
    found = re.findall(r"^(\d+) passed, (\d+) failed$", text, re.M)
    if found:
        return int(found[-1][0]), int(found[-1][1])
    passed = re.search(r"\[  PASSED  \] (\d+) test", text)
    failed = re.search(r"\[  FAILED  \] (?:\w+: )?(\d+) test", text)
    return int(passed.group(1)) if passed else 0, int(failed.group(1)) if failed else 0


def command(program, text=""):
    """The thread sanitizer of clang 14 does not start where the kernel randomises more address bits
    than it knows: then once more without randomisation."""
    fixed = ["setarch", "-R"] if TSAN_LAYOUT in text and shutil.which("setarch") else []
    return fixed + [os.path.abspath(program)]


def run(program, text=""):
    try:
        done = subprocess.run(command(program, text), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=TIME_LIMIT_S, check=False)
        before, text = text, done.stdout.decode(errors="replace")
        if TSAN_LAYOUT in text and TSAN_LAYOUT not in before:
            return run(program, text)
        status = done.returncode
    except subprocess.TimeoutExpired as late:
        text = (late.stdout or b"").decode(errors="replace") + "\ntime limit\n"
        status = -1
    passed, failed = counts(text)
    if (status != 0 and failed == 0) or passed + failed == 0:
        failed += 1
    if failed:
        sys.stdout.write(text)
    print(f"[unit] {os.path.basename(program)}: {passed} passed, {failed} failed", flush=True)
    return passed, failed


def main():
    results = [run(p) for p in sys.argv[1:]]
    passed, failed = sum(r[0] for r in results), sum(r[1] for r in results)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not results else 0


sys.exit(main())
