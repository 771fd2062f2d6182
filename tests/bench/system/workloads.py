# SPDX-License-Identifier: BSD-2-Clause
"""The workloads' figures: what each is called, which way is better, and where its value stands in
the output of Debian's program."""

import dataclasses
import json
import re

NS_PER_US = 1000


class BadOutput(Exception):
    """A program did not print what it prints."""


@dataclasses.dataclass(frozen=True)
class Shape:
    """A machine. With two CPUs the guests have the second. MEMORY in MiB."""
    cpus: int = 1
    guests: int = 1
    memory: int = 2048
    on: tuple = ("purlin", "xen", "kvm")


@dataclasses.dataclass(frozen=True)
class Figure:
    """TARGET and EL2_TARGET in UNIT."""
    name: str
    title: str
    unit: str
    read: callable
    target: float = None
    el2_target: float = None
    more_is_better: bool = False
    busy_ns: callable = None            # of the work alone, where the program takes long to start
    shape: str = "one"
    on: tuple = ("native", "purlin", "xen", "kvm")

    @property
    def programs(self):
        """How many print, one after the other."""
        return SHAPES[self.shape].guests if "between" not in self.name else 1


# What several programs print that ran at the same time is taken together: what one operation of
# any of them cost, or what all of them moved.

def latency(text):
    """qperf prints half of a round trip; microseconds."""
    scale = {"ns": 1 / NS_PER_US, "us": 1, "ms": NS_PER_US}
    found = re.findall(r"latency\s*=\s*([\d.]+) (ns|us|ms)", text)
    return 2 / sum(1 / (float(value) * scale[unit]) for value, unit in found), len(found)


def stream(text):
    """iperf3: MB/s that came in."""
    found, at = [], text.find("{")
    while at >= 0:
        report, end = json.JSONDecoder().raw_decode(text, at)
        found.append(report["end"]["sum_received"]["bits_per_second"] / 8e6)
        at = text.find("{", end)
    return sum(found), len(found)


def fio(text):
    """The terse lines' fields, version 3: reads and writes follow each other."""
    lines = [line.split(";") for line in text.splitlines() if line.startswith("3;fio")]
    return [[int(v) for v in (f[5:9] if int(f[5]) else f[46:50])] for f in lines]


def fio_us(text):
    """Microseconds of an operation, fio's own work included."""
    found = fio(text)
    return 1e6 / sum(iops for _, _, iops, _ in found), len(found)


def fio_ns(text):
    """That all operations took by that."""
    found = fio(text)
    return sum(iops * ms for _, _, iops, ms in found) * 1e6 / sum(iops for _, _, iops, _ in found)


def fio_rate(text):
    found = fio(text)
    return sum(rate for _, rate, _, _ in found) * 1024 / 1e6, len(found)


def hackbench(text):
    found = [float(seconds) for seconds in re.findall(r"Time: ([\d.]+)", text)]
    return max(found), len(found)


def hackbench_mean(text):
    """Of several runs: who is switched to when is chance, and moves one of them by 6 %."""
    found = [float(seconds) for seconds in re.findall(r"Time: ([\d.]+)", text)]
    return sum(found) / len(found), 1


def ping(text):
    """The module's sums: of what, ticks; how many; ticks a second."""
    return {name: int(value) for name, value in re.findall(r"(\w+) (\d+)", text)}


def ping_us(part):
    def read(text):
        found = ping(text)
        return 1e6 * found[part] / found["count"] / found["hz"], 1
    return read


def ping_ns(text):
    """Of as many whole ways as there were, or of their parts: EL2's share is of them all."""
    found = ping(text)
    return 1e9 * found["total"] / found["hz"]


def ping_figure(name, title):
    """What the name ends with is the sum that counts: the whole way where nothing is said."""
    part = name.rsplit("_", 1)[1]
    return Figure(name, title, US, ping_us(part if part in ("out", "in") else "round"),
                  busy_ns=ping_ns, shape="two" if name.startswith("two") else "one",
                  on=("purlin", "xen"))


