# SPDX-License-Identifier: BSD-2-Clause
"""Domains that the device tree describes, started by the hypervisor: beside Dom0, and without."""

import os
import re
import subprocess

import checks
from boards import dump_tree, edit
from machine import DOM0_PROMPT, Failure, Guest, qemu

RAMDISK_ADDR = 0x4c000000
SWITCH = "\x01\x01\x01"


def describe(board, name, host, memory_kib, cpus):
    """Adds domain NAME to the board's tree, before its siblings: Dom0's kernel, which is the
    guests' as well, and the guests' ramdisk."""
    node = f"/chosen/{name}"
    modules = (("kernel", qemu.KERNEL_ADDR, board.dom0_kernel),
               ("ramdisk", RAMDISK_ADDR, f"{board.build}/images/domu-initrd"))
    subprocess.run(["fdtput", "-c", board.dtb, node], check=True)
    edit(board.dtb, (node, "compatible", "s", "xen,domain"), (node, "#address-cells", "x", "2"),
         (node, "#size-cells", "x", "2"), (node, "memory", "x", "0", f"{memory_kib:x}"),
         (node, "cpus", "x", f"{cpus:x}"), (node, "vpl011", "x"))
    for kind, address, path in modules:
        module = f"{node}/{kind}"
        subprocess.run(["fdtput", "-c", board.dtb, module], check=True)
        edit(board.dtb, (module, "compatible", "s", f"multiboot,{kind}", "multiboot,module"),
             (module, "reg", "x", "0", f"{address:x}", "0", f"{os.path.getsize(path):x}"))
    edit(board.dtb, (f"{node}/kernel", "bootargs", "s",
                     f"console=ttyAMA0 quiet purlin.shell purlin.host={host}"))


def load(board, path, address):
    board.extra += ("-device", f"loader,file={path},addr={address:#x},force-raw=on")


def two_guests(board):
    board.dtb = dump_tree(board)
    load(board, f"{board.build}/images/domu-initrd", RAMDISK_ADDR)
    # A new node comes before its siblings.
    describe(board, "domU2", "two", 128 << 10, 1)
    describe(board, "domU1", "one", 160 << 10, 2)


def enhanced_guest(board):
    """The first of them knows of Xen, and has performance monitors."""
    two_guests(board)
    edit(board.dtb, ("/chosen/domU1", "xen,enhanced", "s", "enabled"),
         ("/chosen/domU1", "vpmu", "x"))


def without_dom0(board):
    board.modules = False
    two_guests(board)
    describe(board, "domU0", "none", 128 << 10, 1)
    edit(board.dtb, ("/chosen/domU0", "xen,enhanced", "s", ""))
    load(board, board.dom0_kernel, qemu.KERNEL_ADDR)


def bad_nodes(board):
    """Each domain has one fault of its own, but the last."""
    two_guests(board)
    for name in ("cpus", "memory", "device", "image", "much", "enhanced", "direct"):
        describe(board, name, name, 128 << 10, 1)
    edit(board.dtb, ("/chosen/cpus", "cpus", "x", "0"),
         ("/chosen/device/ramdisk", "compatible", "s", "multiboot,device-tree", "multiboot,module"),
         ("/chosen/image/kernel", "reg", "x", "0", f"{RAMDISK_ADDR:x}", "0",
          f"{os.path.getsize(f'{board.build}/images/domu-initrd'):x}"),
         ("/chosen/much", "memory", "x", "0", f"{8 << 20:x}"),
         ("/chosen/enhanced", "xen,enhanced", "s", "no-xenstore"),
         ("/chosen/direct", "direct-map", "x"))
    subprocess.run(["fdtput", "-d", board.dtb, "/chosen/memory", "memory"], check=True)
    subprocess.run(["fdtput", "-r", board.dtb, "/chosen/domU1"], check=True)


