# SPDX-License-Identifier: Apache-2.0
"""Rows into tables: ratios, the geometric mean, Markdown, and what has changed since an older result."""

import json
import math

from bench import paths

# Instruction ratios to native that are aimed at; the first beginning that fits a row's name.
TARGETS = [
    ("null_call", 1.42),
    ("gettimeofday", 1.30),
    ("clock_gettime", 1.30),
    ("read_1", 1.22),
    ("write_1", 1.22),
    ("stat", 1.05),
    ("fstat", 1.05),
    ("open_close", 1.05),
    ("select_100", 1.01),
    ("select_10", 1.04),
    ("signal_install", 1.15),
    ("signal_delivery", 1.08),
    ("protection_fault", 1.10),
    ("mprotect", 1.10),
    ("pipe", 1.13),
    ("af_unix", 1.13),
    ("boot_to_shell", 1.12),
    ("fork_exit_beside_100", 1.05),
    ("fork_exit_beside_400", 1.10),
    ("fork_exit", 1.15),
    ("fork_exec", 1.13),
    ("fork_sh", 1.13),
    ("mmap_4m", 1.10),
    ("fault_anonymous", 1.12),
    ("fault_copy", 1.12),
    ("fault_file", 1.18),
    ("switch_", 1.18),
    ("ring_64p_3l", 1.12),
    ("ring_128p_3l", 1.15),
    ("ring_192p_3l", 1.15),
    ("ring_256p_3l", 1.15),
    ("ring_64p_11l", 1.10),
    ("ring_128p_11l", 1.20),
    ("hackbench_", 1.12),
    ("integer_loop", 1.001),
    ("memcpy_64k", 1.001),
    ("memset_64k", 1.001),
    ("gzip", 1.03),
    ("sha256", 1.03),
    ("script", 1.03),
]
# ARMv6 and ARMv7: barriers, the exclusive monitor and more of the psr.
LATER_TARGETS = {"null_call": 1.50}
GEOMEAN_TARGET = 1.10
# Not the same work on both sides: the bare board's kernel sets up other devices, and on a Cortex-A9 it
# measures its local timer, which takes longer than all that the hypervisor adds.
NOT_IN_THE_MEAN = {"boot_to_shell"}
LITTLE = 0.0005  # a comparison counts changes below, and does not list them


def target(name):
    return next((ratio for beginning, ratio in TARGETS if name.startswith(beginning)), None)


def geomean(ratios):
    ratios = list(ratios)
    return math.exp(sum(math.log(r) for r in ratios) / len(ratios)) if ratios else None


def mean_of(rows):
    return geomean(r["ratio"] for r in rows if r["ratio"] and r["name"] not in NOT_IN_THE_MEAN)


def row(name, native, vambrace, traps, **more):
    """One row of the result: what an operation costs, and whatever else is known about it."""
    return {
        "name": name,
        "native": round(native, 3),
        "vambrace": round(vambrace, 3),
        "ratio": round(vambrace / native, 4) if native > 0 else None,
        "target": target(name),
        "traps": {kind: round(count, 4) for kind, count in traps.items() if round(count, 4)},
        **more,
    }


def result(platform, rows, arch="armv5", **more):
    if arch != "armv5":
        rows = [{**r, "target": LATER_TARGETS.get(r["name"], r["target"])} for r in rows]
    mean = mean_of(rows)
    return {"platform": platform, "geomean": round(mean, 4) if mean else None, "rows": rows, **more}


def number(value):
    """With as many digits as say something."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def grid(header, lines):
    """A Markdown table; the first column is text."""
    out = ["| " + " | ".join(header) + " |", "|---|" + "---:|" * (len(header) - 1)]
    return out + ["| " + " | ".join(line) + " |" for line in lines]


def verdict(one):
    if one["target"] is None or one["ratio"] is None:
        return ""
    return "yes" if one["ratio"] <= one["target"] else "**no**"


def trap_text(traps):
    return (
        ", ".join(f"{kind} {number(count)}" for kind, count in traps.items() if abs(count) >= 0.005) or "none"
    )


def ratio_text(ratio):
    return f"{ratio:.3f}" if ratio else "-"


def main_table(data):
    lines = []
    for one in data["rows"]:
        unit = " (ns)" if one.get("unit") == "ns" else ""
        notes = "" if one.get("repeatable", True) else " (not repeatable)"
        lines.append(
            [
                one["name"] + unit + notes,
                number(one["native"]),
                number(one["vambrace"]),
                ratio_text(one["ratio"]),
                f"{one['target']:g}" if one["target"] else "",
                verdict(one),
                trap_text(one["traps"]),
            ]
        )
    mean = data["geomean"]
    lines.append(
        [
            "**geometric mean, without the boot**",
            "",
            "",
            f"**{ratio_text(mean)}**",
            f"{GEOMEAN_TARGET:g}",
            "" if mean is None else "yes" if mean <= GEOMEAN_TARGET else "**no**",
            "",
        ]
    )
    return grid(["row", "native", "Vambrace", "ratio", "at most", "met", "traps per operation"], lines)


def software_pan(without, data):
    """The native kernel with software PAN beside the one without, and the guest's; a Markdown table."""
    bare = {r["name"]: r["native"] for r in without["rows"]}
    lines = [
        [
            one["name"] + (" (ns)" if one.get("unit") == "ns" else ""),
            number(bare.get(one["name"])),
            number(one["native"]),
            number(one["vambrace"]),
            ratio_text(one["ratio"]),
        ]
        for one in data["rows"]
    ]
    mean = f"**{ratio_text(data['geomean'])}**"
    lines.append(["**geometric mean**", "", "", "", mean])
    return grid(["row", "native", "with software PAN", "Vambrace", "of that with PAN"], lines)


