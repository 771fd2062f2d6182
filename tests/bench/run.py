#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The benchmarks that `make bench` runs: measures, prints the tables, writes them as Markdown and
JSON to BUILD/bench."""

import argparse
import json
import sys

import micro
import rows

RECORDED = "docs/bench/micro.json"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="*", choices=["micro", []], default=[],
                        help="what to run (default: all)")
    parser.add_argument("--build", default="build", help="build folder")
    parser.add_argument("--hypervisor", default="", help="default: BUILD/purlin.img")
    parser.add_argument("--gic", type=int, choices=(2, 3), action="append",
                        help="only this version (default: both)")
    parser.add_argument("--rows", default="", help="only rows whose names begin so")
    parser.add_argument("-n", type=int, default=10000, help="operations of each row")
    parser.add_argument("--native", action="store_true", help="also without a hypervisor")
    options = parser.parse_args()
    options.gic = options.gic or [2, 3]
    return options


def recorded():
    try:
        with open(RECORDED, encoding="utf-8") as f:
            return json.load(f)["purlin"]
    except FileNotFoundError:
        return {}


def cell(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{round(value, 1):g}"


def micro_table(figures, native, old):
    """Markdown, one line a row; FIGURES, NATIVE, OLD: {"gicv2": {row: instructions}, ...}."""
    gics = sorted(figures)
    head = (["operation"] + [f"Purlin {g}" for g in gics] + ["recorded", "target", "of target"]
            + ["native", "Xen 4.17", "KVM nVHE", "KVM VHE"])
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    for row in rows.ROWS:
        own = [figures[g].get(row.name) for g in gics]
        if not any(v is not None for v in own):
            continue
        worst = max(v for v in own if v is not None)
        old_own = [old.get(g, {}).get(row.name) for g in gics]
        measured = next((native[g][row.name] for g in gics if row.name in native.get(g, {})),
                        row.native)
        xen = " / ".join(cell(row.of_xen(int(g[-1]))) for g in gics) if row.xen else ""
        lines.append("| " + " | ".join(
            [row.title] + [cell(v) for v in own] + [" / ".join(cell(v) for v in old_own if v)]
            + [cell(row.target), f"{100 * worst / row.target:.0f} %" if row.target else ""]
            + [cell(measured), xen, cell(row.nvhe), cell(row.vhe)]) + " |")
    return "\n".join(lines)


def main():
    options = arguments()
    figures, native = {}, {}
    try:
        for gic in options.gic:
            figures[f"gicv{gic}"] = micro.measure(options, gic)
            if options.native:
                native[f"gicv{gic}"] = micro.measure(options, gic, native=True)
    except micro.Failure as e:
        sys.exit(f"[bench] FAILED: {e}")
    table = micro_table(figures, native, recorded())
    print("\nInstructions per operation, guest and hypervisor together; mean of "
          f"{options.n:,}\n\n{table}")
    with open(f"{options.build}/bench/micro.md", "w", encoding="utf-8") as f:
        f.write(table + "\n")
    with open(f"{options.build}/bench/micro.json", "w", encoding="utf-8") as f:
        json.dump({"purlin": figures, "native": native}, f, indent=1, sort_keys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
