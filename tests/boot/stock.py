# SPDX-License-Identifier: BSD-2-Clause
"""Debian's own Xen tools and libvirt, unmodified, in a Dom0 that runs on Purlin. What is checked
here is what docs/COMPATIBILITY.md promises."""

import re
import time

import checks
from machine import DETACH, Failure, Guest

CFG = """name = "{name}"
memory = 192
acpi = 0
vpmu = 1
vcpus = 1
maxvcpus = 2
kernel = "/boot/domu-kernel"
ramdisk = "/boot/domu-initrd"
extra = "console=hvc0 {quiet} purlin.host={name} purlin.ip={ip}/24"
disk = [ "format=raw, vdev=xvda, access=rw, target=/guests/{name}.img" ]
vif = [ "bridge=xenbr0, mac=00:16:3e:00:00:{mac}" ]
on_poweroff = "destroy"
on_crash = "destroy"
"""
XML = """<domain type='xen'>
  <name>carol</name>
  <memory unit='MiB'>160</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='aarch64' machine='xenpv'>linux</type>
    <kernel>/boot/domu-kernel</kernel>
    <initrd>/boot/domu-initrd</initrd>
    <cmdline>console=hvc0 quiet purlin.host=carol purlin.ip=10.0.2.103/24</cmdline>
  </os>
  <on_crash>destroy</on_crash>
  <devices>
    <disk type='file' device='disk'>
      <driver name='phy' type='raw'/>
      <source file='/guests/carol.img'/>
      <target dev='xvda' bus='xen'/>
    </disk>
    <interface type='bridge'>
      <source bridge='xenbr0'/>
      <mac address='00:16:3e:00:00:67'/>
    </interface>
    <console type='pty'><target type='xen' port='0'/></console>
  </devices>
</domain>
"""
EXTRA_TEXT = "a disk that came later"
# Dom0's clock before, and when the guest kernel's first line is there.
FIRST_LINE = """echo "$EPOCHREALTIME"
$1 create -c /guests/loud.cfg </dev/null 2>/tmp/told | while IFS= read -r line; do
    [[ $line != *"Booting Linux"* ]] || { echo "$EPOCHREALTIME"; break; }
done
"""
# The same of a guest that speaks from its first line on: by its UART, whose log is a FIFO. Before,
# idle time in which the last guest's memory is scrubbed, as on a machine at rest.
EARLY_LINE = """log=/var/log/xen/console/guest-bob-vuart0.log
rm -f $log; mkdir -p ${log%/*}; mkfifo $log; exec 3<>$log
grep -q 'Booting Linux' <&3 & reader=$!
sleep 5
echo "$EPOCHREALTIME"
$1 create /guests/early.cfg </dev/null >/tmp/told 2>&1 & tool=$!
wait $reader
echo "$EPOCHREALTIME"
cat <$log >/dev/null &
wait $tool
"""
# At rest, too: what the creation has left to be done is done.
DESTROYED = """sleep 5
echo "$EPOCHREALTIME"
$1 destroy bob && echo "$EPOCHREALTIME"
"""
FILES = {"first-line": FIRST_LINE,
         "early-line": EARLY_LINE,
         "destroyed": DESTROYED,
         "alice.cfg": CFG.format(name="alice", ip="10.0.2.101", mac=65, quiet="quiet"),
         "bob.cfg": CFG.format(name="bob", ip="10.0.2.102", mac=66, quiet="quiet"),
         "loud.cfg": CFG.format(name="bob", ip="10.0.2.102", mac=66, quiet=""),
         "early.cfg": CFG.format(name="bob", ip="10.0.2.102", mac=66,
                                 quiet="earlycon=pl011,0x22000000") + 'vuart = "sbsa_uart"\n',
         "carol.xml": XML,
         "extra.img": EXTRA_TEXT + "\n" * (8 * checks.MIB - len(EXTRA_TEXT))}
SPARSE = (("alice.img", 16), ("bob.img", 16), ("carol.img", 16))
BOARD = {"gic": 3, "cpus": 2, "boot": "kernel", "root": "stock", "purlin_args": "dom0_mem=640M"}

