# SPDX-License-Identifier: BSD-2-Clause
"""The verbs that look at a running guest, tune it and watch it, used as an operator does."""

import json
import re

import checks
from machine import DOM0_PROMPT, Failure, Guest
from uart import UartGuest

GUEST = "alice"
SAMPLE = re.compile(r"^[a-z_]+(\{[^}]*\})? [0-9.e+]+$")


def files():
    config = checks.guest_config(GUEST).replace("vcpus = 2", "vcpus = 2\nmaxvcpus = 3")
    return {f"{GUEST}.cfg": config}


def shares_files():
    """A guest with a shell that needs no login: that times out, in time that passes at once."""
    config = checks.guest_config(GUEST).replace("quiet", "quiet purlin.shell")
    return {f"{GUEST}.cfg": config + 'vuart = "sbsa_uart"\n'}


def answer(machine, command, limit=None):
    """The JSON that COMMAND prints at Dom0's shell."""
    text = machine.dom0(command, limit)
    start = min(i for i in (text.find("["), text.find("{")) if i >= 0)
    return json.loads(text[start:max(text.rfind("]"), text.rfind("}")) + 1])


def refused(machine, command, status, words):
    got, text = machine.status_of(command, DOM0_PROMPT)
    text = " ".join(text.split())
    if got != status or words not in text:
        raise Failure(f"'{command}' gave {got}, wanted {status} with '{words}': {text[-300:]}")


def inside(guest, command):
    guest.attach()
    text = guest.run(command)
    guest.detach()
    return text


def about(what, got, low, high):
    if not low <= got <= high:
        raise Failure(f"{what}: {got}, wanted {low} to {high}")


def lists(machine):
    one, = answer(machine, f"purlin list -l --json {GUEST}")
    checks.equal("vCPUs", (one["vcpus"], one["max_vcpus"]), (2, 3))
    checks.equal("the disk's target", one["disks"][0]["target"], f"/guests/{GUEST}.img")
    checks.equal("the interface's bridge", one["networks"][0]["bridge"], "xenbr0")
    if not one["exits"]["hypercall"] or not one["events"]:
        raise Failure(f"nothing was counted: {one}")
    vcpus = answer(machine, "purlin vcpu-list --json")
    checks.equal("vCPUs on line", [v["vcpu"] for v in vcpus
                                   if v["domain"] == GUEST and v["state"] != "offline"], [0, 1])
    up, = answer(machine, f"purlin uptime --json {GUEST}")
    about("seconds since the guest was made", up["uptime_seconds"], 1, 600)
    if not re.search(rf"weight 256, cap 0 .*disk +xvda: /guests/{GUEST}.img, connected",
                     machine.dom0(f"purlin list -l {GUEST}").replace("\n", " ")):
        raise Failure("purlin list -l does not show share and disk")
    refused(machine, "purlin list nobody", 3, "no domain is called 'nobody'")


def consoles(machine, guest):
    """Two viewers that come late see the first line, and what is typed at a third."""
    for n in (1, 2):
        machine.dom0(f"purlin console -w {GUEST} </dev/null >/tmp/c{n} & sleep 1")
    inside(guest, "echo typed-$((40 + 2))")
    machine.dom0("until grep -q typed-42 /tmp/c1 && grep -q typed-42 /tmp/c2; do sleep 1; done", 60)
    for n in (1, 2):
        checks.equal("guests' first lines", machine.dom0(f"grep -c 'is up with' /tmp/c{n}"), "1")
    machine.dom0("kill %1 %2; wait")
    # Another key leaves; the usual one goes to the guest then.
    machine.type(f"purlin console -n -e ^q {GUEST}")
    machine.expect(r"purlin console [^\n]*\n", 30)
    machine.child.send("\x1d\r")
    machine.expect(guest.prompt, 30)
    machine.child.send("\x11")
    machine.expect(DOM0_PROMPT, 30)
    # The reader of what it prints has gone: it ends, and the terminal is as it was.
    machine.dom0(f"{{ sleep 1; purlin console {GUEST}; }} | :")
    machine.dom0("! stty -a | grep -e -icanon")
    refused(machine, f"purlin console -t vuart {GUEST}", 1, "vuart")


