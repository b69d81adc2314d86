# SPDX-License-Identifier: Apache-2.0
"""Guests under the checker: no report, and what they promise is kept all the same.

All guests of all cores, about ten minutes: VAMBRACE_COHERENCY=all ./test coherency
"""

import os
import re

import pytest

import cores
import runs
from coherency import checker

# By the model's core: the board and the processor that guests are run on, and which ones usually.
BOARDS = {
    "arm926": ("versatilepb", None),
    "arm11": ("realview-eb", "arm1176"),
    "arm11-mpcore": ("realview-eb-mpcore", None),
    "cortex-a8": ("realview-pb-a8", None),
    "cortex-a9": ("vexpress-a9", None),
}
ALSO = [("realview-eb", "arm1136")]  # with VAMBRACE_COHERENCY=all
USUAL = [
    "cache",
    "calls",
    "coherent",
    "cp15",
    "cp15_vmsa",
    "linear",
    "mmu",
    "self_modify",
    "state",
    "subpages",
    "tls",
]
USUAL += ["vectors", "wide_entries", "programs", "cached_tables", "second_life"]
USUAL += ["twins", "eviction@64", "ports", "virtio"]
ON_ALL = ["coherent", "mmu"]

# A guest that breaks the ABI's rule of tables, or that shows itself a page with several memory types to see
# what the hypervisor makes of them, may meet old values in its own memory, and so may the hypervisor where it
# reads tables there. Nobody may in the hypervisor's memory, or in what the hardware walks.
BREAKS_RULES = [name for name in runs.NAMES if runs.says(name, "hostile")]
BREAKS_RULES += ["evil_tables", "formats", "fuzz_calls", "linear", "page_mix", "privileged"]
OWN_AFFAIR = ("D-", "U-", "I-")
GUEST = r"^vambrace: guest \d+ \([\w-]+\): (\d+) MB at ([0-9a-f]{8})"


def is_probe(report, run):
    """Before an operation by address ARMv6 and ARMv7 have the hypervisor load a word, so that the shadow has
    the page; nobody uses the value."""
    reader = run.symbols.name(report.pc, report.mode == "user")
    return report.rule == "D-STALE" and reader.startswith("hypervisor: guest_load_words ")


def is_own_affair(report, console):
    """It is of values in guests' memory."""
    places = [(int(size) << 20, int(start, 16)) for size, start in re.findall(GUEST, console, re.M)]
    assert places, "the hypervisor did not say where guests are"
    return report.rule.startswith(OWN_AFFAIR) and any(0 <= report.pa - at < size for size, at in places)


def chosen():
    everything = os.environ.get("VAMBRACE_COHERENCY") == "all"
    for board, cpu in [*BOARDS.values(), *(ALSO if everything else [])]:
        core = cores.Core(board, cpu)
        for name in runs.guests_of(core):
            usual = USUAL if board in ("versatilepb", "vexpress-a9") else ON_ALL
            if everything or name in usual:
                yield pytest.param(core, name, id=f"{core}-{name}")


@pytest.mark.parametrize("core, name", chosen())
def test_no_report(core, name, checked):
    run = checked[core, name]
    assert not run.output.problem()
    assert run.output.sites, "no maintenance instruction was seen: the checker has watched nothing"
    assert not run.outcome.problems
    found = run.output.reports
    if name == "coherent":
        found = [report for report in found if not is_probe(report, run)]
    if name.partition("@")[0] in BREAKS_RULES:
        found = [report for report in found if not is_own_affair(report, run.outcome.console)]
    assert not found, "\n" + "\n".join(map(run.text, found))


def test_every_core_of_the_model_is_run():
    assert set(BOARDS) == set(checker.CORES.values())
