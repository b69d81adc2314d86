# SPDX-License-Identifier: Apache-2.0
"""Keeps the hypervisor's maintenance operations from the model, one site at a time: does a guest's run then
report anything? What survives has to be in survivors.toml, with what makes up for it.

    python3 -B tests/coherency/mutate.py BOARD [GUEST...] [--at PLACE] [--only N] [--jobs N] [--accepted]

A site is tried with those of the guests whose runs execute it, until one reports. QEMU still performs what it
performs: only the model is kept in the dark, so a run takes the same way as the whole one."""

import argparse
import concurrent.futures
import pathlib
import sys
import tempfile
import tomllib

sys.path[:0] = [str(pathlib.Path(__file__).parents[1]), str(pathlib.Path(__file__).parents[1] / "guests")]

import cores  # noqa: E402
import machine  # noqa: E402
import runs  # noqa: E402

from coherency import checker, sites, symbols  # noqa: E402
from harness import images, qemu  # noqa: E402

# Guests by the architecture; those first that find most.
USUAL = {
    "armv5": "mmu coherent programs second_life wide_entries cached_tables tls subpages eviction@64 twins "
    "linear calls user_attack whose_svc".split(),
    "armv7": "mmu coherent programs second_life vectors wide_entries cached_tables eviction@64 twins "
    "page_mix calls cp15_vmsa user_attack whose_svc".split(),
}
SURVIVORS = pathlib.Path(__file__).with_name("survivors.toml")


class Accepted:
    """survivors.toml: operations of a core that may be left out without a report."""

    def __init__(self, core):
        self.entries = tomllib.loads(SURVIVORS.read_text()).get(core, [])

    def reason(self, site):
        """What makes up for the site, or None."""
        found = (entry for entry in self.entries if self.names(entry, site))
        return next((entry["because"] for entry in found), None)

    @staticmethod
    def names(entry, site):
        """Whether an entry is of the site: its inner functions, its operation, its number if one is said."""
        inner = f"{site.place} < ".startswith(entry["at"] + " < ")
        return (
            inner and site.operation == entry["operation"] and entry.get("number", site.number) == site.number
        )

    def stale(self, found):
        """Entries of no site of the image."""
        return [entry for entry in self.entries if not any(self.names(entry, site) for site in found)]


class Bench:
    """A board's guests, run whole once and then without a site."""

    def __init__(self, core, board, names, folder):
        self.core, self.board, self.folder = core, board, pathlib.Path(folder)
        self.moved = names.base - names.load
        self.base, self.known = names.base, {}

    def run(self, name, without=()):
        """What the checker has written."""
        out = self.folder / f"{name.replace('/', '-')}-{min(without, default=0):x}"
        outcome = runs.run(
            self.core,
            self.board,
            name,
            lambda line: checker.arguments(self.core.platform, line, out, without=without),
        )
        output = checker.Output(out)
        if problem := output.problem() or (not without and outcome.problems):
            raise SystemExit(f"{name}: {problem}")
        return output

    def whole(self, name):
        """Where it ran {address where it is linked: where it ran}: until the MMU is on that is elsewhere."""
        output = self.run(name)
        self.known[name] = {self.key(report) for report in output.reports}
        return {pc if pc >= self.base else pc + self.moved: pc for pc in output.sites}

    @staticmethod
    def key(report):
        return report.rule, report.pc, report.writer

    def reports(self, name, addresses):
        """The rules of reports that the whole run has not got."""
        output = self.run(name, tuple(addresses))
        return [report.rule for report in output.reports if self.key(report) not in self.known[name]]


def judge(bench, executed, site):
    """(the guest whose run found it, the first report's rule), or None"""
    for name, its in executed.items():
        ran = [its[address] for address in site.addresses if address in its]
        if ran and (rules := bench.reports(name, ran)):
            return name, rules[0]
    return None


def ran(site, executed):
    return any(address in its for its in executed.values() for address in site.addresses)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("board")
    parser.add_argument("guest", nargs="*", help="what USUAL names if none is")
    parser.add_argument("--at", default="", help="sites with this in their place")
    parser.add_argument("--only", type=int, help="so many sites, evenly taken")
    parser.add_argument("--accepted", action="store_true", help="try those of survivors.toml, too")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time")
    return parser.parse_args()


def tell(site, killer, accepted):
    """A line for the site; whether it is as it should be."""
    reason = accepted.reason(site)
    verdict = f"{killer[1]} in {killer[0]}" if killer else "accepted" if reason else "SURVIVES"
    print(f"{site.addresses[0]:08x} {verdict:26} {site}", flush=True)
    return verdict


def main():
    options = arguments()
    core = cores.Core(options.board, (qemu.load_platform(options.board).get("cpus") or [None])[0])
    runs.build(core.platform)
    checker.build(core.platform)
    elf = images.output(core.platform) / "vambrace.elf"
    names, found = symbols.Symbols(elf, load_address=core.platform["load_address"]), sites.sites(elf)
    accepted = Accepted(checker.core_of(core.platform))
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        bench = Bench(core, machine.Images(core.platform, folder), names, folder)
        guests = options.guest or USUAL[core.arch]
        if strange := set(guests) - set(runs.guests_of(core)):
            raise SystemExit(f"not run on {core}: {', '.join(sorted(strange))}")
        executed = dict(zip(guests, pool.map(bench.whole, guests)))
        reached = [site for site in found if ran(site, executed) and options.at in site.place]
        tried = reached[:: max(1, len(reached) // options.only)][: options.only] if options.only else reached
        listed = {site for site in tried if accepted.reason(site) and not options.accepted}
        killers = pool.map(lambda site: site not in listed and judge(bench, executed, site), tried)
        verdicts = [tell(site, killer, accepted) for site, killer in zip(tried, killers)]
    for site in found:
        if not ran(site, executed) and options.at in site.place:
            print(f"{site.addresses[0]:08x} {'not run':26} {site}")
    for entry in accepted.stale(found):
        print(f"no such site: {entry['operation']} in {entry['at']}")
    counts = {word: verdicts.count(word) for word in ("accepted", "SURVIVES")}
    killed = len(tried) - sum(counts.values())
    print(f"{len(found)} sites, {len(reached)} run, {len(tried)} tried: {killed} found, {counts}")
    return 1 if counts["SURVIVES"] or accepted.stale(found) else 0


if __name__ == "__main__":
    sys.exit(main())
