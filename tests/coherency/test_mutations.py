# SPDX-License-Identifier: Apache-2.0
"""What is left out is found: operations of the hypervisor, each kept from the model once. What survives is in
survivors.toml, with what makes up for it. A short set of mutate.py's."""

import re

import pytest

import cores
from coherency import checker, mutate, sites
from harness import images, qemu

# A board, a guest that relies on operations, which ones by their names, and how many it finds at least.
SETS = [
    ("versatilepb", "coherent", r"[\w-]+-line in .*\b(cache_op|emulate_cache)\b.*", 10),
    ("versatilepb", "programs", r".* < use_table < (switch_slowly|switch_table|Pv_guest::update_mmu)\b.*", 9),
    (
        "vexpress-a9",
        "programs",
        r".* < use_table < (switch_slowly|switch_table|Pv_guest::update_mmu)\b.*",
        12,
    ),
    ("vexpress-a9", "mmu", r".* in tlb_operation < .* < on_tlb_flush", 4),  # with their barriers
    ("vexpress-a9", "vectors", r"isb in (trap_\w+|enter)", 4),  # behind the DACR
]


@pytest.mark.parametrize(
    "core, name, which, least",
    [
        pytest.param(cores.Core(board, None), name, which, least, id=f"{board}-{name}-{n}")
        for n, (board, name, which, least) in enumerate(SETS)
    ],
)
def test_what_is_left_out_is_found(core, name, which, least, checked):
    whole = checked[core, name]
    assert not whole.output.problem() and not whole.output.reports
    accepted = mutate.Accepted(checker.core_of(core.platform))
    chosen = [
        site
        for site in sites.sites(images.output(core.platform) / "vambrace.elf")
        if re.fullmatch(which, str(site)) and any(address in whole.output.sites for address in site.addresses)
    ]
    silent = [
        site for site, run in zip(chosen, checked.without(core, name, chosen)) if not run.output.reports
    ]
    assert len(chosen) - len(silent) >= least, "the guest finds too few:\n" + "\n".join(map(str, silent))
    survivors = [str(site) for site in silent if not accepted.reason(site)]
    assert not survivors, "\n".join(survivors)


@pytest.mark.parametrize("board", ["versatilepb", "vexpress-a9"])
def test_what_is_listed_is_in_the_image(board):
    platform = qemu.load_platform(board)
    images.hypervisor(platform)
    accepted = mutate.Accepted(checker.core_of(platform))
    assert not accepted.stale(sites.sites(images.output(platform) / "vambrace.elf"))
