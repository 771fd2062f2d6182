# SPDX-License-Identifier: BSD-2-Clause
"""Tables and plots of the benchmarks, and docs/bench."""

import json
import os
import re
import subprocess

import counts
import rows
import svg

DOCS = "docs/bench"
HEADLINE = ["hypercall", "gicd_iidr_read", "ipi_awake_handler", "ipi_asleep_handler",
            "switch_vcpus", "event_blocked_other", "event_blocked_same", "event_round_trip",
            "timer_wakes", "grant_map_unmap_16", "grant_copy_4096"]
INTRODUCTION = """# Benchmarks

Written by `make bench`; `make bench-check` compares with the figures here. Instructions per
operation on one rig: QEMU's virt board, `-icount shift=0,sleep=off`, cortex-a57, where one
instruction takes 1 ns of the guest's time, whoever executes it. A bare-metal guest times itself,
guest and hypervisor together, and checks each result. Two-CPU figures are the work of both sides
in series. Where a figure is a pair it is GICv2's and GICv3's.

"Xen 4.17 now" is this image as Dom0 of Debian's Xen in the same run, on one CPU. "Xen 4.17", "KVM
nVHE" (GICv2) and "KVM VHE" (GICv3) are recorded figures of the same rig (Debian 12: Xen 4.17.7,
Linux 6.1.192), taken by another image: a batch of grant copies, for one, names 16 different pages
on each side here.
"""


def recorded():
    try:
        with open(f"{DOCS}/bench.json", encoding="utf-8") as f:
            return json.load(f)
    except FileNotFoundError:
        return {"purlin": {}}


def cell(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{round(value, 1):g}"


def pair(values):
    """One number, or two where they differ."""
    texts = list(dict.fromkeys(cell(v) for v in values if v is not None))
    return " / ".join(texts)


def micro_table(result, old):
    gics = sorted(result["purlin"])
    head = (["operation"] + [f"Purlin {g}" for g in gics] + ["recorded", "target", "of target",
            "native", "Xen 4.17 now", "Xen 4.17", "KVM nVHE", "KVM VHE"])
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    for row in rows.ROWS:
        own = [result["purlin"][g].get(row.name) for g in gics]
        if all(v is None for v in own):
            continue
        worst = max(v for v in own if v is not None)
        before = [old["purlin"].get(g, {}).get(row.name) for g in gics]
        native = [result["native"].get(g, {}).get(row.name, row.native) for g in gics]
        now = [result["xen"].get(g, {}).get(row.name) for g in gics]
        xen = [row.of_xen(int(g[-1])) for g in gics]
        lines.append("| " + " | ".join(
            [row.title] + [cell(v) for v in own] + [pair(before), cell(row.target)]
            + [f"{100 * worst / row.target:.0f} %" if row.target else ""]
            + [pair(native), pair(now), pair(xen), cell(row.nvhe), cell(row.vhe)]) + " |")
    return "\n".join(lines)


def growth_table(figures):
    """Markdown; FIGURES: {domains: {row: instructions}}."""
    lines = ["| operation | " + " | ".join(f"{d} domains" for d in figures) + " |",
             "|---|" + "---:|" * len(figures)]
    for row, title in rows.GROWTH.items():
        lines.append(f"| {title} | " +
                     " | ".join(cell(f.get(row)) for f in figures.values()) + " |")
    return "\n".join(lines)


def tables(result, old):
    """All that was measured, as Markdown."""
    parts = []
    if result["purlin"]:
        parts.append(f"## Micro-operations\n\nInstructions, mean of {result['operations']:,}.\n\n"
                     + micro_table(result, old))
    if result["growth"]:
        parts.append("## Growth with the number of other domains\n\n"
                     + growth_table(result["growth"]))
    for gic, figures in result["counts"].items():
        parts.append(f"## What one operation executes at EL2, {gic}\n\nUntil both sides are at "
                     "rest again, so more than the time to a handler. Cycles: an **estimate** for "
                     "the m400 by the weights of tests/bench/counts.py.\n\n"
                     + counts.table(figures))
    if result["stays"]:
        parts.append("## The longest stays at EL2\n\nIn instructions, over the runs of the rows "
                     f"above; the bound is {counts.BOUND:,}. A line is all stays in which one "
                     "function took most; the longest of them is shown.\n\n"
                     + counts.stay_table(result["stays"]))
    if result["memory"]:
        parts.append("## Memory\n\n| what | measured | limit |\n|---|---:|---:|\n" + "\n".join(
            f"| {what} | {value} | {limit} |" for what, value, limit in result["memory"]))
    return "\n\n".join(parts) + "\n"


def groups(result, names):
    """What svg.bars wants, GICv3's figures where both were measured."""
    gic = sorted(result["purlin"])[-1]
    found = []
    for row in rows.ROWS:
        value = result["purlin"][gic].get(row.name)
        if row.name in names and value:
            native = result["native"].get(gic, {}).get(row.name, row.native)
            found.append((row.title, {
                "native": native, "Purlin": value, "Xen 4.17": row.of_xen(int(gic[-1])),
                "KVM VHE": row.vhe, "KVM nVHE": row.nvhe}))
    return found


def image_version(log):
    """What the measured image says of itself."""
    with open(log, encoding="utf-8", errors="replace") as f:
        return re.search(r"Purlin ([^\s,]+)", f.read())[1]


def versions(log):
    """Of Purlin by LOG, a console's, and of what made and ran it."""
    def first_line(*command):
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout.splitlines()[0]

    return "\n".join(["", "Made by `make bench` with", "",
                      f"- Purlin {image_version(log)}",
                      f"- {first_line('qemu-system-aarch64', '--version')}",
                      f"- {first_line('aarch64-linux-gnu-gcc', '--version')}", ""])


def write(name, content):
    os.makedirs(DOCS, exist_ok=True)
    with open(f"{DOCS}/{name}", "w", encoding="utf-8") as f:
        f.write(content)


def write_docs(result, build):
    write("bench.json", json.dumps(result, indent=1, sort_keys=True) + "\n")
    every = [r.name for r in rows.ROWS if r.xen]
    write("headline.svg", svg.bars("Instructions per operation (logarithmic)",
                                   groups(result, HEADLINE)))
    write("micro.svg", svg.bars("Instructions per operation (logarithmic)",
                                groups(result, every)))
    domains = list(result["growth"])
    series = {title: [result["growth"][d][row] for d in domains]
              for row, title in rows.GROWTH.items()}
    write("growth.svg", svg.lines("Instructions per operation with 1, 8 and 64 other domains",
                                  domains, series))
    write("README.md", "\n".join([
        INTRODUCTION, versions(f"{build}/bench/logs/micro-purlin-gicv3-shape1.log"),
        "![against Xen and KVM](micro.svg)\n",
        "![growth](growth.svg)\n", tables(result, {"purlin": {}})]))
