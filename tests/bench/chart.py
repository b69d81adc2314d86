# SPDX-License-Identifier: Apache-2.0
"""The ratios as an SVG bar chart."""

from xml.sax.saxutils import escape

BAR, LEFT, WIDTH, TOP = 18, 170, 560, 52
COLOURS = {True: "#3a7d44", False: "#c0562f", None: "#5b7c99"}  # target met, missed, none


def step_of(span):
    """A round distance between grid lines."""
    return next((s for s in (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10) if span / s <= 8), 50)


def svg(data):
    """Bars from 1 (native) on; a mark where the target is."""
    rows = [r for r in data["rows"] if r["ratio"]]
    low = min([0.9] + [r["ratio"] for r in rows])
    high = max([1.2] + [r["ratio"] for r in rows] + [r["target"] or 1 for r in rows])
    height = TOP + BAR * len(rows) + 30

    def x(ratio):
        return LEFT + (ratio - low) / (high - low) * WIDTH

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 80}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="15">{escape(data["platform"])}: '
        "cost under Vambrace, native = 1</text>",
        f'<text x="{LEFT}" y="38" fill="#555">geometric mean without the boot {data["geomean"]:.3f}; '
        "the line in a bar is its target"
        "</text>",
    ]
    step = step_of(high - low)
    tick = int(low / step) * step
    while tick <= high:
        if tick >= low:
            out.append(
                f'<line x1="{x(tick):.1f}" y1="{TOP - 6}" x2="{x(tick):.1f}" y2="{height - 24}" '
                'stroke="#ddd"/>'
            )
            out.append(
                f'<text x="{x(tick):.1f}" y="{height - 8}" text-anchor="middle" fill="#555">{tick:.4g}</text>'
            )
        tick += step
    for i, one in enumerate(rows):
        y, met = TOP + i * BAR, None if one["target"] is None else one["ratio"] <= one["target"]
        left, right = sorted((x(1), x(one["ratio"])))
        out.append(f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(one["name"])}</text>')
        out.append(
            f'<rect x="{left:.1f}" y="{y + 2}" width="{max(1, right - left):.1f}" height="{BAR - 5}" '
            f'fill="{COLOURS[met]}"/>'
        )
        if one["target"]:
            out.append(
                f'<line x1="{x(one["target"]):.1f}" y1="{y}" x2="{x(one["target"]):.1f}" y2="{y + BAR - 1}" '
                'stroke="black" stroke-width="2"/>'
            )
        out.append(
            f'<text x="{max(right, x(one["target"] or 1)) + 6:.1f}" y="{y + 12}">{one["ratio"]:.3f}</text>'
        )
    out.append(f'<line x1="{x(1):.1f}" y1="{TOP - 6}" x2="{x(1):.1f}" y2="{height - 24}" stroke="black"/>')
    return "\n".join(out + ["</svg>", ""])
