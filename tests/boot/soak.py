# SPDX-License-Identifier: BSD-2-Clause
"""Scale and endurance: what `make soak` runs. A step returns figures that are worth printing; the
loops themselves run in Dom0 (soak/soak.sh), so that the console is no part of what they take."""

import os
import re
import time

import checks
from machine import Failure, Guest

HERE = os.path.dirname(os.path.abspath(__file__))
WORKER_CFG = """name = "worker"
memory = {memory}
vcpus = 1
kernel = "/guests/worker.img"
{more}
"""
TINY_CFG = """name = "tiny"
memory = {memory}
vcpus = {vcpus}
kernel = "/boot/domu-kernel"
ramdisk = "/guests/tiny-initrd"
extra = "console=hvc0 quiet"
{more}
"""
SPAN_S = 10             # as tests/guests/worker.c has it


def files(memory=4, more="", tiny_memory=96, tiny_vcpus=1):
    with open(f"{HERE}/soak/soak.sh", encoding="utf-8") as script:
        return {"soak.sh": script.read(),
                "worker.cfg": WORKER_CFG.format(memory=memory, more=more),
                "tiny.cfg": TINY_CFG.format(memory=tiny_memory, vcpus=tiny_vcpus, more=more)}


def begin(machine):
    machine.wait_dom0()
    machine.dom0(". /guests/soak.sh")
    machine.dom0("before")


def same(machine, what):
    machine.dom0(f"same {what}", 120)


def timed(machine, command, limit):
    """Seconds on the host's clock."""
    start = time.monotonic()
    machine.dom0(command, limit)
    return time.monotonic() - start


# --- many at once ---------------------------------------------------------------------------

def scale(count):
    def body(machine):
        begin(machine)
        made = timed(machine, f"tinies {count}", 1200)
        up = timed(machine, f"all_answer {count} first", 1200)
        again = timed(machine, f"all_answer {count} second", 600)
        free = machine.dom0("purlin info | grep '^free'").split("(")[1].rstrip(")")
        machine.dom0(f"halt_some {count}", 600)
        machine.dom0("purlin destroy --all", 600)
        same(machine, f"{count}-guests")
        checks.kernel_is_content(machine.dom0)
        machine.poweroff()
        return (f"{count} Linux guests made in {made:.0f} s, all answered {up:.0f} s later, and "
                f"once more in {again:.0f} s; {free} were free")
    return body


def off_share(got):
    """How far each is from its share, by weight: {weight: [fraction]}. GOT: (weight, amount)."""
    one = sum(n for _, n in got) / sum(w for w, _ in got)
    return {w: [n / w / one - 1 for v, n in got if v == w] for w in sorted({w for w, _ in got})}


def shares_are_fair(count, weights):
    """Counting guests with WEIGHTS in turn. The time that each had a CPU is to be within 5 % of its
    share, and so is what those of a weight got done in that time: of a single one that depends on
    the emulator, too, which runs one CPU at a time."""
    def body(machine):
        begin(machine)
        machine.dom0(f"burners {count} {' '.join(map(str, weights))}", 1200)
        machine.dom0("start_burning", 600)
        machine.dom0("all_counted", 1200)
        lines = [list(map(int, x.split())) for x in machine.dom0("counts").splitlines()]
        checks.equal("guests that counted", len(lines), count)
        time_off = off_share([(w, ran) for w, ran, _ in lines])
        work_off = off_share([(w, done) for w, _, done in lines])
        worst = max(abs(x) for one in time_off.values() for x in one)
        work = {w: sum(one) / len(one) for w, one in work_off.items()}
        text = ("time: " + ", ".join(f"{w}: {100 * min(x):+.1f} to {100 * max(x):+.1f} %"
                                     for w, x in time_off.items())
                + "; work: " + ", ".join(f"{w}: {100 * x:+.1f} %" for w, x in work.items()))
        if worst > 0.05 or max(abs(x) for x in work.values()) > 0.05:
            raise Failure(f"shares differ from the weights: {text}")
        machine.dom0("purlin destroy --all", 600)
        same(machine, "counting-guests")
        machine.poweroff()
        return f"{count} counting guests, {SPAN_S} s, off their share by weight, {text}"
    return body


