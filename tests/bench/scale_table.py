# SPDX-License-Identifier: Apache-2.0
"""The result of scale.py as tables and a picture, and which of its aims it misses."""

from bench import curve, table

# Instructions of a guest; what has no ratio that says something.
MOST_INSTRUCTIONS = {"sparse_512m": 8, "sparse_1024m": 8}


def aim_of(one):
    """(text, whether it is met); without an aim ("", None)."""
    if (most := MOST_INSTRUCTIONS.get(one["name"])) is not None:
        return f"{most} instructions", round(one["vambrace"], 1) <= most
    if one["target"] is None or one["ratio"] is None:
        return "", None
    return f"{one['target']:g}", one["ratio"] <= one["target"]


def row_table(data):
    lines = []
    for one in data["rows"]:
        aim, met = aim_of(one)
        lines.append(
            [
                one["name"],
                table.number(one["native"]),
                table.number(one["vambrace"]),
                table.ratio_text(one["ratio"]),
                aim,
                {None: "", True: "yes", False: "**no**"}[met],
                table.number(one["hypervisor"]),
                table.trap_text(one["traps"]),
            ]
        )
    header = ["row", "native", "Vambrace", "ratio", "at most", "met", "hypervisor", "traps per operation"]
    return table.grid(header, lines)


def curve_table(data):
    """Instructions per pass by the number of processes; a column for each curve."""
    curves = {name: dict(map(tuple, points)) for name, points in data["curve"]["curves"].items()}
    wanted = sorted({n for points in curves.values() for n in points})
    lines = [[str(n), *(table.number(points.get(n)) for points in curves.values())] for n in wanted]
    steps = [f"{curve.largest(points.items()):.2f}" for points in curves.values()]
    return table.grid(["processes", *curves], [*lines, ["**largest step**", *steps]])


def tables(data):
    return [
        *([row_table(data)] if data.get("rows") else []),
        *([curve_table(data)] if data.get("curve") else []),
    ]


def markdown(data, heading="#"):
    pool = f"a pool of {data['pool_kib']} KB" if data.get("pool_kib") else "the default pool"
    out = [f"{heading} {data['platform']}: many processes, much memory", ""]
    if data.get("rows"):
        out += [f"Instructions per operation, boards of 128 MB, {pool}.", "", *row_table(data), ""]
    if data.get("curve"):
        links = data["curve"]["links"]
        out += [
            f"Instructions for a pass of a ring whose processes use {links} megabytes each.",
            "",
            *curve_table(data),
            "",
        ]
    return "\n".join(out)


def compare(old, new):
    """What has changed since an older result: rows, and points of the curves as if they were rows."""
    return table.compare(*(with_points(data) for data in (old, new)))


def with_points(data):
    rows = list(data.get("rows", []))
    curves = data.get("curve", {}).get("curves", {})
    native = dict(map(tuple, curves.get("native", [])))
    for name, points in curves.items():
        for n, cost in points:
            if name != "native" and n in native:
                rows.append(table.row(f"{n} processes, {name}", native[n], cost, {}))
    return {"rows": rows}


def picture(data):
    curves = data["curve"]["curves"]
    return curve.svg(
        f"{data['platform']}: instructions for a pass of a ring, {data['curve']['links']} megabytes each",
        "processes",
        curves,
    )


def absent(data, rows, curves):
    """A sentence for every row that has an aim, and for every curve, that was not measured."""
    there = {one["name"] for one in data.get("rows", [])}
    names = [name for name in rows if (table.target(name) or name in MOST_INSTRUCTIONS) and name not in there]
    names += [name for name in curves if name not in data.get("curve", {}).get("curves", {})]
    return [f"{name}: not measured" for name in names]


def missed(data):
    """A sentence for every row that misses its aim and for every step of a curve."""
    out = []
    for one in data.get("rows", []):
        aim, met = aim_of(one)
        if met is False:
            out.append(
                f"{one['name']}: {table.number(one['vambrace'])} instructions, "
                f"{table.ratio_text(one['ratio'])} of native; at most {aim}"
            )
    for name, points in data.get("curve", {}).get("curves", {}).items():
        out += [
            f"{name}: {ratio:.2f} times the cost from {n} to {more} processes; at most {curve.MOST_STEP}"
            for n, more, ratio in curve.steps(points)
        ]
    return out
