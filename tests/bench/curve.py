# SPDX-License-Identifier: Apache-2.0
"""A cost against the number of processes: whether it has a step, and its picture as an SVG."""

import math
from xml.sax.saxutils import escape

# Numbers of processes, each about 1.25 times the one before; exactly where rings are long.
NUMBERS = (8, 9, 11, 14, 18, 22, 28, 35, 44, 55, 69, 86, 107, 134, 168, 210, 262, 328, 410, 512)
MOST_STEP, AT = 1.5, 1.25  # a point costs at most 1.5 times what its neighbour at 1.25 N does

LEFT, TOP, WIDTH, HEIGHT = 70, 60, 640, 320
COLOURS = ["#222", "#3a7d44", "#c0562f", "#5b7c99", "#8a5a9e", "#b08a1e"]


def steps(points):
    """[(N, next N, ratio of the costs)] where a curve of (N, cost) jumps.

    Points that are farther apart than 1.25 may differ by as much more."""
    points = sorted(points)
    found = []
    for (n, cost), (more, costs) in zip(points, points[1:]):
        allowed = MOST_STEP ** max(1, math.log(more / n) / math.log(AT))
        if cost > 0 and not 1 / allowed <= costs / cost <= allowed:
            found.append((n, more, costs / cost))
    return found


def largest(points):
    """The largest factor between neighbours, either way."""
    points = sorted(points)
    return max((max(a[1] / b[1], b[1] / a[1]) for a, b in zip(points, points[1:])), default=1)


def round_step(span):
    """A round distance between at most six grid lines."""
    unit = 10 ** math.floor(math.log10(span / 6))
    return next(unit * f for f in (1, 2, 5, 10) if span / (unit * f) <= 6)


class Axes:
    """Where a point lies in the picture: N by its logarithm, the cost from 0 on."""

    def __init__(self, numbers, highest):
        self.low, self.high = math.log(min(numbers)), math.log(max(numbers))
        self.step = round_step(highest)
        self.top = math.ceil(highest / self.step) * self.step

    def x(self, n):
        return LEFT + (math.log(n) - self.low) / (self.high - self.low or 1) * WIDTH

    def y(self, cost):
        return TOP + HEIGHT - cost / self.top * HEIGHT


def grid(axes, numbers):
    """Lines and their labels."""
    out = []
    for i in range(round(axes.top / axes.step) + 1):
        y = axes.y(i * axes.step)
        out.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{LEFT + WIDTH}" y2="{y:.1f}" stroke="#ddd"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{i * axes.step:,.0f}</text>')
    n = 2 ** math.ceil(math.log2(min(numbers)))
    while n <= max(numbers):
        x = axes.x(n)
        out.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{TOP + HEIGHT + 4}" stroke="#ddd"/>')
        out.append(f'<text x="{x:.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{n}</text>')
        n *= 2
    return out


def svg(title, unit, curves):
    """curves: {name: [(N, cost)]}; the first is the one to compare with."""
    numbers = [n for points in curves.values() for n, _ in points]
    axes = Axes(numbers, max(cost for points in curves.values() for _, cost in points))
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 30}" height="{TOP + HEIGHT + 50}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="15">{escape(title)}</text>',
        *grid(axes, numbers),
        f'<text x="{LEFT + WIDTH / 2}" y="{TOP + HEIGHT + 38}" text-anchor="middle">{escape(unit)}</text>',
    ]
    for i, (name, points) in enumerate(curves.items()):
        colour, x = COLOURS[i % len(COLOURS)], LEFT + i * WIDTH / len(curves)
        at = [(axes.x(n), axes.y(cost)) for n, cost in sorted(points)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
        out.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>' for x, y in at]
        out.append(f'<rect x="{x:.1f}" y="34" width="14" height="4" fill="{colour}"/>')
        out.append(f'<text x="{x + 20:.1f}" y="41">{escape(name)}</text>')
    return "\n".join(out + ["</svg>", ""])
