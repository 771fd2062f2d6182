# SPDX-License-Identifier: BSD-2-Clause
"""Boot tests of bad input: what is wrong must be said where a person looks for it, and must take
down at most the one domain that it belongs to."""

import os
import pathlib
import re
import subprocess

import checks
from boards import dump_tree
from machine import DOM0_PROMPT, Failure

PURLIN_STOPS = 60
TINY_CFG = """name = "{name}"
memory = 32
vcpus = 1
kernel = "/guests/{name}.img"
on_poweroff = "destroy"
on_crash = "preserve"
"""


def message(*patterns):
    """A body: the console must show all PATTERNS, in this order."""
    def body(machine):
        for pattern in patterns:
            machine.expect(pattern, PURLIN_STOPS)
        return machine.match.group(0).strip()[:150]
    return body


def damaged_kernel(board):
    """The right size and the wrong contents, as a load over it would leave."""
    path = f"{board.work}/bad-kernel"
    with open(path, "wb") as f:
        f.write(bytes(range(256)) * 40960)
    board.dom0_kernel = path


def short_kernel(board):
    path = f"{board.work}/short-kernel"
    with open(board.dom0_kernel, "rb") as source, open(path, "wb") as f:
        f.write(source.read(32))
    board.dom0_kernel = path


def damaged_ramdisk(board):
    path = f"{board.work}/bad-initrd"
    with open(path, "wb") as f:
        f.write(b"this is no archive " * 4096)
    board.dom0_initrd = path


def without_modules(board):
    board.modules = False


def without_node(node):
    """A board change: the machine's device tree, modules included, lacks NODE."""
    def change(board):
        board.dtb = dump_tree(board)
        subprocess.run(["fdtput", "-r", board.dtb, node], check=True, capture_output=True)
    return change


def no_tree(board):
    """Entered with x0 = 0."""
    board.boot = "loads"
    board.loads = ((board.hypervisor, 0x40200000),)


def damaged_tree(board):
    """The header is right and all that follows is not."""
    path = dump_tree(board)
    with open(path, "r+b") as f:
        f.seek(64)
        f.write(b"\xa5" * 4096)
    board.boot = "loads"
    board.loads = ((board.hypervisor, 0x40200000), (path, 0x50000000),
                   (f"{board.build}/guests/enter_with_tree.img", 0x60000000))


def tiny_guest_files(*names):
    """Configuration files of the bare-metal guests; their images are added by add_images()."""
    return {f"{name}.cfg": TINY_CFG.format(name=name) for name in names}


def add_images(files, build):
    """Bytes of the built guests for each configuration in FILES."""
    images = built(build, "arch_linux", "arch_linux.cpio") if "arch_linux.cfg" in files else {}
    for name in files:
        path = f"{build}/guests/{name.rsplit('.', 1)[0]}.img"
        if os.path.exists(path):
            with open(path, "rb") as f:
                images[os.path.basename(path)] = f.read()
    return images


def wait_gone(machine, name):
    machine.dom0(f"for i in $(seq 60); do purlin list|grep -qw {name}||break; sleep 1; done")
    if re.search(rf"^{name}\b", machine.dom0("purlin list"), re.MULTILINE):
        raise Failure(f"guest {name} did not end by itself: it saw something else than it should")


# An emulated UART, for its sake an SPI: so the distributor has some.
ARCH_CFG = TINY_CFG.format(name="arch").replace("vcpus = 1", "vcpus = 2\nvuart = \"sbsa_uart\"")


def architecture_is_as_specified(machine):
    """The guest that checks it prints a line for each check, and ends itself."""
    machine.wait_dom0()
    machine.type("purlin create -c /guests/arch.cfg")
    end = machine.expect_own([r"arch: all ok", r"arch: FAILED", DOM0_PROMPT], 120)
    said = machine.text
    passed = len(re.findall(r"^ok ", said, re.MULTILINE))
    if end != 0 or passed < 100:
        raise Failure(f"{passed} checks passed; " + "; ".join(
            re.findall(r"^FAIL [^\r\n]*", said, re.MULTILINE) or [said[-300:]]))
    machine.expect_own(DOM0_PROMPT, 60)
    machine.poweroff()
    return f"{passed} checks"


def built(build, *names):
    """Built test guests, as files of Dom0's /guests; what is not built is left out."""
    paths = {name: f"{build}/guests/{name}" for name in names}
    return {name: pathlib.Path(path).read_bytes() for name, path in paths.items()
            if os.path.exists(path)}


LINUX_CFG = """name = "arch_linux"
memory = 128
vcpus = 1
kernel = "/boot/domu-kernel"
ramdisk = "/guests/arch_linux.cpio"
extra = "console=hvc0 quiet"
on_poweroff = "destroy"
on_crash = "destroy"
"""


