# SPDX-License-Identifier: BSD-2-Clause
"""The suite of workloads: Debian's programs in Debian's kernels, on the same machine natively and
with each hypervisor under it."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import counts  # noqa: E402
import machines  # noqa: E402  (found through the path above)
import micro  # noqa: E402
import workloads  # noqa: E402

# Xen 4.17 runs at 2 MiB (its public layout on arm64) and has no public symbols.
XEN_FIRST, XEN_LAST = 0x200000, 0x3fffff
MACHINES = ["native", "purlin", "xen", "kvm"]
ON = MACHINES


def plugin_args(options, on, out):
    if on == "purlin":
        return counts.plugin_args(options, out)
    if on == "xen":
        return ("-plugin", f"{options.build}/bench/el2count.so,out={out},first={XEN_FIRST:#x},"
                f"last={XEN_LAST:#x}")
    return ()


def functions(path):
    """[{function: instructions}] of each window, from the plugin's report."""
    with open(path, encoding="ascii") as f:
        lines = [line.split()[1:] for line in f if line.startswith("in")]
    pairs = [[w.rsplit("=", 1) for w in words] for words in lines]
    return [{name: int(value) for name, value in window} for window in pairs]


def measure_on(options, on, wanted):
    """{figure: {...}}, [stays]: one machine from reset to its end."""
    name = f"system-{on}"
    print(f"[bench] {name}", flush=True)
    out = os.path.abspath(f"{options.build}/bench/logs/{name}.txt")
    board = machines.board(options, on, wanted)
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
        for figure, most in zip(found.values(), functions(out), strict=True):
            figure["functions"] = most
    return found, stays if on == "purlin" else []


def measure(options):
    """{of MACHINES: {figure: {...}}}, [stays at EL2 of Purlin's run]."""
    wanted = [f.name for f in workloads.FIGURES if f.name.startswith(options.rows)]
    found, all_stays = {}, []
    for on in options.on:
        found[on], stays = measure_on(options, on, wanted)
        all_stays += stays
    return found, all_stays