class ConsoleGuest(Guest):
    """A guest whose shell is on its UART, on the machine's console, which has the input."""

    def wake(self):
        """Its prompt, which may have been waiting for the input to come."""
        self.machine.child.send("\r")
        self.machine.expect_own(self.prompt, 60)


def switch(machine, to):
    """Moves the console's input on until it is TO's. The line that says so is never cut."""
    for _ in range(5):
        machine.child.send(SWITCH)
        machine.expect(r"\*\*\* Input goes to (\w+) now", 30)
        if machine.match.group(1) == to:
            return
    raise Failure(f"the console's input never goes to {to}")


def beside_dom0(machine):
    machine.expect(r"/chosen/domU1: domain 1, 160 MiB, 2 vCPUs[^\n]*", 60)
    machine.expect(r"/chosen/domU2: domain 2, 128 MiB, 1 vCPUs[^\n]*", 60)
    machine.wait_dom0()
    machine.dom0("! ls /proc/device-tree/chosen | grep domU")
    machine.dom0("until purlin list | grep -q '^.* 2 *128 *1 '; do sleep 1; done")
    # As purlin-domains.service does it at boot: what was killed anywhere on the way is done by the
    # next; when there is nothing to do nothing is done.
    machine.dom0("k() { purlin autostart & p=$!; sleep $1; kill -9 $p; wait $p; }")
    machine.dom0("for t in .03 .06 .09 .12 .15 .2 .25 .3 .4; do k $t; done 2>/dev/null; true")
    machine.dom0("purlin autostart && purlin autostart")
    checks.equal("names given", machine.dom0("xenstore-ls /vm | grep -c 'name = \"dom0less-'"), "2")
    for tool in ("purlin", "xl"):
        listed = machine.dom0(f"{tool} list")
        if not re.search(r"dom0less-1 +1 +160 .*\n.*dom0less-2 +2 +128 ", listed):
            raise Failure(f"{tool} does not list both by name: {listed}")
    # What its kernel writes there when xenbus has come up.
    machine.dom0("node=/local/domain/1/control/feature-poweroff")
    machine.dom0("until xenstore-read $node | grep 1; do sleep 1; done")
    one, two = ConsoleGuest(machine, "one"), ConsoleGuest(machine, "two")
    switch(machine, "Dom1")
    one.wake()
    checks.equal("vCPUs of domain 1", one.run("nproc"), "2")
    checks.equal("what it runs on", one.run("cat /sys/hypervisor/type"), "xen")
    one.run("ls -d /sys/bus/event_source/devices/armv8_pmuv3*")
    switch(machine, "Dom2")
    two.wake()
    checks.equal("vCPUs of domain 2", two.run("nproc"), "1")
    checks.equal("its console", two.run("tty"), "/dev/ttyAMA0")
    two.run("! test -e /proc/device-tree/hypervisor")
    two.run("! ls -d /sys/bus/event_source/devices/armv8_pmuv3*")
    # What it says while the input is another's is marked; as is the echo, if it comes late.
    machine.type("(sleep 3; echo from a''far) &")
    switch(machine, "Purlin")
    machine.expect(r"\(d2\) [^\n]*from afar", 30)
    machine.child.send("q")
    machine.expect(r"domain 2: running", 30)
    switch(machine, "Dom0")
    machine.child.send("\r")
    machine.expect_own(DOM0_PROMPT, 30)
    before = checks.free_bytes(machine)
    machine.dom0("purlin info && purlin vcpu-list && purlin shutdown dom0less-1")
    machine.dom0("until xl list dom0less-1 | grep -q -e '---s'; do sleep 1; done")
    machine.dom0("purlin destroy dom0less-1")
    machine.dom0("xl destroy dom0less-2")
    freed = checks.free_bytes(machine) - before
    if freed < (160 + 128) * checks.MIB:
        raise Failure(f"destroying both gave back {freed} bytes")
    listed = machine.dom0("purlin list")
    if len(listed.splitlines()) != 2:
        raise Failure(f"there are more domains than Dom0: {listed}")
    checks.equal("what xenstore has of domains", machine.dom0("xenstore-list /local/domain"), "0")
    machine.dom0("! xenstore-ls /vm 2>/dev/null | grep dom0less")
    machine.poweroff()
    return f"{freed >> 20} MiB came back"


