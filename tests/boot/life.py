# SPDX-License-Identifier: BSD-2-Clause
"""Boot tests of a domain's life as `purlin` leads it: every verb, every action, a supervisor that
is lost, creations that are interrupted; and that nothing is left behind."""

import re
import struct
import subprocess

import checks
from machine import DOM0_PROMPT, Failure

PAGE = 4096
RAM_PFN = 0x40000
CORE = "life.core"


def state(machine):
    """What must be the same before and after."""
    return {
        "free memory": checks.free_bytes(machine),
        "xenstore": machine.dom0("xenstore-ls -f /local/domain | cut -d= -f1 | sort"),
        "loop devices": machine.dom0("cat /sys/block/loop*/loop/backing_file 2>/dev/null | wc -l"),
        "processes": machine.dom0("pidof purlin | wc -w"),
        "records": machine.dom0("ls /run/purlin 2>/dev/null | wc -l"),
    }


def same_state(machine, before, after_what):
    machine.dom0("until [ -z \"$(pidof purlin)\" ]; do sleep 0.1; done", 30)
    now = state(machine)
    for key, value in before.items():
        checks.equal(f"{key} after {after_what}", now[key], value)


def fails(machine, command, status, pattern):
    """COMMAND must end with STATUS and say PATTERN."""
    got, said = machine.status_of(command, DOM0_PROMPT)
    if got != status or not re.search(pattern, said):
        raise Failure(f"{command}: status {got} (wanted {status}), said: {said}")


def domid(machine, name):
    listed = machine.dom0("purlin list")
    found = re.search(rf"^{name} +(\d+)", listed, re.MULTILINE)
    if not found:
        raise Failure(f"no {name} in: {listed}")
    return int(found.group(1))


def wait_login(machine, name):
    """A guest accepts requests once its init runs; its console ends there."""
    machine.type(f"purlin console {name}")
    machine.expect(rf"{name} login: ", 120)
    machine.child.send("\x1d")
    machine.expect(DOM0_PROMPT, 30)


def help_is_there(machine):
    """Each verb explains itself, with an example; that begins with its name."""
    machine.dom0("v=$(purlin --list-verbs | cut -f1)")
    for test in ('"^usage: purlin $i"', '"^  purlin $i"'):
        said = machine.dom0(f"for i in $v; do purlin $i --help | grep -q {test} || echo -$i-; done")
        checks.equal(f"verbs without {test} in their help", said, "")
    fails(machine, "purlin list >/dev/full", 1, "cannot write all of the output: No space left")
    machine.dom0("purlin top -b -d 1 2>/tmp/e | head -n 1; [ ! -s /tmp/e ]")


def dry_run(machine):
    said = machine.dom0("purlin create -n /guests/alice.cfg memory=96 name=dry")
    for wanted in ('name = "dry"', "memory = 96", "/dts-v1/;", "xen,xenvm-4.17",
                   'compatible = "arm,gic-v3"', "reg = <0x0 0x40000000 0x0 0x6000000>"):
        if wanted not in said:
            raise Failure(f"no {wanted!r} in the dry run: {said}")
    fails(machine, "purlin create -n /guests/alice.cfg memory=8", 2, "memory is too small")
    fails(machine, "purlin create -n /guests/none.cfg", 2, "/guests/none.cfg")


def paused_and_renamed(machine):
    # Its paths must mean the same to the supervisor, at the reboots that follow.
    machine.dom0("cd /guests")
    machine.dom0("purlin create -p alice.cfg kernel=../boot/domu-kernel "
                 "disk=alice.img,raw,xvda,w")
    machine.dom0("cd /root")
    machine.dom0("stat -c %a /run/purlin/*.cfg | grep -qx 600")
    if "--p---" not in machine.dom0("purlin list alice"):
        raise Failure("create -p: the guest is not paused")
    fails(machine, "purlin create /guests/alice.cfg", 4, "name 'alice' is taken")
    fails(machine, "purlin shutdown alice", 1, "paused.*purlin unpause alice")
    machine.dom0("purlin unpause alice")
    wait_login(machine, "alice")
    # A guest that waited for an event when it was paused is blocked as well: both flags are shown.
    machine.dom0("purlin pause alice && purlin list alice | grep -q -- '-[-b]p---' && "
                 "purlin unpause alice")
    fails(machine, "purlin rename alice 7", 2, "'7' cannot be a name")
    machine.dom0("purlin rename alice carol")
    fails(machine, "purlin rename alice x", 3, "no domain is called 'alice'")
    machine.dom0("purlin sysrq carol h")
    fails(machine, "purlin sysrq carol hh", 2, "not one letter")


