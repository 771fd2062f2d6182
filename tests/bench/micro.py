# SPDX-License-Identifier: BSD-2-Clause
"""Runs the bare-metal image on QEMU's virt board, by -kernel and with -icount: what it prints are
instructions, the same ones each time."""

import dataclasses
import os
import re
import subprocess
import sys

import rows
import slots

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../images"))
import qemu  # noqa: E402  (found through the path above)

ICOUNT = "shift=0,sleep=off"
LIMIT_S = 600
# CPUs of the machine, vCPUs of Dom0
SHAPES = {rows.SINGLE: (1, 1), rows.PAIR: (2, 2), rows.SHARE: (1, 2), rows.PEER: (1, 1),
          rows.PEER_PAIR: (2, 1), rows.LIFE: (1, 1), rows.WORST: (1, 1),
          rows.BATCH: (1, 1)}
# Which of them there are without a hypervisor, and on Xen.
SOME_SHAPES = {"native": (rows.SINGLE, rows.PAIR),
               "xen": (rows.SINGLE, rows.SHARE, rows.PEER, rows.PAIR, rows.PEER_PAIR)}
XEN = "xen-4.17-arm64"      # Debian's package xen-hypervisor-4.17-arm64
# Xen 4.17 runs at 2 MiB (its public layout on arm64) and has no public symbols.
XEN_FIRST, XEN_LAST, XEN_SLICE = 0x200000, 0x3fffff, 500
LINE = re.compile(r"bench: row (\w+) n \d+ x \d+ ps (\d+)")
FACT = re.compile(r"bench: fact (\w+) (\d+)")


class Failure(Exception):
    """A run did not come to its end."""


@dataclasses.dataclass
class Board(qemu.Board):
    """The benchmark image instead of Dom0; native: instead of the hypervisor. No devices."""
    native: bool = False

    def device_args(self):
        return []

    def boot_args(self):
        if self.native:
            return ["-kernel", self.dom0_kernel, "-append", self.dom0_args]
        args = self.dom0_args.replace(",", ",,")
        return ["-kernel", self.hypervisor, "-append", self.purlin_args,
                "-device", f"guest-loader,addr={qemu.KERNEL_ADDR:#x},kernel={self.dom0_kernel},"
                           f"bootargs={args}"]


def has_rows(shape, prefix):
    return any(r.shape == shape and r.name.startswith(prefix) for r in rows.ROWS)


def xen_plugin_args(options, out):
    """Xen's CPUs spin without YIELD: see the plugin."""
    return ("-plugin", f"{options.build}/bench/el2count.so,out={out},first={XEN_FIRST:#x},"
            f"last={XEN_LAST:#x},slice={XEN_SLICE}")


def board(options, gic, shape, on="purlin", domains=1):
    """ON: "purlin", "xen", or "native": no hypervisor."""
    cpus, vcpus = SHAPES[shape]
    hypervisor = options.hypervisor if on == "purlin" else f"{options.build}/bench/{XEN}"
    args = f"shape={shape} n={options.n} domains={domains}"
    if options.rows:
        args += f" rows={options.rows}"
    return Board(build=options.build, hypervisor=hypervisor, gic=gic, cpus=cpus,
                 memory=1024, icount=ICOUNT, native=on == "native",
                 purlin_args=f"dom0_mem=256M dom0_max_vcpus={vcpus} scrub_reserve=0",
                 dom0_args=args,
                 dom0_kernel=f"{options.build}/bench/bench.img",
                 extra=("-serial", "stdio", "-monitor", "none"))


def run(machine, log_path, limit=LIMIT_S):
    """One machine to its end: {row: instructions}."""
    os.makedirs(os.path.dirname(log_path), exist_ok=True)
    try:
        with slots.slot():
            done = subprocess.run(machine.command(), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit,
                                  check=False)
        output = done.stdout.decode(errors="replace").replace("\r", "")
    except subprocess.TimeoutExpired as e:
        output = (e.stdout or b"").decode(errors="replace") + f"\n(ended after {limit} s)\n"
    with open(log_path, "w", encoding="utf-8") as f:
        f.write(" ".join(machine.command()) + "\n" + output)
    if "bench: end" not in output or "bench: FAILED" in output:
        raise Failure(f"{log_path}:\n" + "\n".join(output.splitlines()[-8:]))
    figures = {m[1]: int(m[2]) / 1000 for m in LINE.finditer(output)}
    return figures, {m[1]: int(m[2]) for m in FACT.finditer(output)}


def measure(options, gic, on="purlin"):
    """All shapes that have wanted rows: {row: instructions}, {fact: number}."""
    figures, facts = {}, {}
    for shape in SOME_SHAPES.get(on, SHAPES):
        if not has_rows(shape, options.rows):
            continue
        name = f"micro-{on}-gicv{gic}-shape{shape}"
        print(f"[bench] {name}", flush=True)
        machine = board(options, gic, shape, on)
        if on == "xen" and machine.cpus > 1:
            machine.extra += xen_plugin_args(options, os.devnull)
        more = run(machine, f"{options.build}/bench/logs/{name}.log")
        figures.update(more[0])
        facts.update(more[1])
    return figures, facts


def growth(options, gic):
    """{number of other domains: {row: instructions}}."""
    figures = {}
    for domains in rows.GROWTH_DOMAINS:
        name = f"growth-purlin-gicv{gic}-{domains}"
        print(f"[bench] {name}", flush=True)
        all_rows, _ = run(board(options, gic, rows.PEER, domains=domains),
                          f"{options.build}/bench/logs/{name}.log")
        figures[domains] = {row: all_rows[row] for row in rows.GROWTH if row in all_rows}
    return figures


def batches(options, gic, on):
    """{operation: [instructions of one, for each size of a call]}."""
    name = f"batch-{on}-gicv{gic}"
    print(f"[bench] {name}", flush=True)
    figures, _ = run(board(options, gic, rows.BATCH, on), f"{options.build}/bench/logs/{name}.log")
    return {row: [figures[f"{row}_{size}"] for size in rows.BATCH_SIZES] for row in rows.BATCHES}