# command: what its answer must hold (status 0)
ANSWERS = {
    "xl info": (r"xen_version *: 4\.17", r"xen_scheduler *: credit2", r"nr_cpus *: 2\b",
                r"virt_caps *: hvm hap"),
    "xl list": (r"Domain-0 +0 +640 +2 +r-----",),
    "xl vcpu-list": (r"Domain-0 +0 +[01] +[01] +r-- .* all / all",),
    "xl cpupool-list": (r"Pool-0 +2 +credit2 +y +1",),
    "xl sched-credit2": (r"Cpupool Pool-0: ratelimit", r"Domain-0 +0 +256 +0"),
    "xl uptime": (r"Domain-0 +0 +0:\d\d:\d\d",),
    "xl dmesg": (r"\(PUR\) Dom0: \d+ MiB",),
    "xl debug-keys h && xl dmesg | tail -9": (r"'q': domains and their vCPUs",),
    "xl info -n 2>&1": (r"numa_info", r"node: +memsize +memfree +distances"),
    "xenstore-ls /local/domain/0": (r'name = "Domain-0"',),
}
# command: what it says of what Purlin does not do; its status is not 0
REFUSALS = {
    "xentrace -D /tmp/trace": r"Couldn't enable trace buffers: Operation not supported",
    "xenperf": r"performance? counters|perf counters: 95 \(Operation not supported\)",
    "xenlockprof": r"Operation not supported",
    "xencov read": r"Operation not supported",
    "xen-livepatch list": r"Operation not supported",
    "xenhypfs ls /": r"Could not open libxenhypfs",
    "xl cpupool-create 'name=\"two\"'": r"Could not create cpupool",
    "xl create /guests/none.cfg": r"(?i)no such file|cannot open|Failed to",
}


def status(machine, command, limit=None):
    return machine.status_of(command, r"dom0:\S*# ", limit)


def says(machine, command, *patterns):
    """COMMAND succeeds and its answer holds each of PATTERNS. Returns the answer."""
    text = machine.dom0(command)
    for pattern in patterns:
        if not re.search(pattern, text):
            raise Failure(f"'{command}' said nothing of {pattern}: {text[-600:]}")
    return text


def until(machine, command):
    """COMMAND is a condition that comes true: a guest takes the last step at its own pace."""
    machine.dom0(f"settle '{command}'")


def start(machine):
    """Dom0's shell, with a function for until(); returns the free memory."""
    machine.wait_dom0()
    machine.dom0('settle() { until eval "$1"; do sleep 1; done; }')
    return checks.free_bytes(machine)


def reads_and_refusals(machine):
    for command, patterns in ANSWERS.items():
        says(machine, command, *patterns)
    for command, pattern in REFUSALS.items():
        code, text = status(machine, command)
        if code == 0 or not re.search(pattern, text):
            raise Failure(f"'{command}' gave status {code} and: {text[-400:]}")


class XlGuest(Guest):
    """A guest whose console is reached by `xl console`."""

    attach_command = "xl console {name}"

    def open_console(self):
        command = self.attach_command.format(name=self.name)
        self.machine.type(command)
        self.machine.expect(re.escape(command) + r"[^\n]*\n", 30)
        self.machine.child.send("\r")

    def do(self, command):
        """Attach, run COMMAND, detach."""
        self.attach()
        text = self.run(command)
        self.detach()
        return text


def domid(machine, name):
    return machine.dom0(f"xl domid {name}").split()[-1]


def states(machine, name, letters):
    says(machine, f"xl list {name}", rf"{name} +\d+ +\d+ +\d+ +{letters} ")