def rebooted(machine):
    """By itself, then as one that does not answer; and its name is the new one. A disk that was
    taken away does not come back."""
    old = domid(machine, "carol")
    machine.dom0("purlin reboot -w carol", 120)
    new = domid(machine, "carol")
    if new <= old:
        raise Failure(f"reboot: domain {old} became {new}")
    machine.dom0("purlin block-list --json carol | grep -q xvda")
    machine.dom0("purlin block-detach --force carol xvda")
    machine.dom0("purlin reboot -F -t 1 carol", 120)
    if domid(machine, "carol") <= new:
        raise Failure("reboot -F: no new domain")
    machine.dom0("! purlin block-list --json carol | grep -q xvda")


def dumped(machine):
    """Whole, although nobody reads what is said of it; and the guest goes on."""
    machine.dom0(f"{{ purlin dump-core carol /guests/{CORE}; echo $? >/tmp/s; }} 2>&1 | :", 180)
    machine.dom0("cat /tmp/s; purlin list carol; [ $(cat /tmp/s) = 0 ]")
    machine.dom0("! purlin list carol | grep -e '-[-b]p---'")
    machine.dom0(f"stat -c %a /guests/{CORE} | grep -x 600")
    fails(machine, f"purlin dump-core carol /guests/{CORE}", 1, "File exists")
    pages = machine.dom0("xenstore-read /local/domain/$(purlin list carol | "
                         "awk '/carol/ {print $2}')/memory/target")
    return int(pages.split()[-1]) // 4


def dumped_alone(machine):
    """One dump at a time, and none of a guest that somebody let run meanwhile."""
    machine.dom0("rm -f /tmp/s; d='echo $$ >/tmp/p; exec purlin dump-core carol /guests/y'")
    # The file is made when the guest is paused, before its first page is written.
    machine.dom0("w() { until [ -e /guests/y ]; do :; done; read p </tmp/p; kill -STOP $p; }")
    machine.dom0("({ sh -c \"$d\" 2>/tmp/e; echo $? >/tmp/s; } &); w")
    machine.dom0("purlin list carol | grep -e '-[-b]p---'")
    fails(machine, "purlin dump-core carol /guests/z", 4, "carol is being dumped already")
    machine.dom0("purlin unpause carol; kill -CONT $p")
    machine.dom0("until [ -s /tmp/s ]; do sleep 0.1; done; grep 'carol was unpaused' /tmp/e", 60)
    machine.dom0("[ $(cat /tmp/s) = 1 ] && ! ls /guests/y /guests/z /run/purlin/*.dump")


