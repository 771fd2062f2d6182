# SPDX-License-Identifier: BSD-2-Clause
"""The micro-operations' image as a KVM guest: Debian's kernel at EL2 on the same machine, Debian's
QEMU in it. With a GICv2 the host is one without VHE, with a GICv3 one with it."""

import os
import sys

import micro
import rows

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "system"))
import machines  # noqa: E402  (found through the path above)

CPU = {2: "cortex-a57", 3: "neoverse-n1"}
CPUS = {rows.SINGLE: 1, rows.PAIR: 2}
LIMIT_S = 900


def board(options, gic, shape):
    arguments = f"shape={shape},n={options.n}" + (f",rows={options.rows}" if options.rows else "")
    out = f"{options.build}/bench"
    return machines.Board(
        build=options.build, gic=gic, cpu=CPU[gic], cpus=CPUS[shape], memory=1024, boot="kernel",
        icount=micro.ICOUNT, role="host", dom0_kernel=f"{out}/bench-kernel",
        dom0_initrd=f"{out}/host-initrd",
        dom0_args=f"console=ttyAMA0 {machines.CONSOLE} bench.role=micro bench.args={arguments}",
        extra=("-serial", "stdio", "-monitor", "none"))


def measure(options, gic):
    """{row: instructions} of all rows that need no Xen."""
    figures = {}
    for shape in CPUS:
        if micro.has_rows(shape, options.rows):
            name = f"micro-kvm-gicv{gic}-shape{shape}"
            print(f"[bench] {name}", flush=True)
            figures.update(micro.run(board(options, gic, shape),
                                     f"{options.build}/bench/logs/{name}.log", LIMIT_S)[0])
    return figures