def tune(machine, guest):
    name = guest.name
    machine.dom0(f"xl pause {name}")
    states(machine, name, "..p---")
    machine.dom0(f"xl unpause {name}")
    states(machine, name, "..----")
    machine.dom0(f"xl vcpu-pin {name} 0 1")
    says(machine, f"xl vcpu-list {name}", rf"{name} +\d+ +0 +[1-] .* 1 / all")
    machine.dom0(f"xl sched-credit2 -d {name} -w 512")
    says(machine, f"xl sched-credit2 -d {name}", rf"{name} +\d+ +512 +0")
    machine.dom0(f"xl sched-credit2 -d {name} -c 50")
    says(machine, f"xl sched-credit2 -d {name}", rf"{name} +\d+ +512 +50")
    machine.dom0(f"xl sched-credit2 -d {name} -c 0")
    machine.dom0(f"xl vcpu-set {name} 2")
    # Linux in a guest brings a vCPU that came up when it is told to (udev does, elsewhere).
    # Until it has heard of it, it refuses.
    guest.do("until echo 1 >/sys/devices/system/cpu/cpu1/online; do sleep 1; done")
    checks.equal("vCPUs in the guest", guest.do("nproc"), "2")
    machine.dom0(f"xl vcpu-set {name} 1")
    until(machine, f"xl vcpu-list {name} | grep -q \" 1 *- *--p\"")
    machine.dom0(f"xl mem-set {name} 150")
    until(machine, f"xl list {name} | grep -q \" 150 \"")
    machine.dom0(f"xl mem-max {name} 170")
    says(machine, f"xl list -l {name}", r'"max_memkb": 174080', r'"target_memkb": 153600')
    # libxl fills all of the maximum when it builds a domain again: not with a target below it.
    machine.dom0(f"xl mem-max {name} 192")
    machine.dom0(f"xl mem-set {name} 192")
    machine.dom0(f"xl sysrq {name} h")
    guest.do("until dmesg | grep 'sysrq: HELP'; do sleep 1; done")


def attach_disk(machine, guest):
    name = guest.name
    machine.dom0(f"xl block-attach {name} format=raw,vdev=xvdb,access=ro,target=/guests/extra.img")
    until(machine, f"xl block-list {name} | grep -q \"^51728 .* 4 \"")
    says(machine, f"xl block-list {name}", r"\n51712 +0 .* 4 ", r"\n51728 +0 .* 4 ")
    guest.do("until [ -b /dev/xvdb ]; do sleep 1; done")
    checks.equal("the disk that was attached", guest.do("head -n 1 /dev/xvdb"), EXTRA_TEXT)
    machine.dom0(f"xl block-detach {name} xvdb")
    guest.do("until [ ! -e /sys/block/xvdb ]; do sleep 1; done")


def attach_network(machine, guest):
    name = guest.name
    machine.dom0(f"xl network-attach {name} bridge=xenbr0")
    until(machine, f"xl network-list {name} | grep -q \"^1 .* 4 \"")
    says(machine, f"xl network-list {name}", r"\n0 +0 +00:16:3e:00:00:6\d .* 4 ", r"\n1 +0 .* 4 ")
    guest.do("until [ -e /sys/class/net/eth1 ]; do sleep 1; done")
    machine.dom0(f"xl network-detach {name} 1")
    guest.do("until [ ! -e /sys/class/net/eth1 ]; do sleep 1; done")


def life(machine, guest):
    """Rename, reboot and shutdown of GUEST, which runs."""
    name = guest.name
    machine.dom0(f"xl rename {name} other")
    says(machine, "xl list", r"\nother ")
    machine.dom0(f"xl rename other {name}")
    says(machine, "xentop -b -i 1", rf" {name} ")
    before = domid(machine, name)
    machine.dom0(f"xl reboot {name}")
    # Destroyed, built again, and started.
    until(machine, f"[ 0$(xl domid {name}) -gt {before} ]")
    until(machine, f"xl list {name} | grep -q \"[-r][-b]---- \"")
    guest.first_login()
    checks.equal("vCPUs after the reboot", guest.run("nproc"), "1")
    guest.detach()
    machine.dom0(f"xl shutdown -w {name}")
    gone(machine, name)


def gone(machine, name):
    until(machine, f"! xl list {name} 2>/dev/null")


def nothing_left(machine, before):
    # xl's process that watches a domain may still be at its end.
    until(machine, "! pidof xl")
    checks.equal("loop devices", machine.dom0("losetup -l -n"), "")
    checks.equal("what xenstore has of domains", machine.dom0("xenstore-list /local/domain"), "0")
    checks.equal("what xenstore has of libxl", machine.dom0("xenstore-ls /libxl 2>&-||:"), "")
    checks.equal("free memory", checks.free_bytes(machine), before)


