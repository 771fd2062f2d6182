# SPDX-License-Identifier: BSD-2-Clause
"""The suite of workloads: Debian's programs in Debian's kernels, on the same machine natively and
with each hypervisor under it."""

import functools
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import counts  # noqa: E402
import machines  # noqa: E402  (found through the path above)
import micro  # noqa: E402
import report  # noqa: E402
import slots  # noqa: E402
import workloads  # noqa: E402

MACHINES = ["native", "purlin", "xen", "kvm"]
ON = MACHINES


def plugin_args(options, on, out):
    if on == "purlin":
        return counts.plugin_args(options, out)
    if on == "xen":
        return micro.xen_plugin_args(options, out)
    return ()


def functions(path):
    """[{function: instructions}] of each window, from the plugin's report."""
    with open(path, encoding="ascii") as f:
        lines = [line.split()[1:] for line in f if line.startswith("in")]
    pairs = [[w.rsplit("=", 1) for w in words] for words in lines]
    return [{name: int(value) for name, value in window} for window in pairs]


def measure_on(options, on, shape, wanted):
    """{figure: {...}}, [stays]: one machine from reset to its end. SHAPE: a name of SHAPES."""
    name = f"system-{on}" + ("" if shape == "one" else f"-{shape}")
    print(f"[bench] {name}", flush=True)
    out = os.path.abspath(f"{options.build}/bench/logs/{name}.txt")
    board = machines.board(options, on, wanted, workloads.SHAPES[shape])
    board.extra += plugin_args(options, on, out)
    try:
        output = machines.run(board, f"{options.build}/bench/logs/{name}.log")
        if on in ("native", "kvm"):
            return workloads.parse(output, None), []
        rows, stays = counts.read(out)
        found = workloads.parse(output, [r["instructions"] for r in rows])
    except (machines.Failure, workloads.BadOutput) as e:
        raise micro.Failure(str(e)) from None
    if on == "purlin":
        version = report.image_version(f"{options.build}/bench/logs/{name}.log")
        for figure, most in zip(found.values(), functions(out), strict=True):
            figure |= {"functions": most, "version": version}
    return found, stays if on == "purlin" else []


def measure(options):
    """{of MACHINES: {figure: {...}}}, [stays at EL2 of Purlin's runs]."""
    found, all_stays, tasks = {on: {} for on in options.on}, [], []
    prefixes = tuple(options.rows.split(","))
    for name, shape in workloads.SHAPES.items():
        for on in options.on:
            wanted = [f.name for f in workloads.FIGURES
                      if f.shape == name and on in f.on and f.name.startswith(prefixes)]
            if wanted and on in shape.on:
                tasks.append((on, functools.partial(measure_on, options, on, name, wanted)))
    for (on, _), (figures, stays) in zip(tasks, slots.all_of([task for _, task in tasks]),
                                         strict=True):
        found[on].update(figures)
        all_stays += stays
    return found, all_stays
