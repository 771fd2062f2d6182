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
class Figure:
    """TARGET and EL2_TARGET as docs/PERFORMANCE.md has them, in UNIT."""
    name: str
    title: str
    unit: str
    read: callable
    target: float
    el2_target: float = None
    more_is_better: bool = False
    busy_ns: callable = None            # of the work alone, where the program takes long to start


def latency(text):
    """qperf prints half of a round trip; microseconds."""
    found = re.search(r"latency\s*=\s*([\d.]+) (ns|us|ms)", text)
    scale = {"ns": 1 / NS_PER_US, "us": 1, "ms": NS_PER_US}[found[2]]
    return 2 * float(found[1]) * scale


def stream(text):
    """iperf3: MB/s that came in."""
    ended = json.loads(text[text.index("{"):])["end"]
    return ended["sum_received"]["bits_per_second"] / 8e6


def fio(text):
    """The terse line's fields, version 3: reads and writes follow each other."""
    line = next(li for li in text.splitlines() if li.startswith("3;fio"))
    fields = line.split(";")
    return fields[5:] if int(fields[5]) else fields[46:]


def fio_us(text):
    """Microseconds of an operation, fio's own work included."""
    return 1e6 / int(fio(text)[2])


def fio_ns(text):
    return int(fio(text)[3]) * 1_000_000


def fio_rate(text):
    return int(fio(text)[1]) * 1024 / 1e6


def hackbench(text):
    return float(re.search(r"Time: ([\d.]+)", text)[1])


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
    Figure("hackbench", "hackbench -p -g 4 -l 200", SECONDS, hackbench, 1.05),
]


def parse(output, el2):
    """{figure: {"value", "el2" (share of the time that it ran; None: not counted)}} of a console.
    EL2: instructions of each window, in order, or None."""
    windows = re.findall(r"bench: begin (\w+) ns (\d+).*?bench: end \1 ns (\d+)", output, re.DOTALL)
    found = {}
    for index, (name, begin, end) in enumerate(windows):
        figure = next(f for f in FIGURES if f.name == name)
        text = "\n".join(re.findall(rf"^bench: out {name} (.*)$", output, re.MULTILINE))
        try:
            value = figure.read(text)
        except (TypeError, ValueError, KeyError, StopIteration, IndexError) as e:
            raise BadOutput(f"{name}: {e!r} in {text[:200]}") from None
        found[name] = {"value": value, "el2": None}
        if el2:
            ns = figure.busy_ns(text) if figure.busy_ns else int(end) - int(begin)
            found[name] |= {"el2": el2[index] / ns, "el2_instructions": el2[index]}
    return found
