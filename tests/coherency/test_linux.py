# SPDX-License-Identifier: Apache-2.0
"""Linux under the checker: no report, while processes come and go, guests restart and tables give way.

One guest on two boards; all boards, two guests, restarts and Linux alone: VAMBRACE_COHERENCY=all
"""

import os
import re

import pytest

from coherency import checker, linux
from harness import qemu

ONE = ["versatilepb", "vexpress-a9"]  # a board for each of the two kernels
BOARDS = [("versatilepb", None), ("realview-eb", "arm1136"), ("realview-eb", "arm1176")]
BOARDS += [("realview-eb-mpcore", None), ("realview-pb-a8", None), ("vexpress-a9", None)]
ON_ALL = ["restarts", "two_guests", "small_pool"]

# What Linux alone on an ARM926 does, and why it does no harm.
KNOWN = [
    # The decompressor switches the caches on as it finds them: what is in them is the loader's affair.
    (r"P-(DATA|CODE)", r"guest: 0x000[0-9a-f]{5}"),
    # Memory's first megabytes are mapped once more, to the same frames: either word will do.
    (r"W-DIRTY", r"guest kernel: (__create_mapping|flush_pmd_entry)\+0x\w+"),
]


def chosen():
    everything = os.environ.get("VAMBRACE_COHERENCY") == "all"
    for name in ONE:
        yield name, None, "one"
    for board, cpu in BOARDS if everything else []:
        for scenario in ON_ALL:
            yield board, cpu, scenario
    if everything:
        yield "versatilepb", None, "native"


def as_parameters():
    for board, cpu, scenario in chosen():
        name = "-".join(filter(None, [board, cpu, scenario]))
        yield pytest.param(linux.Scenario(board, cpu, scenario), id=name)


def is_known(report):
    return any(re.fullmatch(rule, report.rule) and re.fullmatch(by, report.by) for rule, by in KNOWN)


@pytest.mark.parametrize("scenario", as_parameters())
def test_no_report(scenario, checked):
    run = checked.linux(scenario)
    found = [report for report in run.reports if scenario.name != "native" or not is_known(report)]
    assert not found, "\n" + "\n".join(report.text for report in found)
    assert run.count == len(run.reports) and run.sites, run.tail
    assert run.status == (1 if run.reports else 0), run.tail


def test_every_core_of_the_model_runs_linux():
    assert {checker.core_of(qemu.load_platform(board)) for board, _ in BOARDS} == set(checker.CORES.values())