def xl_works(machine):
    before = start(machine)
    reads_and_refusals(machine)
    alice = XlGuest(machine, "alice")
    machine.dom0("xl create /guests/alice.cfg")
    alice.first_login()
    alice.detach()
    tune(machine, alice)
    attach_disk(machine, alice)
    attach_network(machine, alice)
    life(machine, alice)
    nothing_left(machine, before)
    checks.kernel_is_content(machine.dom0)
    machine.poweroff()


def keeps_what_xl_attached(machine):
    """Over a restart by purlin's supervisor, and once only."""
    machine.dom0("xl block-attach bob format=raw,vdev=xvdb,access=ro,target=/guests/extra.img")
    machine.dom0("xl network-attach bob bridge=xenbr0 mac=00:16:3e:00:00:71")
    until(machine, "xl network-list bob | grep -q \"^1 .* 4 \"")
    for _ in range(2):
        machine.dom0("purlin reboot -F -t 1 bob", 120)
        says(machine, "purlin block-list bob", r"xvda .*bob\.img", r"xvdb .*extra\.img")
        says(machine, "purlin network-list bob", r"00:16:3e:00:00:66", r"00:16:3e:00:00:71")
        checks.equal("disks", machine.dom0("purlin block-list bob | grep -c xvd"), "2")
        checks.equal("interfaces", machine.dom0("purlin network-list bob | grep -c :3e:"), "2")


def does_not_return_what_xl_detached(machine):
    machine.dom0("xl network-detach bob 1 && xl block-detach bob xvdb")
    machine.dom0("purlin reboot -F -t 1 bob", 120)
    checks.equal("disks", machine.dom0("purlin block-list bob | grep -c xvd"), "1")
    says(machine, "purlin network-list bob", r"00:16:3e:00:00:66")
    checks.equal("interfaces", machine.dom0("purlin network-list bob | grep -c :3e:"), "1")


def made_by_purlin(machine):
    """A domain of `purlin create` under xl's management, to its end."""
    machine.dom0("purlin create /guests/bob.cfg")
    bob = XlGuest(machine, "bob")
    bob.first_login()
    bob.detach()
    says(machine, "xl list -l bob", r'"name": "bob"', r'"pdev_path": "/guests/bob.img"')
    machine.dom0("xl pause bob")
    says(machine, "purlin list", r"bob +\d+ +192 +1 ..p---")
    machine.dom0("xl unpause bob")
    machine.dom0("xl mem-set bob 150")
    until(machine, "xl list bob | grep -q \" 150 \"")
    attach_disk(machine, bob)
    keeps_what_xl_attached(machine)
    does_not_return_what_xl_detached(machine)
    machine.dom0("xl destroy bob")
    gone(machine, "bob")


def made_by_xl(machine):
    """A domain of `xl create` under purlin's management, to its end."""
    machine.dom0("xl create -p /guests/alice.cfg")
    states(machine, "alice", "--p---")
    machine.dom0("n=$(printf %080d 7 | tr 0 a); xl rename alice $n")
    machine.dom0("purlin list $n && ! purlin list ${n}a; xl rename $n alice")
    machine.dom0("purlin unpause alice")
    alice = Guest(machine, "alice")
    alice.first_login()
    alice.detach()
    says(machine, "purlin list", r"alice +\d+ +192 +1 ..----")
    says(machine, "purlin uptime alice", r"alice +\d+  +\d")
    machine.dom0("xl block-attach alice format=raw,vdev=xvdb,access=ro,target=/guests/extra.img")
    machine.dom0("purlin block-detach alice xvdb")
    until(machine, "! losetup -l -n | grep -q extra.img")
    machine.dom0("purlin destroy alice")
    gone(machine, "alice")


def timed(machine, tool):
    """Seconds from `TOOL create` to the guest kernel's first line, and those of `TOOL destroy`."""
    before = time.monotonic()
    machine.type(f"{tool} create -c /guests/loud.cfg")
    machine.expect(r"Booting Linux on physical CPU", 120)
    created = time.monotonic() - before
    machine.expect(r"bob login: ", 120)
    machine.child.send(DETACH)
    machine.expect(r"dom0:\S*# ", 30)
    before = time.monotonic()
    machine.dom0(f"{tool} destroy bob")
    return created, time.monotonic() - before


