# SPDX-License-Identifier: Apache-2.0
"""What is left out is found: maintenance instructions of the hypervisor, each kept from the model once.

A short set of mutate.py's: what the guest `coherent` asks for line by line. None may survive."""

import re

import pytest

import cores
from coherency import mutate
from harness import images

SITES = 20
# Where the hypervisor does what a guest has asked for, and the instructions that do it line by line.
ASKED = "cache_calls.cpp"
BY_LINE = re.compile(r"mcr 15, 0, \w+, cr7, cr(5|6|10|14), \{1\}")


@pytest.mark.parametrize(
    "core, name", [pytest.param(cores.Core("versatilepb", None), "coherent", id="arm926")]
)
def test_what_is_left_out_is_found(core, name, checked):
    whole = checked[core, name]
    assert not whole.output.problem() and not whole.output.reports
    elf, names = images.output(core.platform) / "vambrace.elf", whole.symbols
    ran = [
        address
        for address, what in mutate.sites(elf).items()
        if address in whole.output.sites and BY_LINE.match(what) and ASKED in names.line_of(address)
    ]
    assert len(ran) >= SITES, "the guest does not reach enough of them"
    chosen = ran[:: len(ran) // SITES][:SITES]
    survivors = [
        names.line_of(address)
        for address, run in zip(chosen, checked.without(core, name, chosen))
        if not run.output.reports
    ]
    assert not survivors, "\n".join(survivors)
