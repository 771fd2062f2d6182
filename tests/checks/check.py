#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs make targets one after the other, all of them whatever fails, and adds up what they report.
The last line is `N passed, N failed`."""
import re
import subprocess
import sys
import time

SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed$")


def run(make, target):
    """(passed, failed): the last summary of the target's output; a silent failure counts as one."""
    passed = failed = 0
    process = subprocess.Popen([*make.split(), "--no-print-directory", target],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    for raw in process.stdout:
        line = raw.decode(errors="replace")
        sys.stdout.write(line)
        sys.stdout.flush()
        found = SUMMARY.match(line.strip())
        if found:
            passed, failed = int(found.group(1)), int(found.group(2))
    status = process.wait()
    if (status and not failed) or (not status and passed + failed == 0):
        failed += 1
    return passed, failed


def main():
    make, targets = sys.argv[sys.argv.index("--make") + 1], sys.argv[3:]
    results = []
    for target in targets:
        start = time.monotonic()
        print(f"[check] {target}", flush=True)
        passed, failed = run(make, target)
        results.append((target, passed, failed, time.monotonic() - start))
    for target, passed, failed, seconds in results:
        print(f"[check] {target}: {passed} passed, {failed} failed, {seconds:.0f} s")
    failed = sum(r[2] for r in results)
    print(f"{sum(r[1] for r in results)} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
