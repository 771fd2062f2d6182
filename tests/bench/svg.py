# SPDX-License-Identifier: BSD-2-Clause
"""Plots as SVG, without other packages: bars on a logarithmic scale, and lines."""

import html
import math

COLOURS = {"Purlin": "#1b6ca8", "target": "#9ecae1", "Xen 4.17": "#d95f02", "KVM nVHE": "#7570b3",
           "KVM VHE": "#a6a2d8", "KVM": "#7570b3", "native": "#888888"}
LINE_COLOURS = ["#1b6ca8", "#d95f02", "#7570b3", "#2ca02c", "#8c564b", "#e377c2"]
FONT = 'font-family="sans-serif" font-size="12"'
BAR, GAP, LEFT, RIGHT, TOP = 9, 8, 330, 60, 50


def text(x, y, content, anchor="start", size=12, colour="#222222"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-family="sans-serif" font-size="{size}" '
            f'text-anchor="{anchor}" fill="{colour}">{html.escape(content)}</text>')


def document(width, height, parts):
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                      f'viewBox="0 0 {width} {height}">',
                      f'<rect width="{width}" height="{height}" fill="white"/>',
                      *parts, "</svg>"]) + "\n"


def legend(names, colours, y):
    parts, x = [], LEFT
    for name, colour in zip(names, colours):
        parts += [f'<rect x="{x}" y="{y - 9}" width="10" height="10" fill="{colour}"/>',
                  text(x + 14, y, name)]
        x += 30 + 7 * len(name)
    return parts


def axis(values, is_linear):
    """(how far along the axis a value stands, 0 to 1; what the axis is marked with)."""
    if is_linear:
        end = max(values) * 1.05
        step = 10 ** math.floor(math.log10(end))
        return lambda v: v / end, [step * i for i in range(int(end / step) + 1)]
    span = math.ceil(math.log10(max(values)))
    return lambda v: math.log10(max(v, 1)) / span, [10 ** power for power in range(span + 1)]


def bars(title, groups, width=900, is_linear=False):
    """GROUPS: [(label, {series: value or None})]; a value is at least 1 on the logarithmic axis."""
    along, marks = axis([v for _, g in groups for v in g.values() if v], is_linear)
    series = list(dict.fromkeys(n for _, g in groups for n, v in g.items() if v))
    room = width - LEFT - RIGHT
    parts = [text(10, 20, title, size=15)]
    parts += legend(series, [COLOURS[n] for n in series], TOP - 10)
    y = TOP + 10
    for label, group in groups:
        shown = [(n, v) for n, v in group.items() if v]
        parts.append(text(LEFT - 8, y + (BAR + 1) * len(shown) / 2 + 4, label, "end"))
        for name, value in shown:
            length = max(1.0, room * along(value))
            parts += [f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" '
                      f'fill="{COLOURS[name]}"/>',
                      text(LEFT + length + 4, y + BAR - 1, f"{value:,.0f}", size=9)]
            y += BAR + 1
        y += GAP
    for mark in marks:
        x = LEFT + room * along(mark)
        parts += [f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{y}" stroke="#dddddd"/>',
                  text(x, y + 14, f"{mark:,}", "middle", 10)]
    return document(width, y + 26, parts)


def lines(title, points, series, width=700, height=380):
    """POINTS: x values, evenly spaced; SERIES: {name: [y for each x]}. The axis begins at 0."""
    top = max(max(ys) for ys in series.values()) * 1.1
    left, right, bottom = 70, 20, 40
    parts = [text(10, 20, title, size=15)]

    def at(i, y):
        return (left + (width - left - right) * i / (len(points) - 1),
                height - bottom - (height - bottom - 110) * y / top)

    for part in range(5):
        x, y = at(0, top * part / 4)
        parts += [f'<line x1="{x}" y1="{y:.1f}" x2="{width - right}" y2="{y:.1f}" '
                  'stroke="#dddddd"/>', text(x - 6, y + 4, f"{top * part / 4:,.0f}", "end", 10)]
    for i, x_value in enumerate(points):
        parts.append(text(at(i, 0)[0], height - bottom + 18, str(x_value), "middle"))
    for index, (name, ys) in enumerate(series.items()):
        colour = LINE_COLOURS[index % len(LINE_COLOURS)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(i, v) for i, v in enumerate(ys)))
        parts += [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
                  f'<rect x="{left}" y="{32 + 15 * index}" width="10" height="10" '
                  f'fill="{colour}"/>', text(left + 16, 41 + 15 * index, name)]
    return document(width, height, parts)
