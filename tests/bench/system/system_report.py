# SPDX-License-Identifier: BSD-2-Clause
"""The workloads' table, plot and files in docs/bench."""

import fcntl
import json
import re

import report
import svg
import workloads

NAMES = {"native": "native", "purlin": "Purlin", "xen": "Xen 4.17", "kvm": "KVM"}
FUNCTIONS_SHOWN = 6
INTRODUCTION = """# Workloads

Written by `make bench`. Debian's programs in Debian's unmodified kernel, on QEMU's virt board with
`-icount shift=0,sleep=off`, cortex-a57, GICv3, 1 CPU: one instruction takes 1 ns, whoever executes
it, so a figure in µs is thousands of instructions of all that an operation needs, in guest,
hypervisor and back end together. "EL2" is the part of it that the hypervisor executed, counted by
the plugin over the program's whole run (of fio: per its own running time).

- Native: Linux alone on the machine, over its loopback and on its RAM disk.
- Purlin and Xen: the same Dom0 (netback on a bridge, blkback on a RAM disk), and a guest of 384 MiB
  with one vCPU, created by `purlin create` on both.
- KVM: the same kernel at EL2 as host (nVHE), Debian's qemu-system-aarch64, vhost-net on a tap on
  the same bridge, virtio-blk with an I/O thread, cache=none, on the same RAM disk.
- Two CPUs: Dom0, or the host with the threads of vhost and of disks, has the first, the guest the
  second. The work of both is in series here.
- Four guests: on one CPU, each doing the same at once; the figure is of an operation of any of
  them, or the sum of what they moved. "Guest to guest" is between two of the four.
- I/O latency: the kernel module of `tests/bench/module`, a front end in the guest and a back end
  in Dom0 that share a page and an event channel. "EL2" is of a whole way there and back, by the
  share of it that the row is.

`BENCH="system --on native,purlin,xen,kvm"` chooses among them, `--rows PREFIX` among the rows; an
empty column was not run. Network figures are between Dom0 (or host) and guest where nothing else
is said; disk and hackbench run in the guest. The targets were set with another program's figures:
fio's own work (some 2 µs of an operation) is in what is measured here.
"""


def shown(value):
    if value is None:
        return ""
    return f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"


def el2_of(entry, figure):
    """The hypervisor's part: in µs where the figure is µs, else its share."""
    if not entry or entry["el2"] is None:
        return ""
    if figure.unit == workloads.US:
        return f"{entry['el2'] * entry['value']:.2f}"
    return f"{100 * entry['el2']:.1f} %"


def table(measured):
    head = ["figure", "native", "Purlin", "of that EL2", "target", "EL2's target", "Xen 4.17",
            "of that EL2", "KVM"]
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    for figure in workloads.FIGURES:
        entries = {on: measured[on].get(figure.name) for on in measured}
        if not any(entries.values()):
            continue

        def value(on, entries=entries):
            return shown((entries.get(on) or {}).get("value"))

        lines.append("| " + " | ".join([
            f"{figure.title}, {figure.unit}", value("native"), value("purlin"),
            el2_of(entries.get("purlin"), figure), shown(figure.target), shown(figure.el2_target),
            value("xen"), el2_of(entries.get("xen"), figure), value("kvm")]) + " |")
    return "\n".join(lines)


def function_table(measured):
    """Where Purlin's part goes."""
    lines = ["| figure | instructions in the window | of these, in % |", "|---|---:|---|"]
    for figure in workloads.FIGURES:
        most = measured.get("purlin", {}).get(figure.name, {}).get("functions")
        if not most:
            continue
        total = measured["purlin"][figure.name]["el2_instructions"]
        first = sorted(most.items(), key=lambda item: -item[1])[:FUNCTIONS_SHOWN]
        parts = ", ".join(f"{re.sub('[.].*', '', name)} {100 * n / total:.0f}"
                          for name, n in first)
        lines.append(f"| {figure.title} | {total:,} | {parts} |")
    return "\n".join(lines)


def markdown(measured):
    return (f"## Workloads\n\n{table(measured)}\n\n### What Purlin's part is\n\n"
            f"{function_table(measured)}\n")


def groups(measured):
    """What svg.bars wants: costs, native's or, where there is none, Purlin's as 100."""
    found = []
    for figure in workloads.FIGURES:
        values = {NAMES[on]: measured[on][figure.name]["value"] for on in measured
                  if figure.name in measured[on]}
        if not values:
            continue
        base = next(iter(values.values()))
        found.append((figure.title, {
            name: 100 * (base / v if figure.more_is_better else v / base)
            for name, v in values.items()}))
    return found


def recorded():
    """{machine: {figure: {...}}}"""
    try:
        with open(f"{report.DOCS}/system.json", encoding="utf-8") as f:
            return json.load(f)
    except FileNotFoundError:
        return {}


def purlin_versions(measured):
    """That of most figures, and which others have which."""
    found = {}
    for name, entry in measured.get("purlin", {}).items():
        found.setdefault(entry["version"], []).append(name)
    most, *others = sorted(found, key=lambda version: -len(found[version]))
    return "; ".join([most] + [f"{v} of {', '.join(found[v])}" for v in others])


def worse(measured, tolerance):
    """(figures compared, lines about those of Purlin's that got worse)."""
    lines, compared, old = [], 0, recorded().get("purlin", {})
    for figure in workloads.FIGURES:
        if figure.name not in measured.get("purlin", {}) or figure.name not in old:
            continue
        compared += 1
        now, before = measured["purlin"][figure.name]["value"], old[figure.name]["value"]
        if (before / now if figure.more_is_better else now / before) > tolerance:
            lines.append(f"[bench] WORSE {figure.name}: {before:,.4g} {figure.unit} was recorded, "
                         f"now {now:,.4g}")
    return compared, lines


def write_docs(measured, build):
    """Figures that were not measured now stay as they were recorded. Others may be doing the
    same."""
    with open(f"{build}/bench/record.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        merged = recorded()
        for on, figures in measured.items():
            merged[on] = {**merged.get(on, {}), **figures}
        names = [f.name for f in workloads.FIGURES]
        merged = {on: {name: merged[on][name] for name in names if name in merged[on]}
                  for on in NAMES if on in merged}
        report.write("system.json", json.dumps(merged, indent=1, sort_keys=True) + "\n")
        report.write("system.svg", svg.bars("Cost, native = 100 (network: native is the loopback), "
                                            "else Purlin = 100", groups(merged), is_linear=True))
        report.write("system.md", "\n".join([
            INTRODUCTION, report.versions(purlin_versions(merged)),
            "![cost beside native, Xen and KVM](system.svg)\n", markdown(merged)]))