def hung(machine):
    """A guest that takes no input: of two that type too much none is dropped, a third sees all."""
    machine.dom0(f"purlin pause {GUEST}; n=$(pidof purlin | wc -w)")
    machine.dom0(f"w() {{ yes | head -c 30000 | purlin console -n {GUEST} >/dev/null; }}")
    machine.dom0("(w &); (w &); sleep 1")
    machine.dom0(f"purlin console -w {GUEST} </dev/null >/tmp/c3 & p=$!")
    machine.dom0("until grep -q 'is up with' /tmp/c3; do sleep 0.1; done; kill $p; wait", 30)
    machine.dom0("[ $(pidof purlin | wc -w) = $((n + 2)) ]")


def dmesg(machine):
    machine.dom0("purlin dmesg -f >/tmp/d & sleep 1")
    machine.dom0("wc -l </tmp/d >/tmp/n; purlin debug-keys m")
    machine.dom0("until tail -n +$(cat /tmp/n) /tmp/d | grep 'pages free'; do sleep 1; done", 60)
    machine.dom0("kill %1; wait")


def cpus(machine, guest):
    machine.dom0(f"purlin vcpu-set {GUEST} 1")
    checks.equal("the guest's CPUs", inside(guest, "nproc"), "1")
    machine.dom0(f"purlin vcpu-set {GUEST} 3")
    inside(guest, "until [ $(nproc) = 3 ]; do sleep 1; done")
    refused(machine, f"purlin vcpu-set {GUEST} 4", 2, "can have 1 to 3 vCPUs")
    machine.dom0(f"purlin vcpu-pin {GUEST} all 1")
    machine.dom0(f"purlin vcpu-pin {GUEST} 2 all 0")
    inside(guest, "i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); done")
    vcpus = answer(machine, f"purlin vcpu-list --json {GUEST}")
    checks.equal("where the pinned ones run", [v["cpu"] for v in vcpus[:2]], [1, 1])
    checks.equal("affinities", [(v["hard_affinity"], v["soft_affinity"]) for v in vcpus],
                 [("1", "all"), ("1", "all"), ("all", "0")])
    refused(machine, f"purlin vcpu-pin {GUEST} 0 60", 2, "none of these CPUs is there")
    refused(machine, f"purlin vcpu-pin {GUEST} 7 0", 2, "has no vCPU 7")
    machine.dom0(f"purlin vcpu-pin {GUEST} all all all")


def used(machine):
    lines = answer(machine, "purlin top --json -d 5")
    return next(line["cpu_percent"] for line in lines if line["name"] == GUEST)


def shares(machine):
    """A guest that waits uses nothing; one that burns CPU gets its cap. With -icount on one CPU: no
    time passes while the host does something else."""
    machine.wait_dom0()
    guest = UartGuest(machine, GUEST)
    machine.dom0(f"purlin create -q /guests/{GUEST}.cfg")
    guest.open_console()
    machine.expect_own(guest.prompt)
    guest.detach()
    machine.dom0("purlin top --once -d 1")
    about("CPU use of an idle guest", used(machine), 0, 5)
    guest.open_console()
    machine.child.send("\r")
    machine.expect_own(guest.prompt)
    guest.run("(while :; do :; done) & (while :; do :; done) & true")
    guest.detach()
    about("CPU use of two loops", used(machine), 90, 101)
    machine.dom0(f"purlin sched {GUEST} -c 20 -w 512")
    checks.equal("weight and cap", answer(machine, f"purlin sched --json {GUEST}")[0]["cap"], 20)
    # What a run overshoots is paid back by a longer wait: later than the 5 s looked at, at worst.
    about("CPU use with a cap of 20", used(machine), 15, 25)
    machine.dom0(f"purlin sched {GUEST} -c 0 -w 256")
    about("CPU use without the cap", used(machine), 90, 101)
    refused(machine, f"purlin sched {GUEST} -w 0", 2, "is no weight")
    machine.dom0(f"purlin destroy {GUEST}")
    machine.poweroff()


def memory(machine, guest):
    before = checks.free_bytes(machine)
    total = int(inside(guest, "awk '/MemTotal/ { print $2 }' /proc/meminfo"))
    machine.dom0(f"purlin mem-set {GUEST} 160")
    about("MiB given back", (checks.free_bytes(machine) - before) >> 20, 90, 100)
    less = int(inside(guest, "awk '/MemTotal/ { print $2 }' /proc/meminfo"))
    about("KiB less in the guest", total - less, 90 << 10, 100 << 10)
    refused(machine, f"purlin mem-set {GUEST} 1g", 2, "can have at most 256 MiB")
    refused(machine, f"purlin mem-max {GUEST} 100", 2, "mem-set")
    machine.dom0(f"purlin mem-max {GUEST} 200 && purlin mem-set {GUEST} 200")
    refused(machine, f"purlin mem-set {GUEST} 256", 2, "can have at most 200 MiB")
    machine.dom0(f"purlin mem-max {GUEST} 256")
    machine.dom0(f"purlin mem-set {GUEST} 256")
    about("bytes of free memory lost", before - checks.free_bytes(machine), -(2 << 20), 2 << 20)


