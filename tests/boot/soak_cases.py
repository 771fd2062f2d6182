# SPDX-License-Identifier: BSD-2-Clause
"""The endurance tests: `make soak`. Longest first, as two run at a time. One host thread each."""

import checks
import refused
import soak
import units
from cases import QUIET, Case

CASES: dict = {}
BUILT = {"tiny-initrd": "images/tiny-initrd"}
# QEMU translates a program again for each address that it runs at, and forgets its TLB whenever a
# kernel changes its tables for a system call, as it does on CPUs without PAN: both together are
# most of what a life costs the emulator.
BOARD = {"boot": "kernel", "gic": 3, "cpus": 1, "memory": 2048, "single_thread": True,
         "cpu": "neoverse-n1", "dom0_args": f"{QUIET} norandmaps kpti=off"}


def add(name, body, limit, files=None, **board):
    assert name not in CASES
    CASES[name] = Case(name, body, {**BOARD, **board}, limit, files or soak.files(),
                       (("d.img", 16), ("alice.img", 16)), BUILT)


# -icount: what comes by the clock, ticks and the ends of slices, costs as much as on a machine that
# is as fast as its clock says, a creation takes the same time whatever the host does meanwhile, and
# a CPU's time is what it has done. But who waits in a loop without YIELD leaves QEMU's other CPUs
# no time: Dom0 has one.
ICOUNT = "shift=1,sleep=off"
ONE_CPU = "dom0_max_vcpus=1 dom0_mem="
add("scale-64", soak.scale(64), 2400, cpus=8, memory=9216, purlin_args=f"{ONE_CPU}1024M",
    icount=ICOUNT)
add("cycles-1000", soak.cycles(1000, "worker"), 2400, icount=ICOUNT)
add("generations-300", soak.generations(300, 50), 2400, icount=ICOUNT,
    cpu="cortex-a57")  # which has 8-bit VMIDs
add("cycles-linux", soak.cycles(40, "linux"), 2400, icount=ICOUNT)
add("fair-64", soak.shares_are_fair(64, (256, 512, 768, 1024)), 2400, cpus=8,
    icount="shift=3,sleep=off", purlin_args=f"{ONE_CPU}512M")
# -icount for 128, too: until Linux has stopped the tick of its idle CPUs they have 32,000 ticks a
# second, more than the emulator gets done in real time. On 8 CPUs, as it has no trap for WFE: who
# waits for a lock there keeps its CPU for its slice. On 2 Linux did not always get through that.
for gic, cpu, vcpus, cpus, icount in ((3, "neoverse-n1", 128, 8, ICOUNT),
                                      (2, "cortex-a57", 8, 2, "")):
    add(f"vcpus-{vcpus}", soak.many_vcpus(vcpus), 2400,
        soak.files(tiny_memory=512, tiny_vcpus=vcpus), gic=gic, cpus=cpus, icount=icount, cpu=cpu,
        purlin_args=f"{ONE_CPU}512M" if icount else "dom0_mem=512M")
add("destroyed", soak.destroyed_at_every_stage, 1500,
    {**soak.files(), "alice.cfg": checks.guest_config("alice", memory=128, vcpus=1)})
add("dying", refused.dying_is_refused, 600)
add("killed", soak.kills, 1500)
CASES["systemd"] = Case("systemd", units.domains_start_and_end_with_the_machine,
                        {**BOARD, **units.BOARD}, 900, units.FILES, (), BUILT)