def account_table(data):
    """Instructions per operation by path."""
    rows = [r for r in data["rows"] if r.get("account")]
    used = [p for p in paths.ORDER if any(r["account"].get(p) for r in rows)]
    lines = []
    for one in rows:
        lines.append(
            [one["name"], number(one["hypervisor"])]
            + [number(one["account"][p]) if one["account"].get(p) else "" for p in used]
            + [number(one["guest_kernel_extra"]), number(one["guest_user_extra"])]
        )
    return grid(["row", "hypervisor", *used, "guest kernel extra", "guest user extra"], lines)


def fairness_table(entries):
    lines = [
        [
            e["load"],
            number(e["alone"]),
            number(e["first"]),
            number(e["second"]),
            f"{100 * e['difference']:.2f} %",
            f"{100 * e['loss']:.2f} %",
        ]
        for e in entries
    ]
    return grid(["load", "alone (ns)", "first (ns)", "second (ns)", "difference", "loss together"], lines)


def boot_table(boot):
    lines = [
        [name, number(boot["native"][name]) if name in boot["native"] else "", number(value)]
        for name, value in boot["vambrace"].items()
    ]
    return grid(["boot to shell, instructions", "native", "Vambrace"], lines)


def markdown(data):
    pan = data.get("sw_domain_pan", {})
    out = [
        f"# {data['platform']}: Vambrace and the bare board",
        "",
        "Instructions per operation (ns of virtual time where it says so), counted in QEMU.",
        "",
        f"CPU_SW_DOMAIN_PAN: native {pan.get('native', 'unknown')}, guest {pan.get('vambrace', 'unknown')}. "
        + data.get("repeatability", ""),
        "",
        *main_table(data),
        "",
    ]
    if data.get("boot"):
        out += ["## Boot", "", *boot_table(data["boot"]), ""]
    if data.get("fairness"):
        out += ["## Two guests with the same load", "", *fairness_table(data["fairness"]), ""]
    if any(r.get("account") for r in data["rows"]):
        out += ["## Where the hypervisor's instructions go", "", *account_table(data), ""]
    return "\n".join(out)


def guest_extra(data):
    """For every row the functions of the kernel that differ most, as Markdown."""
    out = [
        "# The guest kernel's functions that cost more or less than natively (instructions per operation)",
        "",
    ]
    for one in data["rows"]:
        if one.get("functions"):
            out += [
                f"## {one['name']}",
                "",
                *grid(
                    ["function", "native", "Vambrace", "extra"],
                    [
                        [name, number(native), number(guest), number(guest - native)]
                        for name, native, guest in one["functions"]
                    ],
                ),
                "",
            ]
    return "\n".join(out)


def compare(old, new):
    """What changed between two results, as lines of text."""
    before = {r["name"]: r for r in old["rows"]}
    lines, little = [], 0
    for one in new["rows"]:
        other = before.pop(one["name"], None)
        if other is None:
            lines.append([one["name"], "-", number(one["vambrace"]), "new", ratio_text(one["ratio"])])
        elif (one["native"], one["vambrace"]) != (other["native"], other["vambrace"]):
            change = one["vambrace"] / other["vambrace"] - 1 if other["vambrace"] else 0
            native_change = one["native"] / other["native"] - 1 if other["native"] else 0
            if max(abs(change), abs(native_change)) < LITTLE:
                little += 1
                continue
            native = (
                ""
                if abs(native_change) < LITTLE
                else f" (native {number(other['native'])} -> " f"{number(one['native'])})"
            )
            lines.append(
                [
                    one["name"] + native,
                    number(other["vambrace"]),
                    number(one["vambrace"]),
                    f"{100 * change:+.2f} %",
                    f"{ratio_text(other['ratio'])} -> {ratio_text(one['ratio'])}",
                ]
            )
    lines += [
        [name, number(r["vambrace"]), "-", "gone", ratio_text(r["ratio"])] for name, r in before.items()
    ]
    if not lines and not little:
        return ["Nothing has changed."]
    if little:
        lines.append([f"{little} rows by less than {100 * LITTLE:g} %", "", "", "", ""])
    means = [
        ratio_text(mean_of(data["rows"])) for data in (old, new)
    ]  # of an older result, too, by this rule
    lines.append(["geometric mean", "", "", "", " -> ".join(means)])
    return grid(["row", "Vambrace before", "now", "change", "ratio"], lines)


def aligned(lines):
    """A Markdown table as a terminal shows it best."""
    cells = [
        [c.strip().replace("**", "") for c in line.strip("|").split("|")]
        for line in lines
        if not line.startswith("|---")
    ]
    widths = [max(len(r[i]) for r in cells) for i in range(len(cells[0]))] if lines[0].startswith("|") else []
    if not widths:
        return lines
    last = len(widths) - 1
    return [
        "  ".join(
            c.ljust(w) if i in (0, last) else c.rjust(w) for i, (c, w) in enumerate(zip(r, widths))
        ).rstrip()
        for r in cells
    ]


def load(path):
    with open(path) as file:
        return json.load(file)
