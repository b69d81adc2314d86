#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measures Vambrace against the bare board in instructions: `scons bench`, or this file by hand."""

import argparse
import json
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from bench import chart, machine, measure, table  # noqa: E402
from harness import kernel, packages, qemu  # noqa: E402
from harness.steps import BUILD, Problem, ROOT, command, locked, say, step  # noqa: E402

WITH_PAN = "-software-pan"  # of the names of such results
EPILOG = """\
Results: build/bench/PLATFORM.json, .md, .svg and -functions.md. docs/benchmarks.md says how to read them.
"""


def arguments():
    parser = argparse.ArgumentParser(prog="bench", description=__doc__, epilog=EPILOG, allow_abbrev=False)
    parser.add_argument("platform", nargs="?", default="versatilepb", metavar="PLATFORM")
    parser.add_argument(
        "--rows",
        metavar="ROW,...",
        default="",
        help="only these rows ('switch_*' works); no boot, "
        "no two guests; the result goes to PLATFORM-part.json",
    )
    parser.add_argument(
        "--once", action="store_true", help="do not run everything twice to check that it repeats"
    )
    parser.add_argument("--compare", metavar="OLD.json", help="show what has changed since an older result")
    parser.add_argument(
        "--result", metavar="NEW.json", help="with --compare: measure nothing, compare these two"
    )
    parser.add_argument(
        "--explain", metavar="ROW", help="measure one row and list the hypervisor's instructions in it"
    )
    for name in ("guest", "native"):
        parser.add_argument(
            f"--{name}-kernel",
            nargs=2,
            metavar=("ZIMAGE", "VMLINUX"),
            help=f"a {name} kernel that is not the default",
        )
    parser.add_argument(
        "--publish", action="store_true", help="put the last whole result into docs/benchmarks.md"
    )
    parser.add_argument(
        "--no-hyp",
        action="store_true",
        help="where the core has HYP mode: without; result in PLATFORM-no-hyp",
    )
    parser.add_argument(
        "--software-pan",
        action="store_true",
        help="natively a kernel with software PAN, which no guest has; result in PLATFORM-software-pan",
    )
    parser.add_argument(
        "--built", action="store_true", help=argparse.SUPPRESS
    )  # by scons: everything is built
    return parser.parse_args()


def build(platform):
    """The hypervisor, the program and the plugin."""
    BUILD.mkdir(exist_ok=True)
    log = BUILD / f"{platform['name']}.log"
    with locked(BUILD / ".lock", "building"):
        log.unlink(missing_ok=True)
        with step("building the hypervisor and the benchmark", log):
            command(
                ["nice", "scons", "-Q", f"platform={platform['name']}", "image", "bench-programs"],
                log,
                cwd=ROOT,
                what="the build",
            )


def write(data, stem):
    """The result's files; returns the JSON's path."""
    base = machine.WORK / stem
    for suffix, text in (
        (".json", json.dumps(data, indent=1) + "\n"),
        (".md", table.markdown(data) + "\n"),
        (".svg", chart.svg(data)),
        ("-functions.md", table.guest_extra(data) + "\n"),
    ):
        pathlib.Path(f"{base}{suffix}").write_text(text)
    return pathlib.Path(f"{base}.json")


def replace_between(begin, end, text):
    """Puts text between two comments of docs/benchmarks.md."""
    path, begin, end = ROOT / "docs" / "benchmarks.md", f"<!-- {begin} -->", f"<!-- {end} -->"
    old = path.read_text()
    if begin not in old or end not in old:
        raise Problem(
            f"{path.relative_to(ROOT)} has no place for this", f"add the lines '{begin}' and '{end}'"
        )
    path.write_text(old[: old.index(begin)] + f"{begin}\n{text}" + old[old.index(end) :])


def publish_software_pan(name):
    """Puts the last result of --software-pan into docs/, beside the usual one."""
    lines = table.software_pan(*(table.load(machine.WORK / f"{name}{way}.json") for way in ("", WITH_PAN)))
    begin = f"software PAN on {name}"
    replace_between(begin, f"end of {begin}", "\n".join(lines) + "\n")


def publish(name):
    """Puts the last whole result into docs/."""
    data = table.load(machine.WORK / f"{name}.json")
    tables = table.markdown(data).replace("\n## ", "\n### ").replace("# ", "## ", 1)
    replace_between(f"tables of {name}", f"end of {name}", f"{tables}\n![ratios](benchmarks-{name}.svg)\n")
    (ROOT / "docs" / f"benchmarks-{name}.svg").write_text(chart.svg(data))


def show(lines):
    print("\n".join(table.aligned(lines)), flush=True)


def print_result(data):
    pan = data["sw_domain_pan"]
    print(
        f"\n{data['platform']}: instructions per operation; CPU_SW_DOMAIN_PAN: native {pan['native']}, guest "
        f"{pan['vambrace']}"
    )
    show(table.main_table(data))
    if data.get("boot"):
        print()
        show(table.boot_table(data["boot"]))
    if data.get("fairness"):
        print()
        show(table.fairness_table(data["fairness"]))
    print("\n" + data["repeatability"])


def run(options, platform):
    """Measures; returns the result."""
    native = options.native_kernel
    if options.software_pan:
        built = kernel.ensure(kernel.software_pan(platform))
        native = built.zimage, built.vmlinux
    machines = machine.machines(platform, native, options.guest_kernel)
    chosen = options.explain or options.rows
    rows, repeatability = measure.rows(machines, chosen, options.once)
    more = {
        "repeatability": repeatability,
        "sw_domain_pan": {m.name: machine.pan(m.config) for m in machines},
    }
    if not chosen and not options.software_pan:
        row, more["boot"] = measure.boot(machines)
        rows.append(row)
        more["fairness"] = measure.fairness(machines[1])
    return table.result(platform["name"], rows, platform["arch"], **more), machines


def stem_of(options):
    """How the result's files are called."""
    way = ("-no-hyp" if options.no_hyp else "") + (WITH_PAN if options.software_pan else "")
    return options.platform + way + ("-part" if options.rows or options.explain else "")


def main():
    options = arguments()
    try:
        old = table.load(options.compare) if options.compare else None
        if options.result:
            if not old:
                raise Problem("--result needs --compare", status=2)
            show(table.compare(old, table.load(options.result)))
            return 0
        platform = qemu.load_platform(options.platform, hyp=not options.no_hyp)
        if "uart" not in platform:
            raise Problem(
                f"the benchmark does not know {platform['name']}'s UART", "say 'uart' in its platform.scons"
            )
        if options.publish:
            (publish_software_pan if options.software_pan else publish)(platform["name"])
            return 0
        packages.ensure(packages.for_run())
        if not options.built:
            build(platform)
        machine.WORK.mkdir(parents=True, exist_ok=True)
        with locked(machine.WORK / ".lock", "measuring"):
            data, machines = run(options, platform)
            path = write(data, stem_of(options))
            explained = measure.explain(machines[1], data) if options.explain else []
        print_result(data)
        for line in explained:
            print(line)
        if old:
            print(f"\nsince {options.compare}:")
            show(table.compare(old, data))
        say(f"written: {path.relative_to(ROOT)}, .md, .svg, -functions.md")
        return 0
    except Problem as problem:
        return problem.report("bench")
    except (OSError, ValueError, KeyError) as error:
        if options.compare and isinstance(error, (FileNotFoundError, json.JSONDecodeError)):
            print(f"bench: {error}", file=sys.stderr)
            return 2
        raise
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
