# SPDX-License-Identifier: BSD-2-Clause
"""The boot tests. A case is a board and a function that gets the running machine; its name says
what must be true. CASES is in the order of length, longest first, so that two at a time fit."""

import dataclasses
import typing

import bad
import boards
import checks
import dom0less
import life
import refused
import soak
import stock
import uart
import verbs
from machine import Failure, Guest, Machine, qemu
from peer import Server

QUIET = "console=hvc0 quiet"


@dataclasses.dataclass
class Case:
    name: str
    body: typing.Callable
    board: dict
    limit: int = 300                    # seconds, as in machine.py
    files: dict = dataclasses.field(default_factory=dict)
    sparse: tuple = ()
    built: dict = dataclasses.field(default_factory=dict)   # {name: path below the build folder}
    change: typing.Callable = None      # of the finished board, before it starts


CASES: dict = {}


def add(case):
    assert case.name not in CASES
    CASES[case.name] = case


def run_case(case, build, hypervisor, stand_in_args=""):
    """Returns what is worth telling about the run; raises Failure."""
    work = f"{build}/boot-work/{case.name}"
    files = {**case.files, **bad.add_images(case.files, build)}
    for name, path in case.built.items():
        with open(f"{build}/{path}", "rb") as f:
            files[name] = f.read()
    guests = checks.make_guests_disk(work, files, case.sparse)
    options = {"purlin_args": "dom0_mem=512M", "dom0_args": QUIET, **case.board}
    options["purlin_args"] = f"{stand_in_args} {options['purlin_args']}".strip()
    board = qemu.Board(build=build, hypervisor=hypervisor, work=work, guests=guests, **options)
    if case.change:
        board.prepare()
        case.change(board)
    with Machine(board, f"{build}/boot-logs/{case.name}.log", case.limit) as machine:
        try:
            return case.body(machine) or ""
        except Failure as failure:
            machine.log.note(f"FAILED: {failure}")
            raise Failure(f"{failure}\n--- last lines of {machine.log.path}\n"
                          + "".join(machine.log.tail(40))) from None


def dom0_works(machine):
    up = machine.wait_dom0()
    checks.dom0_cpus(machine)
    checks.dom0_disk_reads(machine)
    wrote = checks.dom0_disk_writes(machine)
    checks.network(machine.dom0, Server().port, seed=1, mib=4)
    checks.kernel_is_content(machine.dom0)
    machine.poweroff()
    work = machine.board.work
    checks.equal("checksum on the host of what Dom0 wrote",
                 checks.file_on(machine.board.guests, "out.bin", work), wrote)
    return f"Dom0's shell after {up:.1f} s"


def dom0_starts_without_psci(machine):
    up = machine.wait_dom0()
    checks.dom0_cpus(machine)
    checks.dom0_disk_reads(machine)
    checks.kernel_is_content(machine.dom0)
    machine.type("reboot")
    machine.expect(r"\bR\(PUR\) nothing here can reset the machine")
    return f"Dom0's shell after {up:.1f} s"


def domus_work(machine):
    machine.wait_dom0()
    alice, bob = Guest(machine, "alice"), Guest(machine, "bob")
    up = alice.create()
    alice.login()
    checks.equal("vCPUs in the guest", alice.run("nproc"), "2")
    checks.guest_disk(machine, alice)
    checks.guest_network(machine, alice)
    checks.network(alice.run, Server().port, seed=2, mib=1)
    alice.detach()
    bob.create()
    bob.login()
    bob.detach()
    checks.between_guests(alice, bob)
    checks.between_guests(bob, alice)
    for guest in (alice, bob):
        guest.attach()
        checks.kernel_is_content(guest.run)
        guest.detach()
        machine.dom0(f"purlin destroy {guest.name}")
    checks.kernel_is_content(machine.dom0)
    machine.poweroff()
    return f"the guest's login {up:.1f} s after purlin create"


def destroy_gives_back(machine):
    machine.wait_dom0()
    checks.destroyed_in_io(machine, "alice")
    # The second time nothing may be left of the first.
    checks.destroyed_in_io(machine, "alice")
    checks.kernel_is_content(machine.dom0)
    machine.poweroff()


def guest_files(*names):
    return {f"{name}.cfg": checks.guest_config(name) for name in names}


for gic in (2, 3):
    add(Case(f"domu-gicv{gic}-disk-network-console", domus_work,
             {"gic": gic, "cpus": 2, "boot": "kernel"}, 600,
             guest_files("alice", "bob"), (("alice.img", 96), ("bob.img", 16))))
    add(Case(f"domu-gicv{gic}-destroy-in-io", destroy_gives_back,
             {"gic": gic, "cpus": 2, "boot": "uboot" if gic == 2 else "kernel"}, 400,
             guest_files("alice"), (("alice.img", 96),)))