def linux_debugs_and_profiles(machine):
    """The same program in a guest and, on the same CPU and at the same time, in Dom0."""
    machine.wait_dom0()
    machine.dom0("cp /guests/arch_linux /tmp && chmod +x /tmp/arch_linux")
    machine.dom0("(while :; do /tmp/arch_linux; done) >/tmp/dom0.txt 2>&1 & true")
    machine.type("purlin create -c /guests/arch_linux.cfg")
    end = machine.expect_own([r"arch_linux: all ok", r"arch_linux: FAILED", DOM0_PROMPT], 240)
    said = machine.text
    if end != 0:
        raise Failure("; ".join(re.findall(r"FAIL [^\r\n]*", said) or [said[-300:]]))
    machine.expect_own(DOM0_PROMPT, 60)
    machine.dom0("until grep -q arch_linux: /tmp/dom0.txt; do sleep 1; done", 120)
    dom0 = machine.dom0("cat /tmp/dom0.txt")
    if "FAIL" in dom0 or dom0.count("all ok") < 1:
        raise Failure(f"in Dom0: {dom0[-600:]}")
    return "guest: " + ", ".join(re.findall(r"\d+ (?:cycles|samples|single steps)", said))


def guests_misbehave(machine):
    """Bare-metal guests that end themselves if they see what the architecture or the ABI says."""
    machine.wait_dom0()
    before = checks.free_bytes(machine)
    for name in ("touch_unmapped", "undefined_trap", "unknown_hypercall"):
        machine.dom0(f"purlin create /guests/{name}.cfg")
        wait_gone(machine, name)
    machine.dom0("purlin create /guests/jump_nowhere.cfg")
    machine.dom0("until purlin dmesg | grep -q 'no vectors'; do sleep 1; done")
    said = machine.dom0("purlin dmesg | grep 'no vectors'")
    # Preserved: there is nothing to ask it for, or to wait for.
    machine.dom0("! purlin shutdown jump_nowhere && purlin shutdown -F jump_nowhere")
    machine.dom0("purlin destroy jump_nowhere")
    machine.dom0("purlin create /guests/jump_loop.cfg")
    machine.dom0("until purlin dmesg | grep -q 'IPA 10000200'; do sleep 1; done")
    machine.dom0("purlin destroy jump_loop")
    checks.equal("free memory after the guests", checks.free_bytes(machine), before)
    checks.kernel_is_content(machine.dom0)
    machine.poweroff()
    return said.splitlines()[-1][:120]


CONFIGS = {
    # name: (text, wanted status is 0, what must be said)
    "unknown_key": ('name = "unknown_key"\nmemory = 32\nkernel = "/guests/jump_nowhere.img"\n'
                    'colour = "red"\n'
                    'on_crash = "preserve"\n', True, r"colour"),
    "wrong_value": ('name = "wrong_value"\nmemory = "much"\nkernel = "/boot/domu-kernel"\n',
                    False, r"wrong_value\.cfg:2:\d+"),
    "wrong_syntax": ('name = "wrong_syntax"\nmemory = 32\ndisk = [ "x"\n',
                     False, r"wrong_syntax\.cfg:\d+:\d+"),
    "wrong_kernel": ('name = "wrong_kernel"\nmemory = 32\nkernel = "/guests/known.bin"\n',
                     False, r"known\.bin"),
    "no_kernel": ('name = "no_kernel"\nmemory = 32\nkernel = "/guests/none"\n',
                  False, r"/guests/none"),
    "too_big": ('name = "too_big"\nmemory = 65536\nkernel = "/guests/jump_nowhere.img"\n',
                False, r"(?i)memory"),
    "no_disk": ('name = "no_disk"\nmemory = 32\nkernel = "/guests/jump_nowhere.img"\n'
                'disk = [ "format=raw, vdev=xvda, access=rw, target=/guests/none.img" ]\n',
                False, r"/guests/none\.img"),
    "no_bridge": ('name = "no_bridge"\nmemory = 32\nkernel = "/guests/jump_nowhere.img"\n'
                  'vif = [ "bridge=nobr" ]\n', False, r"nobr"),
    "many_vcpus": ('name = "many_vcpus"\nmemory = 32\nkernel = "/guests/jump_nowhere.img"\n'
                   'vcpus = 9\n', False, r"GICv2 has 8 at most: lower vcpus="),
}


def configurations_are_refused(machine):
    """purlin create on wrong files: says what is wrong where, and leaves nothing behind."""
    machine.wait_dom0()
    before = checks.free_bytes(machine)
    store = machine.dom0("xenstore-ls /local/domain | wc -l")
    for name, (_, good, wanted) in CONFIGS.items():
        for create in ("purlin create -n", "purlin create"):
            status, said = machine.status_of(f"{create} /guests/{name}.cfg", r"dom0:\S*# ")
            if (status == 0) != good:
                raise Failure(f"{create} {name}.cfg gave status {status}: {said}")
            if not re.search(wanted, said):
                raise Failure(f"{create} {name}.cfg said nothing of {wanted}: {said}")
        if good:
            machine.dom0(f"purlin destroy {name}")
    checks.equal("free memory after refused configurations", checks.free_bytes(machine), before)
    checks.equal("xenstore's lines", machine.dom0("xenstore-ls /local/domain | wc -l"), store)
    machine.poweroff()