def disks(machine, guest):
    machine.dom0(f"purlin block-attach {GUEST} /guests/extra.img,raw,xvdb,w")
    inside(guest, "until [ -b /dev/xvdb ]; do sleep 1; done")
    inside(guest, "echo written-by-guest | dd of=/dev/xvdb bs=4096 conv=sync,fsync")
    checks.equal("what the guest wrote", machine.dom0("head -c 16 /guests/extra.img"),
                 "written-by-guest")
    refused(machine, f"purlin block-attach {GUEST} /guests/known.bin,raw,xvdb,w", 4, "has a disk")
    about("bytes written", answer(machine, f"purlin block-list --json {GUEST}")[1]
          ["written_bytes"], 4096, 1 << 20)
    machine.dom0(f"purlin block-detach {GUEST} xvdb")
    inside(guest, "until [ ! -b /dev/xvdb ]; do sleep 1; done")
    refused(machine, f"purlin block-detach {GUEST} xvdb", 2, "has no disk 'xvdb'")
    machine.dom0("until ! losetup -a | grep extra.img; do sleep 1; done", 30)
    forced(machine)


def forced(machine):
    """The disk that the guest was made with, while the guest cannot answer: it stays, but with
    --force; then nobody in Dom0 has its file open any more."""
    machine.dom0(f"losetup -a | grep alice.img && purlin pause {GUEST}")
    number = answer(machine, f"purlin list --json {GUEST}")[0]["id"]
    machine.dom0(f"b=/local/domain/0/backend/vbd/{number}/51712/state")
    machine.dom0(f"purlin block-detach {GUEST} xvda 2>/tmp/e & p=$!")
    machine.dom0("until [ $(xenstore-read $b) = 5 ]; do sleep 0.1; done")
    refused(machine, "kill -INT $p; wait $p; (s=$?; cat /tmp/e; exit $s)", 130,
            "interrupted: the guest still has been asked to let go")
    machine.dom0(f"purlin block-detach --force {GUEST} xvda")
    machine.dom0("until ! losetup -a | grep alice.img; do sleep 0.1; done", 30)
    machine.dom0(f"purlin unpause {GUEST}")
    checks.equal("disks left", answer(machine, f"purlin block-list --json {GUEST}"), [])


def dom0_itself(machine):
    """Domain-0's own vCPUs and memory."""
    machine.dom0("purlin vcpu-set 0 1; nproc | grep -qx 1")
    # The last step on arm64 is user space's, in Dom0 as in a guest (images/domu/cpu-hotplug).
    machine.dom0("n=/local/domain/0/cpu/1/availability; o=/sys/devices/system/cpu/cpu1/online")
    # Only when Linux has made it present, which it does by itself when it hears of it.
    machine.dom0("on() { until xenstore-read $n | grep -qx $1 && echo 1 >$o; do sleep .1; done; }")
    machine.dom0("(on online &)")
    machine.dom0("purlin vcpu-set Domain-0 2; until nproc | grep -qx 2; do sleep .1; done")
    refused(machine, "purlin vcpu-set 0 3", 2, "can have 1 to 2 vCPUs")
    refused(machine, "purlin mem-set 0 400", 1, "memory of Domain-0 is fixed: dom0_mem=")


def networks(machine, guest):
    machine.dom0(f"purlin network-attach {GUEST} mac=00:16:3e:00:00:77")
    inside(guest, "until grep -q 3e:00:00:77 /sys/class/net/eth1/address; do sleep 1; done")
    inside(guest, "ip addr add 10.0.9.2/24 dev eth1 && ip link set eth1 up")
    machine.dom0("ip addr add 10.0.9.1/24 dev xenbr0; ping -c 2 -w 20 10.0.9.2")
    machine.dom0(f"purlin network-detach {GUEST} 00:16:3e:00:00:77")
    inside(guest, "until [ ! -e /sys/class/net/eth1 ]; do sleep 1; done")
    machine.dom0(f"purlin network-attach {GUEST} & purlin network-attach {GUEST} && wait $!")
    checks.equal("interfaces of two that were attached at once",
                 [i["device"] for i in answer(machine, f"purlin network-list --json {GUEST}")],
                 [0, 1, 2])
    machine.dom0(f"purlin network-detach {GUEST} 1 && purlin network-detach {GUEST} 2")
    checks.equal("interfaces left", len(answer(machine, f"purlin network-list --json {GUEST}")), 1)


