# SPDX-License-Identifier: BSD-2-Clause
"""Boot tests of what an operator gets wrong: one line that names the thing and the remedy, the
exit status of purlin(1), and nothing left behind (soak/soak.sh compares xenstore, processes, loop
devices, interfaces, consoles, records, free memory and what the hypervisor holds)."""

import re

import checks
import soak
from machine import DOM0_PROMPT, Failure

NAMED = 'name = "x"\nmemory = 32\n'
KERNEL = 'kernel = "/guests/worker.img"\n'
DISK = 'disk = [ "/guests/d.img,raw,xvda,w" ]\n'

# name: (configuration, exit status, what the line says)
CONFIGS = {
    "no_name": ('memory = 32\n' + KERNEL, 2, "name"),
    "syntax": (NAMED + 'disk = [ "x"\n', 2, r"syntax\.cfg:\d+:\d+"),
    "value": ('name = "x"\nmemory = "much"\n' + KERNEL, 2, r"value\.cfg:2:\d+"),
    "no_kernel": (NAMED, 2, "kernel"),
    "lost_kernel": (NAMED + 'kernel = "/guests/none"\n', 2, "/guests/none"),
    "dir_kernel": (NAMED + 'kernel = "/guests"\n', 2, "/guests"),
    "bad_kernel": (NAMED + 'kernel = "/guests/known.bin"\n', 2, "known.bin"),
    "lost_ramdisk": (NAMED + KERNEL + 'ramdisk = "/guests/none"\n', 2, "ramdisk: .*/guests/none"),
    "lost_disk": (NAMED + KERNEL + 'disk = [ "/guests/none,raw,xvda,w" ]\n', 2, "/guests/none"),
    "dir_disk": (NAMED + KERNEL + 'disk = [ "/guests,raw,xvda,r" ]\n', 2, "/guests"),
    "twice_disk": (NAMED + KERNEL + 'disk = [ "/guests/d.img,raw,xvda,w", '
                   '"/guests/known.bin,raw,xvda,r" ]\n', 2, "xvda"),
    "same_disk": (NAMED + KERNEL + 'disk = [ "/guests/e.img,raw,xvda,r", '
                  '"/guests/e.img,raw,xvdb,w" ]\n', 4,
                  r"xvdb: /guests/e\.img is in use by disk xvda of the same guest"),
    "same_link": (NAMED + KERNEL + 'disk = [ "/guests/e.img,raw,xvda,w", '
                  '"/guests/link.img,raw,xvdb,w" ]\n', 4,
                  r"xvdb: /guests/link\.img is in use by disk xvda of the same guest"),
    "busy_disk": (NAMED + KERNEL + DISK, 4, r"d\.img is in use by domain \d+"),
    "no_bridge": (NAMED + KERNEL + 'vif = [ "bridge=nobr" ]\n', 2, "nobr does not exist: make it"),
    "lo_bridge": (NAMED + KERNEL + 'vif = [ "bridge=lo" ]\n', 2, "lo is an interface, but no"),
    "vifname": (NAMED + KERNEL + 'vif = [ "vifname=xenbr0" ]\n', 4, "xenbr0 is already"),
    "late_disk": (NAMED + KERNEL + 'vif = [ "" ]\ndisk = [ "/guests/none,raw,xvdb,w" ]\n', 2,
                  "/guests/none"),
    "big": ('name = "x"\nmemory = 65536\n' + KERNEL, 1, "not enough free memory for x: .*lower"),
    "small": ('name = "x"\nmemory = 1\n' + KERNEL, 2, "memory is too small"),
    "no_cpu": (NAMED + KERNEL + "vcpus = 0\n", 2, "vcpus"),
    "many_cpus": (NAMED + KERNEL + "vcpus = 129\n", 2, "vcpus"),
    "lost_cpu": (NAMED + KERNEL + 'cpus = "60"\n', 2, "cpus= of x names none"),
    "taken": ('name = "old"\nmemory = 32\n' + KERNEL, 4, "'old' is taken by domain"),
    "number": ('name = "7"\nmemory = 32\n' + KERNEL, 2, "not be a number"),
}
# Every verb that takes a domain, as far as its own arguments are right.
VERBS = ("pause", "unpause", "shutdown", "reboot", "destroy", "console -n", "sysrq {} h",
         "rename {} y", "vcpu-set {} 1", "vcpu-pin {} all all", "sched {} -w 512", "mem-set {} 16",
         "mem-max {} 64", "block-list", "block-attach {} /guests/known.bin,raw,xvdb,r",
         "block-detach {} xvda", "network-list", "network-attach {} bridge=xenbr0",
         "network-detach {} 0", "dump-core {} /tmp/x.core", "config", "vcpu-list",
         "uptime", "wait -t 5", "supervise", "list")


