# SPDX-License-Identifier: BSD-2-Clause
"""The machines of the workloads: the same board, Linux alone on it, or with a hypervisor under it.
Each runs to its end by itself; nothing is typed, so a run repeats."""

import dataclasses
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "../../../images"), os.path.join(HERE, "..")]
import qemu  # noqa: E402  (found through the path above)
import slots  # noqa: E402

ICOUNT = "shift=0,sleep=off"
LIMIT_S = 1800
CONSOLE = "loglevel=4"


class Failure(Exception):
    """A run did not come to its end."""


@dataclasses.dataclass
class Board(qemu.Board):
    """ROLE: "native" or "host" (a Linux with nothing under it), or "dom0"."""
    role: str = "native"

    def machine_args(self):
        args = super().machine_args()
        args[1] += ",dtb-randomness=off"
        if self.role == "native":
            args[1] = args[1].replace("virtualization=on", "virtualization=off")
        # The time of day is part of what must repeat.
        return args + ["-rtc", "base=2026-01-01,clock=vm"]

    def device_args(self):
        if self.role == "native":
            return []
        disk = f"{self.build}/bench/guest-files.img"
        return ["-drive", f"if=none,id=boot,format=raw,snapshot=on,file={disk}",
                "-device", "virtio-blk-device,drive=boot,serial=boot"]

    def boot_args(self):
        if self.role == "dom0":
            return super().boot_args()
        return ["-kernel", self.dom0_kernel, "-initrd", self.dom0_initrd, "-append",
                self.dom0_args]


def board(options, on, figures, shape):
    """ON: "native", "purlin", "xen", "kvm". SHAPE: of workloads.SHAPES."""
    out = f"{options.build}/bench"
    role, initrd = {"native": ("native", "guest"), "kvm": ("host", "host")}.get(on, ("dom0",) * 2)
    console = "console=hvc0" if role == "dom0" else "console=ttyAMA0"
    arguments = (f"{console} {CONSOLE} bench.role={role} bench.figures={','.join(figures)} "
                 f"bench.guests={shape.guests} bench.cpus={shape.cpus}")
    return Board(
        build=options.build, gic=3, cpus=shape.cpus, memory=shape.memory, boot="kernel",
        icount=ICOUNT, role=role,
        hypervisor=f"{out}/xen-4.17-arm64" if on == "xen" else options.hypervisor,
        purlin_args="dom0_mem=512M dom0_max_vcpus=1",
        dom0_args=arguments, dom0_kernel=f"{out}/bench-kernel",
        dom0_initrd=f"{out}/{initrd}-initrd",
        extra=("-serial", "stdio", "-monitor", "none"))


def run(machine, log_path):
    """One machine to its end: its console's lines."""
    os.makedirs(os.path.dirname(log_path), exist_ok=True)
    ending = ""
    with open(log_path, "w", encoding="utf-8", errors="replace") as log:
        log.write(" ".join(machine.command()) + "\n")
        log.flush()
        try:
            with slots.slot():
                subprocess.run(machine.command(), stdin=subprocess.DEVNULL, stdout=log,
                               stderr=subprocess.STDOUT, timeout=LIMIT_S, check=False)
        except subprocess.TimeoutExpired:
            ending = f"\n(ended after {LIMIT_S} s)\n"
            log.write(ending)
    with open(log_path, encoding="utf-8", errors="replace") as f:
        output = f.read().replace("\r", "")
    if not re.search("^bench: end$", output, re.MULTILINE) or "bench: FAILED" in output:
        raise Failure(f"{log_path}:\n" + "\n".join(output.splitlines()[-12:]))
    return output