def oxenstored_works(machine):
    """Both toolstacks on one machine, with the other xenstored."""
    before = start(machine)
    machine.dom0("pidof oxenstored")
    made_by_purlin(machine)
    nothing_left(machine, before)
    made_by_xl(machine)
    nothing_left(machine, before)
    xl, purlin = timed(machine, "xl"), timed(machine, "purlin")
    nothing_left(machine, before)
    checks.kernel_is_content(machine.dom0)
    machine.poweroff()
    return "; ".join(f"{what}: xl {x:.2f} s, purlin {p:.2f} s (1/{x / p:.1f})" for what, x, p in
                     zip(("create to the guest's first line", "destroy"), xl, purlin))


def seconds(machine, script, tool):
    text = machine.dom0(f"bash /guests/{script} {tool}", 600)
    times = [float(t) for t in re.findall(r"^(\d+\.\d{6})\r?$", text, re.MULTILINE)]
    checks.equal(f"times that {script} told of {tool}", len(times), 2)
    return times[1] - times[0]


def life_of(machine, tool, before, script="first-line"):
    """Seconds of Dom0's clock to the guest kernel's first line, and those of destroying it."""
    created = seconds(machine, script, tool)
    state = "/local/domain/$(xl domid bob)/device/vif/0/state"
    machine.dom0(f"settle '[ \"$(xenstore-read {state})\" = 4 ]'", 600)
    destroyed = seconds(machine, "destroyed", tool)
    nothing_left(machine, before)
    return created, destroyed


def log_guests(machine):
    machine.dom0("kill $(pidof xenconsoled)")
    until(machine, "! pidof xenconsoled")
    machine.dom0("/usr/lib/xen-4.17/bin/xenconsoled --log=guest")


def creates_in_less(machine):
    """With -icount, so what is compared is instructions: the first creation loads drivers."""
    before = start(machine)
    life_of(machine, "purlin", before)
    xl, purlin = life_of(machine, "xl", before), life_of(machine, "purlin", before)
    log_guests(machine)
    life_of(machine, "purlin", before, "early-line")
    early = [life_of(machine, tool, before, "early-line")[0] for tool in ("xl", "purlin")]
    checks.kernel_is_content(machine.dom0)
    machine.poweroff()
    rows = (("create to the guest kernel's first line", *early, 8),
            ("to the first that its PV console shows", xl[0], purlin[0], 5),
            ("destroy", xl[1], purlin[1], 4))
    text = "; ".join(f"{what}: xl {x:.3f} s, purlin {p:.3f} s (1/{x / p:.1f})"
                     for what, x, p, _ in rows)
    if any(x < least * p for _, x, p, least in rows):
        raise Failure(f"not 1/{[row[3] for row in rows]} of xl's time: {text}")
    return text


VIRSH = "virsh -c xen:///system"


def libvirt_works(machine):
    before = start(machine)
    says(machine, f"{VIRSH} version", r"Running hypervisor: Xen 4\.17")
    says(machine, f"{VIRSH} nodeinfo", r"CPU model: +aarch64", r"CPU\(s\): +2")
    says(machine, f"{VIRSH} list --all", r"0 +Domain-0 +running")
    says(machine, f"{VIRSH} create /guests/carol.xml", r"Domain 'carol' created")
    carol = XlGuest(machine, "carol")
    carol.attach_command = VIRSH + " console {name}"
    carol.first_login()
    carol.run("grep -q 32768 /sys/block/xvda/size && [ -e /sys/class/net/eth0 ]")
    carol.detach()
    says(machine, f"{VIRSH} list", r"\d+ +carol +running")
    machine.dom0(f"{VIRSH} suspend carol")
    says(machine, f"{VIRSH} list", r"\d+ +carol +paused")
    states(machine, "carol", "..p---")
    machine.dom0(f"{VIRSH} resume carol")
    says(machine, f"{VIRSH} domstate carol", r"running")
    machine.dom0(f"{VIRSH} destroy carol")
    gone(machine, "carol")
    nothing_left(machine, before)
    checks.kernel_is_content(machine.dom0)
    machine.poweroff()
