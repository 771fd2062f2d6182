# SPDX-License-Identifier: BSD-2-Clause
"""The rows of the micro-benchmark table: what each is called, and the figures of others on the
same rig. Xen 4.17.7 and Linux 6.1.192 are Debian 12's; where a figure is a pair it is GICv2's and
GICv3's. KVM nVHE was measured on GICv2, VHE on GICv3. TARGET: what Purlin should need at most."""

import dataclasses

# tests/bench/image/bench.h
SINGLE, PAIR, SHARE, PEER, PEER_PAIR, LIFE, WORST, BATCH = 1, 2, 4, 8, 16, 32, 64, 128


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    title: str
    shape: int
    native: float = None
    xen: object = None
    nvhe: int = None
    vhe: int = None
    target: int = None

    def of_xen(self, gic):
        return self.xen[gic - 2] if isinstance(self.xen, tuple) else self.xen


ROWS = [
    Row("empty_loop", "an empty loop, for comparison", SINGLE),
    Row("hypercall", "hypercall (xen_version)", SINGLE, 9, (424, 422), 1503, 1131, 60),
    Row("psci_version", "PSCI_VERSION by HVC", SINGLE, 9, (481, 479), 1505, 1133, 75),
    Row("gicd_iidr_read", "interrupt controller trap: read GICD_IIDR", SINGLE, 5, (601, 598),
        2221, 1896, 150),
    Row("gicd_isenabler_read", "read GICD_ISENABLER1", SINGLE, 5, (674, 692), 4553, 4212, 170),
    Row("gicd_ipriorityr_write", "write GICD_IPRIORITYR", SINGLE, 3, (650, 678), None, None, 170),
    Row("id_register_read", "trapped ID register", SINGLE, 3, (431, 429), None, None, 120),
    Row("stage2_fault", "access to nowhere: stage-2 fault, abort to the guest", SINGLE),
    Row("ipi_awake_handler", "virtual IPI, target running: to its handler", PAIR, 28, (1773, 1657),
        5235, 4326, 420),
    Row("ipi_awake_flag", "virtual IPI: until the sender sees the flag", PAIR, 136, (1881, 1765),
        5344, 4434, 530),
    Row("ipi_asleep_handler", "virtual IPI, target asleep in WFI: to its handler", PAIR, 28,
        (4616, 4531), 4416, 3555, 600),
    Row("irq_completion", "virtual IRQ completion (EOI)", SINGLE, 12, (12, 12), 12, 12, 12),
    Row("sgi_self", "self-SGI to handler", SINGLE, 16, (1204, 1124), 3435, 2678, 260),
    Row("switch_vcpus", "VM switch: yield between two vCPUs of a domain", SHARE, None,
        (3826, 3831), None, None, 500),
    Row("switch_domains", "VM switch: yield between two DomUs", PEER, None, (3798, 3798), None,
        None, 600),
    Row("event_running", "I/O latency out/in: event, peer running, to its handler", PEER_PAIR,
        None, (2076, 2064), None, None, 460),
    Row("event_blocked_other", "event, peer blocked on the other CPU, to its handler", PEER_PAIR,
        None, (5038, 5039), None, None, 600),
    Row("event_blocked_same", "event, peer blocked on the same CPU, to its handler", PEER, None,
        (5802, 5832), None, None, 700),
    Row("event_round_trip", "event round trip, peer blocked, two CPUs", PEER_PAIR, None,
        (10317, 10303), 14558, 14026, 1300),
    Row("event_round_trip_same", "event round trip, peer blocked, one CPU", PEER),
    Row("event_wakes", "event that wakes a domain on the same CPU, until the sender goes on",
        PEER),
    Row("event_masked", "event send, masked at the receiver", SINGLE, None, (881, 879), None, None,
        120),
    Row("event_self", "event to oneself, to handler", SINGLE, None, (1439, 1466), None, None, 300),
    Row("timer_fires", "timer fires: to handler", SINGLE, 5, (1066, 1088), 2804, 2514, 200),
    Row("timer_wakes", "WFI, woken by timer", SINGLE, 0, (7186, 7214), 2475, 2356, 400),
    Row("yield_alone", "yield with nothing else to run", SINGLE, None, (2171, 2169), None, None,
        120),
    Row("grant_map_unmap", "grant map + unmap, single", SINGLE, None, (5150, 5146), None, None,
        700),
    Row("grant_map_unmap_16", "grant map + unmap, each of 16 in a call", SINGLE, None,
        (3929, 3928), None, None, 380),
    Row("grant_copy_4096", "grant copy 4 KiB, by reference on both sides", SINGLE, None,
        (4033, 4031), None, None, 950),
    Row("grant_copy_64", "grant copy 64 B", SINGLE, None, (3402, 3400), None, None, 330),
    Row("grant_copy_4096_16", "grant copy 4 KiB, each of 16 in a call", SINGLE, None,
        (1623, 1622), None, None, 750),
    Row("peer_map_unmap", "grant map + unmap of another domain's page, single", PEER, None,
        (5150, 5146), None, None, 700),
    Row("peer_map_unmap_16", "grant map + unmap of another domain's pages, each of 16", PEER, None,
        (3929, 3928), None, None, 380),
    Row("domain_create", "domain create: 256 MiB, to its first instruction", LIFE),
    Row("domain_destroy", "domain destroy: 256 MiB", LIFE),
]
# Measured with 1, 8 and 64 other domains: what must not grow.
GROWTH = {
    "event_masked_many": "send to a masked port",
    "event_wakes": "wake, switch there and back",
    "switch_domains": "pick the next of all and switch",
    "peer_map_unmap": "grant map + unmap",
}
GROWTH_DOMAINS = (1, 8, 64)
# One operation's part of calls with so many.
BATCHES = {"batch_map": "grant map + unmap", "batch_copy": "grant copy 4 KiB"}
BATCH_SIZES = (1, 2, 4, 8, 16)
