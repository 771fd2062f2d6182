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
    parser.add_argument("suites", nargs="*", choices=["micro", "growth", []], default=[],
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
    options.suites = options.suites or ["micro", "growth"]
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


def growth_table(figures):
    """Markdown; FIGURES: {domains: {row: instructions}}."""
    lines = ["| operation | " + " | ".join(f"{d} domains" for d in figures) + " |",
             "|---|" + "---:|" * len(figures)]
    for row, title in rows.GROWTH.items():
        lines.append(f"| {title} | " +
                     " | ".join(cell(f.get(row)) for f in figures.values()) + " |")
    return "\n".join(lines)


def run_micro(options, result):
    for gic in options.gic:
        result["purlin"][f"gicv{gic}"], facts = micro.measure(options, gic)
        result["facts"].update(facts)
        if options.native:
            result["native"][f"gicv{gic}"], _ = micro.measure(options, gic, native=True)
    return ("Instructions per operation, guest and hypervisor together; mean of "
            f"{options.n:,}\n\n{micro_table(result['purlin'], result['native'], recorded())}")


def run_growth(options, result):
    gic = options.gic[-1]
    result["growth"] = {str(d): f for d, f in micro.growth(options, gic).items()}
    return ("Growth with the number of other domains, instructions per operation, "
            f"GICv{gic}\n\n{growth_table(result['growth'])}")


SUITES = {"micro": run_micro, "growth": run_growth}


def main():
    options = arguments()
    result = {"purlin": {}, "native": {}, "facts": {}, "growth": {}}
    parts = []
    try:
        for suite in options.suites:
            parts.append(SUITES[suite](options, result))
    except micro.Failure as e:
        sys.exit(f"[bench] FAILED: {e}")
    text = "\n\n".join(parts) + "\n"
    print("\n" + text)
    with open(f"{options.build}/bench/micro.md", "w", encoding="utf-8") as f:
        f.write(text)
    with open(f"{options.build}/bench/micro.json", "w", encoding="utf-8") as f:
        json.dump(result, f, indent=1, sort_keys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
