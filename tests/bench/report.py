# SPDX-License-Identifier: BSD-2-Clause
"""Tables and plots of the benchmarks, and docs/bench."""

import json
import os
import re
import subprocess

import counts
import create
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

"Now" is this image in the same run: as Dom0 of Debian's Xen, and as guest of Debian's QEMU with
KVM in Debian's kernel, nVHE on GICv2 and cortex-a57, VHE on GICv3 and neoverse-n1, vCPUs pinned.
"Xen 4.17", "KVM nVHE" and "KVM VHE" are recorded figures of the same rig (Debian 12: Xen 4.17.7,
Linux 6.1.192), taken by another image: a batch of grant copies, for one, names 16 different pages
on each side here. Xen spins without YIELD; so that its other CPU gets time in QEMU, the plugin ends
a CPU's turn after each 500 instructions of one stay at EL2.
"""


def recorded():
    try:
        with open(f"{DOCS}/bench.json", encoding="utf-8") as f:
            return json.load(f)
    except FileNotFoundError:
        return {"purlin": {}}


def merged(old, new):
    """What was recorded, and in its place what is measured now."""
    both = dict(old)
    for key, value in new.items():
        if key in ("purlin", "native", "xen", "kvm"):
            before = old.get(key, {})
            both[key] = {gic: {**before.get(gic, {}), **value.get(gic, {})}
                         for gic in sorted({*before, *value})}
        elif value or key not in both:
            both[key] = value
    return both


def cell(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{round(value, 1):g}"


def pair(values):
    """One number, or two where they differ."""
    texts = list(dict.fromkeys(cell(v) for v in values if v is not None))
    return " / ".join(texts)


def of_target(own, target):
    found = [v for v in own if v is not None]
    return f"{100 * max(found) / target:.0f} %" if found and target else ""


def micro_table(result, old):
    measured = [result[on] for on in ("purlin", "xen", "kvm")]
    gics = sorted({gic for figures in measured for gic in figures})
    head = (["operation"] + [f"Purlin {g}" for g in gics] + ["recorded", "target", "of target",
            "native", "Xen 4.17 now", "Xen 4.17", "KVM nVHE now", "KVM nVHE", "KVM VHE now",
            "KVM VHE"])
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]

    def of(figures, row, otherwise=None):
        return [figures.get(g, {}).get(row.name, otherwise) for g in gics]

    def kvm(gic, row):
        return cell(result["kvm"].get(gic, {}).get(row.name))

    for row in rows.ROWS:
        if not any(v is not None for figures in measured for v in of(figures, row)):
            continue
        own = of(result["purlin"], row)
        xen = [row.of_xen(int(g[-1])) for g in gics]
        lines.append("| " + " | ".join(
            [row.title] + [cell(v) for v in own]
            + [pair(of(old["purlin"], row)), cell(row.target), of_target(own, row.target),
               pair(of(result["native"], row, row.native)), pair(of(result["xen"], row)),
               pair(xen), kvm("gicv2", row), cell(row.nvhe), kvm("gicv3", row),
               cell(row.vhe)]) + " |")
    return "\n".join(lines)


def growth_table(figures):
    """Markdown; FIGURES: {domains: {row: instructions}}."""
    figures = {d: figures[d] for d in sorted(figures, key=int)}
    lines = ["| operation | " + " | ".join(f"{d} domains" for d in figures) + " |",
             "|---|" + "---:|" * len(figures)]
    for row, title in rows.GROWTH.items():
        lines.append(f"| {title} | " +
                     " | ".join(cell(f.get(row)) for f in figures.values()) + " |")
    return "\n".join(lines)


def batch_series(batches):
    """{title: [instructions for each size]}."""
    names = {"purlin": "Purlin", "xen": "Xen 4.17"}
    return {f"{title}, {names[on]}": batches[on][row]
            for row, title in rows.BATCHES.items() for on in batches}


def batch_table(batches):
    lines = ["| operation, each of | " + " | ".join(map(str, rows.BATCH_SIZES)) + " |",
             "|---|" + "---:|" * len(rows.BATCH_SIZES)]
    return "\n".join(lines + [f"| {title} | " + " | ".join(map(cell, values)) + " |"
                              for title, values in batch_series(batches).items()])


def tables(result, old):
    """All that was measured, as Markdown."""
    parts = []
    if result["purlin"] or result["xen"] or result["kvm"]:
        parts.append(f"## Micro-operations\n\nInstructions, mean of {result['operations']:,}.\n\n"
                     + micro_table(result, old))
    if result["growth"]:
        parts.append("## Growth with the number of other domains\n\n"
                     + growth_table(result["growth"]))
    if result["batches"]:
        parts.append("## Growth with the size of a call\n\n" + batch_table(result["batches"]))
    for gic, figures in result["counts"].items():
        parts.append(f"## What one operation executes at EL2, {gic}\n\nUntil both sides are at "
                     "rest again, so more than the time to a handler. Cycles: an **estimate** for "
                     "the m400 by the weights of tests/bench/counts.py.\n\n"
                     + counts.table(figures))
    if result.get("create"):
        parts.append("## Creating a domain\n\nDebian's Dom0, or host, on one CPU; a guest of 192 "
                     "MiB with a disk and a network interface, Debian's kernel of 32 MiB; by the "
                     "clock of Dom0, with `-icount shift=1`: an instruction takes 2 ns.\n\n"
                     + create.table(result["create"]))
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


def versions(purlin):
    """PURLIN's, and of what made and ran it."""
    def first_line(*command):
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout.splitlines()[0]

    return "\n".join(["", "Made by `make bench` with", "",
                      f"- Purlin {purlin}",
                      f"- {first_line('qemu-system-aarch64', '--version')}",
                      f"- {first_line('aarch64-linux-gnu-gcc', '--version')}", ""])


def write(name, content):
    os.makedirs(DOCS, exist_ok=True)
    with open(f"{DOCS}/{name}", "w", encoding="utf-8") as f:
        f.write(content)


def write_docs(result):
    write("bench.json", json.dumps(result, indent=1, sort_keys=True) + "\n")
    every = [r.name for r in rows.ROWS if r.xen]
    write("headline.svg", svg.bars("Instructions per operation (logarithmic)",
                                   groups(result, HEADLINE)))
    write("micro.svg", svg.bars("Instructions per operation (logarithmic)",
                                groups(result, every)))
    domains = sorted(result["growth"], key=int)
    series = {title: [result["growth"][d][row] for d in domains]
              for row, title in rows.GROWTH.items()}
    write("growth.svg", svg.lines("Instructions per operation with 1, 8 and 64 other domains",
                                  domains, series))
    if result["batches"]:
        write("batches.svg", svg.lines("Instructions per operation in calls of 1 to 16",
                                       rows.BATCH_SIZES, batch_series(result["batches"])))
    write("README.md", "\n".join([
        INTRODUCTION, versions(result["version"]),
        "![against Xen and KVM](micro.svg)\n",
        "![growth](growth.svg)\n", "![calls](batches.svg)\n", tables(result, {"purlin": {}})]))