def generations(total, alive):
    """TOTAL guests, ALIVE of them at a time, the oldest ending for each that comes; one Linux guest
    that was there before all of them answers after them."""
    def body(machine):
        begin(machine)
        machine.dom0("tinies 1", 60)
        machine.dom0("all_answer 1 first", 120)
        took = timed(machine, f"generations {total} {alive}", 2400)
        rolled = machine.dom0("rollovers")
        found = re.search(r"VMIDs: 8 bits, rolled over (\d+) times", rolled)
        if not found or int(found.group(1)) < 1:
            raise Failure(f"the 8-bit VMIDs never ran out: {rolled}")
        machine.dom0("all_answer 1 last", 120)
        machine.dom0("purlin destroy --all", 600)
        same(machine, "generations")
        checks.kernel_is_content(machine.dom0)
        machine.poweroff()
        return (f"{total} domains, {alive} at a time, in {took:.0f} s; "
                f"VMIDs rolled over {found.group(1)} time(s)")
    return body


def many_vcpus(count):
    def body(machine):
        begin(machine)
        machine.dom0("tinies 1", 120)
        took = timed(machine, "all_answer 1 first", 1500)
        equal_cpus = machine.dom0("said t1 'up with'")
        if f"up with {count} CPUs" not in equal_cpus:
            raise Failure(f"not {count} CPUs: {equal_cpus}")
        down = timed(machine, "purlin shutdown -w t1", 600)
        same(machine, "vcpus")
        checks.kernel_is_content(machine.dom0)
        machine.poweroff()
        return f"{count} vCPUs: up {took:.0f} s after purlin create, down in {down:.0f} s"
    return body


# --- again and again ------------------------------------------------------------------------

def cycles(count, kind):
    """COUNT lives of a KIND of guest; the first fifty creations against the last fifty."""
    def body(machine):
        begin(machine)
        some = min(50, count // 2)
        machine.dom0(f"cycles {kind} 2", 240)     # what is made once only, is made
        machine.dom0("before")
        took = timed(machine, f"cycles {kind} {count}", 2400)
        same(machine, "cycles")
        first, last = (int(machine.dom0(f"mean {a} {b}")) for a, b in
                       ((1, some), (count - some + 1, count)))
        ids = machine.dom0("cat /tmp/ids")
        checks.equal("ids handed out one after the other", ids, str(count - 1))
        checks.kernel_is_content(machine.dom0)
        machine.poweroff()
        if last > first * 1.2 + 10:
            raise Failure(f"creation takes {last} ms at the end, {first} ms at the start")
        return (f"{count} lives of the {kind} guest in {took:.0f} s; create: first {some} "
                f"{first} ms, last {some} {last} ms")
    return body


# --- ended and killed -----------------------------------------------------------------------

# Verbs that take time or change more than one thing, t1 being a running Linux guest.
KILLED = ("create -q /guests/tiny.cfg name=t1", "shutdown -w t1", "destroy t1", "pause t1",
          "unpause t1", "rename t1 t1", "vcpu-set t1 1", "sched t1 -w 300", "mem-set t1 90",
          "mem-max t1 96", "block-attach t1 /guests/d.img,raw,xvdb,w", "dump-core t1 /tmp/x.core",
          "network-attach t1 mac=00:16:3e:00:00:77", "config t1", "list", "top --once -d 1",
          "metrics", "console -n t1")


def destroyed_at_every_stage(machine):
    begin(machine)
    took = {}
    for stage in ("while_building", "made_again", "while_booting", "while_ballooning",
                  "in_shutdown", "twice_at_once"):
        took[stage] = timed(machine, stage, 600)
    for _ in range(2):
        checks.destroyed_in_io(machine, "alice")
        destroyed_in_traffic(machine)
    same(machine, "io")
    checks.kernel_is_content(machine.dom0)
    machine.poweroff()
    return ", ".join(f"{name.replace('_', ' ')} {seconds:.0f} s" for name, seconds in took.items())


def destroyed_in_traffic(machine):
    guest = Guest(machine, "alice")
    machine.dom0("(sleep 900 | nc -l -p 5001 >/dev/null) & true")
    machine.dom0(checks.listening(5001))
    guest.create()
    guest.login()
    guest.run("(while :; do dd if=/dev/zero bs=1M count=9; done | nc 10.0.2.15 5001) 2>/tmp/n & :")
    guest.detach()
    machine.dom0("r() { cat /sys/class/net/vif*.0/statistics/rx_bytes; }")
    machine.dom0("until_true 60 eval '[ $(r) -gt 4000000 ]'", 90)
    machine.dom0("purlin destroy alice")
    machine.dom0("kill %1; wait")


def kills(machine):
    begin(machine)
    machine.dom0("xenconsoled_killed", 300)
    same(machine, "xenconsoled")
    for verb in KILLED:
        machine.dom0(f"killed {verb}", 300)
        machine.dom0("purlin supervise --all; rm -f /tmp/x.core; purlin destroy --all", 120)
        same(machine, "kill")
    checks.kernel_is_content(machine.dom0)
    machine.poweroff()
    return f"xenconsoled, and {len(KILLED)} verbs at 5 moments each"
