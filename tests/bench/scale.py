#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measures what many processes and much memory cost, natively and as a guest: where a cost jumps.

These rows are apart from `scons bench`: they take longer, and both machines have 128 MB on every board."""

import argparse
import fnmatch
import json
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from bench import bench, curve, machine, measure, scale_table, table  # noqa: E402
from harness import debian, images, initramfs, packages, qemu  # noqa: E402
from harness.steps import Problem, ROOT, locked, say  # noqa: E402

BOARD_MIB = 128
ROWS = [
    *(f"ring_{n}p_{links}l" for links in (3, 11) for n in (16, 64, 128, 192, 256)),
    *(f"fork_exit_beside_{n}" for n in (0, 100, 400)),
    "exec_dynamic",
    "hackbench_400",
    *(f"sparse_{mib}m" for mib in (64, 256, 512, 1024)),
]
USUAL = ",".join(map(str, curve.NUMBERS))
MOST = 1000  # processes of a ring
LINKS = 3  # megabytes of each process of a curve's rings
POOLS = "default,256,64"
# A large dynamic program: Debian's perl, which may lie anywhere in memory, its loader and libraries.
PERL = {
    "perl-base": ["usr/bin/perl"],
    "libc6": ["lib/ld-linux.so.3", *(f"lib/arm-linux-gnueabi/lib{n}.so.6" for n in "cm")],
    "libcrypt1": ["lib/arm-linux-gnueabi/libcrypt.so.1"],
}
EPILOG = """\
The result: build/bench/PLATFORM-scale.json, .md and .svg, with the rows and the curve that were measured
last; of other rows, numbers or pools than the usual ones PLATFORM-scale-part.json and so on.
Exit status: 1 if something could not be measured, or with --check if an aim is missed.
"""


def arguments():
    parser = argparse.ArgumentParser(prog="scale", description=__doc__, epilog=EPILOG, allow_abbrev=False)
    parser.add_argument("platform", nargs="?", default="versatilepb", metavar="PLATFORM")
    parser.add_argument(
        "--rows",
        metavar="ROW,...",
        default="",
        help="these rows instead of all; any numbers: ring_40p_3l, sparse_300m; 'ring_*' works, too",
    )
    parser.add_argument(
        "--curve",
        nargs="?",
        const=USUAL,
        metavar="N,...",
        help="instead of rows: rings of N processes, with each of --pools (default: 8 to 512)",
    )
    parser.add_argument(
        "--pools",
        default=POOLS,
        metavar="KIB,...",
        help=f"of the curve: sizes of the pool of shadow tables, in KB (default: {POOLS})",
    )
    parser.add_argument("--pool", type=int, metavar="KIB", help="of the rows: the pool's size")
    parser.add_argument("--check", action="store_true", help="measure nothing; say which aims are missed")
    parser.add_argument("--publish", action="store_true", help="put the result into docs/benchmarks.md")
    parser.add_argument("--compare", metavar="OLD.json", help="show what has changed since an older result")
    parser.add_argument("--no-hyp", action="store_true", help="where the core has HYP mode: without")
    return parser.parse_args()


def archive():
    """The benchmark's initramfs with a dynamic program."""
    extra = machine.extra_files(machine.SCALE_PROGRAM)
    for package, files in PERL.items():
        folder = debian.package(package, "armel")
        extra |= {name: ((folder / name).read_bytes(), True) for name in files}
    return images.place(initramfs.make(None, extra), machine.WORK / "initramfs-scale.cpio")


def chosen_rows(text):
    """Names for the program: it knows no pattern for rows with numbers."""
    names = []
    for name in filter(None, text.split(",")):
        names += fnmatch.filter(ROWS, name) if "*" in name else [name]
    if text and not names:
        raise Problem(f"no row is called '{text}'", f"there are: {', '.join(ROWS)}", status=2)
    return names or ROWS


def pools(text):
    """[KB, or None for the hypervisor's default]"""
    try:
        return [None if word == "default" else int(word) for word in text.split(",")]
    except ValueError as error:
        raise Problem(f"'{text}' is no list of sizes in KB", "such as 64,256,default", status=2) from error


