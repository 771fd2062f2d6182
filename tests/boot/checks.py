# SPDX-License-Identifier: BSD-2-Clause
"""What the boot tests check, as steps that a case puts together. A step raises Failure."""

import hashlib
import json
import os
import re
import subprocess

from machine import Failure, Guest
from peer import blob, digest

MIB = 1 << 20
KNOWN_SIZE, KNOWN_SEED = 16 * MIB, 20
GUEST_CFG = """name = "{name}"
memory = {memory}
vcpus = {vcpus}
kernel = "/boot/domu-kernel"
ramdisk = "/boot/domu-initrd"
extra = "console=hvc0 quiet purlin.host={name} purlin.ip={ip}/24"
disk = [ "format=raw, vdev=xvda, access=rw, target=/guests/{name}.img" ]
vif = [ "bridge=xenbr0, mac={mac}" ]
on_poweroff = "destroy"
on_crash = "destroy"
"""
ADDRESSES = {"alice": "10.0.2.101", "bob": "10.0.2.102"}


def equal(what, got, wanted):
    if got != wanted:
        raise Failure(f"{what}: got {got}, wanted {wanted}")


def sha_in(text):
    found = re.search(r"\b[0-9a-f]{64}\b", text)
    if not found:
        raise Failure(f"no checksum in: {text[-300:]}")
    return found.group(0)


def guest_config(name, **changes):
    values = {"name": name, "memory": 256, "vcpus": 2, "ip": ADDRESSES.get(name, "10.0.2.110"),
              "mac": f"00:16:3e:00:00:{int(ADDRESSES.get(name, '0.0.0.110').split('.')[3]):02x}"}
    values.update(changes)
    return GUEST_CFG.format(**values)


def make_guests_disk(work, files=None, sparse=()):
    """An ext4 image for Dom0's /guests: known.bin, FILES {name: bytes, text or path}, and SPARSE
    [(name, MiB)]. Returns its path."""
    os.makedirs(work, exist_ok=True)
    contents = {"known.bin": blob(KNOWN_SIZE, KNOWN_SEED), **(files or {})}
    items = []
    for name, data in contents.items():
        path = f"{work}/{name}"
        with open(path, "wb") as f:
            f.write(data.encode() if isinstance(data, str) else data)
        items.append(f"{name}={path}")
    for name, mib in sparse:
        path = f"{work}/{name}"
        with open(path, "wb") as f:
            f.truncate(mib * MIB)
        items.append(f"{name}={path}")
    image = f"{work}/guests.img"
    script = os.path.join(os.path.dirname(__file__), "../../images/mkdisk.sh")
    subprocess.run([script, "plain", image, "512"] + items, check=True)
    return image