def answers_in_a_flood(machine, one, two):
    """TWO, which has the input, prints all the time, and ONE's answers are its own still. Returns
    how many lines came between the first answer and the last."""
    two.run("touch /on; (while [ -e /on ]; do echo $((n += 1)) lines; done; echo o''ver) & true")
    switch(machine, "Dom1")
    one.wake()
    machine.expect(r"\(d2\) (\d+) lines", 30)
    first = int(machine.match.group(1))
    for count in range(100, 120):
        numbers = one.run(f"seq {count}").split("\n")
        checks.equal("numbers", numbers, [str(n) for n in range(1, count + 1)])
    machine.expect(r"\(d2\) (\d+) lines", 30)
    last = int(machine.match.group(1))
    switch(machine, "Dom2")
    machine.type("rm /on")
    machine.expect("over", 60)
    return last - first


def no_dom0(machine):
    machine.expect(r"/chosen/domU0: xen,enhanced needs a Dom0[^\n]*; the domain is left out", 60)
    machine.expect(r"no Dom0: the machine runs 2 domains[^\n]*", 60)
    said = machine.match.group(0).strip()
    machine.expect(r"Input goes to Dom1 now", 30)
    one = ConsoleGuest(machine, "one")
    machine.expect_own(one.prompt, 120)
    one.wake()
    checks.equal("vCPUs of domain 1", one.run("nproc"), "2")
    switch(machine, "Dom2")
    two = ConsoleGuest(machine, "two")
    two.wake()
    said += f"; {answers_in_a_flood(machine, one, two)} lines between those of answers"
    machine.type("poweroff")
    machine.expect(r"domain 2 has shut down, reason 0", 60)
    switch(machine, "Dom1")
    one.run("true")
    return said


def bad_domains_are_left_out(machine):
    # A new node comes before its siblings: the last one made is the first.
    for name, text in (("direct", r"direct-map is not supported"),
                       ("enhanced", r"xen,enhanced is neither"),
                       ("device", r"multiboot,device-tree is not supported"),
                       ("memory", r"memory is missing"),
                       ("cpus", r"cpus is missing"), ("much", r"memory is more than is free"),
                       ("image", r"[^\n]*arm64 Image")):
        machine.expect(rf"/chosen/{name}: {text}[^\n]*; the domain is left out", 60)
    machine.expect(r"/chosen/domU2: domain \d+, 128 MiB", 60)
    machine.wait_dom0()
    lines = machine.dom0("purlin list").splitlines()
    if len(lines) != 3 or not re.search(r" 128 +1 ", lines[2]):
        raise Failure(f"not Dom0 and one domain: {lines}")
    machine.poweroff()


def by_script(board):
    """U-Boot runs the example script."""
    source = os.path.join(os.path.dirname(__file__), "../../configs/dom0less/domains.cmd")
    path = f"{board.work}/domains.scr"
    subprocess.run(["mkimage", "-A", "arm64", "-T", "script", "-d", source, path], check=True,
                   capture_output=True)
    board.boot_files = {"domains.scr": path}
    board.prepare()


def example_script(machine):
    machine.expect(r"describing domains that start with the machine", 60)
    machine.expect(r"/chosen/domU1: domain 1, 128 MiB, 1 vCPUs[^\n]*", 60)
    machine.expect(r"/chosen/domU2: domain 2, 128 MiB, 1 vCPUs[^\n]*", 60)
    machine.wait_dom0()
    switch(machine, "Dom1")
    ConsoleGuest(machine, "domU1").wake()
    switch(machine, "Dom2")
    ConsoleGuest(machine, "domU2").wake()
