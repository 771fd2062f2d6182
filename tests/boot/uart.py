# SPDX-License-Identifier: BSD-2-Clause
"""Guests with the emulated UART: Linux from its first line, Debian's U-Boot up to a kernel."""

import os
import re
import subprocess

import checks
from machine import DETACH, DOM0_PROMPT, Failure, Guest

CFG = """name = "{name}"
memory = {memory}
vcpus = 1
acpi = 0
kernel = "/boot/{kernel}"
{more}
vuart = "sbsa_uart"
on_poweroff = "destroy"
on_crash = "destroy"
"""
LINUX = 'ramdisk = "/boot/domu-initrd"\nextra = "earlycon console=ttyAMA0 purlin.host=alice"'
FILES = {"alice.cfg": CFG.format(name="alice", memory=192, kernel="domu-kernel", more=LINUX),
         # One file holds kernel and ramdisk; the tool puts it where a ramdisk goes.
         "boot.cfg": CFG.format(name="boot", memory=384, kernel="domu-u-boot",
                                more='ramdisk = "/guests/linux.itb"')}
FIT_AT = 0x48000000
FIT = """/dts-v1/;
/ {{
    description = "a guest";
    #address-cells = <1>;
    images {{
        kernel {{
            data = /incbin/("{kernel}");
            type = "kernel"; arch = "arm64"; os = "linux"; compression = "none";
            load = <0x40200000>; entry = <0x40200000>;
        }};
        ramdisk {{
            data = /incbin/("{ramdisk}");
            type = "ramdisk"; arch = "arm64"; os = "linux"; compression = "none";
        }};
    }};
}};
"""
UBOOT_PROMPT = "=> "


class UartGuest(Guest):
    """A guest whose console is its UART."""
    tool = "purlin console -t vuart"

    def open_console(self):
        self.machine.type(f"{self.tool} {self.name}")
        self.machine.expect(rf"{self.tool} [^\n]*\n", 30)


def add_fit(board):
    """Puts linux.itb on the guests' disk."""
    source, path = f"{board.work}/linux.its", f"{board.work}/linux.itb"
    images = os.path.abspath(f"{board.build}/images")
    with open(source, "w", encoding="ascii") as f:
        f.write(FIT.format(kernel=f"{images}/dom0-kernel", ramdisk=f"{images}/domu-initrd"))
    subprocess.run(["mkimage", "-f", source, path], check=True, capture_output=True)
    subprocess.run(["debugfs", "-w", "-R", f"write {path} linux.itb", board.guests], check=True,
                   capture_output=True)


def interrupts(guest):
    """How often the guest's UART has interrupted it."""
    line = guest.run("grep -E 'uart|ttyAMA' /proc/interrupts")
    return int(re.search(r":\s+(\d+)", line).group(1))


def typed_text_comes_by_interrupt(guest):
    before = interrupts(guest)
    checks.equal("what the guest read", guest.run("echo a word typed"), "a word typed")
    if interrupts(guest) <= before:
        raise Failure("the UART did not interrupt the guest")
    # More than the ring and the FIFO hold, at once.
    lines = guest.run("seq 1000 1999").split()
    checks.equal("what the guest wrote", lines, [str(n) for n in range(1000, 2000)])
    guest.run("stty -a | grep -q 115200")


def linux_speaks_from_its_first_line(machine):
    machine.wait_dom0()
    before = checks.free_bytes(machine)
    machine.dom0("purlin create /guests/alice.cfg")
    alice = UartGuest(machine, "alice")
    alice.open_console()
    machine.expect(r"Booting Linux on physical CPU", 60)
    machine.expect(r"earlycon: pl11 at MMIO 0x0*22000000", 60)
    machine.expect(r"22000000.sbsa-uart: ttyAMA0 at MMIO 0x22000000 \(irq = \d+, base_baud = 0\) "
                   "is a SBSA", 60)
    machine.expect("alice login: ", 120)
    alice.login()
    typed_text_comes_by_interrupt(alice)
    checks.kernel_is_content(alice.run)
    alice.detach()
    machine.dom0("purlin config alice | grep 'vuart = \"sbsa_uart\"'")
    machine.dom0("purlin reboot alice")
    machine.dom0("until purlin list | grep -q 'alice *2'; do sleep 1; done")
    alice.open_console()
    machine.expect("alice login: ", 120)
    machine.child.send(DETACH)
    machine.expect(DOM0_PROMPT, 30)
    machine.dom0("purlin destroy alice")
    checks.equal("what is left in xenstore", machine.dom0("xenstore-ls | grep -c vuart || true"),
                 "0")
    checks.equal("free memory after destroy", checks.free_bytes(machine), before)
    machine.poweroff()


def u_boot_boots_a_kernel(machine):
    machine.wait_dom0()
    machine.dom0("purlin create /guests/boot.cfg")
    boot = UartGuest(machine, "boot")
    boot.open_console()
    machine.expect(r"U-Boot 20\d\d\.\d\d[^\n]*", 60)
    version = machine.match.group(0).strip()
    machine.expect("Hit any key to stop autoboot", 60)
    machine.child.send(" ")
    machine.expect(UBOOT_PROMPT, 60)
    machine.type("echo typed; printenv fdtcontroladdr")
    machine.expect(r"fdtcontroladdr=[0-9a-f]+\s+" + UBOOT_PROMPT, 30)
    machine.type("setenv bootargs console=ttyAMA0 purlin.host=boot")
    machine.expect(UBOOT_PROMPT, 30)
    machine.type(f"bootm {FIT_AT:x}:kernel {FIT_AT:x}:ramdisk ${{fdtcontroladdr}}")
    machine.expect(r"Starting kernel", 60)
    machine.expect("boot login: ", 120)
    boot.login()
    checks.equal("the guest's command line", boot.run("cat /proc/cmdline"),
                 "console=ttyAMA0 purlin.host=boot")
    checks.kernel_is_content(boot.run)
    boot.detach()
    machine.dom0("purlin shutdown -w boot")
    machine.poweroff()
    return version


def xl_makes_such_guests(machine):
    """Stock xl creates one; stock xl shows its UART."""
    machine.wait_dom0()
    machine.dom0("xl create /guests/alice.cfg")
    alice = UartGuest(machine, "alice")
    alice.tool = "xl console -t vuart"
    alice.open_console()
    machine.expect("alice login: ", 180)
    alice.login()
    typed_text_comes_by_interrupt(alice)
    alice.detach()
    machine.dom0("xl destroy alice")
    machine.dom0("purlin create /guests/alice.cfg")
    alice.open_console()
    machine.expect("alice login: ", 180)
    machine.child.send(DETACH)
    machine.expect(DOM0_PROMPT, 30)
    machine.dom0("xl destroy alice")
    machine.poweroff()