def numbers(text):
    try:
        found = sorted({int(word) for word in text.split(",")})
    except ValueError:
        found = []
    if not found or found[0] < 2 or found[-1] > MOST:
        raise Problem(
            f"'{text}' is no list of numbers of processes", f"2 to {MOST}, such as 8,10,12,15", status=2
        )
    return found


def curve_name(pool):
    return f"pool of {pool} KB" if pool else "default pool"


def measure_curve(machines, wanted, sizes):
    """{"links", "curves": {name: [[N, instructions for each pass]]}}, the bare board first."""
    native, guest = machines
    rows = ",".join(f"ring_{n}p_{LINKS}l" for n in wanted)
    curves = {}
    for one, pool in [(native, None), *((guest, pool) for pool in sizes)]:
        one.pool_kib = pool
        name = "native" if one.native else curve_name(pool)
        say(f"rings of {wanted[0]} to {wanted[-1]} processes: {name}")
        found, _ = measure.measured_rows(one, rows, once=True)
        curves[name] = [[n, round(found[f"ring_{n}p_{LINKS}l"].value(), 1)] for n in wanted]
    return {"links": LINKS, "curves": curves}


def measure_part(options, platform, machines):
    """What was asked for, as a part of the result."""
    if options.curve:
        return {"curve": measure_curve(machines, numbers(options.curve), pools(options.pools))}
    machines[1].pool_kib = options.pool
    names = chosen_rows(options.rows)
    rows, _ = measure.rows(machines, ",".join(names), once=True)
    if unknown := sorted(set(names) - {one["name"] for one in rows}):
        raise Problem(f"the program knows no {', '.join(unknown)}", "--help names some", status=2)
    return table.result(platform["name"], rows, platform["arch"], pool_kib=options.pool)


def run(options, platform):
    """Measures, and joins it with what was measured before."""
    bench.build(platform)
    with locked(machine.WORK / ".lock", "measuring"):
        machines = machine.machines(platform)
        for one in machines:
            one.board_mib, one.archive = BOARD_MIB, archive
        part = measure_part(options, platform, machines)
        before = {} if is_part(options) else load(path_of(options))
        data = {"platform": platform["name"], **before, **part}
        write(path_of(options), data)
    return data


def is_part(options):
    """Whether something else is measured than what is published."""
    return bool(options.rows or options.pool or options.pools != POOLS or options.curve not in (None, USUAL))


def path_of(options):
    way, part = "-no-hyp" if options.no_hyp else "", "-part" if is_part(options) else ""
    return machine.WORK / f"{options.platform}{way}-scale{part}.json"


def load(path):
    return table.load(path) if path.exists() else {}


def write(path, data):
    path.write_text(json.dumps(data, indent=1) + "\n")
    path.with_suffix(".md").write_text(scale_table.markdown(data) + "\n")
    if data.get("curve"):
        path.with_suffix(".svg").write_text(scale_table.picture(data))


def publish(data):
    """Puts the tables and the picture into docs/."""
    name = data["platform"]
    text = scale_table.markdown(data, heading="###")
    if data.get("curve"):
        (ROOT / "docs" / f"scale-{name}.svg").write_text(scale_table.picture(data))
        text += f"\n![cost of a pass against the number of processes](scale-{name}.svg)\n"
    bench.replace_between(f"scale of {name}", f"end of the scale of {name}", text)


def report(options, data):
    """Prints the result; returns the exit status."""
    print()
    for part in scale_table.tables(data):
        bench.show(part)
        print()
    if options.compare:
        print(f"since {options.compare}:")
        bench.show(scale_table.compare(table.load(options.compare), data))
    missed = scale_table.missed(data)
    if options.check and not is_part(options):
        missed += scale_table.absent(data, ROWS, map(curve_name, pools(POOLS)))
    for line in missed or ["Every aim is met."]:
        print(line)
    return 1 if missed and options.check else 0


def main():
    options = arguments()
    try:
        platform = qemu.load_platform(options.platform, hyp=not options.no_hyp)
        if options.check or options.publish:
            if not (data := load(path_of(options))):
                raise Problem(f"there is no {path_of(options).relative_to(ROOT)}", "measure first")
        else:
            packages.ensure(packages.for_run())
            data = run(options, platform)
        if options.publish:
            publish(data)
            return 0
        return report(options, data)
    except Problem as problem:
        return problem.report("scale")
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
