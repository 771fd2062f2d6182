#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The benchmarks. Without suites all are run and docs/bench is written anew; a choice of them is
printed and written to BUILD/bench only. --check compares with what docs/bench has recorded and
fails when a row needs more than 2 % more, or when one is missing of a suite that ran as a whole."""

import argparse
import functools
import json
import os
import sys

import counts
import create
import kvm
import linux
import memory
import micro
import report
import slots

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "system"))
import system_report  # noqa: E402
import system  # noqa: E402  (found through the path above)

TOLERANCE = 1.02
# One instruction more of a short row is not 2 %, but two are.
SLACK = 1.0


def run_micro(options, result):
    for gic in options.gic:
        key = f"gicv{gic}"
        result["purlin"][key], facts = micro.measure(options, gic)
        result["facts"].update(facts)
        if options.native:
            result["native"][key], _ = micro.measure(options, gic, "native")


def run_xen(options, result):
    for gic in options.gic:
        result["xen"][f"gicv{gic}"], _ = micro.measure(options, gic, "xen")


def run_kvm(options, result):
    for gic in options.gic:
        result["kvm"][f"gicv{gic}"] = kvm.measure(options, gic)


def run_growth(options, result):
    gic = options.gic[-1]
    result["growth"] = {str(d): f for d, f in micro.growth(options, gic).items()}
    result["batches"] = {on: micro.batches(options, gic, on) for on in ("purlin", "xen")}


def run_counts(options, result):
    stays = []
    for gic in options.gic:
        result["counts"][f"gicv{gic}"], more = counts.measure(options, gic)
        stays += more
    result["stays"] += stays


def run_linux(options, result):
    result["stays"] += linux.stays(options)


def run_memory(options, result):
    result["memory"] = memory.measure(options, result["facts"])


def run_create(options, result):
    result["create"] = create.measure(options)


def run_system(options, result):
    result["system"], stays = system.measure(options)
    result["stays"] += stays


SUITES = {"micro": run_micro, "xen": run_xen, "kvm": run_kvm, "growth": run_growth,
          "counts": run_counts, "linux": run_linux, "create": run_create, "system": run_system,
          "memory": run_memory}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="*", help=f"of {', '.join(SUITES)} (default: all)")
    parser.add_argument("--build", default="build", help="build folder")
    parser.add_argument("--hypervisor", default="", help="default: BUILD/purlin.img")
    parser.add_argument("--gic", type=int, choices=(2, 3), action="append",
                        help="only this version (default: both)")
    parser.add_argument("--rows", default="",
                        help="only rows whose names begin so; of workloads several, with commas")
    parser.add_argument("-n", type=int, default=10000, help="operations of each row")
    parser.add_argument("--native", action="store_true", help="also without a hypervisor")
    parser.add_argument("--on", default=",".join(system.ON),
                        help=f"machines of the workloads, of {','.join(system.MACHINES)} "
                        "(default: %(default)s)")
    parser.add_argument("--record", action="store_true",
                        help="write what was chosen to docs/bench, too, beside what it has")
    parser.add_argument("--check", action="store_true", help="compare with docs/bench")
    options = parser.parse_args()
    unknown = set(options.suites) - set(SUITES)
    if unknown:
        parser.error(f"no such suite: {', '.join(unknown)}")
    options.on = ["purlin"] if options.check else options.on.split(",")
    if set(options.on) - set(system.MACHINES):
        parser.error(f"no such machine in {options.on}")
    options.is_all = not (options.suites or options.rows or options.gic or options.check)
    options.gic = options.gic or [2, 3]
    options.native = options.native or options.is_all
    options.suites = options.suites or (["micro"] if options.check else list(SUITES))
    return options


def lost(result, old, options):
    """Lines about rows that are recorded and were not measured, of suites that ran as a whole."""
    if options.rows:
        return []
    pairs = []
    if "micro" in options.suites:
        pairs += [(f" ({gic})", result["purlin"][gic], old["purlin"].get(gic, {}))
                  for gic in result["purlin"]]
    if "system" in options.suites:
        pairs.append(("", result["system"]["purlin"], system_report.recorded().get("purlin", {})))
    return [f"[bench] LOST {row}{where}: was recorded, and is not measured now"
            for where, now, before in pairs for row in before if row not in now]


def check(result, old, options):
    """Says what got worse or lost."""
    worse = lost(result, old, options)
    compared = len(worse)
    for gic, figures in result["purlin"].items():
        for row, value in figures.items():
            before = old["purlin"].get(gic, {}).get(row)
            if before is None:
                continue
            compared += 1
            if value > before * TOLERANCE and value > before + SLACK:
                worse.append(f"[bench] WORSE {row} ({gic}): {before:,.1f} was recorded, now "
                             f"{value:,.1f}")
    more, lines = system_report.worse(result["system"], TOLERANCE)
    compared += more
    worse += lines
    if not compared:
        worse.append("[bench] nothing recorded to compare with: run `make bench` first")
    print("\n".join(worse + [f"{compared - len(worse)} passed, {len(worse)} failed"]))
    return 1 if worse else 0


def main():
    options = arguments()
    old = report.recorded()
    result = {name: {} for name in ("purlin", "native", "xen", "kvm", "facts", "growth", "batches",
                                    "counts", "create", "memory", "system")}
    result |= {"stays": [], "operations": options.n}
    try:
        # What memory a domain takes is a fact that the micro-operations tell.
        first = [suite for suite in options.suites if suite != "memory"]
        slots.all_of([functools.partial(SUITES[suite], options, result) for suite in first])
        for suite in set(options.suites) - set(first):
            SUITES[suite](options, result)
    except micro.Failure as e:
        sys.exit(f"[bench] FAILED: {e}")
    if options.check:
        return check(result, old, options)
    result["stays"] = counts.longest(result["stays"])
    workloads = result.pop("system")
    text = report.tables(result, old)
    if workloads:
        text += "\n" + system_report.markdown(workloads)
    print("\n" + text)
    os.makedirs(f"{options.build}/bench", exist_ok=True)
    with open(f"{options.build}/bench/bench.md", "w", encoding="utf-8") as f:
        f.write(text)
    with open(f"{options.build}/bench/bench.json", "w", encoding="utf-8") as f:
        json.dump({**result, "system": workloads}, f, indent=1, sort_keys=True)
    record(options, result, workloads)
    return 0


def record(options, result, workloads):
    """To docs/bench, what is to be recorded."""
    if "micro" in options.suites:
        log = f"{options.build}/bench/logs/micro-purlin-gicv{options.gic[-1]}-shape1.log"
        result["version"] = report.image_version(log)
    if options.is_all:
        report.write_docs(result)
    elif options.record and set(options.suites) - {"system"}:
        if "counts" not in options.suites:
            result["stays"] = []
        report.write_docs(report.merged(report.recorded(), result))
    if workloads and (options.is_all or options.record):
        system_report.write_docs(workloads, options.build)


if __name__ == "__main__":
    sys.exit(main())
