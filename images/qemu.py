#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""QEMU's virt board, as `make run`, `make demo`, `make gdb` and the boot tests start it: the one
place that knows the QEMU command line, its memory layout and the boot disk's layout."""

import argparse
import dataclasses
import os
import shutil
import subprocess
import sys

# QEMU puts the hypervisor (-kernel) at 0x40200000 and its device tree at 0x48000000; a module
# over either destroys it silently. These two stay clear of both within 512 MiB.
KERNEL_ADDR, INITRD_ADDR = 0x42000000, 0x44000000
INITRD_LIMIT = 0x48000000 - INITRD_ADDR
PART_OFFSET = 1 << 20           # of the boot disk's only partition, as images.mk makes it
# debugfs is there, which is not on an ordinary user's path.
os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
UBOOT = "/usr/lib/u-boot/qemu_arm64/u-boot.bin"


@dataclasses.dataclass
class Board:
    """One machine and what boots on it. Sizes in MiB; paths relative to the caller."""
    build: str = "build"
    hypervisor: str = ""                    # "": BUILD/purlin.img
    gic: int = 3
    cpus: int = 2
    memory: int = 2048
    cpu: str = "cortex-a57"
    # "uboot"; "kernel": -kernel and two guest-loader devices; "loads": raw memory contents only
    boot: str = "uboot"
    loads: tuple = ()                       # of "loads": (file, address), entered at the last one
    bus: str = "device"                     # virtio-*-device (MMIO) or virtio-*-pci
    purlin_args: str = "dom0_mem=512M"
    dom0_args: str = "console=hvc0"
    dom0_kernel: str = ""
    dom0_initrd: str = ""
    dtb: str = ""                           # instead of the device tree that QEMU makes
    guests: str = ""                        # disk image that becomes Dom0's /guests
    root: str = ""                          # Dom0's root: BUILD/images/NAME.img ("stock")
    work: str = ""                          # folder for this run's own files
    boot_files: dict = dataclasses.field(default_factory=dict)  # {name: path}, on the boot disk
    modules: bool = True                    # False: -kernel alone, no Dom0
    single_thread: bool = False             # one host thread for all CPUs
    icount: str = ""
    extra: tuple = ()

    def __post_init__(self):
        self.hypervisor = self.hypervisor or f"{self.build}/purlin.img"
        self.dom0_kernel = self.dom0_kernel or f"{self.build}/images/dom0-kernel"
        self.dom0_initrd = self.dom0_initrd or f"{self.build}/images/dom0-initrd"
        self.guests = self.guests or f"{self.build}/images/guests.img"
        self.work = self.work or f"{self.build}/run"
        if self.root:
            self.dom0_args += f" purlin.root={self.root}"

    def machine_args(self):
        accel = "tcg,thread=" + ("single" if self.single_thread or self.icount else "multi")
        args = ["-M", f"virt,virtualization=on,gic-version={self.gic}", "-cpu", self.cpu,
                "-smp", str(self.cpus), "-m", f"{self.memory}M", "-accel", accel,
                "-nodefaults", "-nographic", "-no-reboot"]
        if self.icount:
            args += ["-icount", self.icount]
        return args

    def device_args(self):
        args = []
        disks = [("boot", self.boot_disk()), ("guests", self.guests)]
        if self.root:
            # All runs share the file; what one writes is its own and ends with it.
            disks.append((self.root, f"{self.build}/images/{self.root}.img,snapshot=on"))
        # U-Boot boots from the first disk only: the last given on MMIO, the first on PCI.
        for name, path in disks if self.bus == "pci" else reversed(disks):
            args += ["-drive", f"if=none,id={name},format=raw,file={path}",
                     "-device", f"virtio-blk-{self.bus},drive={name},serial={name}"]
        rom = ",romfile=" if self.bus == "pci" else ""
        args += ["-netdev", "user,id=net0", "-device", f"virtio-net-{self.bus},netdev=net0{rom}"]
        return args

    def boot_args(self):
        dtb = ["-dtb", self.dtb] if self.dtb and self.boot == "kernel" else []
        if self.boot == "uboot":
            return ["-bios", UBOOT]
        if self.boot == "loads":
            args = []
            for path, address in self.loads:
                args += ["-device", f"loader,file={path},addr={address:#x},force-raw=on"]
            args[-1] += ",cpu-num=0"
            return args
        if os.path.getsize(self.dom0_initrd) > INITRD_LIMIT:
            raise ValueError(f"{self.dom0_initrd} would reach over QEMU's device tree")
        hypervisor = dtb + ["-kernel", self.hypervisor, "-append", self.purlin_args]
        if not self.modules:
            return hypervisor
        # QEMU splits option values at commas; two commas stand for one.
        dom0_args = self.dom0_args.replace(",", ",,")
        return hypervisor + [
            "-device", f"guest-loader,addr={KERNEL_ADDR:#x},kernel={self.dom0_kernel},"
                       f"bootargs={dom0_args}",
            "-device", f"guest-loader,addr={INITRD_ADDR:#x},initrd={self.dom0_initrd}"]

    def boot_disk(self):
        return f"{self.work}/boot.img"

    def prepare(self):
        """Make this run's own boot disk: the built one, with this board's files and arguments
        written into it (by debugfs, so without root)."""
        os.makedirs(self.work, exist_ok=True)
        env = f"{self.work}/purlin.env"
        with open(env, "w", encoding="ascii") as f:
            f.write(f"purlin_args={self.purlin_args}\ndom0_args={self.dom0_args}\n")
        files = {"purlin.env": env, **self.boot_files}
        if self.boot == "uboot":
            if self.dtb:
                files["board.dtb"] = self.dtb
            for name, path in (("purlin.img", self.hypervisor), ("dom0-kernel", self.dom0_kernel),
                               ("dom0-initrd", self.dom0_initrd)):
                if os.path.realpath(path) != os.path.realpath(f"{self.build}/images/{name}"):
                    files[name] = path
        # Another QEMU may have the one that is there open.
        new = f"{self.boot_disk()}.{os.getpid()}"
        subprocess.run(["cp", "--sparse=always", f"{self.build}/images/boot.img", new], check=True)
        script = "".join(f"rm {name}\nwrite {path} {name}\n" for name, path in files.items())
        done = subprocess.run(["debugfs", "-w", "-f", "-", f"{new}?offset={PART_OFFSET}"],
                              input=script, text=True, capture_output=True, check=True)
        problems = [line for line in done.stderr.splitlines()
                    if not line.startswith(("debugfs ", "rm: File not found"))]
        if problems:
            raise ValueError(f"debugfs: {problems}")
        os.replace(new, self.boot_disk())

    def command(self):
        return (["qemu-system-aarch64"] + self.machine_args() + self.boot_args()
                + self.device_args() + list(self.extra))


