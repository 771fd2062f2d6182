#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs the boot tests, two at a time, each in its own process. A line per test; on a failure the
reason and the console's last lines; at the end "N passed, N failed"."""

import argparse
import fnmatch
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

import cases
import soak_cases
from machine import PATIENCE, Failure


def table(args):
    return soak_cases.CASES if args.soak else cases.CASES


def one(args):
    case = table(args)[args.one]
    try:
        told = cases.run_case(case, args.build, args.hypervisor, args.hypervisor_args)
    except Failure as failure:
        print(failure)
        return 1
    print(told)
    return 0


def start(name, args):
    """Runs case NAME in a process of its own; returns (name, passed, text, seconds)."""
    command = [sys.executable, os.path.abspath(__file__), "--one", name, "--build", args.build,
               "--hypervisor", args.hypervisor, f"--hypervisor-args={args.hypervisor_args}"]
    command += ["--soak"] if args.soak else []
    before = time.monotonic()
    # The case ends by its own deadline; this limit is for a defect of the test itself.
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False,
                              timeout=PATIENCE * table(args)[name].limit + 120)
        passed, text = done.returncode == 0, done.stdout.strip()
    except subprocess.TimeoutExpired:
        passed, text = False, "the test itself did not end"
    return name, passed, text, time.monotonic() - before


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build")
    parser.add_argument("--hypervisor", default="", help="default: BUILD/purlin.img")
    parser.add_argument("--hypervisor-args", default="", help="added to its command line")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--soak", action="store_true", help="the endurance tests instead")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("pattern", nargs="*", help="names or shell patterns; default: all")
    args = parser.parse_args()
    if args.one:
        return one(args)
    patterns = args.pattern or ["*"]
    names = [n for n in table(args) if any(fnmatch.fnmatch(n, p) for p in patterns)]
    if args.list or not names:
        print("\n".join(names or [f"no test matches {patterns}"]))
        return 0 if names else 2
    passed_count = 0
    with ThreadPoolExecutor(args.jobs) as pool:
        for future in as_completed([pool.submit(start, name, args) for name in names]):
            name, passed, text, seconds = future.result()
            passed_count += passed
            note = f": {text}" if passed and text else ""
            print(f"{'ok  ' if passed else 'FAIL'} {name} ({seconds:.0f} s){note}", flush=True)
            if not passed:
                print("     " + text.replace("\n", "\n     "), flush=True)
    print(f"{passed_count} passed, {len(names) - passed_count} failed")
    return 0 if passed_count == len(names) else 1


if __name__ == "__main__":
    sys.exit(main())
