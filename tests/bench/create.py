# SPDX-License-Identifier: BSD-2-Clause
"""How long a domain's creation and end take, on Purlin and on Xen by each tool in Debian's Dom0, on
KVM by Debian's QEMU: by the clock of that Linux, with -icount, and so in instructions of all that
runs meanwhile. The second time counts: the first reads files, and while a disk of the rig is at
work the clock of a machine that waits for it jumps."""

import os
import re
import sys

import micro
import slots

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "../boot"), os.path.join(HERE, "system")]
import checks  # noqa: E402  (found through the path above)
import machine as boot  # noqa: E402
import machines  # noqa: E402
import qemu  # noqa: E402
import stock  # noqa: E402
import workloads  # noqa: E402

ICOUNT = "shift=1,sleep=off"
LIMIT_S = 1800
TOOLS = ("purlin", "xl")
# stock.FILES has what tells the times
WHAT = {"early-line": "create to the guest kernel's first line, by its UART",
        "first-line": "create to the first line that its PV console shows", "destroyed": "destroy"}
COLUMNS = {("purlin", "purlin"): "Purlin, `purlin`", ("purlin", "xl"): "Purlin, `xl`",
           ("xen", "purlin"): "Xen 4.17, `purlin`", ("xen", "xl"): "Xen 4.17, `xl`",
           ("kvm", "qemu"): "KVM, `qemu-system-aarch64`"}
GONE = "! pidof xl && [ -z \"$(losetup -l -n)\" ]"
KVM_LIFE = re.compile(r"bench: out create first (\d+) end (\d+)")


def board(options, on):
    """ON: "purlin" or "xen"."""
    work = f"{options.build}/bench/create-{on}"
    hypervisor = options.hypervisor if on == "purlin" else f"{options.build}/bench/{micro.XEN}"
    return qemu.Board(build=options.build, hypervisor=hypervisor, work=work, cpus=1, icount=ICOUNT,
                      boot="kernel", root="stock", purlin_args="dom0_mem=640M dom0_max_vcpus=1",
                      dom0_args="console=hvc0 quiet",
                      guests=checks.make_guests_disk(work, stock.FILES, stock.SPARSE))


def life_of(machine, tool, script):
    """Seconds to the first line, and of the destruction, when the guest has its devices."""
    created = stock.seconds(machine, script, tool)
    stock.until(machine, "[ \"$(xenstore-read /local/domain/$(xl domid bob)/device/vif/0/state)\" "
                         "= 4 ]")
    destroyed = stock.seconds(machine, "destroyed", tool)
    stock.until(machine, GONE)
    return created, destroyed


def lives(machine):
    """{tool: {of WHAT: seconds}}, of the second time."""
    stock.start(machine)
    stock.log_guests(machine)
    found = {}
    for tool in TOOLS * 2:
        early, _ = life_of(machine, tool, "early-line")
        first, destroyed = life_of(machine, tool, "first-line")
        found[tool] = dict(zip(WHAT, (early, first, destroyed), strict=True))
    machine.poweroff()
    return found


def measure_on(options, on):
    """{tool: {of WHAT: seconds}}. ON: "purlin" or "xen"."""
    log = f"{options.build}/bench/logs/create-{on}.log"
    print(f"[bench] create-{on}", flush=True)
    with slots.slot(), boot.Machine(board(options, on), log, LIMIT_S) as machine:
        try:
            return lives(machine)
        except boot.Failure as e:
            raise micro.Failure(f"{log}: {e}\n{''.join(machine.log.tail(8))}") from None


def measure_kvm(options):
    """The same with KVM's guest, which has no PV console."""
    log = f"{options.build}/bench/logs/create-kvm.log"
    print("[bench] create-kvm", flush=True)
    host = machines.board(options, "kvm", ["create"], workloads.Shape(guests=0))
    host.icount = ICOUNT
    try:
        found = KVM_LIFE.findall(machines.run(host, log))
    except machines.Failure as e:
        raise micro.Failure(str(e)) from None
    if not found:
        raise micro.Failure(f"{log}: no times")
    first, end = (int(ns) / 1e9 for ns in found[-1])
    return {"qemu": {"early-line": first, "destroyed": end}}


def measure(options):
    """{"purlin", "xen" and "kvm": {tool: {of WHAT: seconds}}}."""
    tasks = {on: lambda on=on: measure_on(options, on) for on in ("purlin", "xen")}
    tasks["kvm"] = lambda: measure_kvm(options)
    return dict(zip(tasks, slots.all_of(list(tasks.values())), strict=True))


def table(found):
    lines = ["| seconds | " + " | ".join(COLUMNS.values()) + " |", "|---|" + "---:|" * len(COLUMNS)]
    for what, title in WHAT.items():
        values = [found[on][tool].get(what) for on, tool in COLUMNS]
        cells = ("" if value is None else f"{value:.3f}" for value in values)
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