def arguments():
    defaults = Board()
    parser = argparse.ArgumentParser(description="Boot Purlin on QEMU's virt board.")
    parser.add_argument("--build", default=defaults.build, help="build folder")
    parser.add_argument("--hypervisor", default="", help="default: BUILD/purlin.img")
    parser.add_argument("--gic", type=int, choices=(2, 3), default=defaults.gic)
    parser.add_argument("--cpus", type=int, default=defaults.cpus)
    parser.add_argument("--memory", type=int, default=defaults.memory, help="MiB")
    parser.add_argument("--cpu", default=defaults.cpu)
    parser.add_argument("--boot", choices=("uboot", "kernel"), default=defaults.boot)
    parser.add_argument("--purlin-args", default=defaults.purlin_args)
    parser.add_argument("--dom0-args", default=defaults.dom0_args)
    parser.add_argument("--root", choices=("", "stock", "systemd"), default=defaults.root,
                        help="Dom0's root: stock has Debian's Xen tools, systemd is its init")
    parser.add_argument("--gdb", action="store_true",
                        help="wait for a debugger on TCP port 1234 before the first instruction")
    return parser.parse_args()


def main():
    args = vars(arguments())
    gdb = args.pop("gdb")
    board = Board(**args)
    board.extra = ("-serial", "mon:stdio") + (("-S", "-s") if gdb else ())
    if not shutil.which("qemu-system-aarch64"):
        sys.exit("qemu.py: no qemu-system-aarch64; `make demo` installs it")
    board.prepare()
    print(f"[qemu] {board.cpus} x {board.cpu}, GICv{board.gic}, {board.memory} MiB, boot by "
          f"{'U-Boot' if board.boot == 'uboot' else '-kernel'}; Ctrl-A x ends QEMU", flush=True)
    os.execvp("qemu-system-aarch64", board.command())


if __name__ == "__main__":
    main()
