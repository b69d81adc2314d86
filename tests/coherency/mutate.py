# SPDX-License-Identifier: Apache-2.0
"""Keeps the hypervisor's maintenance instructions from the model, one at a time: does a guest's run then
report anything? What survives is made up for by another operation, or nobody relies on it.

    python3 -B tests/coherency/mutate.py BOARD GUEST... [--only N]

An instruction is tried with those of the guests whose runs execute it, until one reports. QEMU still performs
what it performs: only the model is kept in the dark, so a run takes the same way as the whole one."""

import argparse
import pathlib
import re
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).parents[1]), str(pathlib.Path(__file__).parents[1] / "guests")]

import cores  # noqa: E402
import machine  # noqa: E402
import runs  # noqa: E402

from coherency import checker, symbols  # noqa: E402
from harness import images, qemu  # noqa: E402

# MCR and MRC of c7 and c8, MCRR of a range, DSB and ISB; not WFI and prefetches.
MAINTENANCE = re.compile(
    r"^([0-9a-f]{8}):\s+(mcr\s+15, 0, \w+, cr(?:7, cr(?:1|5|6|7|10|11|14)|8, cr\d+), \{\d\}"
    r"|mrc\s+15, 0, \w+, cr7, cr1[04], \{3\}|mcrr\s+15, 0, .*|dsb\b.*|isb\b.*)",
    re.M,
)


def sites(elf):
    """{address: instruction}"""
    found = MAINTENANCE.findall(images.disassembly(elf))
    return {int(address, 16): " ".join(what.split()) for address, what in found}


class Bench:
    """A board's guests, run whole once and then without an instruction."""

    def __init__(self, core, board, folder):
        self.core, self.board, self.out = core, board, pathlib.Path(folder) / "out"

    def run(self, name, without=None):
        """What the checker has written; whose run did not come to its end counts as found."""
        outcome = runs.run(
            self.core,
            self.board,
            name,
            lambda line: checker.arguments(self.core.platform, line, self.out, without=without),
        )
        output = checker.Output(self.out)
        if problem := output.problem() or (without is None and (outcome.problems or output.reports)):
            raise SystemExit(f"{name}: {problem}")
        return output

    def executed(self, name, names):
        """{address where it is linked: where it ran}: until the MMU is on that is elsewhere."""
        moved = names.base - names.load
        return {pc if pc >= names.base else pc + moved: pc for pc in self.run(name).sites}


def judge(bench, executed, address):
    """(the guest whose run found it, the first report's rule), or None"""
    for name, its in executed.items():
        if address in its:
            reports = bench.run(name, its[address]).reports
            if reports:
                return name, reports[0].rule
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("board")
    parser.add_argument("guest", nargs="+")
    parser.add_argument("--only", type=int, help="so many instructions, evenly taken")
    options = parser.parse_args()
    core = cores.Core(options.board, (qemu.load_platform(options.board).get("cpus") or [None])[0])
    runs.build(core.platform)
    checker.build(core.platform)
    elf = images.output(core.platform) / "vambrace.elf"
    names, found = symbols.Symbols(elf, load_address=core.platform["load_address"]), sites(elf)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(core, machine.Images(core.platform, folder), folder)
        executed = {name: bench.executed(name, names) for name in options.guest}
        ran = sorted(address for address in found if any(address in its for its in executed.values()))
        tried = ran[:: max(1, len(ran) // options.only)][: options.only] if options.only else ran
        killed = 0
        for address in tried:
            killer = judge(bench, executed, address)
            killed += bool(killer)
            frames = " < ".join(names.line_of(address).split(" < ")[-3:])
            said = f"{killer[1]} in {killer[0]}" if killer else "SURVIVES"
            print(f"{address:08x} {found[address]:36} {said:24} {frames}", flush=True)
    print(f"{len(found)} sites, {len(ran)} run, {len(tried)} tried, {killed} found")


if __name__ == "__main__":
    main()
