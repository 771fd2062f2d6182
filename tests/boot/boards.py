# SPDX-License-Identifier: BSD-2-Clause
"""Changes of a finished board: other ways to be booted, other device trees."""

import os
import shutil
import subprocess

from machine import qemu

# Where tests/guests/spin_table.S and enter_with_tree.S enter the hypervisor with the device tree.
HYPERVISOR, TREE, SHIM = 0x40200000, 0x50000000, 0x60000000
RELEASE = 0x60001000


def dump_tree(board):
    """Writes the device tree that QEMU makes for BOARD to a file; returns its path."""
    path = f"{board.work}/edited.dtb"
    command = board.command()
    command[command.index("-M") + 1] += f",dumpdtb={path}"
    subprocess.run(command + ["-serial", "null", "-monitor", "none"], check=True,
                   capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    return path


def edit(tree, *properties):
    """Sets PROPERTIES, each a list of fdtput's arguments after the file's name."""
    for node, name, *value in properties:
        kind, *values = value
        subprocess.run(["fdtput", "-t", kind, tree, node, name, *values], check=True)


def spin_table(board):
    """No PSCI: the other CPUs poll a release address, the same for all, as on HP's m400, and a
    register resets the machine: here the UART's, so that an "R" is seen instead."""
    tree = dump_tree(board)
    subprocess.run(["fdtput", "-r", tree, "/psci"], check=True)
    subprocess.run(["fdtput", "-c", tree, "/reboot"], check=True)
    edit(tree, ("/pl011@9000000", "phandle", "x", "9001"), ("/reboot", "regmap", "x", "9001"),
         ("/reboot", "compatible", "s", "syscon-reboot"), ("/reboot", "offset", "x", "0"),
         ("/reboot", "mask", "x", "ff"), ("/reboot", "value", "x", f"{ord('R'):x}"))
    for n in range(1, board.cpus):
        edit(tree, (f"/cpus/cpu@{n}", "enable-method", "s", "spin-table"),
             (f"/cpus/cpu@{n}", "cpu-release-addr", "x", "0", f"{RELEASE:x}"))
    board.boot = "loads"
    board.loads = ((board.hypervisor, HYPERVISOR), (board.dom0_kernel, qemu.KERNEL_ADDR),
                   (board.dom0_initrd, qemu.INITRD_ADDR), (tree, TREE),
                   (f"{board.build}/guests/spin_table.img", SHIM))


def fit(board):
    """All that U-Boot loads is one FIT image, made as configs/qemu/purlin.its says."""
    folder = os.path.abspath(f"{board.work}/fit")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(f"{folder}/images")
    source = os.path.join(os.path.dirname(__file__), "../../configs/qemu/purlin.its")
    for name, path in (("purlin.img", board.hypervisor), ("images/purlin.its", source),
                       ("images/dom0-kernel", board.dom0_kernel),
                       ("images/dom0-initrd", board.dom0_initrd)):
        os.symlink(os.path.abspath(path), f"{folder}/{name}")
    subprocess.run(["mkimage", "-f", "purlin.its", "purlin.itb"], cwd=f"{folder}/images",
                   check=True, capture_output=True)
    board.boot_files = {"purlin.itb": f"{folder}/images/purlin.itb"}
    board.prepare()


def uimage(board):
    """Purlin as a uImage, for U-Boot's bootm."""
    path = f"{board.work}/purlin.uimg"
    subprocess.run(["mkimage", "-A", "arm64", "-O", "linux", "-T", "kernel", "-C", "none", "-a",
                    "0x43200000", "-e", "0x43200000", "-n", "Purlin", "-d", board.hypervisor, path],
                   check=True, capture_output=True)
    board.boot_files = {"purlin.uimg": path}
    board.prepare()
