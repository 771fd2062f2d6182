# SPDX-License-Identifier: BSD-2-Clause
"""Dom0 with Debian's systemd as init and the units of `make install`: Xen's daemons, then the
domains that start with the machine, all in order; and their end, in the reverse order."""

import re

import checks
from machine import Failure

CFG = """name = "{name}"
memory = 96
kernel = "/boot/domu-kernel"
ramdisk = "/guests/tiny-initrd"
extra = "console=hvc0 quiet"
"""
FILES = {f"{rank}-{name}.cfg": CFG.format(name=name) for rank, name in ((10, "one"), (20, "two"))}
ARGS = "console=hvc0 systemd.show_status=1"
BOARD = {"gic": 3, "cpus": 2, "boot": "kernel", "root": "systemd", "dom0_args": ARGS,
         "purlin_args": "dom0_mem=640M", "single_thread": False}
UNITS = ("purlin-xenstored", "purlin-xenconsoled", "purlin-domains")
# What the console says, in this order: a domain has ended before the next is asked.
END = (r"two: asking it to power off", r"one: asking it to power off",
       r"(Stopped|Deactivated) [^\n]*purlin-domains", r"Stopped [^\n]*purlin-xenconsoled",
       r"Stopped [^\n]*purlin-xenstored", r"Power down")


def answers(machine, name):
    machine.type(f"purlin console {name}")
    machine.expect(r"\[tiny\] up", 120)
    machine.child.send(f"{name}\r")
    machine.expect(rf"pong-{name}", 60)
    machine.child.send("\x1d")
    machine.expect(r"dom0:[^ \r\n]*# ", 30)


def domains_start_and_end_with_the_machine(machine):
    up = machine.wait_dom0(600)
    # Until then systemd writes between what the commands say.
    machine.dom0("systemctl is-system-running --wait", 120)
    for unit in UNITS:
        checks.equal(unit, machine.dom0(f"systemctl is-active {unit}"), "active")
    machine.dom0("grep -E 'open files +262144' /proc/$(pidof xenstored)/limits")
    failed = machine.dom0("systemctl --failed --no-legend --plain")
    if re.search(r"purlin|xen", failed):
        raise Failure(f"units have failed: {failed}")
    listed = machine.dom0("purlin list")
    if not re.search(r"one +1 .*\n(.*\n)*two +2 ", listed):
        raise Failure(f"not both domains, in their order: {listed}")
    for name in ("one", "two"):
        answers(machine, name)
    machine.type("systemctl poweroff")
    for line in END:
        machine.expect(line, 240)
    machine.ended(120)
    return f"up {up:.0f} s after reset, with two domains"
