# SPDX-License-Identifier: BSD-2-Clause
"""The longest stays at EL2 over whole boots of Linux: boot tests under the counting plugin."""

import dataclasses
import os
import sys

import counts
import micro
import slots

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../boot"))
import cases  # noqa: E402  (found through the path above)
import machine  # noqa: E402

# Dom0 with disk and network; a DomU that is created, writes to its disk and is destroyed, twice.
CASES = ["domu-gicv3-destroy-in-io"]
SLOWER = 4              # than without the plugin


def stays(options):
    """What counts.read() gives, of all cases."""
    found = []
    for name in CASES:
        print(f"[bench] stays-{name}", flush=True)
        out = os.path.abspath(f"{options.build}/bench/logs/stays-{name}.txt")
        case = cases.CASES[name]
        board = {**case.board, "single_thread": True, "cpus": 1,
                 "extra": counts.plugin_args(options, out)}
        traced = dataclasses.replace(case, name=f"stays-{name}", board=board,
                                     limit=case.limit * SLOWER)
        try:
            with slots.slot():
                cases.run_case(traced, options.build, options.hypervisor)
        except machine.Failure as failure:
            raise micro.Failure(str(failure)) from None
        found += counts.read(out)[1]
    return found