add(Case("verbs-look-tune-watch", verbs.all_verbs, {"gic": 3, "cpus": 2, "boot": "kernel"}, 500,
         verbs.files(), (("alice.img", 16), ("extra.img", 16))))
add(Case("verbs-shares", verbs.shares,
         {"gic": 3, "cpus": 1, "boot": "kernel", "icount": "shift=1,sleep=off"}, 300,
         verbs.shares_files(), (("alice.img", 16),)))

add(Case("dom0-gicv3-8cpu-uboot", dom0_works,
         {"gic": 3, "cpus": 8, "boot": "uboot", "single_thread": True}, 500))
for gic in (2, 3):
    for cpus in (4, 2, 1):
        for boot in ("uboot", "kernel"):
            add(Case(f"dom0-gicv{gic}-{cpus}cpu-{boot}", dom0_works,
                     {"gic": gic, "cpus": cpus, "boot": boot, "single_thread": cpus > 2}))
add(Case("dom0-gicv3-memory-16g", dom0_works,
         {"gic": 3, "cpus": 2, "boot": "kernel", "memory": 16384}))
add(Case("dom0-gicv3-memory-512m", dom0_works,
         {"gic": 3, "cpus": 2, "boot": "uboot", "memory": 512, "purlin_args": "dom0_mem=256M"}))
add(Case("dom0-gicv2-memory-512m", dom0_works,
         {"gic": 2, "cpus": 1, "boot": "kernel", "memory": 512, "purlin_args": "dom0_mem=256M"}))
add(Case("dom0-gicv2-cortex-a72", dom0_works,
         {"gic": 2, "cpus": 2, "boot": "kernel", "cpu": "cortex-a72"}))
add(Case("dom0-gicv3-cpu-max", dom0_works,
         {"gic": 3, "cpus": 2, "boot": "uboot", "cpu": "max,pauth-impdef=on"}))
add(Case("dom0-gicv2-pci", dom0_works,
         {"gic": 2, "cpus": 1, "boot": "uboot", "bus": "pci"}))

add(Case("dom0-gicv2-fit", dom0_works, {"gic": 2, "cpus": 1, "boot": "uboot"},
         change=boards.fit))
add(Case("dom0-gicv3-uimage", dom0_works, {"gic": 3, "cpus": 1, "boot": "uboot"},
         change=boards.uimage))
add(Case("dom0-gicv2-spin-table", dom0_starts_without_psci, {"gic": 2, "cpus": 4, "boot": "kernel"},
         change=boards.spin_table))
for name, body, args in (("xl", stock.xl_works, ""),
                         ("oxenstored", stock.oxenstored_works,
                          " purlin.xenstored=oxenstored"),
                         ("libvirt", stock.libvirt_works, " purlin.libvirt")):
    add(Case(f"stock-{name}", body, {**stock.BOARD, "dom0_args": QUIET + args}, 600,
             stock.FILES, stock.SPARSE))

add(Case("stock-create", stock.creates_in_less,
         {**stock.BOARD, "cpus": 1, "icount": "shift=1,sleep=off"}, 900, stock.FILES, stock.SPARSE))

for name, body, board in (("linux", uart.linux_speaks_from_its_first_line, {"gic": 2}),
                          ("u-boot", uart.u_boot_boots_a_kernel, {"gic": 3, "memory": 1280})):
    add(Case(f"uart-{name}", body, {"cpus": 1, "boot": "kernel", "memory": 1024, **board}, 400,
             uart.FILES, change=uart.add_fit if name == "u-boot" else None))
add(Case("stock-uart", uart.xl_makes_such_guests, {**stock.BOARD, "cpus": 1,
                                                   "dom0_args": QUIET}, 400, uart.FILES))

for name, body, change, board in (
        ("beside-dom0", dom0less.beside_dom0, dom0less.enhanced_guest, {"gic": 3, "root": "stock"}),
        ("no-dom0", dom0less.no_dom0, dom0less.without_dom0, {"gic": 2}),
        ("bad-nodes", dom0less.bad_domains_are_left_out, dom0less.bad_nodes, {"gic": 3})):
    add(Case(f"dom0less-{name}", body,
             {"cpus": 1, "boot": "kernel", "memory": 1536, **board}, 400, change=change))

add(Case("dom0less-u-boot", dom0less.example_script,
         {"gic": 3, "cpus": 1, "boot": "uboot", "memory": 1536}, 400, change=dom0less.by_script))

