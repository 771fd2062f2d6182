#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs fuzzers. `search DIR SECONDS NAME...`: coverage-guided, so many seconds each; finds go to
DIR/found/NAME-*. `replay DIR 0 NAME...`: the committed corpus, then a fixed number of inputs made
of it from a fixed seed: the same each time. The last line is `N passed, N failed`."""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
REPLAY_RUNS = {"hypercall": 400, "vgic": 6000, "trap": 800, "fdt": 3000, "config": 6000,
               "image": 3000, "spec": 8000}
MAX_BYTES = {"hypercall": 600, "vgic": 1500, "trap": 800, "fdt": 16384, "config": 1000,
             "image": 4096, "spec": 400}
INPUT_SECONDS = 25
TIME_LIMIT_S = 600
ENV = {**os.environ, "ASAN_OPTIONS": "detect_leaks=1:allocator_may_return_null=1"}


def corpus(name, out):
    """Folders of inputs to begin with: the committed ones; of device trees also the unit tests."""
    folders = [os.path.join(HERE, "corpus", name)]
    if name == "fdt":
        folders.append(os.path.join(os.path.dirname(out), "unit", "dts"))
    return [f for f in folders if os.path.isdir(f)]


def run(command, seconds):
    """(success, output)"""
    try:
        done = subprocess.run(command, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=seconds, check=False)
        return done.returncode == 0, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        return False, (late.stdout or b"").decode(errors="replace") + "\ntime limit\n"


def options(name, out):
    return [os.path.join(out, f"{name}_fuzz"), f"-max_len={MAX_BYTES[name]}", "-len_control=0",
            f"-timeout={INPUT_SECONDS}", f"-artifact_prefix={out}/found/{name}-"]


def report(what, success, text):
    if not success:
        print("\n".join(text.splitlines()[-60:]))
    print(f"[fuzz] {what}: {'passed' if success else 'FAILED'}", flush=True)
    return success


def replay(name, out):
    """The inputs kept, one by one, then as many made from them: each part counts as a test."""
    folders = corpus(name, out)
    inputs = sorted(os.path.join(d, f) for d in folders for f in os.listdir(d))
    runs = REPLAY_RUNS[name] + len(inputs)
    with tempfile.TemporaryDirectory() as new:
        return [report(f"{name}: {len(inputs)} inputs kept",
                       *run(options(name, out) + inputs, TIME_LIMIT_S)),
                report(f"{name}: {runs} inputs of seed 1",
                       *run(options(name, out) + [f"-runs={runs}", "-seed=1", new] + folders,
                            TIME_LIMIT_S))]


def search(name, out, seconds):
    found = os.path.join(out, "corpus", name)
    os.makedirs(found, exist_ok=True)
    command = options(name, out) + [f"-max_total_time={seconds}", found] + corpus(name, out)
    success, text = run(command, seconds + TIME_LIMIT_S)
    stats = [line for line in text.splitlines() if " cov: " in line]
    print(f"[fuzz] {name}: {stats[-1] if stats else 'no coverage'}")
    return [report(f"{name}: {seconds} s", success, text)]


def main():
    mode, out, seconds, names = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
    os.makedirs(os.path.join(out, "found"), exist_ok=True)
    results = []
    for name in names:
        results += search(name, out, seconds) if mode == "search" else replay(name, out)
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) and results else 1


sys.exit(main())