def file_on(image, name, work):
    """SHA-256 of file NAME inside the ext4 IMAGE, read on the host after the machine ended."""
    out = f"{work}/read-back"
    subprocess.run(["debugfs", "-R", f"dump {name} {out}", image], check=True,
                   capture_output=True)
    with open(out, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def dom0_cpus(machine):
    equal("Dom0's CPUs", machine.dom0("nproc"), str(machine.board.cpus))
    online = machine.dom0("cat /sys/devices/system/cpu/online")
    equal("CPUs online", online, f"0-{machine.board.cpus - 1}" if machine.board.cpus > 1 else "0")


def dom0_disk_reads(machine):
    machine.dom0("echo 3 >/proc/sys/vm/drop_caches")
    got = sha_in(machine.dom0("sha256sum /guests/known.bin"))
    equal("checksum of what Dom0 read from disk", got, digest(blob(KNOWN_SIZE, KNOWN_SEED)))


def dom0_disk_writes(machine):
    """Returns the checksum of /guests/out.bin; compare with file_on() after the end."""
    machine.dom0("dd if=/dev/urandom of=/guests/out.bin bs=1M count=16 conv=fsync")
    return sha_in(machine.dom0("sha256sum /guests/out.bin"))


def network(run, port, seed, mib):
    """MIB MiB over TCP each way between the host and the domain whose shell is RUN."""
    size = mib * MIB
    run(f"echo get {size} {seed} | nc 10.0.2.2 {port} >/tmp/in", 180)
    equal("checksum of what came by network", sha_in(run("sha256sum /tmp/in")),
          digest(blob(size, seed)))
    run(f"dd if=/dev/urandom of=/tmp/out bs=1M count={mib}")
    sent = sha_in(run("sha256sum /tmp/out"))
    came = sha_in(run(f"(echo put {size}; cat /tmp/out) | nc 10.0.2.2 {port}", 180))
    equal("checksum of what went by network", came, sent)
    run("rm /tmp/in /tmp/out")


def kernel_is_content(run):
    bad = run(r"dmesg | grep -E 'Oops|BUG:|WARNING:|Call trace|soft lockup|rcu.*stall' || true")
    if bad:
        raise Failure(f"the kernel complained: {bad[:500]}")


def free_bytes(machine):
    # Only the answer in the console's text is JSON: the shell's prompt has no brace.
    text = machine.dom0("purlin info --json")
    info = json.loads(text[text.index("{"):text.rindex("}") + 1])
    for key in ("free_memory_bytes", "free_bytes"):
        if key in info:
            return int(info[key])
    raise Failure(f"no free memory in: {sorted(info)}")


def guest_disk(machine, guest):
    """64 MiB through the PV disk; the file in Dom0 must hold the same."""
    guest.run("dd if=/dev/urandom of=/tmp/data bs=1M count=64", 180)
    wanted = sha_in(guest.run("sha256sum /tmp/data"))
    guest.run("dd if=/tmp/data of=/dev/xvda bs=1M conv=fsync && rm /tmp/data", 180)
    guest.run("echo 3 >/proc/sys/vm/drop_caches")
    got = sha_in(guest.run("dd if=/dev/xvda bs=1M count=64 | sha256sum", 180))
    equal("checksum of the PV disk, read back", got, wanted)
    guest.detach()
    got = sha_in(machine.dom0(f"dd if=/guests/{guest.name}.img bs=1M count=64 | sha256sum", 180))
    equal("checksum of the PV disk's file in Dom0", got, wanted)
    guest.attach()


def listening(port):
    """A command that waits for a listener at PORT."""
    return f"until grep -qi ':{port:04x} .* 0A ' /proc/net/tcp*; do sleep 0.1; done"


def listen(run, port):
    """Start a listener that leaves the checksum of what it gets in /tmp/sum. Its input must stay
    open (busybox's nc hangs up at its end) and must not be the terminal."""
    run(f"rm -f /tmp/sum; (sleep 900 | nc -l -p {port} | sha256sum >/tmp/sum &)")
    run(listening(port))


def heard(run):
    return sha_in(run("until [ -s /tmp/sum ]; do sleep 1; done; cat /tmp/sum"))


def guest_network(machine, guest):
    """16 MiB over TCP each way between Dom0 and GUEST, whose console is attached."""
    guest.detach()
    machine.dom0("(nc -l -p 5001 </guests/known.bin &)")
    machine.dom0(listening(5001))
    listen(machine.dom0, 5002)
    guest.attach()
    guest.run("nc 10.0.2.15 5001 >/tmp/in", 180)
    equal("checksum of what the guest got from Dom0", sha_in(guest.run("sha256sum /tmp/in")),
          digest(blob(KNOWN_SIZE, KNOWN_SEED)))
    guest.run("dd if=/dev/urandom of=/tmp/out bs=1M count=16")
    sent = sha_in(guest.run("sha256sum /tmp/out"))
    guest.run("nc 10.0.2.15 5002 </tmp/out && rm /tmp/in /tmp/out", 180)
    guest.detach()
    equal("checksum of what Dom0 got from the guest", heard(machine.dom0), sent)
    guest.attach()


def between_guests(sender, receiver):
    """16 MiB over TCP from one DomU to another; both are logged in and detached."""
    receiver.attach()
    listen(receiver.run, 5000)
    receiver.detach()
    sender.attach()
    sender.run("dd if=/dev/urandom of=/tmp/x bs=1M count=16")
    wanted = sha_in(sender.run("sha256sum /tmp/x"))
    sender.run(f"nc {ADDRESSES[receiver.name]} 5000 </tmp/x", 180)
    sender.detach()
    receiver.attach()
    got = heard(receiver.run)
    receiver.detach()
    equal(f"checksum of what {receiver.name} got from {sender.name}", got, wanted)


def destroyed_in_io(machine, name):
    """Destroy a guest that is writing to its disk; its memory must come back exactly."""
    before = free_bytes(machine)
    guest = Guest(machine, name)
    guest.create()
    guest.login()
    guest.run("(until dd if=/dev/zero of=/dev/xvda bs=64k oflag=direct; do :; done) "
              "2>/tmp/dd & true")
    guest.detach()
    machine.dom0("w() { cat /sys/block/loop*/stat | awk '{ n += $7 } END { print n }'; }")
    # In the middle of it: some of it has arrived, and more keeps coming.
    machine.dom0("n=$(w); until [ $(w) -gt $((n + 256)) ]; do sleep 1; done")
    machine.dom0(f"purlin destroy {name}")
    equal("free memory after destroy", free_bytes(machine), before)
    if re.search(rf"\b{name}\b", machine.dom0("purlin list")):
        raise Failure(f"{name} is still listed after destroy")