US, RATE, SECONDS = "µs", "MB/s", "s"
FIGURES = [
    Figure("tcp_rr", "TCP request/response, 1 byte (qperf)", US, latency, 64, 3),
    Figure("stream_in", "TCP stream to the guest (iperf3)", RATE, stream, 500, None, True),
    Figure("stream_out", "TCP stream from the guest (iperf3)", RATE, stream, 440, None, True),
    Figure("random_read_1", "random read, 4 KiB, depth 1 (fio)", US, fio_us, 38, 2.5, False,
           fio_ns),
    Figure("random_write_1", "random write, 4 KiB, depth 1 (fio)", US, fio_us, 37, 2.5, False,
           fio_ns),
    Figure("random_read_16", "random read, 4 KiB, depth 16 (fio)", US, fio_us, 14.1, None, False,
           fio_ns),
    Figure("random_write_16", "random write, 4 KiB, depth 16 (fio)", US, fio_us, 14.2, None, False,
           fio_ns),
    Figure("sequential_read", "sequential read, 128 KiB (fio)", RATE, fio_rate, 1070, None, True,
           fio_ns),
    Figure("sequential_write", "sequential write, 128 KiB (fio)", RATE, fio_rate, 1095, None, True,
           fio_ns),
    Figure("hackbench", "hackbench -p -g 4 -l 200, mean of 4", SECONDS, hackbench_mean, 1.05),
    ping_figure("io_out", "I/O latency out: guest's kernel to back end's handler"),
    ping_figure("io_in", "I/O latency in: back end's handler to guest's"),
    ping_figure("io_round", "… there and back, the guest's thread asleep"),
    ping_figure("io_copy", "… with a grant copy of 4 KiB"),
    ping_figure("io_map", "… with a grant mapped and unmapped"),
    Figure("two_tcp_rr", "two CPUs: TCP request/response", US, latency, 66, 4, shape="two"),
    Figure("two_random_read_1", "two CPUs: random read, depth 1", US, fio_us, 39, None, False,
           fio_ns, "two"),
    Figure("two_random_write_1", "two CPUs: random write, depth 1", US, fio_us, 38, None, False,
           fio_ns, "two"),
    ping_figure("two_io_out", "two CPUs: I/O latency out"),
    ping_figure("two_io_in", "two CPUs: I/O latency in"),
    ping_figure("two_io_round", "two CPUs: … there and back"),
    Figure("four_tcp_rr", "four guests: TCP request/response", US, latency, shape="four"),
    Figure("four_stream_in", "four guests: TCP streams to them, sum", RATE, stream, None, None,
           True, shape="four"),
    Figure("four_stream_out", "four guests: TCP streams from them, sum", RATE, stream, None, None,
           True, shape="four"),
    Figure("four_random_read_1", "four guests: random read, depth 1 each", US, fio_us, None, None,
           False, fio_ns, "four"),
    Figure("four_random_read_16", "four guests: random read, depth 16 each", US, fio_us, None, None,
           False, fio_ns, "four"),
    Figure("four_hackbench", "four guests: hackbench -p -g 4 -l 50 in each", SECONDS, hackbench,
           shape="four"),
    Figure("four_between_rr", "guest to guest: TCP request/response", US, latency, shape="four"),
    Figure("four_between_stream", "guest to guest: TCP stream", RATE, stream, None, None, True,
           shape="four"),
]
SHAPES = {"one": Shape(on=("native", "purlin", "xen", "kvm")), "two": Shape(cpus=2),
          "four": Shape(guests=4, memory=3072)}


def parse(output, el2):
    """{figure: {"value", "el2" (share of the time that it ran; None: not counted)}} of a console.
    EL2: instructions of each window, in order, or None."""
    windows = re.findall(r"bench: begin (\w+) ns (\d+).*?bench: end \1 ns (\d+)", output, re.DOTALL)
    found = {}
    for index, (name, begin, end) in enumerate(windows):
        figure = next(f for f in FIGURES if f.name == name)
        text = "\n".join(re.findall(rf"^bench: out {name} (.*)$", output, re.MULTILINE))
        try:
            value, programs = figure.read(text)
        except (ValueError, KeyError, ZeroDivisionError, IndexError) as e:
            raise BadOutput(f"{name}: {e!r} in {text[:200]}") from None
        if programs != figure.programs:
            raise BadOutput(f"{name}: {programs} programs printed, not {figure.programs}")
        found[name] = {"value": value, "el2": None}
        if el2:
            ns = figure.busy_ns(text) if figure.busy_ns else int(end) - int(begin)
            found[name] |= {"el2": el2[index] / ns, "el2_instructions": el2[index]}
    return found
