# SPDX-License-Identifier: BSD-2-Clause
"""Exact counts of what runs at EL2, by the QEMU plugin of tests/bench/plugin, and a model of what
they would cost on an m400. Same image, same rows as micro.py."""

import os
import re
import subprocess
import tempfile

import micro
import rows

IMAGE_BYTES_MAX = 0x200000
BOUND = 20000           # instructions of one stay at EL2
EL2_FIRST = 0x200000000000

# Cycles on an m400 (APM X-Gene 1, 2.4 GHz): an estimate, not a measurement. Dall et al. (ISCA 2016,
# breakdown of KVM's hypercall) give saving and restoring times by class of state, from which follow
# some 260 cycles for a GICH read, 25 for a GICH write, 10 for reading and 20 for writing an EL1
# register, and 5 for a pair of general registers. The rest is our judgement.
WEIGHTS = {
    "other": 1, "hint": 1, "load": 4, "store": 3, "atomic": 12, "mrs": 9, "msr": 20,
    "ich_read": 20, "ich_write": 20, "isb": 20, "dsb": 40, "dmb": 15, "tlbi": 60, "cache": 40,
    "at": 50, "wait": 0, "eret": 80, "io_read": 260, "io_write": 25,
}
KINDS = [k for k in WEIGHTS if not k.startswith("io_")]
SHOWN = ["instructions", "load", "store", "atomic", "mrs", "msr", "ich_read", "ich_write", "isb",
         "dsb", "dmb", "tlbi", "cache", "at", "io_read", "io_write", "cycles"]


def symbols(options):
    """nm's output in a file; the addresses of the exception vectors and of the function
    that looks for interrupts."""
    path = f"{options.build}/bench/purlin.sym"
    elf = options.hypervisor or f"{options.build}/purlin.img"
    text = subprocess.run(["aarch64-linux-gnu-nm", "-n", os.path.splitext(elf)[0] + ".elf"],
                          capture_output=True, encoding="ascii", check=True).stdout
    # Whole at any time: other machines may be reading it.
    with tempfile.NamedTemporaryFile("w", encoding="ascii", dir=os.path.dirname(path),
                                     delete=False) as f:
        f.write(text)
    os.replace(f.name, path)
    return path, *(int(re.search(rf"^(\w+) \w {name}$", text, re.MULTILINE)[1], 16)
                   for name in ("vectors", "irq_dispatch"))


def plugin_args(options, out):
    path, vectors, poll = symbols(options)
    return ("-plugin", f"{options.build}/bench/el2count.so,out={out},first={EL2_FIRST:#x},"
            f"last={EL2_FIRST + IMAGE_BYTES_MAX - 1:#x},vectors={vectors:#x},"
            f"poll={poll:#x},symbols={path}")


def summed(pairs):
    """A row's counters, devices taken together; with the estimate."""
    row = dict.fromkeys(WEIGHTS, 0)
    for name, value in pairs.items():
        row[name.split(":")[0]] += value
    row["instructions"] = sum(row[k] for k in KINDS)
    row["cycles"] = sum(row[k] * w for k, w in WEIGHTS.items())
    return row


def read(path):
    """The plugin's report: [row counters], [(instructions, times, text)] of stays."""
    found, stays = [], []
    with open(path, encoding="ascii") as f:
        for line in f:
            words = line.split()
            if words[0] == "row":
                found.append(summed({k: int(v) for k, v in (w.rsplit("=", 1)
                                                            for w in words[2:])}))
            elif words[0] == "stay":
                times = int(words[2].split("=")[1])
                stays.append((int(words[1]), times, " ".join(words[3:])))
    return found, sorted(stays, reverse=True)


def measure(options, gic):
    """{row: {kind: a mean operation's}}, the stays of all runs."""
    figures, stays = {}, []
    for shape in micro.SHAPES:
        if shape != rows.WORST and not micro.has_rows(shape, options.rows):
            continue
        name = f"counts-purlin-gicv{gic}-shape{shape}"
        print(f"[bench] {name}", flush=True)
        out = f"{options.build}/bench/logs/{name}.txt"
        board = micro.board(options, gic, shape)
        board.extra += plugin_args(options, out)
        micro.run(board, f"{options.build}/bench/logs/{name}.log")
        found, more = read(out)
        stays += more
        for (row, operations), counts in zip(operations_of(options, name), found, strict=True):
            if shape != rows.WORST:
                figures[row] = {k: v / operations for k, v in counts.items()}
    return figures, stays


def operations_of(options, name):
    """The rows that a run printed, in order, and how many operations each did."""
    with open(f"{options.build}/bench/logs/{name}.log", encoding="utf-8") as f:
        return [(m[1], int(m[2]) * int(m[3])) for m in
                re.finditer(r"bench: row (\w+) n (\d+) x (\d+)", f.read())]


def table(figures):
    lines = ["| operation | " + " | ".join(SHOWN) + " |", "|---|" + "---:|" * len(SHOWN)]
    for row in rows.ROWS:
        if row.name in figures:
            counts = figures[row.name]
            lines.append(f"| {row.title} | " + " | ".join(number(counts[k]) for k in SHOWN) + " |")
    return "\n".join(lines)


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{round(value, 1):g}" if value else ""


def longest(stays, shown=12):
    """[(instructions, how often, functions)]: for each function that took most of a stay, the
    longest such."""
    best = {}
    for length, times, text in stays:
        functions = " ".join(text.split()[1:])      # the first word is the vector
        name = functions.split("=")[0]
        old = best.get(name, (0, 0, ""))
        if length > old[0]:
            best[name] = (length, old[1] + times, functions)
        else:
            best[name] = (old[0], old[1] + times, old[2])
    return sorted(best.values(), reverse=True)[:shown]


def stay_table(stays):
    lines = ["| longest stay | how often | functions, with their instructions |", "|---:|---:|---|"]
    for length, times, text in stays:
        mark = " **over**" if length > BOUND else ""
        lines.append(f"| {length:,}{mark} | {times:,} | {text} |")
    return "\n".join(lines)