def files():
    return {**soak.files(), "old.cfg": NAMED.replace('"x"', '"old"') + KERNEL + DISK,
            **{f"{name}.cfg": text for name, (text, _, _) in CONFIGS.items()}}


def verb_on(verb, name):
    return "purlin " + (verb.format(name) if "{}" in verb else f"{verb} {name}")


def one_line(machine, command, status, pattern):
    """COMMAND fails with STATUS and one line on the console that PATTERN is found in."""
    got, said = machine.status_of(command, DOM0_PROMPT)
    lines = [line for line in said.splitlines() if line and not line.startswith(
        ("purlin: x: ", "(PUR)"))]
    if got != status or len(lines) != 1 or not re.search(pattern, lines[0]):
        raise Failure(f"{command}: status {got} (wanted {status}), said: {said}")


def one_gets_the_disk(machine):
    """Two guests want the same file at the same moment: the other is told why not."""
    machine.dom0("try() { purlin create -q -p /guests/old.cfg name=$1 $d >/tmp/$1 2>&1; }")
    machine.dom0("d=disk=/guests/e.img,raw,xvda,w")
    machine.dom0("try one & try two; s=$?; wait $!; s=$?$s")
    machine.dom0("cat /tmp/one /tmp/two; case $s in 04|40) ;; *) false;; esac")
    machine.dom0("cat /tmp/one /tmp/two | grep -q 'e.img is in use by domain'")
    machine.dom0("purlin destroy one || purlin destroy two")


def linked_disks(machine):
    """Other names of a disk that is in use."""
    machine.dom0("cd /guests; ln d.img hard.img; ln -s d.img soft.img; cd -")
    for disk in ("hard.img,raw,xvda,r", "soft.img,raw,xvda,w"):
        one_line(machine, f"purlin create -q /guests/old.cfg name=x disk=/guests/{disk}", 4,
                 r"/guests/(hard|soft)\.img is in use by domain \d+")


def create_with(disk):
    return f"purlin create -q -p /guests/old.cfg name=x disk={disk}"


def disks_of_dom0(machine):
    """What Dom0 uses is no guest's to write: a mounted partition, the disk that it is on, a loop
    device over it, and the file under a mounted loop device, whatever its name."""
    machine.dom0("b=$(grep -lx boot /sys/block/vd*/serial | cut -d/ -f4)")
    for disk in ("/dev/${b}1", "/dev/$b"):
        one_line(machine, create_with(f"{disk},raw,xvda,w"), 4,
                 r"disk xvda: /dev/vd[a-z]1? is in use by Dom0 itself: .*umount")
    machine.dom0(create_with("/dev/${b}1,raw,xvda,r") + " && purlin destroy x")
    machine.dom0("losetup /dev/loop7 /dev/${b}1")
    one_line(machine, create_with("/dev/loop7,raw,xvda,w"), 4,
             "disk xvda: /dev/loop7 is in use by Dom0 itself: .*umount")
    machine.dom0("losetup -d /dev/loop7")
    machine.dom0("cd /guests; ln e.img link.img; mkdir -p /mnt; cd -")
    machine.dom0("losetup /dev/loop7 /guests/e.img && mke2fs /dev/loop7")
    machine.dom0(create_with("/guests/e.img,raw,xvda,w") + " && purlin destroy x")
    machine.dom0("mount /dev/loop7 /mnt")
    for disk in ("/guests/link.img", "/dev/loop7"):
        one_line(machine, create_with(f"{disk},raw,xvda,w"), 4,
                 f"disk xvda: {disk} is in use by Dom0 itself.*umount")
    machine.dom0("umount /mnt; losetup -d /dev/loop7")


def parts_of_disks(machine):
    """A disk and a partition of it are not two targets. The boot disk is not mounted meanwhile."""
    machine.dom0("umount /boot")
    for used, wanted in (("/dev/${b}1", "/dev/$b"), ("/dev/$b", "/dev/${b}1")):
        machine.dom0(f"purlin create -q -p /guests/old.cfg name=one disk={used},raw,xvda,r")
        one_line(machine, create_with(f"{wanted},raw,xvda,w"), 4,
                 r"/dev/vd[a-z]1? is in use by domain \d+")
        machine.dom0("purlin destroy one")
    machine.dom0("mount -o ro /dev/${b}1 /boot")