def core_is_sound(image, work, pages, kernel):
    """On the host, after the machine's end: sections of Xen's format, program headers, contents:
    what the file KERNEL says of itself. Of its first pages Linux makes free memory."""
    path = f"{work}/{CORE}"
    subprocess.run(["debugfs", "-R", f"dump {CORE} {path}", image], check=True,
                   capture_output=True)
    with open(path, "rb") as f:
        data = f.read()
    shoff, = struct.unpack_from("<Q", data, 40)
    shnum, names = struct.unpack_from("<HH", data, 60)
    headers = [struct.unpack_from("<IIQQQQIIQQ", data, shoff + 64 * i) for i in range(shnum)]
    sections = {}
    for header in headers:
        at = headers[names][4] + header[0]
        sections[data[at:data.index(b"\0", at)].decode()] = header[4:6]
    at, size = sections[".xen_pfn"]
    pfns = struct.unpack_from(f"<{size // 8}Q", data, at)
    if not pages <= len(pfns) <= pages + 16:
        raise Failure(f"{len(pfns)} pages in the core file, the guest has {pages}")
    with open(kernel, "rb") as f:
        loaded = f.read()
    at = loaded.index(b"Linux version ")
    page = sections[".xen_pages"][0] + PAGE * pfns.index(RAM_PFN + at // PAGE)
    dumped_text = data[page + at % PAGE:page + PAGE][:64]
    checks.equal("the kernel's text in the dump", dumped_text, loaded[at:at + len(dumped_text)])
    checks.equal("size of the pages", sections[".xen_pages"][1], len(pfns) * PAGE)
    said = subprocess.run(["readelf", "-hln", path], check=True, text=True,
                          capture_output=True).stdout
    for wanted in ("CORE (Core file)", "AArch64", "NT_PRSTATUS", "LOAD"):
        if wanted not in said:
            raise Failure(f"readelf does not say {wanted}: {said}")


def kept_and_restarted(machine):
    """on_reboot = rename-restart: the old one's memory stays, under another name."""
    machine.dom0("purlin create -q /guests/alice.cfg on_reboot=rename-restart")
    old = domid(machine, "alice")
    machine.dom0("purlin reboot -F -t 1 alice", 120)
    new = domid(machine, "alice")
    if domid(machine, f"alice-{old}") != old or new <= old:
        raise Failure("rename-restart: " + machine.dom0("purlin list"))
    # Its supervisor is the new one's when that has its lock; what is kept has had its
    # consequences: a new supervisor leaves it alone.
    machine.dom0(f"until [ -e /run/purlin/{new}.lock ]; do sleep 0.1; done")
    machine.dom0(f"purlin supervise alice-{old}")
    log = f"/var/log/purlin/alice-{old}.log"
    machine.dom0(f"until grep 'reboot: preserve' {log}; do sleep 0.1; done", 30)
    checks.equal("guests", machine.dom0("purlin list | grep -c alice"), "2")
    machine.dom0(f"purlin destroy alice-{old}")


def cannot_be_kept(machine):
    """rename-restart, but the other name is taken: the guest stays, and who waits hears of it."""
    machine.dom0("purlin create -q /guests/idle.cfg name=dave on_poweroff=rename-restart")
    other = f"dave-{domid(machine, 'dave')}"
    machine.dom0(f"purlin create -q -p /guests/idle.cfg name={other}")
    machine.dom0("purlin shutdown -F -t 1 dave")
    machine.dom0("grep 'stays as it is: the name' /var/log/purlin/dave.log")
    machine.dom0(f"purlin destroy dave {other}")


def supervisor_lost(machine):
    """kill -9 of the supervisor: the guest runs on; a new one looks after it."""
    # What was ended before has no supervisor any more.
    machine.dom0("until [ $(pidof purlin | wc -w) = 1 ]; do sleep 0.1; done")
    machine.dom0("kill -9 $(pidof purlin); until ! pidof purlin; do sleep 0.1; done")
    machine.dom0("purlin supervise --all")
    fails(machine, "purlin supervise alice", 4, "has a supervisor")
    wait_login(machine, "alice")
    machine.dom0("purlin shutdown -w alice", 120)
    fails(machine, "purlin list alice", 3, "no domain is called 'alice'")


def crashed(machine):
    machine.dom0("rm -rf /var/lib/purlin/dump")
    machine.dom0("purlin create -q -p /guests/jump_nowhere.cfg on_crash=coredump-destroy")
    machine.dom0("purlin wait jump_nowhere >/w & p=$!")
    machine.dom0("until ls -l /proc/$p/fd | grep -q socket; do sleep 0.1; done")
    machine.dom0("purlin unpause jump_nowhere; wait $p")
    checks.equal("what wait said", machine.dom0("cat /w"), "jump_nowhere: crash")
    machine.dom0("head -c 4 /var/lib/purlin/dump/jump_nowhere-*.core | grep -q ELF")
    # It is written when the domain has gone, which is what wait waits for.
    machine.dom0("log=/var/log/purlin/jump_nowhere.log")
    log = machine.dom0("until grep -q destroyed $log; do sleep 0.1; done; cat $log")
    if not re.search(r"crashed: coredump-destroy.*are in /var/lib/purlin/dump/.*destroyed", log,
                     re.DOTALL):
        raise Failure(f"the supervisor's log: {log}")
    machine.dom0("rm -r /var/lib/purlin/dump")


def interrupted(machine):
    """Created to the end, or not at all, wherever the signal arrives."""
    for delay, signal in (("0.02", "TERM"), ("0.1", "TERM"), ("0.2", "TERM"), ("0.4", "QUIT"),
                          ("0.8", "QUIT"), ("1.2", "TERM")):
        machine.dom0(f"purlin create -q /guests/alice.cfg & p=$!; sleep {delay}; "
                     f"kill -{signal} $p; wait $p; s=$?")
        machine.dom0("case $s in 0) purlin destroy alice;; 130|131|143) ! purlin list alice;; "
                     "*) false;; esac")


def interrupted_between(machine):
    """Ctrl-C while the first of two is destroyed: that is finished, and the other stays."""
    machine.dom0("purlin create -q -p /guests/alice.cfg; purlin create -q -p /guests/idle.cfg")
    # xenconsoled holds the rings that it has mapped; then it has given them a terminal.
    machine.dom0("until [ $(xenstore-ls -f | grep -c 'e/tty = ./dev') = 2 ]; do sleep 0.1; done")
    machine.dom0("kill -STOP $(pidof xenconsoled); purlin destroy --all & p=$!")
    # By its id: it has no name any more when its devices have been disconnected.
    machine.dom0("until purlin list | grep 'p--d '; do sleep 0.1; done")
    machine.dom0("kill -TERM $p; kill -CONT $(pidof xenconsoled); wait $p; [ $? = 130 ]")
    machine.dom0("! purlin list alice && purlin destroy idle")


def viewer_blocked(machine):
    """Who made the guest looks at its console and is stopped: its disk is let go all the same."""
    machine.dom0("purlin create -q -c /guests/alice.cfg </dev/null >/dev/null & p=$!")
    machine.dom0("until ls /run/purlin/[0-9]*.lock 2>/dev/null; do sleep 0.1; done")
    machine.dom0('v=$(grep -l "PPid:[^0-9]*$p\\$" /proc/[0-9]*/status | cut -d/ -f3); echo $v')
    machine.dom0("kill -STOP $v && purlin destroy alice; s=$?; kill -CONT $v; wait; [ $s = 0 ]")


def killed(machine):
    """kill -9 wherever it is: the next creation clears up and works."""
    for delay in ("0.1", "0.3", "0.5", "0.8"):
        machine.dom0(f"purlin create -q -p /guests/alice.cfg & p=$!; sleep {delay}; kill -9 $p; "
                     "wait $p; true")
        machine.dom0("purlin list alice || purlin create -q -p /guests/alice.cfg")
        machine.dom0("purlin destroy alice")


# alice's loop device is somebody else's by the time that its end is looked for again.
REUSED = """set -e
purlin create -q -p /guests/alice.cfg
exec 3</dev/loop0
purlin destroy alice 3<&- & tool=$!
while purlin list alice >/dev/null 2>&1; do :; done
kill -STOP $tool
exec 3<&-
while [ -e /sys/block/loop0/loop/backing_file ]; do :; done
losetup /dev/loop0 /guests/known.bin
kill -CONT $tool
wait $tool
losetup -d /dev/loop0
"""


def loop_reused(machine):
    machine.dom0("sh /guests/reused", 60)


def drafts(machine):
    """What was killed before it had a mark leaves a file: that of a living process stays."""
    machine.dom0("dead=/run/purlin/draft.$(sh -c 'echo $$') mine=/run/purlin/draft.$$")
    machine.dom0("touch $dead $mine; purlin create -q -p /guests/idle.cfg && purlin destroy idle")
    machine.dom0("[ -e $mine ] && ! [ -e $dead ] && rm $mine")


def mark_of_another(machine):
    """What a killed creation has left names a guest that lives: that goes on, the mark goes."""
    machine.dom0("purlin create -q -p /guests/alice.cfg")
    machine.dom0("vm=$(xenstore-read /local/domain/$(xenstore-list /local/domain | tail -1)/vm)")
    machine.dom0("touch /run/purlin/$(xenstore-read $vm/uuid).unborn")
    machine.dom0("purlin create -q -p /guests/idle.cfg; ! ls /run/purlin/*.unborn")
    machine.dom0("purlin destroy alice idle")


def verbs(machine):
    machine.wait_dom0()
    before = state(machine)
    help_is_there(machine)
    dry_run(machine)
    same_state(machine, before, "a dry run")
    paused_and_renamed(machine)
    rebooted(machine)
    pages = dumped(machine)
    dumped_alone(machine)
    machine.dom0("purlin destroy carol")
    same_state(machine, before, "reboots and destroy")
    kept_and_restarted(machine)
    cannot_be_kept(machine)
    supervisor_lost(machine)
    same_state(machine, before, "a lost supervisor")
    machine.poweroff()
    core_is_sound(machine.board.guests, machine.board.work, pages,
                  f"{machine.board.build}/images/dom0-kernel")


def ends(machine):
    machine.wait_dom0()
    # Each guest's supervisor and each console's server has connections to it.
    machine.dom0("grep -E 'open files +262144' /proc/$(pidof xenstored)/limits")
    before = state(machine)
    interrupted(machine)
    interrupted_between(machine)
    viewer_blocked(machine)
    killed(machine)
    loop_reused(machine)
    drafts(machine)
    mark_of_another(machine)
    crashed(machine)
    same_state(machine, before, "interrupted and crashed guests")
    autostarted(machine)
    same_state(machine, before, "autostop")
    checks.kernel_is_content(machine.dom0)
    machine.poweroff()


def autostarted(machine):
    """Two from a directory, one bad file between them, and one by hand; all end in order."""
    machine.dom0("mkdir -p /etc/purlin/auto && cd /etc/purlin/auto")
    machine.dom0("ln -s /guests/alice.cfg 10-a.cfg; ln -s /guests/idle.cfg 30-b.cfg")
    machine.dom0("echo name=1 >20-bad.cfg; cd /root; alog=/var/log/purlin/alice.log; rm -f $alog")
    fails(machine, "purlin autostart", 1, r"20-bad\.cfg:1:")
    fails(machine, "purlin autostart /typo", 2, "/typo does not exist")
    domid(machine, "alice")
    fails(machine, "purlin autostart", 1, "alice is there already")
    wait_login(machine, "alice")
    machine.dom0("purlin pause alice")
    machine.dom0("purlin create -q -p /guests/alice.cfg name=extra 'disk=[]' 'vif=[]'")
    said = machine.dom0("purlin autostop -t 35 2>/tmp/e", 180)
    checks.equal("order of the ends", re.findall(r"(\w+) has ended", said),
                 ["extra", "idle", "alice"])
    # One that does not answer has all its time; one that somebody has paused is let go and asked.
    machine.dom0("grep 'idle: .*not accepted the shutdown within 35 s.*; destroying it' /tmp/e")
    machine.dom0("! grep 'alice: .*; destroying it' /tmp/e; grep 'powered off' $alog")
    stopped_while_it_restarts(machine)


def stopped_while_it_restarts(machine):
    """autostop comes when the old one is being destroyed: the new one must not be missed."""
    log = "/var/log/purlin/idle.log"
    machine.dom0(f"rm {log}; purlin create -q /guests/idle.cfg on_poweroff=restart")
    machine.dom0("(purlin shutdown -F -t 1 idle &)")
    machine.dom0(f"until grep -q 'off: restart' {log}; do :; done; purlin autostop -t 20")
    machine.dom0("until [ -z \"$(pidof purlin)\" ]; do sleep 0.1; done", 30)
    fails(machine, "purlin list idle", 3, "no domain is called 'idle'")