def interrupted(machine):
    """Whenever the signal comes: the interface is there to the end, or nothing is left of it."""
    for delay in ("0.05", "0.1", "0.15", "0.2"):
        machine.dom0(f"purlin network-attach {GUEST} & sleep {delay}; kill $!; wait $!; s=$?")
        machine.dom0(f"case $s in 0) purlin network-detach {GUEST} 1;; 130|143) ;; *) false;; esac")
        checks.equal("interfaces", len(answer(machine, f"purlin network-list --json {GUEST}")), 1)


def metrics(machine):
    def read():
        machine.dom0("purlin metrics -o /tmp/purlin.prom && ! ls /tmp/purlin.prom.*")
        lines = [line for line in machine.dom0("cat /tmp/purlin.prom").split("\n")
                 if line and not line.startswith("#")]
        bad = [line for line in lines if not SAMPLE.match(line)]
        if bad:
            raise Failure(f"not Prometheus's format: {bad[:3]}")
        return dict(line.rsplit(" ", 1) for line in lines)

    before, after = read(), read()
    for reason in ("hypercall", "interrupt", "sysreg"):
        key = f'purlin_domain_exits_total{{domain="Domain-0",id="0",reason="{reason}"}}'
        if not 0 < float(before[key]) < float(after[key]):
            raise Failure(f"{key} does not grow: {before[key]}, {after[key]}")
    sent = [float(value) for key, value in after.items() if re.match(
        rf'purlin_domain_network_transmit_bytes_total{{domain="{GUEST}",id="\d+",device="vif', key)]
    if len(sent) != 1 or not sent[0]:
        raise Failure(f"not one interface's bytes: {sent}")
    machine.dom0("c='ln -s /tmp/other /tmp/purlin.prom.$$.new; exec purlin metrics -o '")
    machine.dom0("(umask 077; sh -c \"$c/tmp/purlin.prom\")")
    machine.dom0("[ ! -e /tmp/other ] && stat -c %a /tmp/purlin.prom | grep -x 644")
    machine.dom0("purlin metrics --json -o /tmp/m && head -n 1 /tmp/m | grep -Fx '['")
    machine.dom0("grep -c purlin_domain_events_total /tmp/m")


def round_trip(machine, guest):
    """The configuration of a running guest, with a disk that it got later, makes the same one."""
    machine.dom0("d=/guests/$(printf '%0100d/%0100d/%0100d' 1 2 3)")
    machine.dom0("mkdir -p $d; ln /guests/extra.img $d")
    machine.dom0(f"purlin block-attach {GUEST} $d/extra.img,raw,xvdc,r,no-discard")
    machine.dom0(f"purlin config {GUEST} >/tmp/a.cfg; purlin destroy {GUEST}")
    machine.dom0("grep 'vdev=xvdc, access=ro, no-discard, target=.*/extra.img' /tmp/a.cfg")
    machine.dom0("purlin create -q /tmp/a.cfg")
    machine.dom0(f"purlin config {GUEST} >/tmp/b.cfg; cmp /tmp/a.cfg /tmp/b.cfg")
    machine.type(f"purlin console {GUEST}")
    machine.expect(rf"{GUEST} login: ", 180)
    guest.detach()
    hung(machine)
    machine.dom0(f"purlin destroy {GUEST}")


def all_verbs(machine):
    machine.wait_dom0()
    guest = Guest(machine, GUEST)
    free = checks.free_bytes(machine)
    guest.create()
    guest.login()
    guest.detach()
    lists(machine)
    consoles(machine, guest)
    dmesg(machine)
    disks(machine, guest)
    networks(machine, guest)
    interrupted(machine)
    cpus(machine, guest)
    dom0_itself(machine)
    memory(machine, guest)
    metrics(machine)
    round_trip(machine, guest)
    checks.equal("free memory at the end", checks.free_bytes(machine), free)
    checks.kernel_is_content(machine.dom0)
    machine.poweroff()