def everything_is_refused(machine):
    soak.begin(machine)
    machine.dom0("t=$(purlin create -q /guests/old.cfg); t=${t##* }")
    machine.dom0("until_true 60 is_up $t && until_true 60 has_terminal $t && before")
    one_gets_the_disk(machine)
    linked_disks(machine)
    disks_of_dom0(machine)
    parts_of_disks(machine)
    wrong = []
    for name, (_, status, pattern) in CONFIGS.items():
        try:
            one_line(machine, f"purlin create -q /guests/{name}.cfg", status, pattern)
            machine.dom0(f"unchanged {name}")
        except Failure as failure:
            wrong.append(f"{name}: {failure}")
    for verb in VERBS:
        try:
            one_line(machine, verb_on(verb, "gone"), 3, "is called 'gone': see purlin list")
        except Failure as failure:
            wrong.append(str(failure))
    try:
        soak.same(machine, "verbs")
    except Failure as failure:
        wrong.append(str(failure))
    if wrong:
        raise Failure("\n".join(wrong))
    machine.dom0("purlin destroy old")
    checks.kernel_is_content(machine.dom0)
    machine.poweroff()
    return f"{len(CONFIGS)} configurations and {len(VERBS)} verbs refused"


# What changes a domain, by id: t is a domain that is dead but for a page that xenconsoled maps.
CHANGES = [verb for verb in VERBS if verb.split()[0] not in (
    "block-list", "network-list", "config", "vcpu-list", "uptime", "wait", "list")]
DYING = r"^purlin: domain (\d+) \(unnamed\) is dying: purlin destroy \1 waits for its end$"
HELD = r"domain \d+ is dead, but some of its pages are"
# What must go on with it: looking at it, and what leaves it out.
STILL = ("list $t", "vcpu-list $t", "uptime $t", "sched $t", "block-list $t",
         "network-list $t", "metrics", "info", "pause --all", "unpause --all", "shutdown --all",
         "supervise --all", "autostop")


def dying_is_refused(machine):
    soak.begin(machine)
    machine.dom0("t=$(make); until_true 60 is_up $t && until_true 60 has_terminal $t")
    machine.dom0("kill -STOP $(pidof xenconsoled)")
    for verb in ("destroy", "wait -t 5"):
        one_line(machine, f"purlin {verb} $t", 1, HELD)
    if not re.search(r" -[-b]p--d ", machine.dom0("purlin list $t")):
        raise Failure("the domain is not listed as dying")
    wrong = []
    for verb in CHANGES:
        command = verb_on(verb, "$t")
        status, said = machine.status_of(command, DOM0_PROMPT)
        lines = re.sub(r"(?m)^purlin: [^ ]+: [a-z]+ing .*\n", "", said).splitlines()
        wanted, pattern = (1, HELD) if verb == "destroy" else (3, DYING)
        if status != wanted or len(lines) != 1 or not re.search(pattern, lines[0]):
            wrong.append(f"{command}: status {status}, said: {said}")
    for verb in STILL:
        status, said = machine.status_of(f"purlin {verb}", DOM0_PROMPT)
        if status != 0:
            wrong.append(f"purlin {verb}: status {status}, said: {said}")
    machine.dom0("kill -CONT $(pidof xenconsoled); until_true 20 gone $t")
    soak.same(machine, "dying")
    if wrong:
        raise Failure("\n".join(wrong))
    machine.poweroff()
    return f"{len(CHANGES)} verbs refused a dying domain, {len(STILL)} did not mind"


def crash_loop(machine):
    """on_crash = "restart" of a guest that only crashes: it ends, and the log says why."""
    soak.begin(machine)
    begun = int(machine.dom0("cut -d. -f1 /proc/uptime"))
    machine.dom0("purlin create -q /guests/jump_nowhere.cfg on_crash=restart")
    machine.dom0("until_true 60 gives_up jump_nowhere && until_true 30 gone jump_nowhere", 100)
    log = machine.dom0("cat /var/log/purlin/jump_nowhere.log")
    lasted = int(machine.dom0("cut -d. -f1 /proc/uptime")) - begun
    checks.equal("restarts", log.count(": restarted"), 4)
    if lasted < 4 * 2:
        raise Failure(f"4 restarts in {lasted} s: each is to be 2 s after the one before")
    if not re.search(r"crashed 5 times in a row within 30 s of its start: .*purlin create", log):
        raise Failure(f"the supervisor's log: {log}")
    soak.same(machine, "crashes")
    machine.poweroff()