KERNEL_BOOT = {"boot": "kernel", "cpus": 1, "gic": 3, "memory": 1024}


def add_bad(name, body, change=None, **board):
    add(Case(f"bad-{name}", body, {**KERNEL_BOOT, **board}, 180, change=change))


add_bad("kernel-damaged", bad.message(r"Dom0 kernel module at [^\n]*not an arm64 Image[^\n]*"),
        bad.damaged_kernel)
add_bad("kernel-damaged-uboot",
        bad.message(r"Dom0 kernel module at [^\n]*not an arm64 Image[^\n]*"),
        bad.damaged_kernel, boot="uboot", gic=2)
add_bad("kernel-short", bad.message(r"Dom0 kernel module at [^\n]*too short[^\n]*"),
        bad.short_kernel)
add_bad("kernel-missing", bad.message(r"no Dom0 kernel: looked in /chosen[^\n]*"),
        bad.without_modules)
add_bad("ramdisk-damaged", bad.message(r"[Ii]nitramfs unpacking failed[^\n]*|invalid magic[^\n]*",
                                       r"Kernel panic[^\n]*"), bad.damaged_ramdisk)
add_bad("tree-missing", bad.message(r"x0 = 0 is not the address of a device tree[^\n]*"),
        bad.no_tree)
add_bad("tree-damaged", bad.message(r"device tree[^\n]*"), bad.damaged_tree)
add_bad("gicv2-node-missing", bad.message(r"no interrupt controller[^\n]*"),
        bad.without_node("/intc@8000000"), gic=2)
add_bad("gicv3-node-missing", bad.message(r"no interrupt controller[^\n]*"),
        bad.without_node("/intc@8000000"))
add_bad("timer-node-missing", bad.message(r"no timer: no node[^\n]*"),
        bad.without_node("/timer"))
add_bad("memory-too-little", bad.message(r"Dom0 wants \d+ MiB [^\n]*only \d+ MiB of RAM are free"),
        memory=512, purlin_args="dom0_mem=2G")
add_bad("dom0-mem-too-little", bad.message(r"is too little for its kernel and ramdisk[^\n]*"),
        purlin_args="dom0_mem=16M")
LIFE_FILES = {"alice.cfg": checks.guest_config("alice", memory=128, vcpus=1),
              "reused": life.REUSED,
              **bad.tiny_guest_files("jump_nowhere", "idle")}
for name, body in (("verbs", life.verbs), ("ends", life.ends)):
    add(Case(f"life-{name}", body, {"gic": 3, "cpus": 1, "boot": "kernel", "memory": 1024}, 480,
             LIFE_FILES, (("alice.img", 16),)))
TINY = ("touch_unmapped", "undefined_trap", "unknown_hypercall", "jump_nowhere", "jump_loop")
for gic in (2, 3):
    add(Case(f"bad-guests-gicv{gic}", bad.guests_misbehave,
             {"gic": gic, "cpus": 2, "boot": "kernel"},
             files=bad.tiny_guest_files(*TINY)))
for gic in (2, 3):
    add(Case(f"arch-gicv{gic}", bad.architecture_is_as_specified,
             {"gic": gic, "cpus": 2, "boot": "kernel"},
             files={"arch.cfg": bad.ARCH_CFG}))
add(Case("arch-gicv3-cpu-max", bad.architecture_is_as_specified,
         {"gic": 3, "cpus": 1, "boot": "kernel", "cpu": "max,pauth-impdef=on"},
         files={"arch.cfg": bad.ARCH_CFG}))
add(Case("arch-linux", bad.linux_debugs_and_profiles,
         {"gic": 3, "cpus": 1, "boot": "kernel", "memory": 1024}, 400,
         files={"arch_linux.cfg": bad.LINUX_CFG}))
add(Case("bad-configurations", bad.configurations_are_refused,
         {"gic": 2, "cpus": 1, "boot": "kernel"},
         files={**{f"{name}.cfg": text for name, (text, _, _) in bad.CONFIGS.items()},
                "jump_nowhere.cfg": ""}))
add(Case("bad-input", refused.everything_is_refused,
         {"gic": 3, "cpus": 1, "boot": "kernel", "memory": 1024}, 300, refused.files(),
         (("d.img", 16), ("e.img", 16))))
add(Case("life-crash-loop", refused.crash_loop,
         {"gic": 3, "cpus": 1, "boot": "kernel", "memory": 1024}, 180,
         {**soak.files(), **bad.tiny_guest_files("jump_nowhere")}))
